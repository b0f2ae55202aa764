/* forward_end.c - how an exchange goes on, or ends
 *
 *      B:  AWAITED --> REVIEWED --> REPLYING --> KEPT, SPENT
 *             |  ^                     |
 *             v  |                     v
 *            AGAIN                  ABORTED
 *
 *      A:  ASKING --> PASSED, SERVED --> REPLIED --> READY (--> ASKING)
 *                                            |   `--> ENDING
 *                                            v
 *                                         BROKEN
 *
 * The reply and the request end each for itself: B is done when its reply has
 * come and it has taken the request; A, when the reply has left and the
 * request has come.  A reply that was begun is completed or is BROKEN, which A
 * sees as a reset (RFC 9112 section 8): an end that it could take for the end
 * would be a lie.
 */
#include "core/forward.h"

#include <assert.h>

#include "core/field.h"

/* What A may send in vain before its connection is given up; to read on costs
 * less than another connection. */
enum { EXCESS_MAX = 262144 };

void
tnl_forward_drop_b(struct tunnel_forward *f, int beyond)
{
	f->beyond = beyond;
	f->from[TUNNEL_A].out = NULL;
	f->from[TUNNEL_A].given = 0;
	tnl_outbox_free(&f->out[TUNNEL_B]);
}

/* Is there a B that a request goes to? */
static int
engaged(const struct tunnel_forward *f)
{
	return f->beyond == TNL_AWAITED || f->beyond == TNL_REVIEWED ||
	    f->beyond == TNL_REPLYING;
}

static void
abort_b(struct tunnel_forward *f)
{
	if (engaged(f))
		tnl_forward_drop_b(f, TNL_ABORTED);
	if (f->beyond == TNL_AGAIN)
		tnl_forward_drop_b(f, TNL_NOBODY);
}

int
tnl_forward_leave(struct tunnel_forward *f, int error)
{
	abort_b(f);
	tnl_passage_cut(&f->from[TUNNEL_A], error);
	tnl_passage_cut(&f->from[TUNNEL_B], error);
	tnl_outbox_free(&f->out[TUNNEL_A]);
	f->crossing = TNL_GONE;
	if (f->fault == 0)
		f->fault = error;
	if (error == TUNNEL_ENOMEM)
		f->error = error;
	return f->error;
}

int
tnl_forward_break(struct tunnel_forward *f, int error)
{
	if (error == TUNNEL_ENOMEM)
		return tnl_forward_leave(f, error);
	abort_b(f);
	tnl_passage_cut(&f->from[TUNNEL_B], error);
	if (f->fault == 0)
		f->fault = error;
	if (f->crossing == TNL_PASSED || f->crossing == TNL_SERVED)
		return tnl_forward_say(f, error);
	/* Nothing can be lost before a request, or behind its end. */
	assert(f->crossing == TNL_REPLIED);
	f->keep = 0;
	if (!f->from[TUNNEL_B].sealed)
		f->crossing = TNL_BROKEN;
	return 0;
}

/* RFC 9110 section 9.2.2, RFC 9112 section 9.3.1: a connection that was idle
 * may have been closed just as the request was sent.  What B cannot have seen,
 * or what does no more harm when it is done twice, is sent again. */
int
tnl_forward_lost(struct tunnel_forward *f, int error)
{
	if (!f->reused || f->heard || f->beyond != TNL_AWAITED ||
	    (f->sent > 0 && !tunnel_forward_repeatable(f)))
		return tnl_forward_break(f, error);
	if (f->sent > 0)
		tnl_outbox_free(&f->out[TUNNEL_B]);
	f->beyond = TNL_AGAIN;
	return 0;
}

/* Write the end behind content that has come whole. */
static int
seal(struct tunnel_forward *f, int side, const struct tnl_head *head)
{
	struct tnl_passage *p = &f->from[side];
	struct tnl_options hop;

	if (p->coming != TNL_WHOLE || p->sealed || p->given || p->out == NULL)
		return 0;
	(void)tnl_hop_read(&hop, head);
	return tnl_passage_seal(p, &hop);
}

/* A client that was to be told to go on, and was told the end instead, need not
 * send what B would be waiting for (RFC 9110 section 10.1.1). */
static void
settle_b(struct tunnel_forward *f)
{
	const struct tnl_passage *up = &f->from[TUNNEL_A];
	int last = f->b_last || f->b_shut || tnl_forward_uninvited(f);

	if (f->beyond != TNL_REPLYING ||
	    f->from[TUNNEL_B].coming != TNL_WHOLE)
		return;
	if ((up->sealed || up->out == NULL) &&
	    tnl_outbox_held(&f->out[TUNNEL_B]) == 0)
		tnl_forward_drop_b(f, last ? TNL_SPENT : TNL_KEPT);
	else if (last)
		tnl_forward_drop_b(f, TNL_SPENT);
}

/* The reply has left.  What is still to come of the request? */
static void
settle_answered(struct tunnel_forward *f)
{
	struct tnl_passage *up = &f->from[TUNNEL_A];

	if (up->coming == TNL_WHOLE || up->coming == TNL_NOTHING) {
		f->crossing = f->keep && !f->a_eof ? TNL_READY : TNL_ENDING;
		return;
	}
	/* Nobody wants it. */
	up->taking = 0;
	up->out = NULL;
	if (!f->keep || up->coming == TNL_CUT || f->excess > EXCESS_MAX ||
	    (up->body.kind == TNL_BODY_LENGTH && up->body.left > EXCESS_MAX))
		f->crossing = TNL_ENDING;
}

static void
settle_a(struct tunnel_forward *f)
{
	if (tnl_outbox_held(&f->out[TUNNEL_A]) > 0)
		return;
	if (f->crossing == TNL_ASKING && f->server->state == TNL_ENDED)
		f->crossing = tunnel_server_reusable(f->server) && !f->a_eof ?
		    TNL_READY : TNL_ENDING;
	if (f->crossing == TNL_REPLIED && f->from[TUNNEL_B].sealed &&
	    f->beyond != TNL_REPLYING)
		settle_answered(f);
	if (f->crossing == TNL_READY || f->crossing == TNL_ENDING ||
	    f->crossing == TNL_SWITCHED) {
		tnl_outbox_free(&f->out[TUNNEL_A]);
		tnl_outbox_free(&f->from[TUNNEL_A].taken);
	}
}

int
tnl_forward_settle(struct tunnel_forward *f)
{
	int rv = seal(f, TUNNEL_A, &f->server->head);

	if (rv == 0)
		rv = seal(f, TUNNEL_B, &f->reply);
	/* What we say instead of it is whole. */
	if (rv == 0 && f->crossing == TNL_REPLIED &&
	    f->from[TUNNEL_B].coming == TNL_CUT && !f->from[TUNNEL_B].sealed)
		rv = f->from[TUNNEL_B].error;
	if (rv < 0)
		return tnl_forward_break(f, rv);
	settle_b(f);
	settle_a(f);
	return 0;
}

void
tnl_forward_next(struct tunnel_forward *f)
{
	int side;

	for (side = 0; side < 2; side++) {
		tnl_passage_clear(&f->from[side]);
		tnl_outbox_free(&f->out[side]);
		tnl_buf_free(&f->extra[side]);
		tnl_buf_free(&f->gone[side]);
		f->replaced[side] = f->sized[side] = 0;
	}
	tnl_buf_free(&f->authority);
	tnl_buf_free(&f->path);
	tnl_target_clear(&f->target);
	tnl_head_clear(&f->reply);
	tnl_server_next(f->server);
	f->crossing = TNL_ASKING;
	f->keep = f->b_shut = f->b_last = f->switching = f->reused = 0;
	f->heard = f->invited = f->interim = f->status = f->fault = 0;
	f->sent = f->excess = 0;
}
