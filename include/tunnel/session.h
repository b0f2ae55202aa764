/* tunnel/session.h - one client of a proxy, as its hooks see it
 *
 * From the accepted connection to its close.  A hook is called in the thread of
 * the session's loop, and everything here belongs to that thread.  What a hook
 * answers decides:
 *
 *   0             go on
 *   TUNNEL_ASK    later: tunnel_session_answer() will say
 *   TUNNEL_DONE   the hook has replied, or taken the connection over
 *   an error      refuse, with the reply that the table of errors has for it
 */
#ifndef TUNNEL_SESSION_H
#define TUNNEL_SESSION_H

#include <tunnel/loop.h>
#include <tunnel/forward.h>
#include <tunnel/server.h>
#include <tunnel/socks.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_session;

typedef int (*tunnel_hook_fn)(void *ud, struct tunnel_session *s);

/* Give the answer that a hook owes, once: what it would have returned.  A
 * session whose client has left in the meantime is kept until then, so an
 * answer is never too late; it is then of no effect.  Returns 0, TUNNEL_ESTATE
 * when none is owed, or TUNNEL_EINVAL for TUNNEL_ASK or another flag. */
int tunnel_session_answer(struct tunnel_session *s, int verdict);

/* The loop it lives on: to get back to its thread, tunnel_loop_post(3). */
struct tunnel_loop *tunnel_session_loop(const struct tunnel_session *s);

/* A pointer of the application's; NULL at first. */
void tunnel_session_set(struct tunnel_session *s, void *mine);
void *tunnel_session_get(const struct tunnel_session *s);

/* The request: tunnel_server_method(3) and the like read it, and
 * tunnel_server_field(3) adds to the reply.  Its states are the proxy's.  NULL
 * where no HTTP is spoken, and once the tunnel is open. */
struct tunnel_server *tunnel_session_server(const struct tunnel_session *s);

/* What passes a message on, where the proxy does that (tunnel_proxy_http(3))
 * and this is one; else NULL.  Its setters, fields and content are a hook's;
 * what moves it is not. */
struct tunnel_forward *tunnel_session_forward(const struct tunnel_session *s);

/* The same for a client of SOCKS, NULL for others.  Its authenticate hook comes
 * first, when there is no target so far, and is called again with
 * tunnel_socks_user(3) and _password(3) when it has asked for them by
 * TUNNEL_EAUTH. */
struct tunnel_socks *tunnel_session_socks(const struct tunnel_session *s);

/* Text, "" where there is nothing.  Those of addresses live until the same is
 * asked of another session in this thread, the others as long as the session:
 * client      the client's address and port ("192.0.2.1:4321", "-" on a unix
 *             socket), as the PROXY protocol said if that is accepted
 * user        as given by tunnel_session_name()
 * target      "host:port", or the request-target when it is none
 * address     the address that was dialled
 * report      what became of each attempt to dial, a line each */
const char *tunnel_session_client(const struct tunnel_session *s);
const char *tunnel_session_user(const struct tunnel_session *s);
const char *tunnel_session_target(const struct tunnel_session *s);
const char *tunnel_session_address(const struct tunnel_session *s);
const char *tunnel_session_report(const struct tunnel_session *s);

/* A number that no other session of the proxy has; ms since it was accepted;
 * bytes delivered from the client (TUNNEL_AB) or to it (TUNNEL_BA). */
uint64_t tunnel_session_id(const struct tunnel_session *s);
uint64_t tunnel_session_age(const struct tunnel_session *s);
uint64_t tunnel_session_bytes(const struct tunnel_session *s, int way);

/* 1 when the tunnel is open, or was; the status that was replied, or 0 (for
 * what SOCKS replies, the one that HTTP has for it); and why it ended: 0 for a
 * clean end, else an error (TUNNEL_EEOF: the client left before it had a
 * reply). */
int tunnel_session_open(const struct tunnel_session *s);
int tunnel_session_status(const struct tunnel_session *s);
int tunnel_session_error(const struct tunnel_session *s);

/* Where there are proxies on the way: the status with which one of them
 * refused, or 0; by which of them there is no tunnel, from 0, or -1 for none,
 * as long as there is another reason or no outcome; and the scheme by which it
 * was logged in there, "" if by none. */
int tunnel_session_upstream_status(const struct tunnel_session *s);
int tunnel_session_upstream_hop(const struct tunnel_session *s);
const char *tunnel_session_upstream_scheme(const struct tunnel_session *s);

/* ---- for hooks, before the dial; TUNNEL_ESTATE later ------------------- */

/* Whom the client has turned out to be: a copy, cut at 255 bytes.  Returns 0 or
 * TUNNEL_ENOMEM. */
int tunnel_session_name(struct tunnel_session *s, const char *user);

/* Dial another target than the one asked for.  Returns 0 or TUNNEL_ETARGET. */
int tunnel_session_redirect(struct tunnel_session *s, const char *host,
    unsigned port);

/* Dial the target itself, and not through the proxies of tunnel_proxy_via(3);
 * all of its addresses are then judged.  Returns 0. */
int tunnel_session_direct(struct tunnel_session *s);

/* Log in with these, as tunnel_client_credentials(3), to the hop-th of those
 * proxies, from 0, instead of what the proxy was told; user NULL: with none.
 * Returns 0, TUNNEL_EINVAL or TUNNEL_ENOMEM; TUNNEL_ESTATE also when there are
 * none. */
int tunnel_session_credentials(struct tunnel_session *s, int hop,
    const char *user, const char *password);

/* Dial nothing: the target is whoever is behind this connected descriptor,
 * which is the session's from here on.  Returns 0 or TUNNEL_EINVAL. */
int tunnel_session_use(struct tunnel_session *s, int fd);

/* Do not dial the first of the proxies on the way: it is behind this connected
 * socket, which is the session's from here on, as in tunnel_dial_use(3).
 * Returns 0 or TUNNEL_EINVAL; TUNNEL_ESTATE also when there are none. */
int tunnel_session_way(struct tunnel_session *s, int fd);

/* Reply with this status and n bytes of that media type; the hook, also that of
 * a failure, answers TUNNEL_DONE.  As tunnel_server_reply(3); TUNNEL_ESTATE
 * without HTTP. */
int tunnel_session_reply(struct tunnel_session *s, int status,
    const char *type, const void *body, size_t n);

/* Take the connection away: the client's descriptor, which is yours, and in
 * early what came behind the request's head, until the hook returns; the hook
 * answers TUNNEL_DONE.  -1 with no effect when it cannot be taken. */
int tunnel_session_take(struct tunnel_session *s, const void **early,
    size_t *n);

/* End it as soon as possible, as for that error: also an open tunnel, whose two
 * ends see a reset.  Returns 0, or TUNNEL_EINVAL for what is no error. */
int tunnel_session_end(struct tunnel_session *s, int error);

#ifdef __cplusplus
}
#endif
#endif
