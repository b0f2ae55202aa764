/* watch.h - what time does to two flows.  For pump. */
#ifndef TNL_WATCH_H
#define TNL_WATCH_H

#include "core/flow.h"

/* What is due; the bit of a way is shifted by the way. */
enum tnl_watch_due { TNL_DUE_IDLE = 1, TNL_DUE_LINGER = 2, TNL_DUE_STALL = 8 };

struct tnl_watch {
	uint64_t idle;                  /* ms, 0: never */
	struct tnl_watched {
		uint64_t linger, stall; /* ms, 0: never */
		uint64_t in, out;       /* counters as they were */
		unsigned turns;
		uint64_t moved;         /* when anything last changed */
		uint64_t drained;       /* when bytes left or began to wait */
		int told;               /* this stall has been reported */
	} way[2];
	int ticking;                    /* it is known what time it is */
};

/* Look at both flows and at the clock: a mask of what is due.  A stall is
 * reported once, until bytes move again. */
int tnl_watch_tick(struct tnl_watch *w, const struct tnl_flow *flow,
    uint64_t now);

/* As after a tick at that time, when flows that hold nothing last changed. */
void tnl_watch_resume(struct tnl_watch *w, const struct tnl_flow *flow,
    uint64_t moved);

/* When either way last changed. */
uint64_t tnl_watch_moved(const struct tnl_watch *w);

/* When the next thing will be due; UINT64_MAX for never. */
uint64_t tnl_watch_deadline(const struct tnl_watch *w,
    const struct tnl_flow *flow);

#endif
