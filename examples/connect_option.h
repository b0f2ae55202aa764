/* connect_option.h - the command line of tunnel-connect, an option at a time */
#ifndef CONNECT_OPTION_H
#define CONNECT_OPTION_H

#include "common_opt.h"
#include "connect_config.h"

extern const struct opt option_table[];

/* Take one option: 0, an exit status, or -1 for "said all there is to say". */
int option_apply(struct config *c, int id, char *value);

/* What the environment says in place of options: 0 or an exit status. */
int option_default(struct config *c);

#endif
