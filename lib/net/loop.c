/* loop.c - waiting for descriptors and deadlines
 *
 * A round:    wait (no longer than the first deadline)
 *             -> watches that are ready        each at most once
 *             -> what other threads posted     in the order of posting
 *             -> timers that said "at once"    those of before this round
 *             -> timers whose time has come
 *
 * Other threads and signal handlers write into a pipe to end the wait.
 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/socket.h"
#include "net/timer.h"

struct tunnel_loop {
	struct tunnel_alloc a;
	struct tnl_watches watches;
	struct tnl_timers timers;
	int inside;                     /* a round is going on */
	int fresh;                      /* now was read since the wait */
	int stop;                       /* atomic */
	int pipe[2];
	struct tunnel_watch *pipe_watch;
	tunnel_call_fn on_wake;
	void *on_wake_ud;
	struct tnl_tasks tasks;
};

/* The best first. */
static const struct tnl_backend *const backends[] = {
#ifdef TNL_EPOLL
	&tnl_backend_epoll,
#endif
#ifdef TNL_KQUEUE
	&tnl_backend_kqueue,
#endif
	&tnl_backend_poll,
};

/* ---- being woken ---------------------------------------------------- */

static void
on_pipe(void *ud, int ready)
{
	struct tunnel_loop *l = ud;
	char waste[512];

	(void)ready;
	while (read(l->pipe[0], waste, sizeof waste) == (ssize_t)sizeof waste)
		continue;
	(void)tunnel_watch_wants(l->pipe_watch, TUNNEL_IN);
	if (l->on_wake != NULL)
		l->on_wake(l->on_wake_ud);
}

static int
open_pipe(struct tunnel_loop *l)
{
	if (tnl_socket_pipe(l->pipe) < 0) {
		l->pipe[0] = l->pipe[1] = -1;
		return TUNNEL_EIO;
	}
	l->pipe_watch = tunnel_watch_new(l, l->pipe[0], on_pipe, l);
	if (l->pipe_watch == NULL)
		return TUNNEL_ENOMEM;
	return tunnel_watch_wants(l->pipe_watch, TUNNEL_IN);
}

void
tunnel_loop_wake(struct tunnel_loop *l)
{
	int e = errno;

	/* A full pipe wakes just as well. */
	while (write(l->pipe[1], "", 1) < 0 && errno == EINTR)
		continue;
	errno = e;
}

void
tunnel_loop_stop(struct tunnel_loop *l)
{
	__atomic_store_n(&l->stop, 1, __ATOMIC_RELEASE);
	tunnel_loop_wake(l);
}

int
tunnel_loop_on_wake(struct tunnel_loop *l, tunnel_call_fn fn, void *ud)
{
	l->on_wake = fn;
	l->on_wake_ud = ud;
	return 0;
}

/* ---- tasks of other threads ----------------------------------------- */

void
tnl_loop_submit(struct tunnel_loop *l, struct tnl_task *t)
{
	if (tnl_tasks_put(&l->tasks, t))
		tunnel_loop_wake(l);
}

void
tnl_loop_withdraw(struct tunnel_loop *l, const struct tnl_task *t)
{
	tnl_tasks_withdraw(&l->tasks, t);
}

struct posted {
	struct tnl_task task;
	struct tunnel_alloc a;
	tunnel_call_fn fn;
	void *ud;
};

static void
call_posted(void *ud)
{
	struct posted p = *(struct posted *)ud;

	tnl_put(&p.a, ud, sizeof p);
	p.fn(p.ud);
}

int
tunnel_loop_post(struct tunnel_loop *l, tunnel_call_fn fn, void *ud)
{
	struct posted *p = tnl_get(&l->a, sizeof *p);

	if (p == NULL)
		return TUNNEL_ENOMEM;
	p->a = l->a;
	p->fn = fn;
	p->ud = ud;
	p->task.fn = call_posted;
	p->task.ud = p;
	tnl_loop_submit(l, &p->task);
	return 0;
}

/* Those that are there: what they post is for the next round.  One at a time,
 * since one may withdraw another. */
static void
run_tasks(struct tunnel_loop *l)
{
	struct tnl_task *t;
	size_t n;

	for (n = tnl_tasks_count(&l->tasks); n > 0; n--) {
		t = tnl_tasks_take(&l->tasks);
		if (t == NULL)
			break;
		t->fn(t->ud);
	}
	if (tnl_tasks_count(&l->tasks) > 0)
		tunnel_loop_wake(l);
}

/* The end of what was not called: an application's call is given back uncalled;
 * our own rooms' tasks know what to do when nobody waits for them any more. */
static void
drop_tasks(struct tunnel_loop *l)
{
	struct tnl_task *t;

	while ((t = tnl_tasks_take(&l->tasks)) != NULL) {
		if (t->fn == call_posted)
			tnl_put(&l->a, t->ud, sizeof(struct posted));
		else
			t->fn(t->ud);
	}
}

/* ---- birth and death ------------------------------------------------ */

static int
open_backend(struct tunnel_loop *l, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof backends / sizeof backends[0]; i++) {
		if (name != NULL && strcmp(name, backends[i]->name) != 0)
			continue;
		l->watches.backend = backends[i];
		l->watches.b = backends[i]->open(&l->a, &l->watches);
		return l->watches.b != NULL ? 0 : TUNNEL_ENOMEM;
	}
	return TUNNEL_EINVAL;
}

struct tunnel_loop *
tunnel_loop_new(const struct tunnel_alloc *a, const char *backend)
{
	struct tunnel_alloc own;
	struct tunnel_loop *l;

	tnl_alloc_init(&own, a);
	l = tnl_get(&own, sizeof *l);
	if (l == NULL)
		return NULL;
	l->a = own;
	l->watches.a = own;
	l->watches.loop = l;
	l->pipe[0] = l->pipe[1] = -1;
	tnl_timers_init(&l->timers, &l->a);
	l->timers.now = tnl_clock();
	tnl_tasks_init(&l->tasks);
	if (open_backend(l, backend) < 0 || open_pipe(l) < 0) {
		tunnel_loop_free(l);
		return NULL;
	}
	return l;
}

struct tnl_watches *
tnl_loop_watches(struct tunnel_loop *l)
{
	return &l->watches;
}

void
tunnel_loop_free(struct tunnel_loop *l)
{
	struct tunnel_alloc a;

	if (l == NULL)
		return;
	assert(!l->inside);
	a = l->a;
	tunnel_watch_free(l->pipe_watch);
	drop_tasks(l);
	if (l->watches.b != NULL)
		l->watches.backend->close(l->watches.b);
	if (l->pipe[0] >= 0) {
		(void)close(l->pipe[0]);
		(void)close(l->pipe[1]);
	}
	tnl_watches_free(&l->watches);
	tnl_timers_free(&l->timers);
	tnl_tasks_destroy(&l->tasks);
	tnl_put(&a, l, sizeof *l);
}

const char *
tunnel_loop_backend(const struct tunnel_loop *l)
{
	return l->watches.backend->name;
}

uint64_t
tunnel_loop_now(const struct tunnel_loop *l)
{
	return l->timers.now;
}

/* ---- rounds --------------------------------------------------------- */

int
tunnel_loop_fd(const struct tunnel_loop *l)
{
	return l->watches.backend->fd(l->watches.b);
}

uint64_t
tunnel_loop_deadline(const struct tunnel_loop *l)
{
	return tnl_timers_first(&l->timers);
}

/* How long to wait, at most timeout. */
static int
patience(const struct tunnel_loop *l, int timeout)
{
	uint64_t at = tunnel_loop_deadline(l), now;

	if (at == UINT64_MAX || timeout == 0)
		return timeout;
	now = tnl_clock();
	if (at <= now)
		return 0;
	if (timeout > 0 && at - now > (uint64_t)timeout)
		return timeout;
	return at - now > 3600000 ? 3600000 : (int)(at - now);
}

static void
refresh(struct tunnel_loop *l)
{
	if (!l->fresh)
		l->timers.now = tnl_clock();
	l->fresh = 1;
}

static void
tell(struct tunnel_watch *w, int ready)
{
	ready &= w->wants | TUNNEL_RESET | TUNNEL_NOW;
	refresh(w->all->loop);
	if (ready != 0)
		w->fn(w->ud, ready);
}

int
tunnel_loop_step(struct tunnel_loop *l, int timeout)
{
	int rv;

	if (l->inside)
		return TUNNEL_ESTATE;
	timeout = patience(l, timeout);
	l->inside = 1;
	l->fresh = 0;
	rv = l->watches.backend->wait(l->watches.b, timeout, tell);
	refresh(l);
	run_tasks(l);
	tnl_timers_run(&l->timers);
	l->inside = 0;
	return rv;
}

int
tunnel_loop_run(struct tunnel_loop *l)
{
	int rv = 0;

	while (rv == 0 && !__atomic_exchange_n(&l->stop, 0, __ATOMIC_ACQUIRE))
		rv = tunnel_loop_step(l, -1);
	return rv;
}

/* ---- timers --------------------------------------------------------- */

struct tunnel_timer *
tunnel_timer_new(struct tunnel_loop *l, tunnel_call_fn fn, void *ud)
{
	return tnl_timer_new(&l->timers, fn, ud);
}

int
tnl_loop_timer(struct tunnel_timer *t, struct tunnel_loop *l,
    tunnel_call_fn fn, void *ud)
{
	return tnl_timer_init(t, &l->timers, fn, ud);
}
