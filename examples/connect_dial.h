/* connect_dial.h - reach the proxy, or the target itself */
#ifndef CONNECT_DIAL_H
#define CONNECT_DIAL_H

#include "connect_config.h"

/* A connected, non-blocking socket, or -1 after having said why, with the exit
 * status in *status.  what is "proxy" or "target". */
int dial(const struct config *c, const char *what, const char *host,
    unsigned port, uint64_t deadline, int *status);

#endif
