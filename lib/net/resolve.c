/* resolve.c - names to addresses, without holding up the loop
 *
 *   tunnel_resolve --> WAITING --> LOOKING --> ANSWERED --> fn, in the loop
 *                      (queue)   (a thread,    (a task or a timer of
 *                                or the hook)   the loop)
 *
 * A literal address never leaves the loop.  What happens in the threads is the
 * affair of query.
 */
#include <tunnel/resolve.h>

#include <stdlib.h>
#include <string.h>

#include "core/address.h"
#include "core/alloc.h"
#include "core/authority.h"
#include "net/query.h"

enum {
	THREADS_DEFAULT = 4,
	THREADS_MAX = 64
};

struct tunnel_resolver {
	struct tunnel_alloc a;
	struct tunnel_loop *loop;
	struct tnl_query_pool *pool;
	tunnel_lookup_fn hook;
	void *hook_ud;
};

/* ---- the resolver --------------------------------------------------- */

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
	r->pool = tnl_query_pool_new(threads > 0 ? threads : THREADS_DEFAULT);
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

	if (r == NULL)
		return;
	tnl_query_pool_close(r->pool);
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

/* ---- queries -------------------------------------------------------- */

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

void
tunnel_query_cancel(struct tunnel_query *q)
{
	if (q == NULL)
		return;
	forget(q);
	tnl_query_abandon(q);
}

/* The deadline, or the answer of a literal or a hook. */
static void
on_timer(void *ud)
{
	struct tunnel_query *q = ud;
	tunnel_resolved_fn fn = q->fn;
	void *fn_ud = q->ud;
	int tasked;

	if (tnl_query_answered(q, &tasked)) {
		if (!tasked)
			answer(q);
		return;
	}
	tunnel_query_cancel(q);
	fn(fn_ud, NULL, TUNNEL_ETIMEOUT);
}

static int
begin(struct tunnel_resolver *r, struct tunnel_query *q)
{
	uint8_t addr[16];
	size_t n = tnl_address_parse(q->host, strlen(q->host), addr);

	if (n > 0) {
		(void)tunnel_query_add(q, addr, n);
		q->state = TNL_ANSWERED;
		return tunnel_timer_set(q->timer, 0) == 0;
	}
	if (r->hook == NULL)
		return tnl_query_submit(q);
	q->state = TNL_LOOKING;
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

void
tunnel_query_done(struct tunnel_query *q, int error)
{
	if (q->orphan) {
		free(q);
		return;
	}
	q->error = error < 0 ? error : 0;
	q->state = TNL_ANSWERED;
	(void)tunnel_timer_set(q->timer, 0);
}
