/* tunnel/socks.h - be asked for a tunnel by SOCKS version 5 (RFC 1928 and 1929)
 *
 * A machine without I/O, as tunnel/server.h is: feed what arrives until ASK,
 * then accept or fail, then send what peek lends.  It asks who may come in, and
 * then about the tunnel.  feed stops exactly behind each message; what follows
 * the request is early tunnel data, and yours.
 * Served is the command CONNECT.  A broken request, another command or version,
 * and a client that speaks HTTP are outcomes, not errors: REFUSED, with the
 * reply that they understand and the reason in tunnel_socks_fault().
 */
#ifndef TUNNEL_SOCKS_H
#define TUNNEL_SOCKS_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_socks;

/* One that waits for its client's first byte; NULL when there is no memory. */
struct tunnel_socks *tunnel_socks_new(const struct tunnel_alloc *a);

/* Credentials are wiped from the memory first.  NULL is fine. */
void tunnel_socks_free(struct tunnel_socks *s);

/* The bytes.  Flags, one at a time: IN while a message arrives, ASK, OUT while
 * a reply leaves, then OPEN, or REFUSED|OUT, then REFUSED|DONE: close.  Error:
 * EEOF (the client left before or within its request). */
int tunnel_socks_flags(const struct tunnel_socks *s);
int tunnel_socks_feed(struct tunnel_socks *s, const void *in, size_t n,
    size_t *used);

/* The client closed its side.  Before the end of its request: TUNNEL_EEOF;
 * later it changes nothing (a half-close is the tunnel's affair). */
int tunnel_socks_eof(struct tunnel_socks *s);
const void *tunnel_socks_peek(const struct tunnel_socks *s, size_t *n);
int tunnel_socks_skip(struct tunnel_socks *s, size_t n);
int tunnel_socks_drain(struct tunnel_socks *s, void *out, size_t cap,
    size_t *got);

/* At an ASK without a host: what the client has said of itself, at most 255
 * bytes each; NULL when it was not challenged so far, and at other times.
 * Compare in constant time; they are wiped when that is decided. */
const char *tunnel_socks_user(const struct tunnel_socks *s);
const char *tunnel_socks_password(const struct tunnel_socks *s);

/* From the ASK about the tunnel on: its target, as tunnel_authority_parse(3)
 * gives it, addresses as text.  NULL and 0 before. */
const char *tunnel_socks_host(const struct tunnel_socks *s);
unsigned tunnel_socks_port(const struct tunnel_socks *s);

/* 0, or why it was refused: the error in tunnel_strerror(3). */
int tunnel_socks_fault(const struct tunnel_socks *s);

/* Decisions, at ASK; each leads to OUT.  TUNNEL_ESTATE at other times. */

/* Let the client in or, once there is a host, open the tunnel.  Who offers
 * nothing but to log in does so all the same. */
int tunnel_socks_accept(struct tunnel_socks *s);

/* Have it log in, with another ASK behind that.  Also TUNNEL_ESTATE when it
 * does not offer that, or has done so. */
int tunnel_socks_challenge(struct tunnel_socks *s);

/* Refuse for an error of the library's (else TUNNEL_EINVAL): with the number of
 * tunnel_error_socks(3), or what a client understands that is not so far yet.
 * Allowed while a message is still arriving, too. */
int tunnel_socks_fail(struct tunnel_socks *s, int error);

#ifdef __cplusplus
}
#endif
#endif
