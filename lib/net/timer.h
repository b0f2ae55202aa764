/* timer.h - the timers of a loop.  For loop. */
#ifndef TNL_TIMER_H
#define TNL_TIMER_H

#include <tunnel/loop.h>

#include "net/heap.h"

struct tnl_ring_link {
	struct tnl_ring_link *next, *prev;
};

struct tnl_timers {
	struct tunnel_alloc a;
	uint64_t now;                   /* ms; kept by the loop */
	struct tnl_heap heap;
	size_t n;
	struct tnl_ring_link soon, batch;
};

/* All zero until it is begun. */
struct tunnel_timer {
	struct tnl_ring_link link;      /* in soon or batch; must be first */
	struct tnl_due due;
	struct tnl_timers *owner;
	tunnel_call_fn fn;
	void *ud;
};

/* Monotonic time in ms, this moment. */
uint64_t tnl_clock(void);

void tnl_timers_init(struct tnl_timers *ts, const struct tunnel_alloc *a);
void tnl_timers_free(struct tnl_timers *ts);

/* A timer in place: 0 or TUNNEL_ENOMEM.  What was never begun may be ended. */
int tnl_timer_init(struct tunnel_timer *t, struct tnl_timers *ts,
    tunnel_call_fn fn, void *ud);
void tnl_timer_end(struct tunnel_timer *t);
struct tunnel_timer *tnl_timer_new(struct tnl_timers *ts, tunnel_call_fn fn,
    void *ud);

/* When the first is due: 0 is at once, UINT64_MAX never. */
uint64_t tnl_timers_first(const struct tnl_timers *ts);

/* Call those that are due. */
void tnl_timers_run(struct tnl_timers *ts);

#endif
