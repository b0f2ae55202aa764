/* crew.c - the threads of a proxy, and how they are spoken to
 *
 *      first worker      tunnel_proxy_run(), or the application's loop
 *      other workers     a thread and a loop each
 *
 * Nobody touches another thread's sessions.  What concerns all of them is a
 * visit: a task that goes from loop to loop, is called in each worker's thread,
 * and comes back to the first.  So two workers never hear it at the same time,
 * and what it carries needs no lock.
 *
 * A worker that is draining and has no session left says so to the first; when
 * all have, it is over.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/session.h"

/* ---- visits --------------------------------------------------------- */

struct tnl_visit {
	struct tnl_task task;
	struct tnl_visit *next;         /* of those under way */
	struct tunnel_proxy *proxy;
	unsigned at;                    /* the worker that is next */
	void (*fn)(struct tnl_worker *w, void *ud);
	tunnel_call_fn done;
	void *ud;
};

static void finish(struct tunnel_proxy *p);

/* Where it is, or will be called next. */
static struct tunnel_loop *
whereabouts(const struct tnl_visit *v)
{
	const struct tunnel_proxy *p = v->proxy;

	return p->worker[v->at < p->threads ? v->at : 0].loop;
}

static void
end_visit(struct tnl_visit *v)
{
	struct tunnel_proxy *p = v->proxy;
	tunnel_call_fn done = v->done;
	struct tnl_visit **at;
	void *ud = v->ud;

	for (at = &p->visits; *at != v; at = &(*at)->next)
		continue;
	*at = v->next;
	tnl_put(&p->a, v, sizeof *v);
	if (done != NULL)
		done(ud);
}

static void
on_visit(void *ud)
{
	struct tnl_visit *v = ud;
	struct tunnel_proxy *p = v->proxy;

	if (v->at < p->threads) {
		v->fn(&p->worker[v->at], v->ud);
		v->at++;
		tnl_loop_submit(whereabouts(v), &v->task);
		return;
	}
	end_visit(v);
	finish(p);
}

int
tnl_crew_visit(struct tunnel_proxy *p,
    void (*fn)(struct tnl_worker *w, void *ud), tunnel_call_fn done, void *ud)
{
	struct tnl_visit *v = tnl_get(&p->a, sizeof *v);

	if (v == NULL)
		return TUNNEL_ENOMEM;
	v->proxy = p;
	v->fn = fn;
	v->done = done;
	v->ud = ud;
	v->task.fn = on_visit;
	v->task.ud = v;
	v->next = p->visits;
	p->visits = v;
	tnl_loop_submit(p->worker[0].loop, &v->task);
	return 0;
}

/* ---- the end -------------------------------------------------------- */

/* All have become idle, and nothing is on its way to them any more. */
static void
finish(struct tunnel_proxy *p)
{
	if (p->working > 0 || p->visits != NULL ||
	    p->state != TNL_PROXY_STARTED)
		return;
	p->state = TNL_PROXY_ENDED;
	if (p->running)
		tunnel_loop_stop(p->worker[0].loop);
	if (p->on_end != NULL)
		p->on_end(p->on_end_ud);
}

static void
on_idle(void *ud)
{
	struct tnl_worker *w = ud;

	w->proxy->working--;
	finish(w->proxy);
}

void
tnl_crew_idle(struct tnl_worker *w)
{
	w->task.fn = on_idle;
	w->task.ud = w;
	tnl_loop_submit(w->proxy->worker[0].loop, &w->task);
}

/* ---- threads -------------------------------------------------------- */

static void *
work(void *ud)
{
	struct tnl_worker *w = ud;

	(void)tunnel_loop_run(w->loop);
	return NULL;
}

/* Signals are the first thread's. */
static int
start_thread(struct tnl_worker *w)
{
	sigset_t all, old;
	int rv;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	rv = pthread_create(&w->thread, NULL, work, w);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	w->threaded = rv == 0;
	if (rv == 0)
		return 0;
	(void)snprintf(w->proxy->reason, sizeof w->proxy->reason,
	    "cannot start a thread: %s", strerror(rv));
	return TUNNEL_EIO;
}

/* Is it a descriptor that an earlier place has, who will close it? */
static int
is_taken(const struct tunnel_proxy *p, const struct tnl_place *place)
{
	const struct tnl_place *i;

	for (i = p->places; i != place && i->fd != place->fd; i = i->next)
		continue;
	return i != place;
}

static int
open_places(struct tunnel_proxy *p)
{
	struct tnl_place *place;

	for (place = p->places; place != NULL; place = place->next) {
		place->fd = tnl_listener_open(place->where, p->threads > 1,
		    p->reason, sizeof p->reason);
		if (place->fd < 0)
			return TUNNEL_EIO;
		if (is_taken(p, place)) {
			place->fd = -1;
			(void)snprintf(p->reason, sizeof p->reason,
			    "cannot listen on %s: it is named twice",
			    place->where);
			return TUNNEL_EIO;
		}
		tnl_listener_name(place->where, place->fd, place->name);
	}
	return 0;
}

static void
close_places(struct tunnel_proxy *p)
{
	struct tnl_place *place;

	for (place = p->places; place != NULL; place = place->next)
		if (place->fd >= 0) {
			tnl_listener_close(place->where, place->fd, 1);
			place->fd = -1;
		}
}

static int
open_all(struct tunnel_proxy *p)
{
	unsigned i;
	int rv = 0;

	for (i = 0; i < p->threads && rv == 0; i++)
		rv = tnl_worker_init(&p->worker[i], p,
		    i == 0 ? p->guest : NULL);
	if (rv == 0)
		rv = open_places(p);
	for (i = 0; i < p->threads && rv == 0; i++)
		rv = tnl_worker_listen(&p->worker[i]);
	return rv;
}

/* What an opening or a start has come to. */
static int
settle(struct tunnel_proxy *p, int rv)
{
	if (rv == 0)
		return 0;
	if (*p->reason == '\0')
		(void)snprintf(p->reason, sizeof p->reason, "%s",
		    rv == TUNNEL_EIO ? strerror(errno) : tunnel_strerror(rv));
	tnl_crew_end(p);
	return rv;
}

int
tnl_crew_open(struct tunnel_proxy *p)
{
	int rv;

	p->worker = tnl_get(&p->a, p->threads * sizeof *p->worker);
	if (p->worker == NULL)
		return TUNNEL_ENOMEM;
	p->working = p->threads;
	rv = tnl_census_open(&p->census, p->threads);
	return settle(p, rv < 0 ? rv : open_all(p));
}

int
tnl_crew_start(struct tunnel_proxy *p)
{
	unsigned i;
	int rv = 0;

	for (i = 1; i < p->threads && rv == 0; i++)
		rv = start_thread(&p->worker[i]);
	return settle(p, rv);
}

/* Nothing may come back to a crew that is no more; what was carried is still
 * given to whoever has to free it. */
static void
call_back(struct tunnel_proxy *p)
{
	unsigned i;

	while (p->visits != NULL) {
		tnl_loop_withdraw(whereabouts(p->visits), &p->visits->task);
		end_visit(p->visits);
	}
	for (i = 0; i < p->threads; i++)
		tnl_loop_withdraw(p->worker[0].loop, &p->worker[i].task);
}

void
tnl_crew_end(struct tunnel_proxy *p)
{
	unsigned i;

	if (p->worker == NULL)
		return;
	for (i = 0; i < p->threads; i++)
		if (p->worker[i].threaded) {
			tunnel_loop_stop(p->worker[i].loop);
			(void)pthread_join(p->worker[i].thread, NULL);
		}
	p->state = TNL_PROXY_ENDED;
	if (p->worker[0].loop != NULL)
		call_back(p);
	for (i = p->threads; i-- > 0;)
		tnl_worker_free(&p->worker[i]);
	close_places(p);
	tnl_put(&p->a, p->worker, p->threads * sizeof *p->worker);
	p->worker = NULL;
}
