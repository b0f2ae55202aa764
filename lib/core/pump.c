/* pump.c - two flows, and the few rules that couple them
 *
 *              AB: source A, sink B                 way w has source side w
 *        A  ==========================>  B          and sink side 1 - w
 *           <==========================
 *              BA: source B, sink A
 *
 *   reset    a side that dies is a source that died and a sink that died.
 *   strict   a way that has ended cuts the other, unless that has its end in
 *            sight too (RFC 9110 section 9.3.6).
 *   linger   a way that is done leaves the other's source so much silence.
 *   idle     silence of both.
 *
 * Nothing else: neither way ever waits for the other, so a reader that stalls
 * stops one direction and not two, and no cycle of waiting can arise here.
 */
#include "core/pump.h"

#include <string.h>

#include "core/alloc.h"

enum { CAP_MAX = 1 << 30, LINGER_DEFAULT = 300000 };

static void
init_watch(struct tunnel_pump *p)
{
	p->watch.way[TUNNEL_AB].linger = LINGER_DEFAULT;
	p->watch.way[TUNNEL_BA].linger = LINGER_DEFAULT;
}

struct tunnel_pump *
tunnel_pump_new(const struct tunnel_alloc *a, size_t cap_ab, size_t cap_ba)
{
	struct tunnel_alloc own;
	struct tunnel_pump *p;
	uint8_t *bytes;

	if (cap_ab < 1 || cap_ab > CAP_MAX || cap_ba < 1 || cap_ba > CAP_MAX)
		return NULL;
	tnl_alloc_init(&own, a);
	p = tnl_get_with(&own, sizeof *p, cap_ab + cap_ba);
	if (p == NULL)
		return NULL;
	bytes = (uint8_t *)(p + 1);
	p->a = own;
	/* Most servers speak first, and the page of what is above is there. */
	tnl_flow_init(&p->flow[TUNNEL_BA], bytes, cap_ba);
	tnl_flow_init(&p->flow[TUNNEL_AB], bytes + cap_ba, cap_ab);
	init_watch(p);
	return p;
}

void
tnl_pump_init(struct tunnel_pump *p, struct tnl_pool *pool)
{
	tnl_flow_borrow(&p->flow[TUNNEL_AB], pool);
	tnl_flow_borrow(&p->flow[TUNNEL_BA], pool);
	init_watch(p);
}

void
tnl_pump_end(struct tunnel_pump *p)
{
	tnl_flow_end(&p->flow[TUNNEL_AB]);
	tnl_flow_end(&p->flow[TUNNEL_BA]);
}

int
tnl_pump_rest(const struct tunnel_pump *p, struct tnl_pump_rest *rest)
{
	const struct tnl_flow *f;
	int way;

	if (p->timed_out || !p->watch.ticking)
		return 0;
	for (way = 0; way < 2; way++) {
		f = &p->flow[way];
		if (tnl_flow_flags(f) != TUNNEL_IN || f->lost > 0)
			return 0;
		rest->out[way] = f->out;
	}
	rest->moved = tnl_watch_moved(&p->watch);
	return 1;
}

void
tnl_pump_resume(struct tunnel_pump *p, const struct tnl_pump_rest *rest)
{
	int way;

	for (way = 0; way < 2; way++)
		p->flow[way].in = p->flow[way].out = rest->out[way];
	tnl_watch_resume(&p->watch, p->flow, rest->moved);
}

void
tunnel_pump_free(struct tunnel_pump *p)
{
	struct tunnel_alloc a;

	if (p == NULL)
		return;
	a = p->a;
	tnl_put(&a, p, sizeof *p + p->flow[TUNNEL_AB].ring.cap +
	    p->flow[TUNNEL_BA].ring.cap);
}

int
tunnel_pump_flags(const struct tunnel_pump *p, int way)
{
	if (way != TUNNEL_AB && way != TUNNEL_BA)
		return TUNNEL_EINVAL;
	return tnl_flow_flags(&p->flow[way]);
}

static void
tell_pressure(struct tunnel_pump *p, int way)
{
	if (p->pressure == NULL)
		return;
	p->inside = 1;
	p->pressure(p->pressure_ud, way, p->flow[way].paused);
	p->inside = 0;
}

/* The end of every call that may have ended a way. */
static int
settle(struct tunnel_pump *p, int way)
{
	int w, other;

	for (w = 0; p->strict && w < 2; w++) {
		other = p->flow[1 - w].state;
		if (p->flow[w].state == TNL_FLOW_FIN &&
		    other == TNL_FLOW_RUNNING)
			tnl_flow_event(&p->flow[1 - w], TNL_FLOW_CUT);
	}
	return tnl_flow_flags(&p->flow[way]);
}

int
tunnel_pump_put(struct tunnel_pump *p, int way, const void *in, size_t n,
    size_t *used)
{
	struct tnl_flow *f;
	int rv = tnl_pump_entry(p, way), changed = 0;
	uint8_t *room;
	size_t len;

	*used = 0;
	if (rv < 0)
		return rv;
	f = &p->flow[way];
	if (!tnl_flow_takes(f))
		return TUNNEL_ESTATE;
	while (*used < n) {
		room = tnl_flow_room(f, &len);
		if (len == 0)
			break;
		if (len > n - *used)
			len = n - *used;
		memcpy(room, (const uint8_t *)in + *used, len);
		changed |= tnl_flow_filled(f, len);
		*used += len;
	}
	if (changed)
		tell_pressure(p, way);
	return tnl_flow_flags(f);
}

void *
tunnel_pump_room(struct tunnel_pump *p, int way, size_t *n)
{
	*n = 0;
	if (tnl_pump_entry(p, way) < 0 || !tnl_flow_takes(&p->flow[way]))
		return NULL;
	return tnl_flow_room(&p->flow[way], n);
}

int
tunnel_pump_commit(struct tunnel_pump *p, int way, size_t n)
{
	int rv = tnl_pump_entry(p, way);
	size_t have = 0;

	if (rv < 0)
		return rv;
	if (!tnl_flow_takes(&p->flow[way]))
		return TUNNEL_ESTATE;
	if (p->flow[way].ring.p != NULL)
		(void)tnl_ring_room(&p->flow[way].ring, &have);
	return n > have ? TUNNEL_EINVAL : tnl_pump_filled(p, way, n);
}

int
tnl_pump_filled(struct tunnel_pump *p, int way, size_t n)
{
	if (tnl_flow_filled(&p->flow[way], n))
		tell_pressure(p, way);
	return tnl_flow_flags(&p->flow[way]);
}

const void *
tunnel_pump_peek(const struct tunnel_pump *p, int way, size_t *n)
{
	*n = 0;
	if ((way != TUNNEL_AB && way != TUNNEL_BA) || p->flow[way].ring.n == 0)
		return NULL;
	return tnl_ring_peek(&p->flow[way].ring, n);
}

int
tunnel_pump_skip(struct tunnel_pump *p, int way, size_t n)
{
	int rv = tnl_pump_entry(p, way), changed;

	if (rv < 0)
		return rv;
	if (n > p->flow[way].ring.n)
		return TUNNEL_EINVAL;
	changed = tnl_flow_emptied(&p->flow[way], n);
	rv = settle(p, way);
	if (changed)
		tell_pressure(p, way);
	return rv;
}

int
tunnel_pump_take(struct tunnel_pump *p, int way, void *out, size_t cap,
    size_t *got)
{
	const uint8_t *from;
	struct tnl_ring ring;
	int rv = tnl_pump_entry(p, way);
	size_t len;

	*got = 0;
	if (rv < 0)
		return rv;
	/* Walk a copy of the ring, so that skip says everything at once. */
	ring = p->flow[way].ring;
	while (*got < cap && ring.n > 0) {
		from = tnl_ring_peek(&ring, &len);
		if (len > cap - *got)
			len = cap - *got;
		memcpy((uint8_t *)out + *got, from, len);
		tnl_ring_skip(&ring, len);
		*got += len;
	}
	return tunnel_pump_skip(p, way, *got);
}

int
tunnel_pump_eof(struct tunnel_pump *p, int way)
{
	int rv = tnl_pump_entry(p, way);

	if (rv < 0)
		return rv;
	tnl_flow_event(&p->flow[way], TNL_FLOW_EOF);
	return settle(p, way);
}

int
tunnel_pump_reset(struct tunnel_pump *p, int side)
{
	int rv = tnl_pump_entry(p, side);

	if (rv < 0)
		return rv;
	tnl_flow_event(&p->flow[side], TNL_FLOW_RESET);
	tnl_flow_event(&p->flow[1 - side], TNL_FLOW_DIED);
	return 0;
}

int
tunnel_pump_shut(struct tunnel_pump *p, int way)
{
	int rv = tnl_pump_entry(p, way);

	if (rv < 0)
		return rv;
	if (tnl_flow_flags(&p->flow[way]) & (TUNNEL_FIN | TUNNEL_RESET))
		tnl_flow_event(&p->flow[way], TNL_FLOW_SHUT);
	else if (p->flow[way].state != TNL_FLOW_DONE)
		tunnel_pump_reset(p, 1 - way);
	return settle(p, way);
}

static void
tell_stall(struct tunnel_pump *p, int way)
{
	if (p->stall == NULL)
		return;
	p->inside = 1;
	p->stall(p->stall_ud, way);
	p->inside = 0;
}

int
tunnel_pump_tick(struct tunnel_pump *p, uint64_t now)
{
	int way, due;

	if (p->inside)
		return TUNNEL_ESTATE;
	due = tnl_watch_tick(&p->watch, p->flow, now);
	if (due & TNL_DUE_IDLE)
		p->timed_out = 1;
	for (way = 0; way < 2; way++)
		if (due & TNL_DUE_LINGER << way)
			tnl_flow_event(&p->flow[way], TNL_FLOW_CUT);
	for (way = 0; way < 2; way++)
		if (due & TNL_DUE_STALL << way)
			tell_stall(p, way);
	if (p->flow[0].state == TNL_FLOW_DONE &&
	    p->flow[1].state == TNL_FLOW_DONE)
		return TUNNEL_DONE;
	return p->timed_out ? TUNNEL_ETIMEOUT : 0;
}

uint64_t
tunnel_pump_deadline(const struct tunnel_pump *p)
{
	return tnl_watch_deadline(&p->watch, p->flow);
}

uint64_t
tunnel_pump_bytes(const struct tunnel_pump *p, int way)
{
	return way == TUNNEL_AB || way == TUNNEL_BA ? p->flow[way].out : 0;
}

size_t
tunnel_pump_held(const struct tunnel_pump *p, int way)
{
	return way == TUNNEL_AB || way == TUNNEL_BA ?
	    tnl_flow_held(&p->flow[way]) : 0;
}

uint64_t
tunnel_pump_lost(const struct tunnel_pump *p, int way)
{
	return way == TUNNEL_AB || way == TUNNEL_BA ? p->flow[way].lost : 0;
}

int
tnl_pump_stalled(const struct tunnel_pump *p)
{
	return p->watch.way[0].told || p->watch.way[1].told;
}

void
tnl_pump_carried(struct tunnel_pump *p, int way, size_t n)
{
	tnl_flow_carried(&p->flow[way], n);
}

void
tnl_pump_landed(struct tunnel_pump *p, int way, size_t n)
{
	tnl_flow_landed(&p->flow[way], n);
	(void)settle(p, way);
}

void
tnl_pump_passed(struct tunnel_pump *p, int way, uint64_t n)
{
	tnl_flow_passed(&p->flow[way], n);
}

size_t
tnl_pump_outside(const struct tunnel_pump *p, int way)
{
	return p->flow[way].outside;
}
