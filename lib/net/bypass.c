/* bypass.c - a streaming way goes round the ring
 *
 *              STREAK full reads
 *      ring ---------------------> pipe
 *           <---------------------
 *              QUIET small ones, or no pipe to be had
 *
 * In a stream the kernel moves the bytes by itself, from socket to pipe to
 * socket, and nothing is copied.  Small talk never gets here.  A pipe is held
 * only while bytes are in it, as a block of the pool is, and is filled only
 * when it is empty: so a read that would block tells of the socket and never of
 * a full pipe.  The bytes are the flow's all the same (outside its ring), so
 * half-close, time and counters know nothing of this room.
 */
#include "net/bypass.h"

#include <errno.h>

enum { STREAK = 4, QUIET = 8, SMALL = 4096, MOST = 262144 };

void
tnl_bypass_watch(struct tunnel_relay *r, int way, int full)
{
	struct tnl_streak *b = &r->bypass[way].streak;

	if (b->full < STREAK || !full)
		b->full = full ? b->full + 1 : 0;
	if (b->full < STREAK || b->never || r->pipes == NULL ||
	    r->side[way].stream.io != tunnel_fd_io() ||
	    r->side[1 - way].stream.io != tunnel_fd_io() ||
	    !r->side[way].stream.fd.rsocket ||
	    !r->side[1 - way].stream.fd.wsocket)
		return;
	b->on = 1;
	b->small = 0;
}

void
tnl_bypass_end(struct tunnel_relay *r, int way)
{
	struct tnl_bypass *b = &r->bypass[way];

	if (b->pipe != NULL)
		tnl_pipes_drop(r->pipes, b->pipe);
	b->pipe = NULL;
}

static void
rest(struct tunnel_relay *r, int way)
{
	tnl_pipes_put(r->pipes, r->bypass[way].pipe);
	r->bypass[way].pipe = NULL;
}

static void
leave(struct tnl_streak *b)
{
	b->on = 0;
	b->full = 0;
}

int
tnl_bypass_read(struct tunnel_relay *r, int way, size_t *got)
{
	struct tnl_bypass *b = &r->bypass[way];
	struct tnl_streak *t = &b->streak;
	struct tunnel_fd *f = &r->side[way].stream.fd;
	long n;
	int rv = 0;

	*got = 0;
	if (!t->on || tunnel_pump_held(r->pump, way) > 0)
		return TUNNEL_ASK;
	/* Bytes that the pump has dropped may be in it. */
	tnl_bypass_end(r, way);
	b->pipe = tnl_pipes_get(r->pipes);
	if (b->pipe == NULL) {
		leave(t);
		return TUNNEL_ASK;
	}
	n = tnl_splice(f->rfd, b->pipe->fd[1], MOST);
	if (n > 0) {
		*got = (size_t)n;
		tnl_pump_carried(r->pump, way, *got);
		t->small = *got < SMALL ? t->small + 1 : 0;
		if (t->small == QUIET)
			leave(t);
		return 0;
	}
	if (n < 0)
		rv = errno == EINVAL ? TUNNEL_ASK :
		    tnl_fd_verdict(f, TUNNEL_IN);
	rest(r, way);
	t->never |= rv == TUNNEL_ASK;
	t->on &= !t->never;
	return n == 0 ? TUNNEL_DONE : rv;
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
