/* hops.c - the proxies on the way, one behind the other
 *
 *     we --- hop 0 --- hop 1 --- ... --- target
 *
 * Each hop is asked for a tunnel to the next through the tunnels that are there
 * already: the same socket, one ordinary link after the other.  Only the last
 * may send bytes behind its reply, for only then is there somebody to speak.
 *
 * A hop that wants credentials and closes is asked again over another socket,
 * from the first hop on.  Each has a client of its own for the whole dial,
 * which remembers how it has to log in: so that ends; AGAIN makes sure.
 */
#include "net/hops.h"

#include <string.h>

#include <tunnel/url.h>

#include "core/emit.h"

enum { FIELDS_MAX = 65536, AGAIN = 8 };

struct tnl_hop {
	struct tnl_hop *next;
	struct tunnel_url *url;
	struct tunnel_client *client;
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
free_hop(const struct tunnel_alloc *a, struct tnl_hop *hop)
{
	tunnel_client_free(hop->client);
	tunnel_url_free(hop->url);
	tnl_put(a, hop, sizeof *hop);
}

void
tnl_hops_free(struct tnl_hops *h)
{
	struct tnl_hop *hop;

	tunnel_watch_free(h->watch);
	tunnel_link_free(h->link);
	while ((hop = h->first) != NULL) {
		h->first = hop->next;
		free_hop(h->a, hop);
	}
	tnl_buf_free(&h->fields);
}

static int
prepare_hop(const struct tunnel_alloc *a, struct tnl_hop *hop, const char *url)
{
	const char *password;
	int rv;

	hop->url = tunnel_url_new(a);
	hop->client = tunnel_client_new(a);
	if (hop->url == NULL || hop->client == NULL)
		return TUNNEL_ENOMEM;
	rv = tunnel_url_parse(hop->url, url);
	if (rv < 0 || tunnel_url_user(hop->url) == NULL)
		return rv;
	password = tunnel_url_password(hop->url);
	return tunnel_client_credentials(hop->client,
	    tunnel_url_user(hop->url), password != NULL ? password : "");
}

int
tnl_hops_add(struct tnl_hops *h, const char *url)
{
	struct tnl_hop *hop = tnl_get(h->a, sizeof *hop);
	int rv;

	if (hop == NULL)
		return TUNNEL_ENOMEM;
	rv = prepare_hop(h->a, hop, url);
	if (rv < 0) {
		free_hop(h->a, hop);
		return rv;
	}
	if (h->last != NULL)
		h->last->next = hop;
	else
		h->first = hop;
	h->last = hop;
	return 0;
}

struct tunnel_client *
tnl_hops_client(const struct tnl_hops *h)
{
	return h->at != NULL ? h->at->client : h->last != NULL ?
	    h->last->client : NULL;
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
add_fields(const struct tnl_hops *h, struct tunnel_client *c)
{
	const char *p = (const char *)h->fields.p, *name;
	size_t left = h->fields.n, n;
	int rv = 0;

	while (rv == 0 && left > 0) {
		name = p;
		n = strlen(p) + 1;
		p += n;
		left -= n;
		rv = tunnel_client_field(c, name, p);
		n = strlen(p) + 1;
		p += n;
		left -= n;
	}
	return rv;
}

/* Tell each hop whom it is asked for. */
static int
aim(struct tnl_hops *h)
{
	const struct tnl_hop *hop, *next;
	int rv = 0;

	for (hop = h->first; hop != NULL && rv == 0; hop = next) {
		next = hop->next;
		rv = tunnel_client_target(hop->client, next == NULL ?
		    h->host : tunnel_url_host(next->url), next == NULL ?
		    h->port : tunnel_url_port(next->url));
		if (rv == 0)
			rv = add_fields(h, hop->client);
	}
	return rv;
}

/* Ask this hop for the next, or for the target. */
static int
ask(struct tnl_hops *h)
{
	struct tunnel_client *c = h->at->client;
	int rv;

	tunnel_link_free(h->link);
	h->link = tunnel_link_client(h->a, c, 0);
	if (h->link == NULL)
		return TUNNEL_ENOMEM;
	rv = tunnel_client_renew(c);
	if (rv == 0)
		rv = tunnel_link_fd(h->link, h->fd);
	if (rv == 0)
		rv = tunnel_client_start(c);
	return rv < 0 ? rv : 0;
}

/* What a refusal comes to: 0 when it has been answered. */
static int
refused(struct tnl_hops *h, int flags)
{
	struct tunnel_client *c = h->at->client;
	int rv;

	if (flags & TUNNEL_RETRY) {
		rv = tunnel_client_start(c);
		return rv < 0 ? rv : 0;
	}
	if (flags & TUNNEL_RECONNECT && h->again < AGAIN) {
		h->again++;
		return TUNNEL_RECONNECT;
	}
	return tunnel_client_fault(c);
}

/* The hop has opened: on to the next.  1 when it was the last. */
static int
opened(struct tnl_hops *h)
{
	size_t n;

	if (h->at->next == NULL)
		return 1;
	(void)tunnel_link_surplus(h->link, &n);
	if (n > 0)
		return TUNNEL_ESYNTAX;
	h->at = h->at->next;
	h->index++;
	return ask(h);
}

/* 0: go on waiting; 1: the last has opened; RECONNECT; or an error. */
static int
proceed(struct tnl_hops *h)
{
	int f, rv;

	for (;;) {
		f = tunnel_link_step(h->link, tunnel_loop_now(h->loop));
		if (f < 0)
			return f;
		if (!(f & (TUNNEL_REFUSED | TUNNEL_OPEN)))
			return 0;
		if (f & TUNNEL_REFUSED && !(f & TUNNEL_DONE) &&
		    tunnel_client_fault(h->at->client) == 0)
			return 0;
		rv = f & TUNNEL_OPEN ? opened(h) : refused(h, f);
		if (rv != 0)
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
	h->fn(h->ud, rv == 1 ? 0 : rv);
}

int
tnl_hops_start(struct tnl_hops *h, int fd, const char *host, unsigned port,
    void (*fn)(void *ud, int result), void *ud)
{
	int rv = 0;

	h->fd = fd;
	h->host = host;
	h->port = port;
	h->fn = fn;
	h->ud = ud;
	if (h->again == 0)
		rv = aim(h);
	h->at = h->first;
	h->index = 0;
	if (rv == 0)
		rv = ask(h);
	if (rv < 0)
		return rv;
	h->watch = tunnel_watch_new(h->loop, fd, on_ready, h);
	if (h->watch == NULL)
		return TUNNEL_ENOMEM;
	/* It can be written to, which the loop will say. */
	return tunnel_watch_wants(h->watch, TUNNEL_OUT);
}
