/* proxy_dial.c - the way to a target, one address after the other
 *
 * Each address is judged by the policy, and it is that address that is dialled,
 * so a name cannot lead anywhere that its address may not.  Until then a name
 * says little: a rule that is an address may allow what it leads to.
 *
 * Names are resolved by getaddrinfo(3), which blocks: a slow resolver holds up
 * everybody here.
 */
#include "proxy_dial.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "common_net.h"

enum { DIAL_MS = 30000 };

void
dial_init(struct dial *d)
{
	d->list = d->next = NULL;
	d->deadline = d->end = UINT64_MAX;
	d->fd = -1;
	d->error = 0;
}

void
dial_end(struct dial *d)
{
	if (d->list != NULL)
		freeaddrinfo(d->list);
	if (d->fd >= 0)
		(void)close(d->fd);
	dial_init(d);
}

/* The failure that an errno of connect(2) or socket(2) is. */
static int
failure(int e)
{
	switch (e) {
	case ECONNREFUSED:
	case ECONNRESET:
		return TUNNEL_ECONNECT;
	case ETIMEDOUT:
		return TUNNEL_ETIMEOUT;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case EADDRNOTAVAIL:
		return TUNNEL_EBUSY;
	}
	return TUNNEL_EUNREACH;
}

/* The best address comes first, and its failure tells most. */
static void
fail(struct dial *d, int error)
{
	if (d->error == 0)
		d->error = error;
}

static int
judge(const struct config *c, const struct tunnel_server *s,
    const struct addrinfo *ai)
{
	const void *bytes = NULL;
	size_t n = net_bytes(ai->ai_addr, &bytes);

	return n == 0 ? TUNNEL_EUNREACH : tunnel_policy_judge(c->policy,
	    tunnel_server_host(s), bytes, n, tunnel_server_port(s));
}

/* Begin with the next address that the policy allows.  One that is silent gets
 * half of the time that is left, if there is another. */
static int
next(struct dial *d, const struct config *c, const struct tunnel_server *s)
{
	const struct addrinfo *ai;
	uint64_t now = net_now();
	int rv, done;

	while ((ai = d->next) != NULL && now < d->end) {
		d->next = ai->ai_next;
		rv = judge(c, s, ai);
		if (rv < 0) {
			fail(d, rv);
			continue;
		}
		d->fd = net_connect(ai, &done);
		d->deadline = d->next != NULL ? now + (d->end - now) / 2 :
		    d->end;
		if (d->fd >= 0)
			return done;
		fail(d, failure(errno));
	}
	return d->error;
}

int
dial_begin(struct dial *d, const struct config *c,
    const struct tunnel_server *s)
{
	int error;

	d->list = net_resolve(tunnel_server_host(s), tunnel_server_port(s), 0,
	    &error);
	if (d->list == NULL)
		return TUNNEL_ERESOLVE;
	d->next = d->list;
	d->end = net_now() + DIAL_MS;
	return next(d, c, s);
}

int
dial_step(struct dial *d, const struct config *c,
    const struct tunnel_server *s, int ready)
{
	int e;

	if (!ready && net_now() < d->deadline)
		return 0;
	e = ready ? net_connected(d->fd) : ETIMEDOUT;
	if (e == 0)
		return 1;
	fail(d, failure(e));
	(void)close(d->fd);
	d->fd = -1;
	return next(d, c, s);
}
