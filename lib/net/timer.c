/* timer.c - the timers of a loop
 *
 * Deadlines stand in a heap.  A timer that is set to a time that has passed
 * goes into a list of its own and is called in the next round: whoever has more
 * to do than one turn allows sets its timer to 0 and so stands behind everybody
 * else.
 */
#include "net/timer.h"

#include <stddef.h>
#include <time.h>

#include "core/alloc.h"

uint64_t
tnl_clock(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void
unlink_timer(struct tunnel_timer *t)
{
	if (t->link.next == NULL)
		return;
	t->link.next->prev = t->link.prev;
	t->link.prev->next = t->link.next;
	t->link.next = t->link.prev = NULL;
}

static void
append(struct tnl_ring_link *list, struct tnl_ring_link *l)
{
	l->prev = list->prev;
	l->next = list;
	list->prev->next = l;
	list->prev = l;
}

static void
init_list(struct tnl_ring_link *list)
{
	list->next = list->prev = list;
}

void
tnl_timers_init(struct tnl_timers *ts, const struct tunnel_alloc *a)
{
	ts->a = *a;
	init_list(&ts->soon);
	init_list(&ts->batch);
}

void
tnl_timers_free(struct tnl_timers *ts)
{
	tnl_heap_free(&ts->heap, &ts->a);
}

uint64_t
tnl_timers_first(const struct tnl_timers *ts)
{
	return ts->soon.next != &ts->soon ? 0 : tnl_heap_first(&ts->heap);
}

static struct tunnel_timer *
timer_of(struct tnl_due *d)
{
	return (struct tunnel_timer *)(void *)((char *)d -
	    offsetof(struct tunnel_timer, due));
}

void
tnl_timers_run(struct tnl_timers *ts)
{
	struct tunnel_timer *t;
	struct tnl_due *d;

	if (ts->soon.next != &ts->soon) {
		ts->batch = ts->soon;
		ts->batch.next->prev = ts->batch.prev->next = &ts->batch;
		init_list(&ts->soon);
	}
	while (ts->batch.next != &ts->batch) {
		t = (struct tunnel_timer *)(void *)ts->batch.next;
		unlink_timer(t);
		t->fn(t->ud);
	}
	while ((d = tnl_heap_pop(&ts->heap, ts->now)) != NULL) {
		t = timer_of(d);
		t->fn(t->ud);
	}
}

int
tnl_timer_init(struct tunnel_timer *t, struct tnl_timers *ts,
    tunnel_call_fn fn, void *ud)
{
	int rv = tnl_heap_reserve(&ts->heap, &ts->a, ts->n + 1);

	if (rv < 0)
		return rv;
	ts->n++;
	t->owner = ts;
	t->fn = fn;
	t->ud = ud;
	return 0;
}

void
tnl_timer_end(struct tunnel_timer *t)
{
	if (t->owner == NULL)
		return;
	(void)tunnel_timer_set(t, UINT64_MAX);
	t->owner->n--;
	t->owner = NULL;
}

struct tunnel_timer *
tnl_timer_new(struct tnl_timers *ts, tunnel_call_fn fn, void *ud)
{
	struct tunnel_timer *t = tnl_get(&ts->a, sizeof *t);

	if (t == NULL)
		return NULL;
	if (tnl_timer_init(t, ts, fn, ud) < 0) {
		tnl_put(&ts->a, t, sizeof *t);
		return NULL;
	}
	return t;
}

void
tunnel_timer_free(struct tunnel_timer *t)
{
	const struct tunnel_alloc *a;

	if (t == NULL)
		return;
	a = &t->owner->a;
	tnl_timer_end(t);
	tnl_put(a, t, sizeof *t);
}

int
tunnel_timer_set(struct tunnel_timer *t, uint64_t at)
{
	struct tnl_timers *ts = t->owner;

	if (at > ts->now) {
		unlink_timer(t);
		tnl_heap_set(&ts->heap, &t->due, at);
		return 0;
	}
	tnl_heap_set(&ts->heap, &t->due, UINT64_MAX);
	if (t->link.next == NULL)
		append(&ts->soon, &t->link);
	return 0;
}
