/* tunnel/client.h - ask an HTTP proxy for a tunnel (RFC 9110, section 9.3.6)
 *
 * A machine without I/O: set target and fields, start, send what peek lends,
 * feed what arrives.  feed stops exactly behind the reply's head, so at OPEN
 * every byte it did not use is tunnel data and still yours.
 */
#ifndef TUNNEL_CLIENT_H
#define TUNNEL_CLIENT_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_client;

/* A client with no target yet; NULL when there is no memory. */
struct tunnel_client *tunnel_client_new(const struct tunnel_alloc *a);

/* Credentials are wiped from the memory first.  NULL is fine. */
void tunnel_client_free(struct tunnel_client *c);

/* Setters: before start, or after an ended exchange and before the next start.
 * Return 0, TUNNEL_EINVAL, TUNNEL_ESTATE or TUNNEL_ENOMEM; target also
 * TUNNEL_ETARGET. */

/* Where the tunnel leads: a host without brackets, and a port of 1-65535. */
int tunnel_client_target(struct tunnel_client *c, const char *host,
    unsigned port);

/* One more request field.  The name is a token; the value has no CR, LF, NUL or
 * other control byte.  Host, Content-Length and Transfer-Encoding are refused.
 * Proxy-Connection replaces the keep-alive that is sent by default. */
int tunnel_client_field(struct tunnel_client *c, const char *name,
    const char *value);

/* Send Basic credentials with the request (RFC 7617): no colon in user, no
 * control byte in either.  user NULL takes them back. */
int tunnel_client_basic(struct tunnel_client *c, const char *user,
    const char *password);

/* The most bytes that the heads of a reply, interim ones included, may have:
 * 64 to 2^30, default 262144. */
int tunnel_client_limit(struct tunnel_client *c, size_t head_max);

/* Accept a bare LF as the end of a line in replies: 1 (default) or 0. */
int tunnel_client_bare_lf(struct tunnel_client *c, int accept);

/* Write the request head: OUT.  After an ended exchange (REFUSED, an error)
 * this begins the next one, on the same connection if reusable says so. */
int tunnel_client_start(struct tunnel_client *c);

/* The bytes.  Flags after the call: OUT|IN while the request leaves, IN while
 * the reply is awaited, OPEN, or REFUSED with IN as long as a body is to come,
 * then REFUSED|DONE.  Errors: ENOTHTTP, ESYNTAX, EVERSION, EHEAD, EEOF, ENOMEM.
 * A byte that was not used was not looked at, but for the one that caused an
 * error. */
int tunnel_client_flags(const struct tunnel_client *c);
int tunnel_client_feed(struct tunnel_client *c, const void *in, size_t n,
    size_t *used);

/* The proxy closed its side. */
int tunnel_client_eof(struct tunnel_client *c);

/* What is to be sent: n bytes, valid until the next call that changes c. */
const void *tunnel_client_peek(const struct tunnel_client *c, size_t *n);

/* The first n of them have been sent; more than peek gave: TUNNEL_EINVAL. */
int tunnel_client_skip(struct tunnel_client *c, size_t n);

/* peek and skip in one, by copying: at most cap bytes, *got of them. */
int tunnel_client_drain(struct tunnel_client *c, void *out, size_t cap,
    size_t *got);

/* The reply's status (100-999), or 0 before there is one; its reason phrase,
 * which may be empty; its version, 10 or 11 and so on. */
int tunnel_client_status(const struct tunnel_client *c);
const char *tunnel_client_reason(const struct tunnel_client *c);
int tunnel_client_version(const struct tunnel_client *c);

/* The value of the i-th field (from 0) of that name in the reply, or NULL. */
const char *tunnel_client_reply(const struct tunnel_client *c,
    const char *name, size_t i);

/* Name of the i-th field of the reply, *value beside it; NULL past the end. */
const char *tunnel_client_reply_at(const struct tunnel_client *c, size_t i,
    const char **value);

/* The first bytes (at most 4096) of a refused reply's body, unchunked; never
 * NULL. */
const void *tunnel_client_body(const struct tunnel_client *c, size_t *n);

/* 0, TUNNEL_EAUTH for a 407, TUNNEL_EREFUSED for any other refusal, or the
 * error that ended the exchange. */
int tunnel_client_fault(const struct tunnel_client *c);

/* 1 when the refused exchange has ended so that this connection can carry
 * another request, else 0. */
int tunnel_client_reusable(const struct tunnel_client *c);

#ifdef __cplusplus
}
#endif
#endif
