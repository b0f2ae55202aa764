/* inquiry.c - what a client is told before it asks
 *
 * Setters wait while an exchange runs, and for ever once a tunnel is open: what
 * was asked stays what it was.
 */
#include "core/client.h"

#include <string.h>

enum { LIMIT_LOW = 64, LIMIT_HIGH = 1 << 30 };

static int
busy(const struct tunnel_client *c)
{
	return c->state == TNL_CLIENT_HEAD || c->state == TNL_CLIENT_OPEN;
}

int
tunnel_client_target(struct tunnel_client *c, const char *host, unsigned port)
{
	return busy(c) ? TUNNEL_ESTATE :
	    tnl_request_target(&c->request, host, port);
}

int
tunnel_client_field(struct tunnel_client *c, const char *name,
    const char *value)
{
	return busy(c) ? TUNNEL_ESTATE :
	    tnl_request_field(&c->request, name, value);
}

int
tunnel_client_credentials(struct tunnel_client *c, const char *user,
    const char *password)
{
	return busy(c) ? TUNNEL_ESTATE :
	    tnl_auth_credentials(&c->auth, user, password);
}

int
tunnel_client_basic(struct tunnel_client *c, const char *user,
    const char *password)
{
	int rv;

	if (busy(c))
		return TUNNEL_ESTATE;
	if (user != NULL && strchr(user, ':') != NULL)
		return TUNNEL_EINVAL;
	rv = tnl_auth_credentials(&c->auth, user, password);
	return rv < 0 ? rv : tnl_auth_schemes(&c->auth,
	    user != NULL ? "basic" : "");
}

int
tunnel_client_schemes(struct tunnel_client *c, const char *order)
{
	return busy(c) ? TUNNEL_ESTATE : tnl_auth_schemes(&c->auth, order);
}

int
tunnel_client_token(struct tunnel_client *c, const char *scheme,
    tunnel_token_fn fn, void *ud)
{
	return busy(c) ? TUNNEL_ESTATE :
	    tnl_auth_token(&c->auth, scheme, fn, ud);
}

int
tunnel_client_random(struct tunnel_client *c, tunnel_random_fn fn, void *ud)
{
	if (busy(c))
		return TUNNEL_ESTATE;
	c->auth.random = fn;
	c->auth.random_ud = ud;
	return 0;
}

int
tunnel_client_time(struct tunnel_client *c, uint64_t seconds)
{
	if (busy(c))
		return TUNNEL_ESTATE;
	c->auth.now = seconds;
	return 0;
}

void
tnl_client_defaults(struct tunnel_client *c, tunnel_random_fn fn, uint64_t now)
{
	if (c->auth.random == NULL)
		c->auth.random = fn;
	if (c->auth.now == 0)
		c->auth.now = now;
}

int
tunnel_client_limit(struct tunnel_client *c, size_t head_max)
{
	if (busy(c))
		return TUNNEL_ESTATE;
	if (head_max < LIMIT_LOW || head_max > LIMIT_HIGH)
		return TUNNEL_EINVAL;
	c->limit = head_max;
	return 0;
}

int
tunnel_client_bare_lf(struct tunnel_client *c, int accept)
{
	if (busy(c))
		return TUNNEL_ESTATE;
	c->head.bare_lf = accept != 0;
	return 0;
}
