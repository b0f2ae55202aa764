/* connect_tunnel.h - standard input and output, and a socket, both ways */
#ifndef CONNECT_TUNNEL_H
#define CONNECT_TUNNEL_H

#include "connect_config.h"
#include "connect_helper.h"

/* Carry between standard input and output and a connected socket, which may be
 * that of a program, until it is over; n bytes that have come already go first.
 * The exit status, why it is not a clean one having been said. */
int tunnel(const struct config *c, int fd, struct helper *h, const void *early,
    size_t n);

/* Say that it broke, why, and behind how many ms of silence. */
void tunnel_broke(const struct config *c, const char *why,
    unsigned long long silence);

#endif
