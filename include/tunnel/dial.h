/* tunnel/dial.h - reach a host by the fastest of its addresses
 *
 * Happy Eyeballs version 2 (RFC 8305): the families take turns, an attempt that
 * does not answer within the delay gets company, the first to connect wins and
 * the others are closed.  Directly, or through a chain of proxies, each asked
 * for a tunnel to the next.  Belongs to the thread of its loop.
 */
#ifndef TUNNEL_DIAL_H
#define TUNNEL_DIAL_H

#include <tunnel/client.h>
#include <tunnel/loop.h>
#include <tunnel/resolve.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_dial;

/* The outcome, once: fd is a connected socket, which is yours and does not
 * block, and result is 0; or result is an error and fd -1.  Called never from
 * inside start; d may be freed in it. */
typedef void (*tunnel_dialled_fn)(void *ud, struct tunnel_dial *d,
    int result, int fd);

/* Asked for each address before it is dialled (addr: 4 or 16 bytes, network
 * order): 0, or an error (TUNNEL_EDENIED, TUNNEL_EADDRESS ...) that keeps it
 * from being tried.  With proxies it is not asked: they resolve the target. */
typedef int (*tunnel_judge_fn)(void *ud, const char *host, const void *addr,
    size_t n, unsigned port);

/* A dialler; r is borrowed, and NULL when only addresses will be dialled.  NULL
 * when there is no memory. */
struct tunnel_dial *tunnel_dial_new(const struct tunnel_alloc *a,
    struct tunnel_loop *l, struct tunnel_resolver *r);

/* Gives up at once whatever is under way: sockets are closed, the name is not
 * looked up any further. */
void tunnel_dial_free(struct tunnel_dial *d);

/* Setters, before start.  Return 0, TUNNEL_EINVAL, TUNNEL_ENOMEM, or
 * TUNNEL_ESTATE later. */

/* For everything together, in ms; 0: no limit.  Default 30000. */
int tunnel_dial_timeout(struct tunnel_dial *d, uint64_t ms);

/* Between the beginnings of two attempts: 10 to 2000 ms, default 250 (RFC 8305,
 * section 5). */
int tunnel_dial_delay(struct tunnel_dial *d, uint64_t ms);

/* Dial only IPv4 (4) or IPv6 (6), or both (0, default). */
int tunnel_dial_family(struct tunnel_dial *d, int family);

/* Dial from this address of ours, as text; only targets of its family are then
 * tried.  NULL takes it back. */
int tunnel_dial_bind(struct tunnel_dial *d, const char *address);

/* Ask a peer that is silent for so many seconds (1 to 32767) whether it is
 * there, and give the connection up when three answers are missing; 0: never.
 * By default the system's times count, which may be hours. */
int tunnel_dial_keepalive(struct tunnel_dial *d, unsigned seconds);

/* One proxy more on the way, the first one first: a URL as tunnel_url_parse(3)
 * reads it, with its credentials, which are sent when
 * the proxy asks for them.  Also TUNNEL_EURL, TUNNEL_ESCHEME. */
int tunnel_dial_via(struct tunnel_dial *d, const char *url);

/* For the proxy that was named last, as tunnel_client_credentials(3) and so
 * on.  TUNNEL_ESTATE when there is none. */
int tunnel_dial_credentials(struct tunnel_dial *d, const char *user,
    const char *password);
int tunnel_dial_schemes(struct tunnel_dial *d, const char *order);
int tunnel_dial_token(struct tunnel_dial *d, const char *scheme,
    tunnel_token_fn fn, void *ud);

/* One more field for the requests to the proxies, as tunnel_client_field(3). */
int tunnel_dial_field(struct tunnel_dial *d, const char *name,
    const char *value);

/* Nothing is dialled: the first of the proxies is behind this connected socket
 * (a pair with a program that reaches it, say), which is d's from here on.
 * Without a proxy on the way, start then gives TUNNEL_ESTATE. */
int tunnel_dial_use(struct tunnel_dial *d, int fd);

int tunnel_dial_judge(struct tunnel_dial *d, tunnel_judge_fn fn, void *ud);

/* Begin.  Returns 0, TUNNEL_ETARGET, or TUNNEL_ESTATE. */
int tunnel_dial_start(struct tunnel_dial *d, const char *host, unsigned port,
    tunnel_dialled_fn fn, void *ud);

/* Afterwards: the address that was reached ("192.0.2.1:443"; the first proxy's,
 * when there are proxies), or "". */
const char *tunnel_dial_peer(const struct tunnel_dial *d);

/* One line of text for each attempt, in the order of their beginnings: the
 * address, ": ", and what came of it.  Lines end with '\n'; "" when there was
 * none. */
const char *tunnel_dial_report(const struct tunnel_dial *d);

/* The status with which a proxy on the way refused, or 0; its index, from 0. */
int tunnel_dial_status(const struct tunnel_dial *d);
int tunnel_dial_hop(const struct tunnel_dial *d);

/* What came behind the last proxy's reply: the tunnel's first bytes. */
const void *tunnel_dial_surplus(const struct tunnel_dial *d, size_t *n);

#ifdef __cplusplus
}
#endif
#endif
