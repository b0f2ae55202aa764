/* flow.c - one direction
 *
 *                 EOF               EMPTY          SHUT
 *      RUNNING ---------> ENDING ----------> FIN -------> DONE
 *         |     RESET        | RESET          | RESET      ^
 *         +---------> FAILING <               v    SHUT    |
 *                        +------ EMPTY ---> BROKEN --------+
 *
 *      CUT leads to FIN and DIED to DONE, from everywhere, and both drop what
 *      is held.  A cut that drops something is a RESET first, so that it leads
 *      to BROKEN, as it does from a failing flow.
 *
 * Half-close lives in this table and nowhere else: a source's end is told to
 * the sink when all before it has been delivered, and a reset never becomes an
 * end, for a reader who takes a cut stream for a whole one has lost data
 * unawares.
 */
#include "core/flow.h"

#include <assert.h>

enum {
	RUNNING = TNL_FLOW_RUNNING, ENDING = TNL_FLOW_ENDING,
	FIN = TNL_FLOW_FIN, FAILING = TNL_FLOW_FAILING,
	BROKEN = TNL_FLOW_BROKEN, DONE = TNL_FLOW_DONE
};

static const uint8_t table[6][6] = {
	/*             EOF      RESET    EMPTY    SHUT     DIED  CUT */
	/* RUNNING */ { ENDING,  FAILING, RUNNING, RUNNING, DONE, FIN },
	/* ENDING  */ { ENDING,  FAILING, FIN,     ENDING,  DONE, FIN },
	/* FIN     */ { FIN,     BROKEN,  FIN,     DONE,    DONE, FIN },
	/* FAILING */ { FAILING, FAILING, BROKEN,  FAILING, DONE, BROKEN },
	/* BROKEN  */ { BROKEN,  BROKEN,  BROKEN,  DONE,    DONE, BROKEN },
	/* DONE    */ { DONE,    DONE,    DONE,    DONE,    DONE, DONE },
};

/* What must hold between any two calls. */
static void
must_hold(const struct tnl_flow *f)
{
	assert(f->low < f->high && f->high <= f->ring.cap &&
	    f->ring.n <= f->ring.cap);
	assert(f->in - f->out - f->lost == tnl_flow_held(f));
	assert(f->ring.n == 0 || f->outside == 0);
	assert(tnl_flow_held(f) == 0 || f->state == RUNNING ||
	    f->state == ENDING || f->state == FAILING);
	(void)f;
}

size_t
tnl_flow_held(const struct tnl_flow *f)
{
	return f->ring.n + f->outside;
}

void
tnl_flow_init(struct tnl_flow *f, uint8_t *p, size_t cap)
{
	tnl_ring_init(&f->ring, p, cap);
	f->state = RUNNING;
	f->paused = 0;
	f->low = cap / 2;
	f->high = cap;
	f->in = f->out = f->lost = 0;
	f->turns = 0;
	f->outside = 0;
	f->pool = NULL;
}

void
tnl_flow_borrow(struct tnl_flow *f, struct tnl_pool *pool)
{
	tnl_flow_init(f, NULL, pool->size);
	f->pool = pool;
}

/* Who holds nothing keeps no block. */
static void
rest(struct tnl_flow *f)
{
	if (f->pool == NULL || f->ring.n > 0 || f->ring.p == NULL)
		return;
	tnl_pool_put(f->pool, f->ring.p);
	f->ring.p = NULL;
}

void
tnl_flow_end(struct tnl_flow *f)
{
	tnl_ring_clear(&f->ring);
	rest(f);
}

uint8_t *
tnl_flow_room(struct tnl_flow *f, size_t *n)
{
	if (f->ring.p == NULL)
		f->ring.p = tnl_pool_get(f->pool);
	if (f->ring.p != NULL && f->ring.n < f->ring.cap)
		return tnl_ring_room(&f->ring, n);
	*n = 0;
	return NULL;
}

int
tnl_flow_flags(const struct tnl_flow *f)
{
	int out = tnl_flow_held(f) > 0 ? TUNNEL_OUT : 0;

	switch ((enum tnl_flow_state)f->state) {
	case TNL_FLOW_RUNNING:
		return out | (f->paused || f->outside > 0 ||
		    f->ring.n == f->ring.cap ? 0 : TUNNEL_IN);
	case TNL_FLOW_ENDING:
	case TNL_FLOW_FAILING:
		return out;
	case TNL_FLOW_FIN:
		return TUNNEL_FIN;
	case TNL_FLOW_BROKEN:
		return TUNNEL_RESET;
	case TNL_FLOW_DONE:
		break;
	}
	return TUNNEL_DONE;
}

int
tnl_flow_takes(const struct tnl_flow *f)
{
	return f->state == RUNNING;
}

static void
go(struct tnl_flow *f, enum tnl_flow_event event)
{
	int next = table[f->state][event];

	if (next != f->state)
		f->turns++;
	f->state = next;
}

void
tnl_flow_event(struct tnl_flow *f, enum tnl_flow_event event)
{
	must_hold(f);
	if (event == TNL_FLOW_CUT && tnl_flow_held(f) > 0)
		go(f, TNL_FLOW_RESET);
	if (event == TNL_FLOW_DIED || event == TNL_FLOW_CUT) {
		f->lost += tnl_flow_held(f);
		f->outside = 0;
		tnl_ring_clear(&f->ring);
	}
	go(f, event);
	if (tnl_flow_held(f) == 0)
		go(f, TNL_FLOW_EMPTY);
	rest(f);
	must_hold(f);
}

int
tnl_flow_filled(struct tnl_flow *f, size_t n)
{
	must_hold(f);
	assert(tnl_flow_takes(f));
	tnl_ring_commit(&f->ring, n);
	rest(f);
	f->in += n;
	if (f->paused || f->ring.n < f->high)
		return 0;
	f->paused = 1;
	return 1;
}

int
tnl_flow_emptied(struct tnl_flow *f, size_t n)
{
	must_hold(f);
	tnl_ring_skip(&f->ring, n);
	rest(f);
	f->out += n;
	if (tnl_flow_held(f) == 0)
		go(f, TNL_FLOW_EMPTY);
	if (!f->paused || f->ring.n > f->low)
		return 0;
	f->paused = 0;
	return 1;
}

void
tnl_flow_carried(struct tnl_flow *f, size_t n)
{
	must_hold(f);
	assert(tnl_flow_takes(f) && f->ring.n == 0);
	f->outside += n;
	f->in += n;
}

void
tnl_flow_landed(struct tnl_flow *f, size_t n)
{
	must_hold(f);
	assert(n <= f->outside);
	f->outside -= n;
	f->out += n;
	if (tnl_flow_held(f) == 0)
		go(f, TNL_FLOW_EMPTY);
}

void
tnl_flow_passed(struct tnl_flow *f, uint64_t n)
{
	must_hold(f);
	f->in += n;
	f->out += n;
}
