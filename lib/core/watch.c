/* watch.c - what time does to two flows
 *
 *   idle     neither way has changed for so long
 *   linger   a way's other one is done, and its source has been silent so long
 *   stall    a way holds bytes, and none has left for so long
 *
 * Changes are seen by comparing counters from one tick to the next, so that
 * moving a byte costs no clock, and the clock is whoever calls.
 */
#include "core/watch.h"

static const uint64_t never = UINT64_MAX;

static uint64_t
later(uint64_t t, uint64_t ms)
{
	return ms == 0 || t > never - ms ? never : t + ms;
}

static void
observe(struct tnl_watched *w, const struct tnl_flow *f, uint64_t now)
{
	int left = f->out != w->out;

	if (left || f->in != w->in || f->turns != w->turns)
		w->moved = now;
	if (left || tnl_flow_held(f) == 0) {
		w->drained = now;
		w->told = 0;
	}
	w->in = f->in;
	w->out = f->out;
	w->turns = f->turns;
}

uint64_t
tnl_watch_moved(const struct tnl_watch *w)
{
	uint64_t a = w->way[0].moved, b = w->way[1].moved;

	return a > b ? a : b;
}

/* Has this way still something to end? */
static int
lives(const struct tnl_flow *f)
{
	return (tnl_flow_flags(f) &
	    (TUNNEL_FIN | TUNNEL_RESET | TUNNEL_DONE)) == 0;
}

static uint64_t
idle_at(const struct tnl_watch *w, const struct tnl_flow *flow)
{
	return lives(&flow[0]) || lives(&flow[1]) ?
	    later(tnl_watch_moved(w), w->idle) : never;
}

static uint64_t
linger_at(const struct tnl_watch *w, const struct tnl_flow *flow, int way)
{
	if (flow[1 - way].state != TNL_FLOW_DONE || !lives(&flow[way]))
		return never;
	/* A full way asks its source for nothing: who is slow is the reader,
	 * and that is a stall.  A failing one ends in a reset anyway. */
	if (tnl_flow_held(&flow[way]) > 0 &&
	    flow[way].state != TNL_FLOW_FAILING)
		return never;
	return later(tnl_watch_moved(w), w->way[way].linger);
}

static uint64_t
stall_at(const struct tnl_watch *w, const struct tnl_flow *flow, int way)
{
	if (w->way[way].told || tnl_flow_held(&flow[way]) == 0)
		return never;
	return later(w->way[way].drained, w->way[way].stall);
}

int
tnl_watch_tick(struct tnl_watch *w, const struct tnl_flow *flow, uint64_t now)
{
	int way, due = 0;

	for (way = 0; way < 2; way++) {
		if (!w->ticking)
			w->way[way].moved = w->way[way].drained = now;
		observe(&w->way[way], &flow[way], now);
	}
	w->ticking = 1;
	if (now >= idle_at(w, flow))
		due |= TNL_DUE_IDLE;
	for (way = 0; way < 2; way++) {
		if (now >= linger_at(w, flow, way))
			due |= TNL_DUE_LINGER << way;
		if (now >= stall_at(w, flow, way)) {
			due |= TNL_DUE_STALL << way;
			w->way[way].told = 1;
		}
	}
	return due;
}

void
tnl_watch_resume(struct tnl_watch *w, const struct tnl_flow *flow,
    uint64_t moved)
{
	int way;

	for (way = 0; way < 2; way++) {
		observe(&w->way[way], &flow[way], moved);
		w->way[way].moved = moved;
	}
	w->ticking = 1;
}

uint64_t
tnl_watch_deadline(const struct tnl_watch *w, const struct tnl_flow *flow)
{
	uint64_t at, first = idle_at(w, flow);
	int way;

	if (!w->ticking)
		return never;
	for (way = 0; way < 2; way++) {
		at = linger_at(w, flow, way);
		first = at < first ? at : first;
		at = stall_at(w, flow, way);
		first = at < first ? at : first;
	}
	return first;
}
