/* hops.c - the proxies on the way, one behind the other
 *
 *     we --- hop 0 --- hop 1 --- ... --- target
 *
 * Each hop is asked for a tunnel to the next through the tunnels that are there
 * already: the same socket, one ordinary link after the other.  Only the last
 * may send bytes behind its reply, for only then is there somebody to speak.
 */
#include "net/hops.h"

#include <string.h>

#include <tunnel/url.h>

#include "core/emit.h"

enum { FIELDS_MAX = 65536 };

struct tnl_hop {
	struct tnl_hop *next;
	struct tunnel_url *url;
};

void
tnl_hops_init(struct tnl_hops *h, const struct tunnel_alloc *a,
    struct tunnel_loop *l)
{
	memset(h, 0, sizeof *h);
	h->a = a;
	h->loop = l;
	h->fd = -1;
	tnl_buf_init(&h->fields, a, FIELDS_MAX);
}

static void
drop_link(struct tnl_hops *h)
{
	tunnel_link_free(h->link);
	tunnel_client_free(h->client);
	h->link = NULL;
	h->client = NULL;
}

void
tnl_hops_free(struct tnl_hops *h)
{
	struct tnl_hop *hop;

	tunnel_watch_free(h->watch);
	drop_link(h);
	while ((hop = h->first) != NULL) {
		h->first = hop->next;
		tunnel_url_free(hop->url);
		tnl_put(h->a, hop, sizeof *hop);
	}
	tnl_buf_free(&h->fields);
}

int
tnl_hops_add(struct tnl_hops *h, const char *url)
{
	struct tnl_hop *hop = tnl_get(h->a, sizeof *hop);
	int rv = TUNNEL_ENOMEM;

	if (hop == NULL)
		return rv;
	hop->url = tunnel_url_new(h->a);
	if (hop->url != NULL)
		rv = tunnel_url_parse(hop->url, url);
	if (rv < 0) {
		tunnel_url_free(hop->url);
		tnl_put(h->a, hop, sizeof *hop);
		return rv;
	}
	if (h->last != NULL)
		h->last->next = hop;
	else
		h->first = hop;
	h->last = hop;
	return 0;
}

int
tnl_hops_field(struct tnl_hops *h, const char *name, const char *value)
{
	size_t n = h->fields.n;
	int rv;

	if (!tnl_emit_valid(name, value) || tnl_emit_reserved(name))
		return TUNNEL_EINVAL;
	rv = tnl_buf_add(&h->fields, name, strlen(name) + 1);
	if (rv == 0)
		rv = tnl_buf_add(&h->fields, value, strlen(value) + 1);
	if (rv < 0)
		h->fields.n = n;
	return rv == TUNNEL_EHEAD ? TUNNEL_EINVAL : rv;
}

const char *
tnl_hops_first(const struct tnl_hops *h, unsigned *port)
{
	if (h->first == NULL)
		return NULL;
	*port = tunnel_url_port(h->first->url);
	return tunnel_url_host(h->first->url);
}

static int
add_fields(struct tnl_hops *h)
{
	const char *p = (const char *)h->fields.p, *name;
	size_t left = h->fields.n, n;
	int rv = 0;

	while (rv == 0 && left > 0) {
		name = p;
		n = strlen(p) + 1;
		p += n;
		left -= n;
		rv = tunnel_client_field(h->client, name, p);
		n = strlen(p) + 1;
		p += n;
		left -= n;
	}
	return rv;
}

/* Prepare to ask this hop for the next, or for the target. */
static int
ask(struct tnl_hops *h)
{
	const struct tunnel_url *url = h->at->url;
	const struct tnl_hop *next = h->at->next;
	int rv;

	drop_link(h);
	h->client = tunnel_client_new(h->a);
	if (h->client == NULL)
		return TUNNEL_ENOMEM;
	h->link = tunnel_link_client(h->a, h->client, 0);
	if (h->link == NULL)
		return TUNNEL_ENOMEM;
	rv = tunnel_client_target(h->client, next == NULL ? h->host :
	    tunnel_url_host(next->url), next == NULL ? h->port :
	    tunnel_url_port(next->url));
	if (rv == 0 && tunnel_url_user(url) != NULL)
		rv = tunnel_client_basic(h->client, tunnel_url_user(url),
		    tunnel_url_password(url) != NULL ?
		    tunnel_url_password(url) : "");
	if (rv == 0)
		rv = add_fields(h);
	if (rv == 0)
		rv = tunnel_link_fd(h->link, h->fd);
	if (rv == 0)
		rv = tunnel_client_start(h->client);
	return rv < 0 ? rv : 0;
}

/* 0: go on waiting; 1: the last has opened; or an error. */
static int
proceed(struct tnl_hops *h)
{
	size_t n;
	int f, rv;

	for (;;) {
		f = tunnel_link_step(h->link, tunnel_loop_now(h->loop));
		if (f < 0)
			return f;
		if (f & TUNNEL_REFUSED)
			return tunnel_client_fault(h->client);
		if (!(f & TUNNEL_OPEN))
			return 0;
		if (h->at->next == NULL)
			return 1;
		(void)tunnel_link_surplus(h->link, &n);
		if (n > 0)
			return TUNNEL_ESYNTAX;
		h->at = h->at->next;
		h->index++;
		rv = ask(h);
		if (rv < 0)
			return rv;
	}
}

static void
on_ready(void *ud, int ready)
{
	struct tnl_hops *h = ud;
	int rv = proceed(h);

	(void)ready;
	if (rv == 0) {
		(void)tunnel_watch_wants(h->watch, tunnel_link_wants(h->link));
		return;
	}
	tunnel_watch_free(h->watch);
	h->watch = NULL;
	h->fn(h->ud, rv < 0 ? rv : 0);
}

int
tnl_hops_start(struct tnl_hops *h, int fd, const char *host, unsigned port,
    void (*fn)(void *ud, int result), void *ud)
{
	int rv;

	h->fd = fd;
	h->host = host;
	h->port = port;
	h->fn = fn;
	h->ud = ud;
	h->at = h->first;
	rv = ask(h);
	if (rv < 0)
		return rv;
	h->watch = tunnel_watch_new(h->loop, fd, on_ready, h);
	if (h->watch == NULL)
		return TUNNEL_ENOMEM;
	/* It can be written to, which the loop will say. */
	return tunnel_watch_wants(h->watch, TUNNEL_OUT);
}
