/* sides.c - the two sides of a relay: what they are, what they wait for and how
 * they failed
 */
#include "net/relay.h"

#include "core/alloc.h"
#include "net/bypass.h"

static int
is_side(int side)
{
	return side == TUNNEL_A || side == TUNNEL_B;
}

int
tunnel_relay_fds(struct tunnel_relay *r, int side, int rfd, int wfd)
{
	return is_side(side) ?
	    tnl_stream_fds(&r->side[side].stream, rfd, wfd) : TUNNEL_EINVAL;
}

int
tunnel_relay_fd(struct tunnel_relay *r, int side, int fd)
{
	return tunnel_relay_fds(r, side, fd, fd);
}

int
tunnel_relay_io(struct tunnel_relay *r, int side, const struct tunnel_io *io,
    void *ud)
{
	return is_side(side) ? tnl_stream_io(&r->side[side].stream, io, ud) :
	    TUNNEL_EINVAL;
}

int
tunnel_relay_close_at_fin(struct tunnel_relay *r, int side, int on)
{
	return is_side(side) ?
	    tunnel_fd_close_at_fin(&r->side[side].stream.fd, on) :
	    TUNNEL_EINVAL;
}

int
tunnel_relay_budget(struct tunnel_relay *r, size_t n)
{
	if (n == 0)
		return TUNNEL_EINVAL;
	r->budget = n;
	return 0;
}

int
tunnel_relay_splice(struct tunnel_relay *r, int on)
{
	struct tnl_pipes *pipes = r->own;

	if (on && r->pipes == NULL && tnl_bypass_able()) {
		pipes = tnl_get(&r->a, sizeof *pipes);
		if (pipes == NULL)
			return TUNNEL_ENOMEM;
		tnl_pipes_init(pipes, &r->a);
		r->pipes = r->own = pipes;
		r->side[TUNNEL_A].stream.fd.quiet = tnl_splice_quiet();
		r->side[TUNNEL_B].stream.fd.quiet = tnl_splice_quiet();
	} else if (!on && pipes != NULL) {
		tnl_bypass_end(r, TUNNEL_AB);
		tnl_bypass_end(r, TUNNEL_BA);
		tnl_pipes_free(pipes);
		tnl_put(&r->a, pipes, sizeof *pipes);
		r->pipes = r->own = NULL;
		r->side[TUNNEL_A].stream.fd.quiet = 0;
		r->side[TUNNEL_B].stream.fd.quiet = 0;
	}
	return 0;
}

int
tunnel_relay_wants(const struct tunnel_relay *r, int side)
{
	const struct tnl_side *s;
	int wants = 0;

	if (!is_side(side))
		return TUNNEL_EINVAL;
	if (r->result != 0)
		return 0;
	s = &r->side[side];
	if (tunnel_pump_flags(r->pump, side) & TUNNEL_IN &&
	    !tnl_bypass_waits(r, side))
		wants |= s->rwait != 0 ? s->rwait : TUNNEL_IN;
	if (tunnel_pump_flags(r->pump, 1 - side) & (TUNNEL_OUT | TUNNEL_FIN))
		wants |= s->wwait != 0 ? s->wwait : TUNNEL_OUT;
	return wants;
}

uint64_t
tunnel_relay_deadline(const struct tunnel_relay *r)
{
	uint64_t at = tunnel_pump_deadline(r->pump), due;
	int way;

	if (r->result != 0)
		return UINT64_MAX;
	for (way = 0; way < 2; way++) {
		due = r->bypass[way].due;
		at = due != 0 && due < at ? due : at;
	}
	return at;
}

int
tunnel_relay_error(const struct tunnel_relay *r, int side)
{
	return is_side(side) ? r->side[side].error : TUNNEL_EINVAL;
}

int
tunnel_relay_errno(const struct tunnel_relay *r, int side)
{
	return is_side(side) ? r->side[side].errnum : 0;
}
