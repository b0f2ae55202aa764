/* common_net.h - clocks, addresses and sockets for both programs */
#ifndef COMMON_NET_H
#define COMMON_NET_H

#include <netdb.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Monotonic time in ms. */
uint64_t net_now(void);

/* How long poll(2) may wait until a deadline (UINT64_MAX: for ever). */
int net_wait(uint64_t deadline, uint64_t now);

/* Every address of host and port, or NULL and getaddrinfo's error.  It blocks
 * as long as the system's resolver does. */
struct addrinfo *net_resolve(const char *host, unsigned port, int passive,
    int *error);

/* The bytes of an address, for tunnel_policy_judge(3): 4, 16 or 0. */
size_t net_bytes(const struct sockaddr *sa, const void **bytes);

/* "192.0.2.1:443", "[::1]:443". */
void net_print(const struct sockaddr *sa, socklen_t n, char *out, size_t cap);

/* Begin to connect, non-blocking: a descriptor, or -1 with errno.  *done says
 * whether that was all. */
int net_connect(const struct addrinfo *ai, int *done);

/* How a begun connection ended: 0 or an errno. */
int net_connected(int fd);

/* Make a socket of our own non-blocking and not inherited, and let the system
 * look after a peer that vanished without a word. */
int net_prepare(int fd);

/* Open /dev/null as whichever of the descriptors 0 to 2 is closed, or a socket
 * would take its place; returns those that were, as bits 1, 2 and 4. */
int net_guard_stdio(void);

#endif
