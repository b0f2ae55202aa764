/* helper_pump_model.c - see pump_model.h */
#include "pump_model.h"

#include <string.h>

#include "core/pump.h"

enum { LINGER = 300000, MOST = 32 };

/* A byte by its number, so that no other can stand in its place. */
static uint8_t
label(uint64_t i, int way)
{
	return (uint8_t)(i * 37 + (uint64_t)way * 101);
}

static size_t
held(const struct pump_model_way *w)
{
	return w->ring + w->outside;
}

int
pump_model_flags(const struct pump_model_way *w)
{
	if (w->done)
		return TUNNEL_DONE;
	if (w->source == LIVE)
		return (held(w) > 0 ? TUNNEL_OUT : 0) | (w->paused ||
		    w->outside > 0 || w->ring == w->cap ? 0 : TUNNEL_IN);
	if (held(w) > 0)
		return TUNNEL_OUT;
	return w->source == DEAD ? TUNNEL_RESET : TUNNEL_FIN;
}

static int
takes(const struct pump_model_way *w)
{
	return !w->done && w->source == LIVE;
}

/* ---- what should happen --------------------------------------------- */

static void
drop(struct pump_model_way *w)
{
	w->lost += held(w);
	w->ring = w->outside = 0;
}

/* Ended from outside: an end, but no clean one for bytes that are lost. */
static void
cut(struct pump_model_way *w)
{
	if (w->done)
		return;
	if (held(w) > 0)
		w->source = DEAD;
	else if (w->source == LIVE)
		w->source = ENDED;
	drop(w);
}

static void
reset(struct pump_model *m, int side)
{
	if (!m->way[side].done)
		m->way[side].source = DEAD;
	drop(&m->way[1 - side]);
	m->way[1 - side].done = 1;
}

static void
settle(struct pump_model *m)
{
	int w;

	for (w = 0; m->strict && w < 2; w++)
		if (pump_model_flags(&m->way[w]) == TUNNEL_FIN &&
		    takes(&m->way[1 - w]))
			cut(&m->way[1 - w]);
}

static void
filled(struct pump_model_way *w, size_t n)
{
	w->ring += n;
	w->in += n;
	if (w->ring >= w->high)
		w->paused = 1;
}

static void
emptied(struct pump_model *m, int way, size_t n)
{
	struct pump_model_way *w = &m->way[way];

	w->ring -= n;
	w->out += n;
	if (w->ring <= w->low)
		w->paused = 0;
	settle(m);
}

static void
expire(struct pump_model *m)
{
	int w, due[2];

	for (w = 0; w < 2; w++)
		due[w] = m->way[1 - w].done && (pump_model_flags(&m->way[w]) &
		    (TUNNEL_FIN | TUNNEL_RESET | TUNNEL_DONE)) == 0 &&
		    (held(&m->way[w]) == 0 || m->way[w].source == DEAD);
	for (w = 0; w < 2; w++)
		if (due[w])
			cut(&m->way[w]);
}

static void
shut(struct pump_model *m, int way)
{
	struct pump_model_way *w = &m->way[way];

	if (pump_model_flags(w) & (TUNNEL_FIN | TUNNEL_RESET))
		w->done = 1;
	else if (!w->done)
		reset(m, 1 - way);
	settle(m);
}

/* ---- the same to a pump --------------------------------------------- */

static void
on_pressure(void *ud, int way, int paused)
{
	((struct pump_model *)ud)->way[way].heard = paused;
}

struct tunnel_pump *
pump_model_new(struct pump_model *m, size_t ab, size_t ba)
{
	struct tunnel_pump *p = tunnel_pump_new(NULL, ab, ba);
	int way;

	memset(m, 0, sizeof *m);
	for (way = 0; way < 2; way++) {
		m->way[way].cap = m->way[way].high = way == 0 ? ab : ba;
		m->way[way].low = m->way[way].cap / 2;
	}
	if (p != NULL)
		(void)tunnel_pump_on_pressure(p, on_pressure, m);
	return p;
}

static void
fill(uint8_t *p, size_t n, const struct pump_model_way *w, int way)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = label(w->in + i, way);
}

int
pump_model_next(const uint8_t *p, size_t n, const struct pump_model_way *w,
    int way)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != label(w->out + i, way))
			return 0;
	return 1;
}

static const char *
put(struct tunnel_pump *p, struct pump_model *m, int way, size_t n)
{
	struct pump_model_way *w = &m->way[way];
	uint8_t bytes[MOST] = { 0 };
	size_t used, want = w->cap - w->ring;
	int rv;

	want = want < n ? want : n;
	fill(bytes, n, w, way);
	rv = tunnel_pump_put(p, way, bytes, n, &used);
	if (!takes(w))
		return rv == TUNNEL_ESTATE && used == 0 ? NULL : "put late";
	if (want > 0)
		filled(w, want);
	return used == want && rv == pump_model_flags(w) ? NULL : "put";
}

static const char *
commit(struct tunnel_pump *p, struct pump_model *m, int way, size_t n)
{
	struct pump_model_way *w = &m->way[way];
	size_t room;
	uint8_t *at = tunnel_pump_room(p, way, &room);
	int rv;

	if ((at != NULL) != (takes(w) && w->ring < w->cap) ||
	    (at != NULL) != (room > 0) || room > w->cap - w->ring)
		return "room";
	if (at != NULL)
		fill(at, room < n ? room : n, w, way);
	rv = tunnel_pump_commit(p, way, n);
	if (!takes(w))
		return rv == TUNNEL_ESTATE ? NULL : "commit late";
	if (n > room)
		return rv == TUNNEL_EINVAL ? NULL : "commit of too much";
	filled(w, n);
	return rv == pump_model_flags(w) ? NULL : "commit";
}

static const char *
take(struct tunnel_pump *p, struct pump_model *m, int way, size_t n)
{
	struct pump_model_way *w = &m->way[way];
	size_t got, want = w->ring < n ? w->ring : n;
	uint8_t bytes[MOST];
	int rv = tunnel_pump_take(p, way, bytes, n, &got);

	if (got != want || !pump_model_next(bytes, got, w, way))
		return "bytes taken";
	emptied(m, way, want);
	return rv == pump_model_flags(w) ? NULL : "take";
}

static const char *
skip(struct tunnel_pump *p, struct pump_model *m, int way, size_t n)
{
	struct pump_model_way *w = &m->way[way];
	size_t piece;
	const uint8_t *at = tunnel_pump_peek(p, way, &piece);
	int rv;

	if ((at != NULL) != (w->ring > 0) || (at != NULL) != (piece > 0) ||
	    piece > w->ring || !pump_model_next(at, piece, w, way))
		return "peek";
	rv = tunnel_pump_skip(p, way, n);
	if (n > w->ring)
		return rv == TUNNEL_EINVAL ? NULL : "skip of too much";
	emptied(m, way, n);
	return rv == pump_model_flags(w) ? NULL : "skip";
}

/* So much time that whoever lingers is ended. */
static const char *
pass_time(struct tunnel_pump *p, struct pump_model *m)
{
	int rv;

	(void)tunnel_pump_tick(p, m->now);
	m->now += LINGER;
	rv = tunnel_pump_tick(p, m->now);
	expire(m);
	return rv == (m->way[0].done && m->way[1].done ? TUNNEL_DONE : 0) ?
	    NULL : "tick";
}

/* What goes round the ring, and the marks. */
static const char *
aside(struct tunnel_pump *p, struct pump_model *m, int act, int way, size_t n)
{
	struct pump_model_way *w = &m->way[way];

	if (act == ACT_MARKS) {
		w->low = n / 16;
		w->high = n % 16;
		return tunnel_pump_marks(p, way, w->low, w->high) == 0 ?
		    NULL : "marks";
	}
	if (act == ACT_CARRY) {
		tnl_pump_carried(p, way, n);
		w->outside += n;
		w->in += n;
	} else if (act == ACT_LAND) {
		tnl_pump_landed(p, way, n);
		w->outside -= n;
		w->out += n;
		settle(m);
	} else {
		tnl_pump_passed(p, way, n);
		w->in += n;
		w->out += n;
	}
	return NULL;
}

int
pump_model_may(const struct pump_model *m, int act, int way, size_t n)
{
	const struct pump_model_way *w = &m->way[way];

	switch (act) {
	case ACT_PUT:
	case ACT_COMMIT:
		return w->outside == 0;
	case ACT_MARKS:
		return n / 16 < n % 16 && n % 16 <= w->cap;
	case ACT_CARRY:
		return takes(w) && w->ring == 0 &&
		    n <= MODEL_OUTSIDE - w->outside;
	case ACT_LAND:
		return n <= w->outside;
	case ACT_PASS:
		return takes(w) && held(w) == 0;
	}
	return n <= MOST;
}

const char *
pump_model_step(struct tunnel_pump *p, struct pump_model *m, int act, int way,
    size_t n)
{
	int rv;

	switch (act) {
	case ACT_PUT:
		return put(p, m, way, n);
	case ACT_COMMIT:
		return commit(p, m, way, n);
	case ACT_TAKE:
		return take(p, m, way, n);
	case ACT_SKIP:
		return skip(p, m, way, n);
	case ACT_EOF:
		rv = tunnel_pump_eof(p, way);
		if (takes(&m->way[way]))
			m->way[way].source = ENDED;
		settle(m);
		return rv == pump_model_flags(&m->way[way]) ? NULL : "eof";
	case ACT_SHUT:
		rv = tunnel_pump_shut(p, way);
		shut(m, way);
		return rv == pump_model_flags(&m->way[way]) ? NULL : "shut";
	case ACT_RESET:
		reset(m, way);
		return tunnel_pump_reset(p, way) == 0 ? NULL : "reset";
	case ACT_EXPIRE:
		return pass_time(p, m);
	case ACT_STRICT:
		m->strict = !m->strict;
		return tunnel_pump_strict(p, m->strict) == 0 ? NULL : "strict";
	}
	return aside(p, m, act, way, n);
}
