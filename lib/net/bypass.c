/* bypass.c - a streaming way goes round the ring
 *
 *              STREAK full reads
 *      ring ---------------------> pipe, or direct, or joined
 *           <---------------------
 *              QUIET small ones, or no pipe to be had;
 *              an end, an error, or LOOK_MS without a byte
 *
 * In a stream the kernel moves the bytes by itself and nothing is copied: from
 * socket to pipe to socket; in one step where one of the two ends is a pipe
 * already; or with no step at all where the system can join two sockets.  Small
 * talk never gets here.
 *
 * A pipe is held only while bytes are in it, as a block of the pool is, and is
 * filled only when it is empty: so a read that would block tells of the socket
 * and never of a full pipe.  The bytes are the flow's all the same (outside its
 * ring), so half-close, time and counters know nothing of this room.
 *
 * A stream that goes on bringing much is not worth a wake-up for each piece:
 * the low-water mark of its socket (SO_RCVLOWAT) goes up, and the loop hears of
 * it again when LOW bytes are there, or an end.  What is left over is read
 * LATE_MS later, told or not.  When that happens the mark goes down, and up
 * again only after twice as much.
 *
 * Of a joined way nothing is told before it ends.  It is looked at in each
 * step, at least every LOOK_MS: what has gone is counted before time is judged,
 * so a stream is never taken for silence, and counters are at most so old.  If
 * nothing went between two looks it is parted and the ring goes on; so a silent
 * tunnel costs no wake-up, and an end is met by an ordinary read.  What waits
 * in the kernel for a slow sink is not held by us, and not seen: a stall is
 * found only when the way has been parted and the ring holds bytes, up to twice
 * LOOK_MS late.
 *
 * A direct step that would block does not say which end made it.  If there is
 * something to read it was the sink, and a little is read into the ring: so the
 * flow holds bytes that wait, as it does for any sink that is slow, and the way
 * goes on directly when those have gone.
 */
#include "net/bypass.h"

#include <errno.h>
#include <poll.h>

#include "net/io_join.h"
#include "net/socket.h"

enum {
	STREAK = 4, QUIET = 8, SMALL = 4096, MOST = 262144, WIDE = 1048576,
	BIG = 65536, MANY = 8, DOUBLINGS = 4, LOW = 262144, LATE_MS = 2,
	LOOK_MS = 1000
};

int
tnl_bypass_able(void)
{
	return tnl_splice_quiet() || tnl_join_able();
}

/* How the kernel can carry a way. */
static int
mode(const struct tunnel_relay *r, int way)
{
	const struct tunnel_fd *from = &r->side[way].stream.fd;
	const struct tunnel_fd *to = &r->side[1 - way].stream.fd;
	enum tnl_splice_kind in, out;

	if (from->rsocket && to->wsocket && tnl_join_able())
		return TNL_BYPASS_JOINED;
	if (r->closes && from->rsocket && to->wsocket)
		return TNL_BYPASS_PIPE;
	in = tnl_splice_kind(from->rfd);
	out = tnl_splice_kind(to->wfd);
	if (in == TNL_SPLICE_NOT || out == TNL_SPLICE_NOT)
		return TNL_BYPASS_OFF;
	if (in == TNL_SPLICE_BOTH && out == TNL_SPLICE_BOTH)
		return TNL_BYPASS_PIPE;
	if (in == TNL_SPLICE_PIPE)
		tnl_splice_widen(from->rfd);
	if (out == TNL_SPLICE_PIPE)
		tnl_splice_widen(to->wfd);
	return TNL_BYPASS_DIRECT;
}

void
tnl_bypass_watch(struct tunnel_relay *r, int way, int full)
{
	struct tnl_streak *t = &r->bypass[way].streak;

	if (t->full < STREAK || !full)
		t->full = full ? t->full + 1 : 0;
	if (t->full == STREAK && r->closes && !t->bound) {
		t->bound = 1;
		tnl_socket_bound(r->side[1 - way].stream.fd.wfd);
	}
	if (t->full < STREAK || t->on || t->never || r->pipes == NULL ||
	    r->side[way].stream.io != tunnel_fd_io() ||
	    r->side[1 - way].stream.io != tunnel_fd_io())
		return;
	t->on = (uint8_t)mode(r, way);
	t->never = t->on == TNL_BYPASS_OFF;
	t->small = 0;
}

int
tnl_bypass_waits(const struct tunnel_relay *r, int way)
{
	return r->bypass[way].streak.on == TNL_BYPASS_DIRECT &&
	    tunnel_pump_held(r->pump, way) > 0;
}

static void
rest(struct tunnel_relay *r, int way)
{
	tnl_pipes_put(r->pipes, r->bypass[way].pipe);
	r->bypass[way].pipe = NULL;
}

static void
lower(struct tunnel_relay *r, int way)
{
	struct tnl_streak *t = &r->bypass[way].streak;

	if (t->low)
		tnl_socket_low(r->side[way].stream.fd.rfd, 1);
	t->low = t->big = 0;
	r->bypass[way].due = 0;
}

static void
leave(struct tunnel_relay *r, int way)
{
	lower(r, way);
	r->bypass[way].streak.on = TNL_BYPASS_OFF;
	r->bypass[way].streak.full = 0;
}

/* Does the kernel move the bytes just now? */
static int
is_joined(const struct tunnel_relay *r, int way)
{
	return r->bypass[way].streak.on == TNL_BYPASS_JOINED &&
	    r->bypass[way].due != 0;
}

/* So many bytes have gone since it was joined. */
static void
count(struct tunnel_relay *r, int way, uint64_t n)
{
	struct tnl_bypass *b = &r->bypass[way];

	if (n <= b->joined)
		return;
	tnl_pump_passed(r->pump, way, n - b->joined);
	b->joined = n;
	b->streak.big = 1;
}

static void
part(struct tunnel_relay *r, int way, int *error)
{
	uint64_t n;

	tnl_part(r->side[way].stream.fd.rfd, &n, error);
	count(r, way, n);
	leave(r, way);
}

void
tnl_bypass_end(struct tunnel_relay *r, int way)
{
	struct tnl_bypass *b = &r->bypass[way];

	if (is_joined(r, way))
		part(r, way, NULL);
	if (b->pipe != NULL)
		tnl_pipes_drop(r->pipes, b->pipe);
	b->pipe = NULL;
}

/* So many bytes came at once. */
static void
note(struct tunnel_relay *r, int way, size_t n)
{
	struct tnl_streak *t = &r->bypass[way].streak;

	t->small = n < SMALL ? t->small + 1 : 0;
	t->big = n < BIG ? 0 : t->big < UINT8_MAX ? t->big + 1 : t->big;
	if (t->small == QUIET) {
		leave(r, way);
	} else if (!t->low && r->closes && t->big >= MANY << t->missed) {
		t->low = 1;
		tnl_socket_low(r->side[way].stream.fd.rfd, LOW);
	}
}

/* What has gone by itself.  Who has put something into the ring, or ended the
 * way, wants it to be next. */
static void
look(struct tunnel_relay *r, int way)
{
	count(r, way, tnl_joined(r->side[way].stream.fd.rfd));
	if (tunnel_pump_flags(r->pump, way) == TUNNEL_IN)
		return;
	part(r, way, NULL);
	r->side[way].rwait = 0;
}

void
tnl_bypass_due(struct tunnel_relay *r)
{
	struct tnl_bypass *b;
	int way;

	for (way = 0; way < 2; way++) {
		b = &r->bypass[way];
		if (is_joined(r, way))
			look(r, way);
		r->overdue[way] = b->due != 0 && r->now >= b->due;
		if (r->overdue[way])
			r->side[way].rwait = 0;
	}
}

/* A way with its mark up has brought so many bytes, or none. */
static void
watch_mark(struct tunnel_relay *r, int way, size_t n)
{
	struct tnl_bypass *b = &r->bypass[way];
	struct tnl_streak *t = &b->streak;

	b->due = n == 0 && !r->overdue[way] ? r->now + LATE_MS : 0;
	if (r->overdue[way] && n < LOW) {
		if (t->missed < DOUBLINGS)
			t->missed++;
		lower(r, way);
	}
	r->overdue[way] = 0;
}

/* From the source into a pipe of ours. */
static int
into_pipe(struct tunnel_relay *r, int way, size_t *got)
{
	struct tnl_bypass *b = &r->bypass[way];
	struct tunnel_fd *f = &r->side[way].stream.fd;
	long n;
	int rv = 0;

	/* Bytes that the pump has dropped may be in it. */
	tnl_bypass_end(r, way);
	b->pipe = tnl_pipes_get(r->pipes);
	if (b->pipe == NULL) {
		leave(r, way);
		return TUNNEL_ASK;
	}
	n = tnl_splice(f->rfd, b->pipe->fd[1], MOST);
	if (b->streak.low)
		watch_mark(r, way, n > 0 ? (size_t)n : 0);
	if (n > 0) {
		*got = (size_t)n;
		tnl_pump_carried(r->pump, way, *got);
		note(r, way, *got);
		return 0;
	}
	if (n < 0)
		rv = errno == EINVAL ? TUNNEL_ASK :
		    tnl_fd_verdict(f, TUNNEL_IN);
	rest(r, way);
	if (rv == TUNNEL_ASK) {
		b->streak.never = 1;
		leave(r, way);
	}
	return n == 0 ? TUNNEL_DONE : rv;
}

/* From the source to the sink.  What goes wrong is left to the ring: it finds
 * out whose fault it is. */
static int
straight(struct tunnel_relay *r, int way, size_t *got)
{
	struct tunnel_fd *f = &r->side[way].stream.fd;
	long n = tnl_splice(f->rfd, r->side[1 - way].stream.fd.wfd, WIDE);

	if (n > 0) {
		*got = (size_t)n;
		tnl_pump_carried(r->pump, way, *got);
		tnl_pump_landed(r->pump, way, *got);
		note(r, way, *got);
		return 0;
	}
	if (n == 0)
		return TUNNEL_DONE;
	if (errno == EAGAIN)
		return tnl_fd_ready(f->rfd, POLLIN) ? TUNNEL_ASK : TUNNEL_IN;
	r->bypass[way].streak.never = 1;
	leave(r, way);
	return TUNNEL_ASK;
}

static int
join(struct tunnel_relay *r, int way)
{
	struct tnl_bypass *b = &r->bypass[way];

	if (tnl_join(r->side[way].stream.fd.rfd,
	    r->side[1 - way].stream.fd.wfd) < 0) {
		b->streak.never = 1;
		leave(r, way);
		return TUNNEL_ASK;
	}
	b->joined = 0;
	b->streak.big = 0;
	b->due = r->now + LOOK_MS;
	return TUNNEL_IN;
}

/* Leave it to the kernel.  When that has ended it, the ring finds out why; only
 * an error of the source may be one that no read tells. */
static int
by_itself(struct tunnel_relay *r, int way)
{
	struct tunnel_fd *f = &r->side[way].stream.fd;
	struct tnl_bypass *b = &r->bypass[way];
	int error;

	if (b->due == 0)
		return join(r, way);
	if (tnl_join_over(f->rfd) || (r->overdue[way] && !b->streak.big)) {
		part(r, way, &error);
		if (error == 0)
			return TUNNEL_ASK;
		errno = error;
		return tnl_fd_verdict(f, TUNNEL_IN);
	}
	if (r->overdue[way]) {
		b->streak.big = 0;
		b->due = r->now + LOOK_MS;
		r->overdue[way] = 0;
	}
	return TUNNEL_IN;
}

int
tnl_bypass_read(struct tunnel_relay *r, int way, size_t *got, size_t *most)
{
	*got = 0;
	*most = SIZE_MAX;
	if (tunnel_pump_held(r->pump, way) > 0)
		return TUNNEL_ASK;
	switch ((enum tnl_bypass_mode)r->bypass[way].streak.on) {
	case TNL_BYPASS_PIPE:
		return into_pipe(r, way, got);
	case TNL_BYPASS_DIRECT:
		*most = SMALL;
		return straight(r, way, got);
	case TNL_BYPASS_JOINED:
		return by_itself(r, way);
	case TNL_BYPASS_OFF:
		break;
	}
	return TUNNEL_ASK;
}

int
tnl_bypass_write(struct tunnel_relay *r, int way, size_t *put)
{
	struct tunnel_fd *f = &r->side[1 - way].stream.fd;
	size_t left = tnl_pump_outside(r->pump, way);
	long n;

	*put = 0;
	if (left == 0)
		return TUNNEL_ASK;
	n = tnl_splice(r->bypass[way].pipe->fd[0], f->wfd, left);
	if (n < 0)
		return tnl_fd_verdict(f, TUNNEL_OUT);
	*put = (size_t)n;
	tnl_pump_landed(r->pump, way, *put);
	if (*put == left)
		rest(r, way);
	return 0;
}
