/* dial.c - reach a host by the fastest of its addresses
 *
 *   start --> RESOLVING --> RACING --> (ASKING the proxies) --> fn
 *               resolve       race        hops
 *                 |             |           |
 *                 +---- error, or the deadline ----------------> fn
 *
 * Who brings the connection to the first proxy begins with ASKING.
 *
 * What is dialled is the first proxy, or the target when there is none; only in
 * that case are the addresses judged, for a proxy resolves the target itself.
 */
#include "net/dial.h"

#include <string.h>
#include <unistd.h>

#include <tunnel/authority.h>

#include "core/address.h"
#include "core/alloc.h"
#include "core/authority.h"
#include "core/emit.h"
#include "net/loop.h"

enum {
	TIMEOUT_MS = 30000,
	DELAY_MS = 250,
	REPORT_MAX = 16384
};

static void on_timer(void *ud);

struct tunnel_dial *
tunnel_dial_new(const struct tunnel_alloc *a, struct tunnel_loop *l,
    struct tunnel_resolver *r)
{
	struct tunnel_alloc own;
	struct tunnel_dial *d;

	tnl_alloc_init(&own, a);
	d = tnl_get(&own, sizeof *d);
	if (d == NULL)
		return NULL;
	d->a = own;
	d->loop = l;
	d->resolver = r;
	d->timeout = TIMEOUT_MS;
	d->delay = DELAY_MS;
	d->keepalive = -1;
	d->fd = -1;
	tnl_buf_init(&d->report, &d->a, REPORT_MAX);
	tnl_hops_init(&d->hops, &d->a, l);
	if (tnl_loop_timer(&d->timer, l, on_timer, d) < 0) {
		tunnel_dial_free(d);
		return NULL;
	}
	return d;
}

/* Nothing is under way any more. */
static void
give_up(struct tunnel_dial *d)
{
	tunnel_query_cancel(d->query);
	d->query = NULL;
	tnl_race_free(d->race);
	d->race = NULL;
	tnl_timer_end(&d->timer);
}

void
tunnel_dial_free(struct tunnel_dial *d)
{
	struct tunnel_alloc a;

	if (d == NULL)
		return;
	give_up(d);
	tnl_watches_remove(&d->watch, 0);
	tnl_hops_free(&d->hops);
	if (d->fd >= 0)
		(void)close(d->fd);
	tnl_buf_free(&d->report);
	a = d->a;
	tnl_put(&a, d, sizeof *d);
}

/* ---- the way there -------------------------------------------------- */

/* The last thing that is done with d: fn may free it. */
static void
end(struct tunnel_dial *d, int result, int fd)
{
	give_up(d);
	if (result < 0 && d->fd >= 0) {
		tunnel_watch_free(d->hops.watch);
		d->hops.watch = NULL;
		(void)close(d->fd);
	}
	if (result < 0 || !d->keeps_watch)
		tnl_watches_remove(&d->watch, 0);
	/* The report is a string from here on. */
	if (tnl_buf_byte(&d->report, '\0') < 0)
		tnl_buf_clear(&d->report);
	d->state = TNL_DIAL_ENDED;
	d->fd = -1;
	d->fn(d->ud, d, result, fd);
}

static int prepare_race(struct tunnel_dial *d, size_t n);

/* To the same proxy once more: it wants credentials, and has closed.  A socket
 * that was brought cannot be had a second time. */
static int
connect_again(struct tunnel_dial *d)
{
	if (d->peer.n == 0)
		return TUNNEL_ECUT;
	(void)close(d->fd);
	d->fd = -1;
	if (prepare_race(d, 1) < 0)
		return TUNNEL_ENOMEM;
	tnl_race_add(d->race, &d->peer, 0);
	tnl_race_start(d->race, d->delay, &d->from);
	return 0;
}

static void
on_asked(void *ud, int result)
{
	struct tunnel_dial *d = ud;

	if (result == TUNNEL_RECONNECT)
		result = connect_again(d);
	if (d->state == TNL_DIAL_ASKING || result < 0)
		end(d, result, result < 0 ? -1 : d->fd);
}

static void
on_raced(void *ud, int error, const struct tnl_won *won)
{
	struct tunnel_dial *d = ud;
	int fd = -1, rv;

	if (error == 0) {
		d->peer = won->peer;
		*d->peer_text = '\0';
		tnl_watches_move(&d->watch, won->watch, NULL, NULL);
		d->ready = won->ready;
		fd = won->fd;
		if (d->keepalive >= 0)
			tnl_socket_keepalive(fd, (unsigned)d->keepalive);
	}
	tnl_race_free(d->race);
	d->race = NULL;
	if (error < 0) {
		end(d, error, -1);
		return;
	}
	if (d->hops.first == NULL) {
		end(d, 0, fd);
		return;
	}
	tnl_watches_remove(&d->watch, 0);
	d->state = TNL_DIAL_ASKING;
	d->fd = fd;
	rv = tnl_hops_start(&d->hops, fd, d->host, d->port, on_asked, d);
	if (rv < 0)
		end(d, rv, -1);
}

/* May this address be tried? */
static int
verdict(const struct tunnel_dial *d, const struct tnl_endpoint *e)
{
	if (d->judge == NULL || d->hops.first != NULL)
		return 0;
	return d->judge(d->judge_ud, d->host, e->addr, e->n, e->port);
}

static int
fits(const struct tunnel_dial *d, size_t n)
{
	return (d->family == 0 || (d->family == 4) == (n == 4)) &&
	    (d->from.n == 0 || d->from.n == n);
}

static void
add(struct tunnel_dial *d, const void *addr, size_t n)
{
	struct tnl_endpoint e;

	if (!fits(d, n))
		return;
	memset(&e, 0, sizeof e);
	memcpy(e.addr, addr, n);
	/* What is judged is what is dialled: a mapped address is IPv4. */
	e.n = tnl_address_plain(e.addr, n);
	e.port = d->port;
	if (d->hops.first != NULL)
		(void)tnl_hops_first(&d->hops, &e.port);
	tnl_race_add(d->race, &e, verdict(d, &e));
}

static int
prepare_race(struct tunnel_dial *d, size_t n)
{
	d->state = TNL_DIAL_RACING;
	d->race = tnl_race_new(&d->a, n, d->loop, &d->report, on_raced, d);
	return d->race != NULL ? 0 : TUNNEL_ENOMEM;
}

static void
on_resolved(void *ud, const struct tunnel_query *q, int error)
{
	struct tunnel_dial *d = ud;
	const void *addr;
	size_t i, n, count = 0;
	int rv = 0;

	d->query = NULL;
	if (error < 0) {
		tnl_emit_text(&d->report, tunnel_query_host(q), &rv);
		tnl_emit_text(&d->report, ": ", &rv);
		tnl_emit_text(&d->report, tunnel_query_reason(q), &rv);
		tnl_emit_text(&d->report, "\n", &rv);
	} else {
		while (tunnel_query_address(q, count, &n) != NULL)
			count++;
		error = prepare_race(d, count);
	}
	if (error < 0) {
		end(d, error, -1);
		return;
	}
	for (i = 0; (addr = tunnel_query_address(q, i, &n)) != NULL; i++)
		add(d, addr, n);
	tnl_race_start(d->race, d->delay, &d->from);
}

/* The deadline; or what start found and may not say itself. */
static void
on_timer(void *ud)
{
	struct tunnel_dial *d = ud;
	int rv = 0;

	if (d->result == 0 && d->state == TNL_DIAL_RESOLVING) {
		tnl_emit_text(&d->report, "no answer from the resolver in "
		    "time\n", &rv);
		d->result = TUNNEL_ELOOKUP;
	}
	end(d, d->result < 0 ? d->result : TUNNEL_ETIMEOUT, -1);
}

static int
begin(struct tunnel_dial *d, const char *host)
{
	size_t n = strlen(host);
	uint8_t addr[16];

	if (d->fd >= 0) {
		d->state = TNL_DIAL_ASKING;
		return tnl_hops_start(&d->hops, d->fd, d->host, d->port,
		    on_asked, d);
	}
	n = tnl_address_parse(host, n, addr);
	if (n > 0) {
		if (prepare_race(d, 1) < 0)
			return TUNNEL_ENOMEM;
		add(d, addr, n);
		tnl_race_start(d->race, d->delay, &d->from);
		return 0;
	}
	d->state = TNL_DIAL_RESOLVING;
	if (d->resolver == NULL)
		return TUNNEL_ERESOLVE;
	d->query = tunnel_resolve(d->resolver, host, UINT64_MAX, on_resolved,
	    d);
	return d->query != NULL ? 0 : TUNNEL_EBUSY;
}

int
tunnel_dial_start(struct tunnel_dial *d, const char *host, unsigned port,
    tunnel_dialled_fn fn, void *ud)
{
	const char *first;
	size_t n = strlen(host);
	unsigned unused;

	first = tnl_hops_first(&d->hops, &unused);
	if (d->state != TNL_DIAL_NEW || (d->fd >= 0 && first == NULL))
		return TUNNEL_ESTATE;
	if (port == 0 || port > 65535 || n >= sizeof d->host ||
	    !tnl_host_valid(host, n))
		return TUNNEL_ETARGET;
	memcpy(d->host, host, n + 1);
	d->port = port;
	d->fn = fn;
	d->ud = ud;
	if (d->timeout > 0)
		(void)tunnel_timer_set(&d->timer, tnl_clock() + d->timeout);
	d->result = begin(d, first != NULL ? first : d->host);
	if (d->result < 0)
		(void)tunnel_timer_set(&d->timer, 0);
	return 0;
}

/* ---- afterwards ----------------------------------------------------- */

const char *
tunnel_dial_peer(const struct tunnel_dial *d)
{
	/* Made when somebody asks, which is seldom. */
	char *text = (char *)(uintptr_t)d->peer_text;

	if (d->peer.n > 0 && *text == '\0')
		tnl_endpoint_text(&d->peer, text);
	return text;
}

void
tnl_dial_keep_watch(struct tunnel_dial *d)
{
	d->keeps_watch = 1;
}

int
tnl_dial_watch(struct tunnel_dial *d, struct tunnel_watch *w,
    tunnel_ready_fn fn, void *ud)
{
	if (d->watch.all == NULL)
		return 0;
	tnl_watches_move(w, &d->watch, fn, ud);
	return d->ready;
}

const struct tnl_endpoint *
tnl_dial_peer(const struct tunnel_dial *d)
{
	return &d->peer;
}

const char *
tunnel_dial_report(const struct tunnel_dial *d)
{
	return d->state == TNL_DIAL_ENDED && d->report.n > 0 ?
	    (const char *)d->report.p : "";
}

int
tunnel_dial_status(const struct tunnel_dial *d)
{
	const struct tunnel_client *c = tnl_hops_client(&d->hops);

	return c != NULL && tunnel_client_flags(c) != TUNNEL_OPEN ?
	    tunnel_client_status(c) : 0;
}

int
tunnel_dial_hop(const struct tunnel_dial *d)
{
	return d->hops.index;
}

const void *
tunnel_dial_surplus(const struct tunnel_dial *d, size_t *n)
{
	*n = 0;
	return d->hops.link != NULL && d->state == TNL_DIAL_ENDED ?
	    tunnel_link_surplus(d->hops.link, n) : NULL;
}
