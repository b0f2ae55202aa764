/* connect_environment.h - proxies and exemptions that the environment names */
#ifndef CONNECT_ENVIRONMENT_H
#define CONNECT_ENVIRONMENT_H

#include "connect_config.h"

/* The proxy that the environment names, if no option did, unless the target is
 * exempt: 0 or an exit status. */
int environment_read(struct config *c);

/* Do the variables exempt this target from any proxy?  1 and why, or 0. */
int environment_exempt(const char *host, unsigned port, char *why, size_t cap);

/* Tell the doctor of variables that did not count, though somebody may think
 * that they did. */
void environment_remark(const struct config *c);

#endif
