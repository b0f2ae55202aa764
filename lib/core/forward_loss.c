/* forward_loss.c - a side closes, takes no more, or dies
 *
 * Whether that is an end or a loss depends on what was still to come from it.
 * Of B, only an orderly close ends content that has no other end; a reset never
 * does.
 */
#include "core/forward.h"

#include "core/head.h"

static int
eof_a(struct tunnel_forward *f)
{
	const struct tnl_passage *up = &f->from[TUNNEL_A];

	f->a_eof = 1;
	switch ((enum tnl_crossing)f->crossing) {
	case TNL_ASKING:
		if (f->server->state != TNL_HEAD)
			return 0;
		if (tnl_head_begun(&f->server->head)) {
			f->error = TUNNEL_EEOF;
			return tnl_forward_leave(f, TUNNEL_EEOF);
		}
		f->crossing = TNL_ENDING;
		return 0;
	case TNL_READY:
		f->crossing = TNL_ENDING;
		return 0;
	case TNL_PASSED:
	case TNL_SERVED:
	case TNL_REPLIED:
		if (up->coming != TNL_CONTENT && up->coming != TNL_TRAILING)
			return 0;
		/* A reply that is there already is not held back. */
		if (f->crossing != TNL_REPLIED || !f->from[TUNNEL_B].sealed)
			return tnl_forward_leave(f, TUNNEL_EEOF);
		tnl_passage_cut(&f->from[TUNNEL_A], TUNNEL_EEOF);
		return tnl_forward_break(f, TUNNEL_EEOF);
	case TNL_SWITCHED:
	case TNL_ENDING:
	case TNL_BROKEN:
	case TNL_GONE:
		break;
	}
	return 0;
}

static int
reset_a(struct tunnel_forward *f)
{
	if (f->crossing == TNL_SWITCHED || f->crossing == TNL_GONE)
		return f->error;
	return tnl_forward_leave(f, TUNNEL_ERESET);
}

/* B has closed (EEOF), or died (ERESET).  What has come of a reply that is
 * under review is kept until that is over. */
static int
end_b(struct tunnel_forward *f, int error)
{
	struct tnl_passage *reply = &f->from[TUNNEL_B];
	int rv;

	switch ((enum tnl_beyond)f->beyond) {
	case TNL_AWAITED:
		return tnl_forward_lost(f, error);
	case TNL_REVIEWED:
	case TNL_REPLYING:
		f->b_last = 1;
		if (error == TUNNEL_EEOF) {
			rv = tnl_passage_eof(reply);
		} else {
			tnl_passage_cut(reply, error);
			rv = reply->coming == TNL_CUT ? error : 0;
		}
		return rv < 0 && f->beyond == TNL_REPLYING ?
		    tnl_forward_break(f, rv) : 0;
	case TNL_KEPT:
		f->beyond = TNL_SPENT;
		return 0;
	case TNL_NOBODY:
	case TNL_AGAIN:
	case TNL_SPENT:
	case TNL_ABORTED:
		break;
	}
	return 0;
}

static int
eof_b(struct tunnel_forward *f)
{
	return end_b(f, TUNNEL_EEOF);
}

static int
reset_b(struct tunnel_forward *f)
{
	return end_b(f, TUNNEL_ERESET);
}

/* B takes no more, but what it has to say may still come.  What it has not
 * taken is kept as long as it might be sent once more. */
static int
shut_b(struct tunnel_forward *f)
{
	if (f->beyond != TNL_AWAITED && f->beyond != TNL_REVIEWED &&
	    f->beyond != TNL_REPLYING)
		return 0;
	f->b_shut = 1;
	if (f->sent > 0) {
		f->from[TUNNEL_A].out = NULL;
		tnl_outbox_free(&f->out[TUNNEL_B]);
	}
	return 0;
}

static int
lose(struct tunnel_forward *f, int side, int (*loss)(struct tunnel_forward *))
{
	int rv;

	if (f->witness.busy)
		return TUNNEL_ESTATE;
	rv = loss(f);
	if (rv == 0)
		rv = tnl_forward_settle(f);
	return rv < 0 ? rv : tunnel_forward_flags(f, side);
}

int
tunnel_forward_eof(struct tunnel_forward *f, int side)
{
	return lose(f, side, side == TUNNEL_A ? eof_a : eof_b);
}

int
tunnel_forward_shut(struct tunnel_forward *f, int side)
{
	return lose(f, side, side == TUNNEL_A ? reset_a : shut_b);
}

int
tunnel_forward_reset(struct tunnel_forward *f, int side)
{
	return lose(f, side, side == TUNNEL_A ? reset_a : reset_b);
}
