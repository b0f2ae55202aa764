/* route.c - what a dial is told before it starts: through whom, from where, how
 * long, who judges, and what is there already
 */
#include "net/dial.h"

#include <string.h>

#include "core/address.h"

enum { DELAY_LOW = 10, DELAY_HIGH = 2000 };

int
tunnel_dial_timeout(struct tunnel_dial *d, uint64_t ms)
{
	if (d->state == TNL_DIAL_NEW)
		d->timeout = ms;
	return d->state == TNL_DIAL_NEW ? 0 : TUNNEL_ESTATE;
}

int
tunnel_dial_delay(struct tunnel_dial *d, uint64_t ms)
{
	if (d->state != TNL_DIAL_NEW)
		return TUNNEL_ESTATE;
	if (ms < DELAY_LOW || ms > DELAY_HIGH)
		return TUNNEL_EINVAL;
	d->delay = ms;
	return 0;
}

int
tunnel_dial_family(struct tunnel_dial *d, int family)
{
	if (d->state != TNL_DIAL_NEW)
		return TUNNEL_ESTATE;
	if (family != 0 && family != 4 && family != 6)
		return TUNNEL_EINVAL;
	d->family = family;
	return 0;
}

int
tunnel_dial_keepalive(struct tunnel_dial *d, unsigned seconds)
{
	if (d->state != TNL_DIAL_NEW)
		return TUNNEL_ESTATE;
	if (seconds > TNL_KEEPALIVE_MAX)
		return TUNNEL_EINVAL;
	d->keepalive = (int)seconds;
	return 0;
}

/* Links and relays to come take it for a socket. */
int
tunnel_dial_use(struct tunnel_dial *d, int fd)
{
	if (d->state != TNL_DIAL_NEW || d->fd >= 0)
		return TUNNEL_ESTATE;
	if (tnl_socket_adopt_stream(fd) < 0)
		return TUNNEL_EINVAL;
	d->fd = fd;
	return 0;
}

int
tunnel_dial_bind(struct tunnel_dial *d, const char *address)
{
	struct tnl_endpoint e;

	if (d->state != TNL_DIAL_NEW)
		return TUNNEL_ESTATE;
	memset(&e, 0, sizeof e);
	if (address != NULL) {
		e.n = tnl_address_parse(address, strlen(address), e.addr);
		if (e.n == 0)
			return TUNNEL_EINVAL;
	}
	d->from = e;
	return 0;
}

int
tunnel_dial_via(struct tunnel_dial *d, const char *url)
{
	return d->state != TNL_DIAL_NEW ? TUNNEL_ESTATE :
	    tnl_hops_add(&d->hops, url);
}

int
tunnel_dial_field(struct tunnel_dial *d, const char *name, const char *value)
{
	return d->state != TNL_DIAL_NEW ? TUNNEL_ESTATE :
	    tnl_hops_field(&d->hops, name, value);
}

int
tunnel_dial_judge(struct tunnel_dial *d, tunnel_judge_fn fn, void *ud)
{
	if (d->state != TNL_DIAL_NEW)
		return TUNNEL_ESTATE;
	d->judge = fn;
	d->judge_ud = ud;
	return 0;
}

/* The proxy that was named last, while it can still be told something. */
static int
last(const struct tunnel_dial *d, struct tunnel_client **c)
{
	*c = tnl_hops_client(&d->hops);
	return d->state != TNL_DIAL_NEW || *c == NULL ? TUNNEL_ESTATE : 0;
}

int
tunnel_dial_credentials(struct tunnel_dial *d, const char *user,
    const char *password)
{
	struct tunnel_client *c;
	int rv = last(d, &c);

	return rv < 0 ? rv : tunnel_client_credentials(c, user, password);
}

int
tunnel_dial_schemes(struct tunnel_dial *d, const char *order)
{
	struct tunnel_client *c;
	int rv = last(d, &c);

	return rv < 0 ? rv : tunnel_client_schemes(c, order);
}

int
tunnel_dial_token(struct tunnel_dial *d, const char *scheme,
    tunnel_token_fn fn, void *ud)
{
	struct tunnel_client *c;
	int rv = last(d, &c);

	return rv < 0 ? rv : tunnel_client_token(c, scheme, fn, ud);
}
