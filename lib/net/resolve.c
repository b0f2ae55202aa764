/* resolve.c - names to addresses, without holding up the loop
 *
 *   tunnel_resolve --> WAITING --> LOOKING --> ANSWERED --> fn, in the loop
 *                      (queue)   (a thread,    (a task or a timer of
 *                                or the hook)   the loop)
 *
 * getaddrinfo(3) can be neither hurried nor interrupted, so it gets threads of
 * its own, and a query that is cancelled while it runs becomes an orphan: the
 * thread finds nobody to answer and frees it.  The same holds for the threads
 * themselves: the pool outlives its resolver until the last has come back.
 * Whatever a thread may free is therefore malloc's, not the application's.
 *
 * One mutex guards the queue, the threads' numbers and each query's state.
 */
#include <tunnel/resolve.h>

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tunnel/authority.h>

#include "core/address.h"
#include "core/alloc.h"
#include "core/authority.h"
#include "net/loop.h"
#include "net/socket.h"

enum {
	THREADS_DEFAULT = 4,
	THREADS_MAX = 64,
	WAITING_MAX = 4096,
	ADDRESSES_MAX = 64,
	IDLE_S = 10             /* then a thread ends */
};

enum state { WAITING, LOOKING, ANSWERED };

struct pool {
	pthread_mutex_t mutex;
	pthread_cond_t work, left;
	struct tunnel_query *first, **last;
	unsigned waiting, threads, idle, max;
	unsigned refs;                  /* threads, and the resolver */
	int closed;
};

struct tunnel_resolver {
	struct tunnel_alloc a;
	struct tunnel_loop *loop;
	struct pool *pool;
	tunnel_lookup_fn hook;
	void *hook_ud;
};

struct answer {
	uint8_t addr[16];
	size_t n;
};

struct tunnel_query {
	struct tunnel_query *next;      /* in the queue */
	struct tnl_task task;
	struct pool *pool;
	struct tunnel_loop *loop;
	struct tunnel_timer *timer;     /* the deadline, or the answer's */
	tunnel_resolved_fn fn;
	void *ud;
	const char *reason;
	size_t n;
	int error;
	int state;
	int tasked;                     /* the answer comes by the task */
	int orphan;
	struct answer answer[ADDRESSES_MAX];
	char host[TUNNEL_HOST_MAX];
};

/* ---- threads ----------------------------------------------------------- */

/* Called with the mutex held; it is not held any more. */
static void
release(struct pool *p)
{
	unsigned refs = --p->refs;

	(void)pthread_mutex_unlock(&p->mutex);
	if (refs > 0)
		return;
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_cond_destroy(&p->left);
	(void)pthread_mutex_destroy(&p->mutex);
	free(p);
}

/* The next query, or NULL when the thread is to end.  The mutex is held. */
static struct tunnel_query *
next_query(struct pool *p)
{
	struct tunnel_query *q;
	struct timespec end;
	int rv = 0;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += IDLE_S;
	p->idle++;
	while (p->first == NULL && !p->closed && rv != ETIMEDOUT)
		rv = pthread_cond_timedwait(&p->work, &p->mutex, &end);
	p->idle--;
	if (p->first == NULL || p->closed)
		return NULL;
	q = p->first;
	p->first = q->next;
	if (p->first == NULL)
		p->last = &p->first;
	p->waiting--;
	q->state = LOOKING;
	return q;
}

static void
look_up(struct tunnel_query *q)
{
	struct addrinfo hints, *list, *ai;
	struct tnl_endpoint e;
	int rv;

	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	rv = getaddrinfo(q->host, NULL, &hints, &list);
	if (rv != 0) {
		q->error = TUNNEL_ERESOLVE;
		q->reason = gai_strerror(rv);
		return;
	}
	for (ai = list; ai != NULL; ai = ai->ai_next) {
		tnl_endpoint_get(&e, ai->ai_addr);
		(void)tunnel_query_add(q, e.addr, e.n);
	}
	freeaddrinfo(list);
}

static void *
serve(void *ud)
{
	struct pool *p = ud;
	struct tunnel_query *q;

	(void)pthread_mutex_lock(&p->mutex);
	while ((q = next_query(p)) != NULL) {
		(void)pthread_mutex_unlock(&p->mutex);
		look_up(q);
		(void)pthread_mutex_lock(&p->mutex);
		q->state = ANSWERED;
		q->tasked = 1;
		if (q->orphan)
			free(q);
		else
			tnl_loop_submit(q->loop, &q->task);
	}
	p->threads--;
	(void)pthread_cond_signal(&p->left);
	release(p);
	return NULL;
}

/* One thread more, if that helps; signals are not for it.  The mutex is held.
 * Without any thread the queue would wait for ever: then 0. */
static int
start_thread(struct pool *p)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t t;
	int rv;

	if (p->idle >= p->waiting || p->threads >= p->max)
		return 1;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	rv = pthread_create(&t, &attr, serve, p);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	if (rv == 0) {
		p->threads++;
		p->refs++;
	}
	return p->threads > 0;
}

/* ---- the resolver ------------------------------------------------------ */

static struct pool *
new_pool(unsigned threads)
{
	struct pool *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	(void)pthread_mutex_init(&p->mutex, NULL);
	(void)pthread_cond_init(&p->work, NULL);
	(void)pthread_cond_init(&p->left, NULL);
	p->last = &p->first;
	p->max = threads;
	p->refs = 1;
	return p;
}

struct tunnel_resolver *
tunnel_resolver_new(const struct tunnel_alloc *a, struct tunnel_loop *l,
    unsigned threads)
{
	struct tunnel_alloc own;
	struct tunnel_resolver *r;

	if (threads > THREADS_MAX || l == NULL)
		return NULL;
	tnl_alloc_init(&own, a);
	r = tnl_get(&own, sizeof *r);
	if (r == NULL)
		return NULL;
	r->a = own;
	r->loop = l;
	r->pool = new_pool(threads > 0 ? threads : THREADS_DEFAULT);
	if (r->pool == NULL) {
		tnl_put(&own, r, sizeof *r);
		return NULL;
	}
	return r;
}

void
tunnel_resolver_free(struct tunnel_resolver *r)
{
	struct tunnel_alloc a;
	struct pool *p;

	if (r == NULL)
		return;
	p = r->pool;
	(void)pthread_mutex_lock(&p->mutex);
	p->closed = 1;
	(void)pthread_cond_broadcast(&p->work);
	while (p->idle > 0)
		(void)pthread_cond_wait(&p->left, &p->mutex);
	release(p);
	a = r->a;
	tnl_put(&a, r, sizeof *r);
}

int
tunnel_resolver_hook(struct tunnel_resolver *r, tunnel_lookup_fn fn, void *ud)
{
	r->hook = fn;
	r->hook_ud = ud;
	return 0;
}

/* ---- queries ----------------------------------------------------------- */

static void
forget(struct tunnel_query *q)
{
	tunnel_timer_free(q->timer);
	q->timer = NULL;
}

static void
answer(struct tunnel_query *q)
{
	forget(q);
	if (q->error == 0 && q->n == 0)
		q->error = TUNNEL_ERESOLVE;
	if (q->reason == NULL)
		q->reason = tunnel_strerror(q->error);
	if (q->fn != NULL)
		q->fn(q->ud, q, q->error);
	free(q);
}

static void
on_task(void *ud)
{
	answer(ud);
}

/* Take it out of the queue, or leave it to whoever works on it. */
static void
abandon(struct tunnel_query *q)
{
	struct pool *p = q->pool;
	struct tunnel_query **at;
	int ours = 0;

	forget(q);
	(void)pthread_mutex_lock(&p->mutex);
	switch ((enum state)q->state) {
	case WAITING:
		for (at = &p->first; *at != q; at = &(*at)->next)
			continue;
		*at = q->next;
		if (q->next == NULL)
			p->last = at;
		p->waiting--;
		ours = 1;
		break;
	case LOOKING:
		q->orphan = 1;
		break;
	case ANSWERED:
		q->fn = NULL;
		ours = !q->tasked;
		break;
	}
	(void)pthread_mutex_unlock(&p->mutex);
	if (ours)
		free(q);
}

void
tunnel_query_cancel(struct tunnel_query *q)
{
	if (q != NULL)
		abandon(q);
}

/* The deadline, or the answer of a literal or a hook. */
static void
on_timer(void *ud)
{
	struct tunnel_query *q = ud;
	tunnel_resolved_fn fn = q->fn;
	void *fn_ud = q->ud;
	int answered;

	(void)pthread_mutex_lock(&q->pool->mutex);
	answered = q->state == ANSWERED;
	(void)pthread_mutex_unlock(&q->pool->mutex);
	if (answered && q->tasked)
		return;
	if (answered) {
		answer(q);
		return;
	}
	abandon(q);
	fn(fn_ud, NULL, TUNNEL_ETIMEOUT);
}

/* Put it into the queue: 0 when it cannot be served. */
static int
enqueue(struct tunnel_query *q)
{
	struct pool *p = q->pool;
	int ok;

	(void)pthread_mutex_lock(&p->mutex);
	ok = p->waiting < WAITING_MAX;
	if (ok) {
		p->waiting++;
		ok = start_thread(p);
		if (!ok)
			p->waiting--;
	}
	if (ok) {
		*p->last = q;
		p->last = &q->next;
		(void)pthread_cond_signal(&p->work);
	}
	(void)pthread_mutex_unlock(&p->mutex);
	return ok;
}

static int
begin(struct tunnel_resolver *r, struct tunnel_query *q)
{
	uint8_t addr[16];
	size_t n = tnl_address_parse(q->host, strlen(q->host), addr);

	if (n > 0) {
		(void)tunnel_query_add(q, addr, n);
		q->state = ANSWERED;
		return tunnel_timer_set(q->timer, 0) == 0;
	}
	if (r->hook == NULL)
		return enqueue(q);
	q->state = LOOKING;
	r->hook(r->hook_ud, q);
	return 1;
}

struct tunnel_query *
tunnel_resolve(struct tunnel_resolver *r, const char *host, uint64_t deadline,
    tunnel_resolved_fn fn, void *ud)
{
	struct tunnel_query *q;
	size_t n = strlen(host);
	uint8_t addr[16];

	if (n >= TUNNEL_HOST_MAX || (!tnl_host_valid(host, n) &&
	    tnl_address_parse(host, n, addr) == 0))
		return NULL;
	q = calloc(1, sizeof *q);
	if (q == NULL)
		return NULL;
	memcpy(q->host, host, n + 1);
	q->pool = r->pool;
	q->loop = r->loop;
	q->fn = fn;
	q->ud = ud;
	q->task.fn = on_task;
	q->task.ud = q;
	q->timer = tunnel_timer_new(r->loop, on_timer, q);
	if (q->timer != NULL)
		(void)tunnel_timer_set(q->timer, deadline);
	if (q->timer == NULL || !begin(r, q)) {
		forget(q);
		free(q);
		return NULL;
	}
	return q;
}

const char *
tunnel_query_host(const struct tunnel_query *q)
{
	return q != NULL ? q->host : "";
}

const void *
tunnel_query_address(const struct tunnel_query *q, size_t i, size_t *n)
{
	int there = q != NULL && i < q->n;

	*n = there ? q->answer[i].n : 0;
	return there ? q->answer[i].addr : NULL;
}

const char *
tunnel_query_reason(const struct tunnel_query *q)
{
	return q != NULL && q->reason != NULL ? q->reason : "";
}

int
tunnel_query_add(struct tunnel_query *q, const void *addr, size_t n)
{
	if ((n != 4 && n != 16) || q->n == ADDRESSES_MAX)
		return TUNNEL_EINVAL;
	memcpy(q->answer[q->n].addr, addr, n);
	q->answer[q->n].n = n;
	q->n++;
	return 0;
}

void
tunnel_query_done(struct tunnel_query *q, int error)
{
	if (q->orphan) {
		free(q);
		return;
	}
	q->error = error < 0 ? error : 0;
	q->state = ANSWERED;
	(void)tunnel_timer_set(q->timer, 0);
}
