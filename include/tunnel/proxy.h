/* tunnel/proxy.h - be an HTTP or SOCKS proxy that carries tunnels
 *
 * Listeners, policy, limits, deadlines and hooks around link, dial and relay.
 * Safe as it comes: with nothing set it lets clients reach ports 22 and 443 of
 * public addresses.  Runs on its own loops, one a thread, or on one of yours.
 */
#ifndef TUNNEL_PROXY_H
#define TUNNEL_PROXY_H

#include <tunnel/loop.h>
#include <tunnel/client.h>
#include <tunnel/policy.h>
#include <tunnel/resolve.h>
#include <tunnel/session.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_proxy;

/* A proxy on that loop, or on loops of its own (NULL).  NULL when there is no
 * memory.  With more than one thread, a must be safe to call from any. */
struct tunnel_proxy *tunnel_proxy_new(const struct tunnel_alloc *a,
    struct tunnel_loop *l);

/* Ends every session at once, resets their tunnels, closes the listeners. */
void tunnel_proxy_free(struct tunnel_proxy *p);

/* ---- before start; later TUNNEL_ESTATE.  0 or an error ------------------ */

/* One more place to listen at: "127.0.0.1:3128", "[::1]:3128" (port 0 picks
 * one), "unix:PATH", "fd:N" (a listening socket that was inherited).
 * TUNNEL_EINVAL when that is none of these. */
int tunnel_proxy_listen(struct tunnel_proxy *p, const char *where);

/* The same, where clients speak SOCKS 5 (RFC 1928) and not HTTP.  Whom the
 * authenticate hook refuses with TUNNEL_EAUTH is asked for user and password
 * (RFC 1929), and then it is called again. */
int tunnel_proxy_socks(struct tunnel_proxy *p, const char *where);

/* The same, where clients speak neither: each gets a tunnel to this target. */
int tunnel_proxy_forward(struct tunnel_proxy *p, const char *where,
    const char *host, unsigned port);

/* 1: clients of HTTP may ask for more than tunnels: a message for an http URL
 * is passed on (RFC 9110 section 7.6).  0 (default): it gets 405. */
int tunnel_proxy_http(struct tunnel_proxy *p, int on);

/* One more address that no tunnel may lead to, "127.0.0.1:9128": a listener of
 * the application's own.  Until start, so that its port may be known by then.
 * TUNNEL_EINVAL when it is not an address with a port. */
int tunnel_proxy_own(struct tunnel_proxy *p, const char *where);

/* So many threads (1 to 256; 0: as many as there are processors for us), each
 * with a loop of its own.  Default 1; a loop of yours serves as the first. */
int tunnel_proxy_threads(struct tunnel_proxy *p, unsigned n);

/* Reach targets through this proxy; repeat for a chain, the first one first. */
int tunnel_proxy_via(struct tunnel_proxy *p, const char *url);

/* For the proxy that was named last, as tunnel_client_credentials(3) and so on;
 * TUNNEL_ESTATE when there is none.  fn is called in every loop's thread. */
int tunnel_proxy_credentials(struct tunnel_proxy *p, const char *user,
    const char *password);
int tunnel_proxy_schemes(struct tunnel_proxy *p, const char *order);
int tunnel_proxy_token(struct tunnel_proxy *p, const char *scheme,
    tunnel_token_fn fn, void *ud);

/* One more field for requests to those proxies; as tunnel_client_field(3). */
int tunnel_proxy_field(struct tunnel_proxy *p, const char *name,
    const char *value);

/* Dial from this address; dial only IPv4 (4) or IPv6 (6), or both (0). */
int tunnel_proxy_bind(struct tunnel_proxy *p, const char *address);
int tunnel_proxy_family(struct tunnel_proxy *p, int family);

/* Keep-alive of connections that are dialled; as tunnel_dial_keepalive(3). */
int tunnel_proxy_keepalive(struct tunnel_proxy *p, unsigned seconds);

/* The name in Via, by which requests that come back are known: a token; by
 * default one that is unlike any other's. */
int tunnel_proxy_name(struct tunnel_proxy *p, const char *name);

/* PROXY protocol: with accept 1 every client must begin with it (version 1 or
 * 2); send is the version with which tunnels to targets begin, or 0. */
int tunnel_proxy_preface(struct tunnel_proxy *p, int accept, int send);

/* Which event interface, as tunnel_loop_new(3) has it, on loops of its own. */
int tunnel_proxy_backend(struct tunnel_proxy *p, const char *backend);

/* Names are resolved by fn, in the thread of each loop. */
int tunnel_proxy_resolver(struct tunnel_proxy *p, tunnel_lookup_fn fn,
    void *ud);

/* Limits; 0 means none. */
enum tunnel_limit {
	TUNNEL_LIMIT_TUNNELS = 0,       /* dialled or open: 503 (none) */
	TUNNEL_LIMIT_CLIENT = 1,        /* of one address: 429 (none) */
	TUNNEL_LIMIT_HANDSHAKES = 2,    /* the oldest gives way (4096) */
	TUNNEL_LIMIT_HEAD = 3,          /* bytes: 431 (65536, at least 256) */
	TUNNEL_LIMIT_BUFFER = 4,        /* bytes each way (65536, >= 32768) */
	TUNNEL_LIMIT_MEMORY = 5,        /* bytes of all buffers: 503 (none) */
	TUNNEL_LIMIT_RATE = 6           /* clients accepted a second (none) */
};
int tunnel_proxy_limit(struct tunnel_proxy *p, int limit, uint64_t value);

/* Times in ms; 0 means for ever. */
enum tunnel_time {
	TUNNEL_TIME_HANDSHAKE = 0,      /* for the whole head: 408 (30000) */
	TUNNEL_TIME_DIAL = 1,           /* also for a hook: 504 (30000) */
	TUNNEL_TIME_IDLE = 2,           /* no byte either way (0) */
	TUNNEL_TIME_LINGER = 3,         /* half-closed and silent (300000) */
	TUNNEL_TIME_STALL = 4,          /* a reader that takes nothing (0) */
	TUNNEL_TIME_LIFETIME = 5,       /* of a tunnel (0) */
	TUNNEL_TIME_REPLY = 6           /* a message without a byte (300000) */
};
int tunnel_proxy_time(struct tunnel_proxy *p, int time, uint64_t ms);

/* Hooks, in the order of their calls; see tunnel/session.h.  With several
 * threads they are called from each, at the same time.
 * request       a head has come; any method.  What is not CONNECT and not
 *               answered by it is refused with 405.
 * authenticate  who is it?   authorise  may they?   dial  about to dial
 * fail          the dial has brought nothing: it may reply, or say another
 *               error, but neither ask for time nor go on
 * open          the tunnel is up        close  a session ends; both only tell,
 *               and their answer counts for nothing */
enum tunnel_hook {
	TUNNEL_ON_REQUEST = 0, TUNNEL_ON_AUTHENTICATE = 1,
	TUNNEL_ON_AUTHORISE = 2, TUNNEL_ON_DIAL = 3, TUNNEL_ON_OPEN = 4,
	TUNNEL_ON_CLOSE = 5, TUNNEL_ON_FAIL = 6
};
int tunnel_proxy_hook(struct tunnel_proxy *p, int hook, tunnel_hook_fn fn,
    void *ud);

/* ---- at work ------------------------------------------------------------ */

/* Open the listeners, and serve nobody yet: what needs privileges is done, and
 * there is no thread so far, so this is where to drop them.  Who connects waits
 * until start.  Returns 0, or TUNNEL_EIO when a listener cannot be opened
 * (which and why: tunnel_proxy_reason), or TUNNEL_ENOMEM. */
int tunnel_proxy_open(struct tunnel_proxy *p);

/* open, unless that was done, and start the threads: 0, or an error of open. */
int tunnel_proxy_start(struct tunnel_proxy *p);

/* start, unless that was done, then serve until drained or stopped: 0 or an
 * error.  With a loop of yours it is that loop that is run. */
int tunnel_proxy_run(struct tunnel_proxy *p);

/* What went wrong, for people; "" when nothing did. */
const char *tunnel_proxy_reason(const struct tunnel_proxy *p);

/* The i-th listener's address as listen takes it, with its real port; NULL past
 * the last, or before open. */
const char *tunnel_proxy_address(const struct tunnel_proxy *p, size_t i);

/* From the thread of the first loop: */

/* Accept nothing more, let sessions end by themselves for ms (0: for ever),
 * then end them.  Saying it again shortens the time. */
int tunnel_proxy_drain(struct tunnel_proxy *p, uint64_t ms);

/* End everything now. */
int tunnel_proxy_stop(struct tunnel_proxy *p);

/* fn is called once, after drain or stop, when nothing is left. */
int tunnel_proxy_on_end(struct tunnel_proxy *p, tunnel_call_fn fn, void *ud);

/* Judge by this policy from now on, open tunnels excepted; the proxy takes it
 * over, and frees the one it had.  Also before start.  0 or TUNNEL_ENOMEM (then
 * policy is still yours). */
int tunnel_proxy_policy(struct tunnel_proxy *p, struct tunnel_policy *policy);

/* Call each for every session, each in the thread of its loop but never two at
 * once, then done in the first loop's.  0 or TUNNEL_ENOMEM. */
int tunnel_proxy_survey(struct tunnel_proxy *p,
    void (*each)(void *ud, struct tunnel_session *s), tunnel_call_fn done,
    void *ud);

/* Counts, from any thread: the first three are of now, the others since
 * birth. */
enum tunnel_count {
	TUNNEL_COUNT_SESSIONS = 0, TUNNEL_COUNT_HANDSHAKES = 1,
	TUNNEL_COUNT_TUNNELS = 2, TUNNEL_COUNT_ACCEPTED = 3,
	TUNNEL_COUNT_OPENED = 4, TUNNEL_COUNT_REFUSED = 5,
	TUNNEL_COUNT_FAILED = 6,        /* tunnels that ended with an error */
	TUNNEL_COUNT_EVICTED = 7,       /* handshakes that gave way */
	TUNNEL_COUNT_PAUSES = 8,        /* of accepting, for want */
	TUNNEL_COUNT_UP = 9, TUNNEL_COUNT_DOWN = 10,    /* bytes */
	TUNNEL_COUNT_PASSED = 11        /* messages with their replies */
};
uint64_t tunnel_proxy_count(const struct tunnel_proxy *p, int count);

#ifdef __cplusplus
}
#endif
#endif
