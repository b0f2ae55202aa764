/* tunnel/server.h - be asked for a tunnel (RFC 9110, section 9.3.6)
 *
 * A machine without I/O: feed what arrives until ASK, then accept or refuse,
 * then send what peek lends.  While it asks it wants no bytes: leave them in
 * the socket.  feed stops exactly behind the head; what follows is early tunnel
 * data, which is yours to carry when you accept.
 *
 * A broken request is an outcome, not an error: REFUSED|OUT, with the reply to
 * send and the reason in tunnel_server_fault().  After a refusal no byte behind
 * the head is ever read as a request (RFC 9931, section 8).
 */
#ifndef TUNNEL_SERVER_H
#define TUNNEL_SERVER_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_server;

/* A server that waits for its first request; NULL when there is no memory. */
struct tunnel_server *tunnel_server_new(const struct tunnel_alloc *a);
void tunnel_server_free(struct tunnel_server *s);

/* Setters, before the first byte of a request.  Return 0, TUNNEL_EINVAL or
 * TUNNEL_ESTATE. */

/* The most bytes of a request line (default 8192; above it 414) and of a whole
 * head (default 65536; above it 431): each 16 to 2^30. */
int tunnel_server_limits(struct tunnel_server *s, size_t line_max,
    size_t head_max);

/* Accept a bare LF as the end of a line in requests: 0 (default) or 1. */
int tunnel_server_bare_lf(struct tunnel_server *s, int accept);

/* Let requests with other methods than CONNECT come to ASK too: 0 (default:
 * they are answered 405) or 1. */
int tunnel_server_methods(struct tunnel_server *s, int any);

/* Keep the connection after a 407, for schemes that need it: 0 (default) or 1.
 * tunnel_server_reusable() then says when start may follow. */
int tunnel_server_keep_407(struct tunnel_server *s, int keep);

/* The bytes.  Flags: IN while the head arrives, ASK, OUT while the reply
 * leaves, then OPEN, or REFUSED|OUT, then REFUSED|DONE: close.  Errors: EEOF
 * (the client left before or within its request), ENOMEM. */
int tunnel_server_flags(const struct tunnel_server *s);
int tunnel_server_feed(struct tunnel_server *s, const void *in, size_t n,
    size_t *used);

/* The client closed its side.  Within or before a head: TUNNEL_EEOF; at ASK and
 * later it changes nothing (a half-close is the tunnel's affair). */
int tunnel_server_eof(struct tunnel_server *s);
const void *tunnel_server_peek(const struct tunnel_server *s, size_t *n);
int tunnel_server_skip(struct tunnel_server *s, size_t n);
int tunnel_server_drain(struct tunnel_server *s, void *out, size_t cap,
    size_t *got);

/* The request, from ASK on (NULL or 0 before).  host (no brackets) and port
 * are there for CONNECT only; target is the request-target as sent; version is
 * 10 or 11 and so on. */
const char *tunnel_server_method(const struct tunnel_server *s);
const char *tunnel_server_target(const struct tunnel_server *s);
const char *tunnel_server_host(const struct tunnel_server *s);
unsigned tunnel_server_port(const struct tunnel_server *s);
int tunnel_server_version(const struct tunnel_server *s);

/* The value of the i-th field (from 0) of that name, or NULL. */
const char *tunnel_server_request(const struct tunnel_server *s,
    const char *name, size_t i);

/* Name of the i-th field, *value beside it; NULL past the end. */
const char *tunnel_server_request_at(const struct tunnel_server *s, size_t i,
    const char **value);

/* The Basic credentials that came with it (RFC 7617), as two strings with their
 * NULs.  Returns 0; TUNNEL_EAUTH when there are none, or several, or broken
 * ones; TUNNEL_EINVAL when one does not fit its cap.  Compare them in constant
 * time, then wipe them. */
int tunnel_server_basic(const struct tunnel_server *s, char *user,
    size_t user_cap, char *password, size_t password_cap);

/* 0, or why the request was refused: the error in tunnel_strerror(3). */
int tunnel_server_fault(const struct tunnel_server *s);

/* The status of the reply that was decided on (200, 403 ...), 0 before. */
int tunnel_server_status(const struct tunnel_server *s);

/* Decisions, at ASK; each leads to OUT.  TUNNEL_ESTATE at other times. */

/* One more field for the coming reply; the rules are those of
 * tunnel_client_field(3).  At ASK only.  Returns 0 or an error. */
int tunnel_server_field(struct tunnel_server *s, const char *name,
    const char *value);

/* Open the tunnel: 200 without Content-Length or Transfer-Encoding. */
int tunnel_server_accept(struct tunnel_server *s);

/* Answer with a complete reply of that status, 300-599 (with another method
 * than CONNECT also 200-299), and text as its text/plain body; text NULL
 * stands for the status' own name. */
int tunnel_server_refuse(struct tunnel_server *s, int status,
    const char *text);

/* The same with n bytes (at most 786432) of that media type as the
 * body, "text/html" say.  Also TUNNEL_EHEAD when it is too large. */
int tunnel_server_reply(struct tunnel_server *s, int status,
    const char *type, const void *body, size_t n);

/* Refuse for an error of the library's (else TUNNEL_EINVAL): status,
 * Proxy-Status and text are those of the table.
 * Allowed while the head is still arriving, too (a deadline, a full house). */
int tunnel_server_fail(struct tunnel_server *s, int error);

/* 1 when the reply has left and start may follow on this connection. */
int tunnel_server_reusable(const struct tunnel_server *s);

/* Await the next request on a reusable connection; else TUNNEL_ESTATE. */
int tunnel_server_start(struct tunnel_server *s);

#ifdef __cplusplus
}
#endif
#endif
