/* worker.c - one thread's share of a proxy: its loop, listeners and sessions
 *
 * Accepting stops, and goes on by itself, when
 *   descriptors or memory run out     until a session ends, or a moment later
 *   the rate is used up               until there is one again
 * Meanwhile the clients wait in the kernel's queue, and nothing spins: a
 * listener is edge-triggered, so it must be asked again, which a timer does.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/address.h"
#include "core/alloc.h"
#include "net/session.h"

enum {
	ACCEPT_TURN = 64,
	PAUSE_MS = 200,
	OLD_MS = 1000,          /* a handshake that may go when fds run out */
	LAST_CALL = 4096,       /* accepted at most before a listener closes */
	TOKEN = 1000
};

/* ---- accepting ------------------------------------------------------ */

/* The oldest handshake gives way, if it is so old: who holds many open keeps
 * nobody out.  1 when there was one. */
static int
evict(struct tnl_worker *w, uint64_t age)
{
	struct tunnel_session *s;

	if (w->handshakes.next == &w->handshakes)
		return 0;
	s = TNL_OF(struct tnl_handshake, chain, w->handshakes.next)->session;
	if (tunnel_session_age(s) < age)
		return 0;
	tnl_tally_add(w->tally, TUNNEL_COUNT_EVICTED, 1);
	tnl_session_kill(s, TUNNEL_EBUSY);
	return 1;
}

/* Make room for one more handshake. */
static void
make_room(struct tnl_worker *w)
{
	struct tunnel_proxy *p = w->proxy;
	uint64_t max = p->limit[TUNNEL_LIMIT_HANDSHAKES];

	if (max > 0 &&
	    tnl_census_get(&p->census, TUNNEL_COUNT_HANDSHAKES) >= max)
		(void)evict(w, 0);
}

/* Listen or not: where readiness is a level and no edge, who waits in the queue
 * would be told of again and again. */
static void
listen_all(struct tnl_worker *w, int on)
{
	size_t i;

	for (i = 0; i < w->listeners; i++)
		if (w->listener[i].watch != NULL)
			(void)tunnel_watch_wants(w->listener[i].watch,
			    on ? TUNNEL_IN : 0);
}

/* Accept nothing until then. */
static void
pause_until(struct tnl_worker *w, uint64_t at)
{
	w->paused = 1;
	listen_all(w, 0);
	(void)tunnel_timer_set(w->resume, at);
}

/* Is one more allowed by the rate?  Tokens come in thousandths, a second's
 * worth at the most, and each worker has its share. */
static int
allowed(struct tnl_worker *w)
{
	struct tunnel_proxy *p = w->proxy;
	uint64_t rate = p->limit[TUNNEL_LIMIT_RATE], now;

	if (rate == 0)
		return 1;
	now = tunnel_loop_now(w->loop);
	w->tokens += (now - w->filled) * rate / p->threads;
	w->filled = now;
	if (w->tokens > rate * TOKEN)
		w->tokens = rate * TOKEN;
	if (w->tokens < TOKEN) {
		pause_until(w, now + 1 +
		    (TOKEN - w->tokens) * p->threads / rate);
		return 0;
	}
	w->tokens -= TOKEN;
	return 1;
}

static void
pause_accepting(struct tnl_worker *w)
{
	if (!w->starved)
		tnl_tally_add(w->tally, TUNNEL_COUNT_PAUSES, 1);
	w->starved = 1;
	pause_until(w, tnl_clock() + PAUSE_MS);
}

/* 0 when there is nobody more, or nobody more may come in for now. */
static int
accept_one(struct tnl_listener *l)
{
	struct tnl_worker *w = l->worker;
	struct tnl_endpoint peer;
	int fd;

	if (!allowed(w))
		return 0;
	fd = tnl_socket_accept(l->fd, &peer);
	if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		w->tokens += TOKEN;
		return 0;
	}
	if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
	    errno == ENOBUFS || errno == ENOMEM)) {
		if (evict(w, OLD_MS))
			return 1;
		pause_accepting(w);
		return 0;
	}
	/* Anything else is that connection's own trouble. */
	if (fd < 0)
		return 1;
	w->starved = 0;
	make_room(w);
	if (tnl_session_new(w, l->place, fd, &peer) < 0) {
		pause_accepting(w);
		return 0;
	}
	return 1;
}

static void
accept_some(struct tnl_listener *l)
{
	int i;

	for (i = 0; i < ACCEPT_TURN; i++)
		if (!accept_one(l))
			return;
	/* There may be more: after everybody else's turn. */
	(void)tunnel_timer_set(l->worker->resume, 0);
}

static void
on_listener(void *ud, int ready)
{
	struct tnl_listener *l = ud;

	(void)ready;
	if (!l->worker->paused)
		accept_some(l);
}

static void
on_resume(void *ud)
{
	struct tnl_worker *w = ud;
	size_t i;

	w->paused = 0;
	listen_all(w, 1);
	for (i = 0; i < w->listeners && !w->paused; i++)
		if (w->listener[i].watch != NULL)
			accept_some(&w->listener[i]);
}

void
tnl_worker_gone(struct tnl_worker *w)
{
	w->count--;
	if (w->starved)
		(void)tunnel_timer_set(w->resume, 0);
	w->starved = 0;
	if (w->draining && w->count == 0 && !w->idle) {
		w->idle = 1;
		tnl_crew_idle(w);
	}
}

static int
is_own(const struct tnl_endpoint *own, const struct tnl_endpoint *e)
{
	return own->n > 0 && own->port == e->port &&
	    (tnl_endpoint_same(own, e) || tnl_socket_local(e));
}

int
tnl_worker_own(const struct tnl_worker *w, const void *addr, size_t n,
    unsigned port)
{
	const struct tnl_own *more;
	struct tnl_endpoint e;
	size_t i;

	memset(&e, 0, sizeof e);
	memcpy(e.addr, addr, n);
	e.n = tnl_address_plain(e.addr, n);
	e.port = port;
	for (i = 0; i < w->listeners; i++)
		if (is_own(&w->listener[i].at, &e))
			return 1;
	for (more = w->proxy->own; more != NULL; more = more->next)
		if (is_own(&more->at, &e))
			return 1;
	return 0;
}

/* ---- birth and death ------------------------------------------------ */

static void
on_end(void *ud)
{
	tnl_worker_stop(ud);
}

int
tnl_worker_init(struct tnl_worker *w, struct tunnel_proxy *p,
    struct tunnel_loop *guest)
{
	w->proxy = p;
	w->tally = &p->census.tally[w - p->worker];
	w->policy = p->policy;
	tnl_chain_init(&w->sessions);
	tnl_chain_init(&w->handshakes);
	tnl_pool_init(&w->pool, &p->a,
	    (size_t)p->limit[TUNNEL_LIMIT_BUFFER]);
	tnl_pipes_init(&w->pipes, &p->a);
	w->carriers.a = &p->a;
	w->carriers.pool = &w->pool;
	w->carriers.idle = p->time[TUNNEL_TIME_IDLE];
	w->carriers.linger = p->time[TUNNEL_TIME_LINGER];
	w->carriers.stall = p->time[TUNNEL_TIME_STALL];
	w->loop = guest != NULL ? guest : tunnel_loop_new(&p->a, p->backend);
	if (w->loop == NULL)
		return TUNNEL_ENOMEM;
	w->resolver = tunnel_resolver_new(&p->a, w->loop, 0);
	w->resume = tunnel_timer_new(w->loop, on_resume, w);
	w->end = tunnel_timer_new(w->loop, on_end, w);
	if (w->resolver == NULL || w->resume == NULL || w->end == NULL)
		return TUNNEL_ENOMEM;
	w->filled = tunnel_loop_now(w->loop);
	w->tokens = p->limit[TUNNEL_LIMIT_RATE] * TOKEN;
	return tunnel_resolver_hook(w->resolver, p->lookup, p->lookup_ud);
}

/* The first worker has the places' own sockets, the others one more each. */
static int
open_listener(struct tnl_worker *w, struct tnl_listener *l)
{
	int first = w == w->proxy->worker;

	l->fd = first ? l->place->fd :
	    tnl_listener_again(l->place->where, l->place->fd);
	if (l->fd < 0)
		return TUNNEL_EIO;
	tnl_socket_name(l->fd, &l->at);
	l->watch = tunnel_watch_new(w->loop, l->fd, on_listener, l);
	if (l->watch == NULL)
		return TUNNEL_ENOMEM;
	return tunnel_watch_wants(l->watch, TUNNEL_IN);
}

int
tnl_worker_listen(struct tnl_worker *w)
{
	struct tnl_place *place;
	size_t n = 0;
	int rv = 0;

	for (place = w->proxy->places; place != NULL; place = place->next)
		n++;
	w->listener = tnl_get(&w->proxy->a, n * sizeof *w->listener);
	if (w->listener == NULL)
		return TUNNEL_ENOMEM;
	for (place = w->proxy->places; place != NULL; place = place->next) {
		w->listener[w->listeners].worker = w;
		w->listener[w->listeners].place = place;
		w->listener[w->listeners++].fd = -1;
	}
	for (n = 0; n < w->listeners && rv == 0; n++)
		rv = open_listener(w, &w->listener[n]);
	return rv;
}

/* Whoever is in the queue already is let in first: closing a listener resets
 * them. */
static void
close_listeners(struct tnl_worker *w)
{
	struct tnl_listener *l;
	size_t i;
	int last;

	for (i = 0; i < w->listeners; i++) {
		l = &w->listener[i];
		for (last = 0; l->watch != NULL && !w->paused &&
		    last < LAST_CALL && accept_one(l); last++)
			continue;
		tunnel_watch_free(l->watch);
		l->watch = NULL;
		/* The first one's are the places'. */
		if (w != w->proxy->worker && l->fd >= 0)
			(void)close(l->fd);
		else if (l->fd >= 0)
			tnl_listener_close(l->place->where, l->fd, 1);
		if (w == w->proxy->worker)
			l->place->fd = -1;
		l->fd = -1;
	}
}

/* Who is between two requests has nothing to wait for; who is not asks no other
 * one on his connection. */
static void
end_persistence(struct tnl_worker *w)
{
	struct tnl_chain *l, *next;
	struct tunnel_session *s;

	for (l = w->sessions.next; l != &w->sessions; l = next) {
		next = l->next;
		s = TNL_OF(struct tunnel_session, all, l);
		if (s->hs == NULL || s->hs->forward == NULL)
			continue;
		(void)tunnel_forward_persist(s->hs->forward, 0);
		if (s->hs->between)
			tnl_session_kill(s, 0);
	}
}

void
tnl_worker_drain(struct tnl_worker *w, uint64_t ms)
{
	uint64_t now = tunnel_loop_now(w->loop);

	if (!w->draining)
		close_listeners(w);
	w->draining = 1;
	end_persistence(w);
	(void)tunnel_timer_set(w->end, ms == 0 || ms > UINT64_MAX - now ?
	    UINT64_MAX : now + ms);
	if (w->count == 0 && !w->idle) {
		w->idle = 1;
		tnl_crew_idle(w);
	}
}

void
tnl_worker_stop(struct tnl_worker *w)
{
	struct tnl_chain *l, *next;

	tnl_worker_drain(w, 0);
	for (l = w->sessions.next; l != &w->sessions; l = next) {
		next = l->next;
		tnl_session_kill(TNL_OF(struct tunnel_session, all, l),
		    TUNNEL_ETIMEOUT);
	}
}

void
tnl_worker_free(struct tnl_worker *w)
{
	if (w->loop == NULL)
		return;
	/* Nobody needs to hear of it any more. */
	w->idle = 1;
	if (w->listener != NULL) {
		tnl_worker_stop(w);
		tnl_put(&w->proxy->a, w->listener,
		    w->listeners * sizeof *w->listener);
	}
	tunnel_timer_free(w->resume);
	tunnel_timer_free(w->end);
	tunnel_resolver_free(w->resolver);
	tnl_carriers_free(&w->carriers);
	tnl_pool_free(&w->pool);
	tnl_pipes_free(&w->pipes);
	if (w->loop != w->proxy->guest)
		tunnel_loop_free(w->loop);
}
