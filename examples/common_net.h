/* common_net.h - what both programs need of the system */
#ifndef COMMON_NET_H
#define COMMON_NET_H

#include <tunnel.h>

/* Monotonic time in ms. */
uint64_t net_now(void);

/* How long poll(2) may wait until a deadline (UINT64_MAX: for ever). */
int net_wait(uint64_t deadline, uint64_t now);

/* Open /dev/null as whichever of the descriptors 0 to 2 is closed, or a socket
 * would take its place; returns those that were, as bits 1, 2 and 4. */
int net_guard_stdio(void);

/* Say where it listens, a line each on standard output; so many listeners, the
 * last ones, are for clients of SOCKS. */
void net_announce(const struct tunnel_proxy *p, int socks);

#endif
