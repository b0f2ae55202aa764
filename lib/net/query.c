/* query.c - a question for addresses, and the threads that look it up
 *
 *   WAITING --> LOOKING --> ANSWERED
 *
 * getaddrinfo(3) can be neither hurried nor interrupted, so it gets threads of
 * its own, and a query that is abandoned while it runs becomes an orphan: the
 * thread finds nobody to answer and frees it.  The same holds for the threads
 * themselves: the pool outlives its resolver until the last has come back.
 * Whatever a thread may free is therefore malloc's, not the application's.
 *
 * The number of threads that was asked for is of those whom somebody waits for:
 * names that are slow, and that nobody wants any more, do not hold up others.
 * Only the system's patience bounds how long such threads are there, so a
 * second number bounds them all.
 *
 * One mutex guards the queue, the threads' numbers and each query's state.
 */
#include "net/query.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/socket.h"

enum {
	WAITING_MAX = 4096,
	THREADS_MOST = 64,      /* with those who look up for nobody */
	IDLE_S = 10             /* then a thread ends */
};

struct tnl_query_pool {
	pthread_mutex_t mutex;
	pthread_cond_t work, left;
	struct tunnel_query *first, **last;
	unsigned waiting, threads, idle, max;
	unsigned orphans;               /* threads that look up for nobody */
	unsigned refs;                  /* threads, and the resolver */
	int closed;
};

/* Called with the mutex held; it is not held any more. */
static void
release(struct tnl_query_pool *p)
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
next_query(struct tnl_query_pool *p)
{
	struct tunnel_query *q;
	struct timespec end;
	int rv = 0;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += IDLE_S;
	/* More than are wanted, since an orphan has come back. */
	if (p->threads - p->orphans > p->max)
		return NULL;
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
	q->state = TNL_LOOKING;
	q->threaded = 1;
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
	struct tnl_query_pool *p = ud;
	struct tunnel_query *q;

	(void)pthread_mutex_lock(&p->mutex);
	while ((q = next_query(p)) != NULL) {
		(void)pthread_mutex_unlock(&p->mutex);
		look_up(q);
		(void)pthread_mutex_lock(&p->mutex);
		q->state = TNL_ANSWERED;
		q->tasked = 1;
		p->orphans -= q->orphan != 0;
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
start_thread(struct tnl_query_pool *p)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t t;
	int rv;

	if (p->idle >= p->waiting || p->threads - p->orphans >= p->max ||
	    p->threads >= THREADS_MOST)
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

struct tnl_query_pool *
tnl_query_pool_new(unsigned threads)
{
	struct tnl_query_pool *p = calloc(1, sizeof *p);

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

void
tnl_query_pool_close(struct tnl_query_pool *p)
{
	(void)pthread_mutex_lock(&p->mutex);
	p->closed = 1;
	(void)pthread_cond_broadcast(&p->work);
	while (p->idle > 0)
		(void)pthread_cond_wait(&p->left, &p->mutex);
	release(p);
}

int
tnl_query_submit(struct tunnel_query *q)
{
	struct tnl_query_pool *p = q->pool;
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

void
tnl_query_abandon(struct tunnel_query *q)
{
	struct tnl_query_pool *p = q->pool;
	struct tunnel_query **at;
	int ours = 0;

	(void)pthread_mutex_lock(&p->mutex);
	switch ((enum tnl_query_state)q->state) {
	case TNL_WAITING:
		for (at = &p->first; *at != q; at = &(*at)->next)
			continue;
		*at = q->next;
		if (q->next == NULL)
			p->last = at;
		p->waiting--;
		ours = 1;
		break;
	case TNL_LOOKING:
		q->orphan = 1;
		/* Its thread is lost for now: another takes its place. */
		p->orphans += q->threaded != 0;
		(void)start_thread(p);
		break;
	case TNL_ANSWERED:
		q->fn = NULL;
		ours = !q->tasked;
		break;
	}
	(void)pthread_mutex_unlock(&p->mutex);
	if (ours)
		free(q);
}

int
tnl_query_answered(struct tunnel_query *q, int *tasked)
{
	int answered;

	(void)pthread_mutex_lock(&q->pool->mutex);
	answered = q->state == TNL_ANSWERED;
	*tasked = q->tasked;
	(void)pthread_mutex_unlock(&q->pool->mutex);
	return answered;
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
	if ((n != 4 && n != 16) || q->n == TNL_ADDRESSES_MAX)
		return TUNNEL_EINVAL;
	memcpy(q->answer[q->n].addr, addr, n);
	q->answer[q->n].n = n;
	q->n++;
	return 0;
}
