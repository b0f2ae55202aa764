/* tunnel/forward.h - pass HTTP/1.1 messages on (RFC 9110, 7.6; RFC 9112)
 *
 * A machine without I/O between two sides: A is the client, B the origin or the
 * next proxy.  Feed A until ASK, decide; then carry bytes for each side as its
 * flags say, until the reply has left and A is IN for the next request.  What
 * goes on is written anew, so that it can be read in one way only.
 * An application may also be the origin itself: serve, respond, put, end.
 */
#ifndef TUNNEL_FORWARD_H
#define TUNNEL_FORWARD_H

#include <tunnel/server.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_forward;

/* n bytes of content that came from a side, as they pass, without framing; they
 * live for the call.  A call on f from inside gives TUNNEL_ESTATE. */
typedef void (*tunnel_content_fn)(void *ud, int side, const void *bytes,
    size_t n);

/* One for each client connection; NULL when there is no memory. */
struct tunnel_forward *tunnel_forward_new(const struct tunnel_alloc *a);
void tunnel_forward_free(struct tunnel_forward *f);

/* What reads the requests, and tells them: tunnel_server_method(3) and so on.
 * Its setters and, at ASK, its decisions are yours: accept (CONNECT), refuse,
 * reply, fail; what it replies leaves by side A.  Do not feed it. */
struct tunnel_server *tunnel_forward_server(struct tunnel_forward *f);

/* Setters, at any time; in force from the next decision on.  0, TUNNEL_EINVAL,
 * TUNNEL_ESTATE or TUNNEL_ENOMEM. */

/* Our name in Via, a token or host:port; a request that has been here before is
 * then answered TUNNEL_ELOOP.  Without a name that is not looked for, and Via
 * says "libtunnel"; "" adds no Via. */
int tunnel_forward_via(struct tunnel_forward *f, const char *name);

/* The most content that waits for B, and for A: 1 to 2^30 each (16384). */
int tunnel_forward_buffers(struct tunnel_forward *f, size_t up, size_t down);

/* The most bytes of a reply's head (65536): 64 to 2^30. */
int tunnel_forward_limit(struct tunnel_forward *f, size_t head_max);

/* The protocol that may be switched to, "websocket" say; NULL (default) for
 * none. */
int tunnel_forward_upgrade(struct tunnel_forward *f, const char *protocol);

/* Switches, 0 by default but for reuse and persist.  absolute: B is a proxy,
 * ask it for the whole URI.  http10: B knows nothing newer than HTTP/1.0.
 * reuse: B's connection can be kept.  persist: A's can.  review: B says ASK
 * when the reply's head is there, and waits for deliver. */
int tunnel_forward_absolute(struct tunnel_forward *f, int on);
int tunnel_forward_http10(struct tunnel_forward *f, int on);
int tunnel_forward_reuse(struct tunnel_forward *f, int on);
int tunnel_forward_persist(struct tunnel_forward *f, int on);
int tunnel_forward_review(struct tunnel_forward *f, int on);
int tunnel_forward_on_content(struct tunnel_forward *f, tunnel_content_fn fn,
    void *ud);

/* What the request is for, from ASK on.  scheme in lower case, NULL when the
 * target has none ("/path", "*"): host and port are then those of Host.  host
 * without brackets, or NULL; port 80, 443 or 21 where http, https or ftp have
 * none, else 0; userinfo as sent, or NULL (never with http, https); path with
 * the query, "/" when empty, "*".  All NULL and 0 for CONNECT. */
const char *tunnel_forward_scheme(const struct tunnel_forward *f);
const char *tunnel_forward_host(const struct tunnel_forward *f);
unsigned tunnel_forward_port(const struct tunnel_forward *f);
const char *tunnel_forward_userinfo(const struct tunnel_forward *f);
const char *tunnel_forward_path(const struct tunnel_forward *f);

/* 1 when pass needs no connection, as Max-Forwards ends here. */
int tunnel_forward_own(const struct tunnel_forward *f);

/* 1 when the request can be sent twice (idempotent, no content): only then is
 * one that fails on a kept connection repeated. */
int tunnel_forward_repeatable(const struct tunnel_forward *f);

/* 1 between two requests, when nothing is awaited but the next one. */
int tunnel_forward_idle(const struct tunnel_forward *f);

/* The head that will go to a side: before pass (B), deliver, respond or answer
 * (A).  0, TUNNEL_EINVAL, TUNNEL_ESTATE or TUNNEL_ENOMEM.
 * field    one more; the rules are those of tunnel_client_field(3)
 * remove   leave out what the other side says in fields of that name
 * rewrite  another Host (host[:port]) and path; NULL leaves one as it is
 * replace  the content will be yours, by put and end; the other side's comes to
 *          content and consume
 * length   you will put so much; else it is chunked, or goes on until the close
 */
int tunnel_forward_field(struct tunnel_forward *f, int side, const char *name,
    const char *value);
int tunnel_forward_remove(struct tunnel_forward *f, int side,
    const char *name);
int tunnel_forward_rewrite(struct tunnel_forward *f, const char *authority,
    const char *path);
int tunnel_forward_replace(struct tunnel_forward *f, int side);
int tunnel_forward_length(struct tunnel_forward *f, int side, uint64_t n);

/* Decisions; each returns A's flags, or TUNNEL_ESTATE, _EINVAL, _ENOMEM. */

/* At ASK, with a connection to where the request is to go (reused: it has
 * carried another): send it there.  Again at RECONNECT, with a new one. */
int tunnel_forward_pass(struct tunnel_forward *f, int reused);

/* At B's ASK: let the reply go to A. */
int tunnel_forward_deliver(struct tunnel_forward *f);

/* At ASK: receive the content here (content, consume), then respond. */
int tunnel_forward_serve(struct tunnel_forward *f);

/* At ASK or after serve: the head of a reply of that status, 200-599, and then
 * put and end; or 102-199, an interim one, after which respond comes again.
 * With HEAD, 204 and 304 what is put goes nowhere. */
int tunnel_forward_respond(struct tunnel_forward *f, int status);

/* The same with a whole reply, as tunnel_server_reply(3), but that the
 * connection is kept where it can be. */
int tunnel_forward_answer(struct tunnel_forward *f, int status,
    const char *type, const void *body, size_t n);

/* An error of the library's: at ASK, after serve, or after pass (the connection
 * failed, a deadline passed).  Replies with what the table has for it while A
 * has no reply's head, else resets A. */
int tunnel_forward_fail(struct tunnel_forward *f, int error);

/* The bytes of side TUNNEL_A or TUNNEL_B.  Each returns that side's flags:
 * A  IN, OUT, ASK; OPEN (CONNECT, or 101: no later byte is mine, nor of B's);
 *    FIN: shut the sink; with IN, what still comes is dropped, until DONE;
 *    RESET|DONE: abort the connection
 * B  IN, OUT, ASK; RECONNECT: the request may be repeated, pass or fail; OPEN;
 *    REUSE|DONE: keep the connection, unless it has bytes feed did not take;
 *    DONE: close it; RESET|DONE: abort it; 0: there is none
 * or TUNNEL_ENOMEM; of A also TUNNEL_EEOF (left within a head). */
int tunnel_forward_flags(const struct tunnel_forward *f, int side);
int tunnel_forward_feed(struct tunnel_forward *f, int side, const void *in,
    size_t n, size_t *used);
const void *tunnel_forward_peek(const struct tunnel_forward *f, int side,
    size_t *n);
int tunnel_forward_skip(struct tunnel_forward *f, int side, size_t n);
int tunnel_forward_drain(struct tunnel_forward *f, int side, void *out,
    size_t cap, size_t *got);

/* The side has closed.  It takes no more bytes, though some may come (EPIPE).
 * It died. */
int tunnel_forward_eof(struct tunnel_forward *f, int side);
int tunnel_forward_shut(struct tunnel_forward *f, int side);
int tunnel_forward_reset(struct tunnel_forward *f, int side);

/* Content for the application: that came from a side, n bytes in one piece; the
 * first n are done with; ended: 1 when all has been consumed, 0, or the error
 * that cut it off. */
const void *tunnel_forward_content(const struct tunnel_forward *f, int side,
    size_t *n);
int tunnel_forward_consume(struct tunnel_forward *f, int side, size_t n);
int tunnel_forward_ended(const struct tunnel_forward *f, int side);

/* Content for a side: *used bytes are taken, few or none while much waits (skip
 * makes room); more than length said: TUNNEL_EINVAL.  end: it is complete; less
 * than length said resets the side. */
int tunnel_forward_put(struct tunnel_forward *f, int side, const void *in,
    size_t n, size_t *used);
int tunnel_forward_end(struct tunnel_forward *f, int side);

/* The reply of B from its head on, or NULL and 0; status also when it is ours.
 * fault: 0, or why we replied, reset or gave up.  bytes: of content, from that
 * side, of this request. */
int tunnel_forward_status(const struct tunnel_forward *f);
int tunnel_forward_version(const struct tunnel_forward *f);
const char *tunnel_forward_reply(const struct tunnel_forward *f,
    const char *name, size_t i);
const char *tunnel_forward_reply_at(const struct tunnel_forward *f, size_t i,
    const char **value);
int tunnel_forward_fault(const struct tunnel_forward *f);
uint64_t tunnel_forward_bytes(const struct tunnel_forward *f, int side);

#ifdef __cplusplus
}
#endif
#endif
