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

/* Fill out with n bytes that nobody can foresee: 0, or an error that ends the
 * exchange. */
typedef int (*tunnel_random_fn)(void *ud, void *out, size_t n);

/* Compute what is to be sent behind the name of an authentication scheme: a
 * string in out, of less than cap (65536) bytes.  challenge is what the proxy
 * said behind it last, "" at the beginning.  *state is yours, NULL at the
 * beginning; when it is not NULL at the end, fn is called once more, with out
 * NULL, to free it.  0, or an error: there is no answer. */
typedef int (*tunnel_token_fn)(void *ud, void **state, const char *challenge,
    char *out, size_t cap);

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

/* What to log in with when the proxy asks for it (407), in UTF-8 and without
 * control bytes: by the best scheme that it offers and that is allowed.  For
 * NTLM the user may be DOMAIN\user.  user NULL takes them back. */
int tunnel_client_credentials(struct tunnel_client *c, const char *user,
    const char *password);

/* The same with Basic only (RFC 7617), sent at once without being asked: no
 * colon in user. */
int tunnel_client_basic(struct tunnel_client *c, const char *user,
    const char *password);

/* The schemes that may be used, the best first, blanks between: of "digest"
 * (RFC 7616), "ntlm" (NTLMv2), "basic" and the one of tunnel_client_token().
 * "" for the default: that one, digest, ntlm, basic.  A single one that needs
 * no challenge (any but digest) begins without. */
int tunnel_client_schemes(struct tunnel_client *c, const char *order);

/* A scheme whose answers the application computes, "Negotiate" or "Bearer" say.
 * fn is called from inside start, in each round, and may not use c. */
int tunnel_client_token(struct tunnel_client *c, const char *scheme,
    tunnel_token_fn fn, void *ud);

/* Where random bytes come from (Digest and NTLM need some), and the time in
 * seconds since 1970 (for NTLM with a proxy that does not tell it).  A link
 * sets both to the system's unless they are set.  Without random bytes start
 * gives TUNNEL_ESTATE where they are needed. */
int tunnel_client_random(struct tunnel_client *c, tunnel_random_fn fn,
    void *ud);
int tunnel_client_time(struct tunnel_client *c, uint64_t seconds);

/* The most bytes that the heads of a reply, interim ones included, may have:
 * 64 to 2^30, default 262144. */
int tunnel_client_limit(struct tunnel_client *c, size_t head_max);

/* Accept a bare LF as the end of a line in replies: 1 (default) or 0. */
int tunnel_client_bare_lf(struct tunnel_client *c, int accept);

/* Write the request head: OUT.  After an ended exchange (REFUSED, an error)
 * this begins the next one, on the same connection if reusable says so. */
int tunnel_client_start(struct tunnel_client *c);

/* The connection is gone, or given up: forget the exchange, also an open
 * tunnel, but not what the client was told, nor how it has to log in.  start is
 * to follow, on a new connection.  Returns 0, or TUNNEL_ECUT. */
int tunnel_client_renew(struct tunnel_client *c);

/* The bytes.  Flags after the call: OUT|IN while the request leaves, IN while
 * the reply is awaited, OPEN, or REFUSED with IN as long as a body is to come,
 * then REFUSED|DONE; with RETRY when the refusal can be answered: start at once
 * sends that on this connection; or with RECONNECT, when start must follow on a
 * new one.  Errors: ENOTHTTP, ESYNTAX, EVERSION, EHEAD, EEOF, ENOMEM, EPROOF.
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

/* 0, also for a 407 that can be answered; for any other one, and for a 401 to a
 * request with credentials, TUNNEL_EAUTH (they are missing, or rejected when
 * scheme tells one), TUNNEL_EOFFER or TUNNEL_ECUT; TUNNEL_EREFUSED for another
 * refusal, or the error that ended the exchange. */
int tunnel_client_fault(const struct tunnel_client *c);

/* The authentication scheme that is in use, or "" while there is none. */
const char *tunnel_client_scheme(const struct tunnel_client *c);

/* 1 when the refused exchange has ended so that this connection can carry
 * another request, else 0. */
int tunnel_client_reusable(const struct tunnel_client *c);

#ifdef __cplusplus
}
#endif
#endif
