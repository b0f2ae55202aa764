/* settings.c - what a proxy is told before it starts
 *
 * Each is refused once the threads are there, for they read it without a lock;
 * most of them as soon as the listeners are.
 */
#include <stdio.h>
#include <string.h>

#include <tunnel/url.h>

#include "core/address.h"
#include "core/alloc.h"
#include "core/ascii.h"
#include "core/emit.h"
#include "net/cores.h"
#include "net/proxy.h"

static int
add_place(struct tunnel_proxy *p, const char *where, const char *host,
    unsigned port, int socks)
{
	struct tnl_place *place;

	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (strlen(where) >= sizeof place->where || !tnl_listener_valid(where))
		return TUNNEL_EINVAL;
	place = tnl_get(&p->a, sizeof *place);
	if (place == NULL)
		return TUNNEL_ENOMEM;
	place->fd = -1;
	place->port = port;
	place->socks = socks;
	(void)snprintf(place->host, sizeof place->host, "%s", host);
	(void)snprintf(place->where, sizeof place->where, "%s", where);
	*p->last_place = place;
	p->last_place = &place->next;
	return 0;
}

int
tunnel_proxy_listen(struct tunnel_proxy *p, const char *where)
{
	return add_place(p, where, "", 0, 0);
}

int
tunnel_proxy_socks(struct tunnel_proxy *p, const char *where)
{
	return add_place(p, where, "", 0, 1);
}

int
tunnel_proxy_forward(struct tunnel_proxy *p, const char *where,
    const char *host, unsigned port)
{
	char text[TUNNEL_HOST_MAX + 8];
	size_t n;

	if (tunnel_authority_print(host, port, text, sizeof text, &n) < 0)
		return TUNNEL_ETARGET;
	return add_place(p, where, host, port, 0);
}

int
tunnel_proxy_own(struct tunnel_proxy *p, const char *where)
{
	char host[TUNNEL_HOST_MAX];
	struct tnl_endpoint at;
	struct tnl_own *own;

	if (p->state != TNL_PROXY_NEW && p->state != TNL_PROXY_OPENED)
		return TUNNEL_ESTATE;
	memset(&at, 0, sizeof at);
	if (tunnel_authority_parse(where, strlen(where), host, sizeof host,
	    &at.port) < 0)
		return TUNNEL_EINVAL;
	at.n = tnl_address_plain(at.addr,
	    tnl_address_parse(host, strlen(host), at.addr));
	if (at.n == 0)
		return TUNNEL_EINVAL;
	own = tnl_get(&p->a, sizeof *own);
	if (own == NULL)
		return TUNNEL_ENOMEM;
	own->at = at;
	own->next = p->own;
	p->own = own;
	return 0;
}

int
tunnel_proxy_threads(struct tunnel_proxy *p, unsigned n)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (n > TNL_THREADS_MAX)
		return TUNNEL_EINVAL;
	if (n == 0)
		n = tnl_cores();
	p->threads = n < TNL_THREADS_MAX ? n : TNL_THREADS_MAX;
	return 0;
}

int
tunnel_proxy_field(struct tunnel_proxy *p, const char *name,
    const char *value)
{
	size_t n = strlen(name) + 1, vn = strlen(value) + 1;
	struct tnl_line *line;

	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (!tnl_emit_valid(name, value) || tnl_emit_reserved(name) ||
	    vn > sizeof line->text || n > sizeof line->text - vn)
		return TUNNEL_EINVAL;
	line = tnl_get(&p->a, sizeof *line);
	if (line == NULL)
		return TUNNEL_ENOMEM;
	memcpy(line->text, name, n);
	memcpy(line->text + n, value, vn);
	line->next = p->fields;
	p->fields = line;
	return 0;
}

int
tunnel_proxy_bind(struct tunnel_proxy *p, const char *address)
{
	size_t n = strlen(address);
	uint8_t unused[16];

	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (n >= sizeof p->bind || tnl_address_parse(address, n, unused) == 0)
		return TUNNEL_EINVAL;
	memcpy(p->bind, address, n + 1);
	return 0;
}

int
tunnel_proxy_family(struct tunnel_proxy *p, int family)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (family != 0 && family != 4 && family != 6)
		return TUNNEL_EINVAL;
	p->family = family;
	return 0;
}

int
tunnel_proxy_keepalive(struct tunnel_proxy *p, unsigned seconds)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (seconds > TNL_KEEPALIVE_MAX)
		return TUNNEL_EINVAL;
	p->keepalive = (int)seconds;
	return 0;
}

int
tunnel_proxy_name(struct tunnel_proxy *p, const char *name)
{
	size_t n = strlen(name);

	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (n == 0 || n >= sizeof p->name ||
	    tnl_span((const uint8_t *)name, n, TNL_TOKEN) != n)
		return TUNNEL_EINVAL;
	memcpy(p->name, name, n + 1);
	return 0;
}

int
tunnel_proxy_preface(struct tunnel_proxy *p, int accept, int send)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (send < 0 || send > 2)
		return TUNNEL_EINVAL;
	p->accept_preface = accept != 0;
	p->send_preface = send;
	return 0;
}

int
tunnel_proxy_http(struct tunnel_proxy *p, int on)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	p->http = on != 0;
	return 0;
}

int
tunnel_proxy_backend(struct tunnel_proxy *p, const char *backend)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	p->backend = backend;
	return 0;
}

int
tunnel_proxy_resolver(struct tunnel_proxy *p, tunnel_lookup_fn fn, void *ud)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	p->lookup = fn;
	p->lookup_ud = ud;
	return 0;
}

/* The least and the most that a limit may be, where it has such. */
static int
limit_fits(int limit, uint64_t value)
{
	switch (limit) {
	case TUNNEL_LIMIT_HEAD:
		return value >= 256 && value <= 1 << 30;
	case TUNNEL_LIMIT_BUFFER:
		return value >= 32768 && value <= 1 << 30;
	case TUNNEL_LIMIT_RATE:
		return value <= 1000000000;
	}
	return limit >= 0 && limit < TNL_LIMITS;
}

int
tunnel_proxy_limit(struct tunnel_proxy *p, int limit, uint64_t value)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (!limit_fits(limit, value))
		return TUNNEL_EINVAL;
	p->limit[limit] = value;
	return 0;
}

int
tunnel_proxy_time(struct tunnel_proxy *p, int time, uint64_t ms)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (time < 0 || time >= TNL_TIMES)
		return TUNNEL_EINVAL;
	p->time[time] = ms;
	return 0;
}

int
tunnel_proxy_hook(struct tunnel_proxy *p, int hook, tunnel_hook_fn fn,
    void *ud)
{
	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	if (hook < 0 || hook >= TNL_HOOKS)
		return TUNNEL_EINVAL;
	p->hook[hook].fn = fn;
	p->hook[hook].ud = ud;
	return 0;
}
