/* connect_tunnel.h - standard input and output, and a socket, both ways */
#ifndef CONNECT_TUNNEL_H
#define CONNECT_TUNNEL_H

#include "connect_config.h"
#include "connect_helper.h"

/* Carry between standard input and output and a connected socket, which may be
 * that of a program, until it is over; what the pump holds already goes first.
 * The exit status, why it is not a clean one having been said. */
int tunnel(const struct config *c, struct tunnel_pump *p, int fd,
    struct helper *h);

#endif
