/* upstream.h - the proxies behind a proxy, and how it logs in to them.  For
 * proxy and opening. */
#ifndef TNL_UPSTREAM_H
#define TNL_UPSTREAM_H

#include <tunnel/authority.h>
#include <tunnel/dial.h>
#include <tunnel/proxy.h>

#include "core/buf.h"

struct tnl_upstream;
struct tnl_login;

/* Everything is wiped. */
void tnl_upstream_free(const struct tunnel_alloc *a, struct tnl_upstream *u);

/* Have a dial go through all of them, or all but the last, logging in as they
 * were told, unless one of these logins is for them: 0 or an error. */
int tnl_upstream_route(const struct tnl_upstream *u,
    const struct tnl_login *logins, struct tunnel_dial *d, int but_last);

/* The last one, as one that passes messages on. */
struct tnl_last {
	char host[TUNNEL_HOST_MAX];
	unsigned port;
	struct tnl_buf login;           /* for Proxy-Authorization, or empty */
};

/* Find it: 0; TUNNEL_ESTATE when it wants a login that takes more than one
 * round, which only tunnels have; or TUNNEL_ENOMEM.  The login is the caller's
 * to free. */
int tnl_upstream_last(const struct tnl_upstream *u,
    const struct tnl_login *logins, const struct tunnel_alloc *a,
    struct tnl_last *out);

/* One login more, which counts before those that are there; to the proxy of
 * that number, from 0.  user NULL: without any.  0, TUNNEL_EINVAL or
 * TUNNEL_ENOMEM. */
int tnl_login_add(struct tnl_login **logins, const struct tunnel_alloc *a,
    const struct tnl_upstream *u, int hop, const char *user,
    const char *password);
void tnl_login_free(struct tnl_login **logins);

#endif
