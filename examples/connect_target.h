/* connect_target.h - where tunnels lead */
#ifndef CONNECT_TARGET_H
#define CONNECT_TARGET_H

#include "connect_config.h"

/* The operands, "HOST PORT" or "HOST:PORT": 0 or an exit status. */
int target_set(struct config *c, int n, char **words);

/* One -L more, "[BIND:]PORT:HOST:HOSTPORT", or, when socks, one -D more,
 * "[BIND:]PORT": 0 or an exit status. */
int target_forward(struct config *c, int socks, const char *word);

#endif
