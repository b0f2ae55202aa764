/* relay.c - one pump over two streams
 *
 *      stream A --fill--> [AB] --drain--> stream B
 *      stream A <--drain-- [BA] <--fill-- stream B
 *
 * A step tries everything that could move, both ways, until nothing does or the
 * budget is spent.  What to wait for belongs to a side and not to a call: when
 * a side is ready, all that was blocked on it is tried again, which is what TLS
 * needs, where a read may wait for a write.
 *
 * Who is told by a loop which side is ready, and for what, tries only that.
 *
 * A side on which a write fails has died, yet what it said before it died may
 * still be in the kernel: that is read once more, as far as there is room, and
 * delivered before the other side is aborted.
 */
#include "net/relay.h"

#include <assert.h>
#include <errno.h>

#include "core/alloc.h"
#include "net/bypass.h"

#ifndef TNL_BUDGET
#define TNL_BUDGET 1048576
#endif

void
tnl_relay_init(struct tunnel_relay *r, struct tunnel_pump *p,
    struct tnl_pipes *pipes)
{
	r->pump = p;
	r->pipes = pipes;
	r->budget = TNL_BUDGET;
}

void
tnl_relay_end(struct tunnel_relay *r)
{
	tnl_bypass_end(r, TUNNEL_AB);
	tnl_bypass_end(r, TUNNEL_BA);
	(void)tunnel_relay_splice(r, 0);
}

struct tunnel_relay *
tunnel_relay_new(const struct tunnel_alloc *a, struct tunnel_pump *p)
{
	struct tunnel_alloc own;
	struct tunnel_relay *r;

	if (p == NULL)
		return NULL;
	tnl_alloc_init(&own, a);
	r = tnl_get(&own, sizeof *r);
	if (r == NULL)
		return NULL;
	r->a = own;
	tnl_relay_init(r, p, NULL);
	return r;
}

void
tunnel_relay_free(struct tunnel_relay *r)
{
	struct tunnel_alloc a;

	if (r == NULL)
		return;
	tnl_relay_end(r);
	a = r->a;
	tnl_put(&a, r, sizeof *r);
}

void
tnl_relay_socket(struct tunnel_relay *r, int side, int fd, int ready)
{
	struct tnl_side *s = &r->side[side];

	tnl_stream_socket(&s->stream, fd);
	s->rwait = ready & (TUNNEL_IN | TUNNEL_NOW | TUNNEL_RESET) ? 0 :
	    TUNNEL_IN;
	s->sure = (ready & TUNNEL_NOW) == 0;
	r->closes = 1;
}

/* How much a call can move: both pieces of a ring that has wrapped, but only
 * the first through a table of the application's. */
static size_t
offer(const struct tnl_stream *s, struct iovec v[2], size_t most)
{
	if (s->io != tunnel_fd_io())
		v[1].iov_len = 0;
	if (v[0].iov_len > most)
		v[0].iov_len = most;
	if (v[1].iov_len > most - v[0].iov_len)
		v[1].iov_len = most - v[0].iov_len;
	return v[0].iov_len + v[1].iov_len;
}

static int
read_ring(struct tunnel_relay *r, int side, size_t most, size_t *got)
{
	struct tnl_stream *s = &r->side[side].stream;
	const struct tnl_ring *ring = &r->pump->flow[side].ring;
	struct iovec v[2];
	size_t n;
	int rv;

	*got = 0;
	v[0].iov_base = tunnel_pump_room(r->pump, side, &v[0].iov_len);
	if (v[0].iov_base == NULL)
		return TUNNEL_ENOMEM;
	v[1].iov_base = ring->p;
	v[1].iov_len = tnl_ring_room_more(ring);
	n = offer(s, v, most);
	rv = tnl_stream_readv(s, v, got);
	assert(*got <= n);
	if (rv == 0 && *got < n && r->side[side].sure)
		rv = TUNNEL_IN;
	(void)tnl_pump_filled(r->pump, side, *got);
	if (*got > 0)
		tnl_bypass_watch(r, side, *got == n || *got >= 16384);
	return rv;
}

static int
write_ring(struct tunnel_relay *r, int way, size_t *put)
{
	struct tnl_stream *s = &r->side[1 - way].stream;
	const struct tnl_ring *ring = &r->pump->flow[way].ring;
	struct iovec v[2];
	size_t n;
	int rv;

	v[0].iov_base = ring->p + ring->at;
	(void)tnl_ring_peek(ring, &v[0].iov_len);
	v[1].iov_base = ring->p;
	v[1].iov_len = tnl_ring_peek_more(ring);
	n = offer(s, v, SIZE_MAX);
	rv = tnl_stream_writev(s, v, put);
	assert(*put <= n);
	if (*put > 0)
		(void)tunnel_pump_skip(r->pump, way, *put);
	if (rv == 0 && *put < n && r->side[1 - way].sure)
		rv = TUNNEL_OUT;
	return rv;
}

/* Read from a side into its way: how many bytes, or an error.  An end of the
 * stream counts as one byte of progress. */
static int
fill(struct tunnel_relay *r, int side, size_t *moved)
{
	struct tnl_side *s = &r->side[side];
	size_t got, most;
	int rv;

	if (!(tunnel_pump_flags(r->pump, side) & TUNNEL_IN) || s->rwait != 0 ||
	    tnl_bypass_waits(r, side))
		return 0;
	rv = tnl_bypass_read(r, side, &got, &most);
	if (rv == TUNNEL_ASK)
		rv = read_ring(r, side, most, &got);
	*moved += got;
	if (rv < 0)
		return rv;
	if (rv == TUNNEL_DONE) {
		(void)tunnel_pump_eof(r->pump, side);
		*moved += 1;
	} else {
		s->rwait = rv;
	}
	return 0;
}

/* A close that follows at once says the same as a shutdown. */
static int
shut(struct tunnel_relay *r, int way)
{
	if (r->closes && tunnel_pump_flags(r->pump, 1 - way) & TUNNEL_DONE)
		return 0;
	return tnl_stream_shut(&r->side[1 - way].stream);
}

/* Pass on the end of a way, if it is due. */
static int
finish(struct tunnel_relay *r, int way, size_t *moved)
{
	struct tnl_side *s = &r->side[1 - way];
	int f = tunnel_pump_flags(r->pump, way), rv = 0;

	if ((f & TUNNEL_RESET) == 0 && ((f & TUNNEL_FIN) == 0 || s->wwait != 0))
		return 0;
	/* Nobody but us says anything to the sink from here on. */
	tnl_bypass_end(r, way);
	if (f & TUNNEL_RESET)
		tnl_stream_abort(&s->stream);
	else
		rv = shut(r, way);
	if (rv < 0)
		return rv;
	s->wwait = rv;
	if (rv == 0) {
		(void)tunnel_pump_shut(r->pump, way);
		*moved += 1;
	}
	return 0;
}

/* Write from a way to its sink side, then pass on the end. */
static int
drain(struct tunnel_relay *r, int way, size_t *moved)
{
	struct tnl_side *s = &r->side[1 - way];
	size_t put;
	int rv;

	if (tunnel_pump_flags(r->pump, way) & TUNNEL_OUT && s->wwait == 0) {
		rv = tnl_bypass_write(r, way, &put);
		if (rv == TUNNEL_ASK)
			rv = write_ring(r, way, &put);
		*moved += put;
		if (rv < 0)
			return rv;
		s->wwait = rv;
	}
	return finish(r, way, moved);
}

/* A side is gone, for this reason. */
static void
died(struct tunnel_relay *r, int side, int error, int errnum)
{
	struct tnl_side *s = &r->side[side];
	size_t moved;

	if (s->error == 0) {
		s->error = error;
		s->errnum = errnum;
	}
	s->rwait = 0;
	do
		moved = 0;
	while (fill(r, side, &moved) == 0 && moved > 0);
	(void)tunnel_pump_reset(r->pump, side);
}

/* One attempt at everything; how many bytes moved in the busier direction. */
static size_t
turn(struct tunnel_relay *r)
{
	size_t moved[2] = { 0, 0 };
	int way, rv;

	for (way = 0; way < 2; way++) {
		rv = fill(r, way, &moved[way]);
		if (rv < 0)
			died(r, way, rv,
			    tnl_stream_errnum(&r->side[way].stream));
		rv = drain(r, way, &moved[way]);
		if (rv < 0)
			died(r, 1 - way, rv,
			    tnl_stream_errnum(&r->side[1 - way].stream));
	}
	return moved[0] > moved[1] ? moved[0] : moved[1];
}

static int
is_done(const struct tunnel_relay *r)
{
	return tunnel_pump_flags(r->pump, TUNNEL_AB) & TUNNEL_DONE &&
	    tunnel_pump_flags(r->pump, TUNNEL_BA) & TUNNEL_DONE;
}

/* How it ended: the first side that died says so. */
static int
outcome(const struct tunnel_relay *r)
{
	if (r->side[TUNNEL_A].error < 0)
		return r->side[TUNNEL_A].error;
	if (r->side[TUNNEL_B].error < 0)
		return r->side[TUNNEL_B].error;
	return TUNNEL_DONE;
}

/* It is over.  A stream that was cut short must not look like a whole one, also
 * to a side whose own way had ended before. */
static int
end(struct tunnel_relay *r, int result)
{
	tnl_bypass_end(r, TUNNEL_AB);
	tnl_bypass_end(r, TUNNEL_BA);
	if (result < 0) {
		tnl_stream_abort(&r->side[TUNNEL_A].stream);
		tnl_stream_abort(&r->side[TUNNEL_B].stream);
	}
	r->result = result;
	return result;
}

static int
run(struct tunnel_relay *r, uint64_t now)
{
	size_t spent = 0, moved, ends = 0;
	int side, rv;

	r->now = now;
	tnl_bypass_due(r);
	do {
		moved = turn(r);
		spent = moved > r->budget - spent ? r->budget : spent + moved;
	} while (moved > 0 && spent < r->budget);
	rv = tunnel_pump_tick(r->pump, now);
	/* Time may have ended a way. */
	for (side = 0; side < 2; side++)
		if (finish(r, side, &ends) < 0)
			(void)tunnel_pump_reset(r->pump, 1 - side);
	if (is_done(r))
		return end(r, outcome(r));
	if (rv == TUNNEL_ETIMEOUT)
		return end(r, rv);
	return spent == r->budget ? TUNNEL_NOW : 0;
}

int
tunnel_relay_step(struct tunnel_relay *r, uint64_t now)
{
	int side;

	if (r->result != 0)
		return r->result;
	for (side = 0; side < 2; side++) {
		if (r->side[side].stream.io == NULL)
			return TUNNEL_ESTATE;
		r->side[side].rwait = r->side[side].wwait = 0;
	}
	return run(r, now);
}

int
tnl_relay_ready(struct tunnel_relay *r, int side, int ready, uint64_t now)
{
	struct tnl_side *s = &r->side[side];

	if (r->result != 0)
		return r->result;
	/* Silence ends something: is it silence, or was one not told? */
	if (ready == 0 && now >= tunnel_pump_deadline(r->pump))
		for (side = 0; side < 2; side++)
			r->side[side].rwait = r->side[side].wwait = 0;
	if (ready & TUNNEL_NOW)
		s->sure = 0;
	/* Somebody on the way to a dead end wants to know it. */
	if (ready & TUNNEL_RESET)
		ready |= TUNNEL_IN | TUNNEL_OUT;
	if (s->rwait & ready)
		s->rwait = 0;
	if (s->wwait & ready)
		s->wwait = 0;
	return run(r, now);
}

int
tunnel_relay_hangup(struct tunnel_relay *r, int side, uint64_t now)
{
	if (side != TUNNEL_A && side != TUNNEL_B)
		return TUNNEL_EINVAL;
	if (r->result == 0 && r->side[side].stream.io != NULL &&
	    !(tunnel_pump_flags(r->pump, 1 - side) & TUNNEL_DONE)) {
		r->side[side].rwait = 0;
		died(r, side, TUNNEL_ERESET, EPIPE);
	}
	return tunnel_relay_step(r, now);
}
