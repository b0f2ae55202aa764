/* forward.c - pass HTTP/1.1 messages on
 *
 *      A --> server --> ASK --> recast ----------> out[B] --> B
 *      A --> from[A]: body, trailers, chunks ----> out[B] --> B
 *      A <-- out[A] <-------------------- recast <-- reply <-- B
 *      A <-- out[A] <-- chunks, trailers, body :from[B] <----- B
 *
 * RFC 9110 section 7.6 and RFC 9112.  The request's head is read by a server
 * engine, which can answer it as well; from pass on it belongs to us.  What
 * goes to a side is written into one outbox: head, content and trailers, one
 * behind the other.  The next request is not read before the reply has left,
 * so replies cannot change their order.
 *
 * This room is the object and the bytes of its sides; forward_request,
 * forward_reply and forward_answer are what is done with them, forward_end what
 * follows.
 */
#include "core/forward.h"

#include <assert.h>
#include <string.h>

#include "core/alloc.h"
#include "core/emit.h"

enum {
	CAP_DEFAULT = 16384,
	HEAD_MAX_DEFAULT = 65536,
	FIELDS_MAX = 65536,
	TEXT_MAX = 512,
	PATHS_MAX = 65536,
	/* what an outbox may hold is bounded by what is put into it: a head of
	 * limited size or a reply, trailers, and content up to its mark */
	OUT_MAX = 0x7fffffff
};

struct tunnel_forward *
tunnel_forward_new(const struct tunnel_alloc *a)
{
	struct tunnel_alloc own;
	struct tunnel_forward *f;
	int side;

	tnl_alloc_init(&own, a);
	f = tnl_get(&own, sizeof *f);
	if (f == NULL)
		return NULL;
	f->a = own;
	f->server = tunnel_server_new(&own);
	if (f->server == NULL) {
		tnl_put(&own, f, sizeof *f);
		return NULL;
	}
	(void)tunnel_server_methods(f->server, 1);
	tnl_target_init(&f->target, &f->a);
	tnl_head_init(&f->reply, &f->a, TNL_RESPONSE, 0, HEAD_MAX_DEFAULT, 1);
	for (side = 0; side < 2; side++) {
		tnl_passage_init(&f->from[side], &f->a, side, &f->witness);
		tnl_outbox_init(&f->out[side], &f->a, OUT_MAX);
		tnl_buf_init(&f->extra[side], &f->a,
		    (size_t)2 * FIELDS_MAX);
		tnl_buf_init(&f->gone[side], &f->a, FIELDS_MAX);
		f->cap[side] = CAP_DEFAULT;
	}
	tnl_buf_init(&f->authority, &f->a, TEXT_MAX);
	tnl_buf_init(&f->path, &f->a, PATHS_MAX);
	tnl_buf_init(&f->via, &f->a, TEXT_MAX);
	tnl_buf_init(&f->upgrade, &f->a, TEXT_MAX);
	f->head_max = HEAD_MAX_DEFAULT;
	f->reuse = f->persist = 1;
	return f;
}

void
tunnel_forward_free(struct tunnel_forward *f)
{
	struct tunnel_alloc a;

	if (f == NULL)
		return;
	a = f->a;
	tnl_forward_next(f);
	tunnel_server_free(f->server);
	tnl_head_free(&f->reply);
	tnl_buf_free(&f->via);
	tnl_buf_free(&f->upgrade);
	tnl_put(&a, f, sizeof *f);
}

struct tunnel_server *
tunnel_forward_server(struct tunnel_forward *f)
{
	return f->server;
}

/* ---- flags ---------------------------------------------------------- */

static int
held(const struct tunnel_forward *f, int side)
{
	return tnl_outbox_held(&f->out[side]) > 0 ? TUNNEL_OUT : 0;
}

static int
flags_a(const struct tunnel_forward *f)
{
	int out = held(f, TUNNEL_A), rv;

	switch ((enum tnl_crossing)f->crossing) {
	case TNL_ASKING:
		rv = tunnel_server_flags(f->server);
		return rv < 0 ? rv : rv | out;
	case TNL_PASSED:
	case TNL_SERVED:
	case TNL_REPLIED:
		return out | (tnl_passage_wants(&f->from[TUNNEL_A]) ?
		    TUNNEL_IN : 0);
	case TNL_READY:
		return TUNNEL_IN;
	case TNL_SWITCHED:
		return out ? out : TUNNEL_OPEN;
	case TNL_ENDING:
		return (out ? out : TUNNEL_FIN) | (!f->a_eof ? TUNNEL_IN :
		    out ? 0 : TUNNEL_DONE);
	case TNL_BROKEN:
		return out ? out : TUNNEL_RESET | TUNNEL_DONE;
	case TNL_GONE:
		break;
	}
	return f->error < 0 ? f->error : TUNNEL_RESET | TUNNEL_DONE;
}

static int
flags_b(const struct tunnel_forward *f)
{
	int out = f->b_shut ? 0 : held(f, TUNNEL_B);

	switch ((enum tnl_beyond)f->beyond) {
	case TNL_NOBODY:
		return f->crossing == TNL_SWITCHED && !held(f, TUNNEL_A) ?
		    TUNNEL_OPEN : 0;
	case TNL_AWAITED:
		return out | (tnl_outbox_held(&f->out[TUNNEL_A]) <
		    f->cap[TUNNEL_A] ? TUNNEL_IN : 0);
	case TNL_REVIEWED:
		return out | TUNNEL_ASK;
	case TNL_REPLYING:
		return out | (tnl_passage_wants(&f->from[TUNNEL_B]) ?
		    TUNNEL_IN : 0);
	case TNL_AGAIN:
		return TUNNEL_RECONNECT;
	case TNL_KEPT:
		return TUNNEL_REUSE | TUNNEL_DONE;
	case TNL_SPENT:
		return TUNNEL_DONE;
	case TNL_ABORTED:
		break;
	}
	return TUNNEL_RESET | TUNNEL_DONE;
}

int
tunnel_forward_flags(const struct tunnel_forward *f, int side)
{
	return side == TUNNEL_A ? flags_a(f) : flags_b(f);
}

/* What a call that has moved the object returns. */
static int
moved(struct tunnel_forward *f, int side, int rv)
{
	if (rv == 0)
		rv = tnl_forward_settle(f);
	return rv < 0 ? rv : tunnel_forward_flags(f, side);
}

/* ---- bytes ---------------------------------------------------------- */

int
tunnel_forward_feed(struct tunnel_forward *f, int side, const void *in,
    size_t n, size_t *used)
{
	int rv;

	*used = 0;
	if (f->witness.busy)
		return TUNNEL_ESTATE;
	rv = side == TUNNEL_A ? tnl_forward_feed_a(f, in, n, used) :
	    tnl_forward_feed_b(f, in, n, used);
	return moved(f, side, rv);
}

/* Does what waits for A come from the server? */
static int
served(const struct tunnel_forward *f, int side)
{
	return side == TUNNEL_A && f->crossing == TNL_ASKING &&
	    !held(f, TUNNEL_A);
}

/* Is there nobody to whom it could be lent? */
static int
unlent(const struct tunnel_forward *f, int side)
{
	return side == TUNNEL_B && (f->b_shut || f->beyond == TNL_AGAIN);
}

const void *
tunnel_forward_peek(const struct tunnel_forward *f, int side, size_t *n)
{
	*n = 0;
	if (served(f, side))
		return tunnel_server_peek(f->server, n);
	return unlent(f, side) ? NULL :
	    tnl_outbox_peek(&f->out[side == TUNNEL_B], n);
}

int
tunnel_forward_skip(struct tunnel_forward *f, int side, size_t n)
{
	int rv;

	if (f->witness.busy)
		return TUNNEL_ESTATE;
	if (unlent(f, side)) {
		rv = n > 0 ? TUNNEL_EINVAL : 0;
	} else if (served(f, side)) {
		rv = tunnel_server_skip(f->server, n);
	} else {
		rv = tnl_outbox_skip(&f->out[side == TUNNEL_B], n);
		if (rv == 0 && side == TUNNEL_B)
			f->sent += n;
	}
	return moved(f, side, rv > 0 ? 0 : rv);
}

int
tunnel_forward_drain(struct tunnel_forward *f, int side, void *out,
    size_t cap, size_t *got)
{
	const void *p = tunnel_forward_peek(f, side, got);

	if (*got > cap)
		*got = cap;
	assert(p != NULL || *got == 0);
	if (*got > 0)
		memcpy(out, p, *got);
	return tunnel_forward_skip(f, side, *got);
}

/* ---- content for the application, and from it ----------------------- */

const void *
tunnel_forward_content(const struct tunnel_forward *f, int side, size_t *n)
{
	return tnl_outbox_peek(&f->from[side == TUNNEL_B].taken, n);
}

int
tunnel_forward_consume(struct tunnel_forward *f, int side, size_t n)
{
	int rv;

	if (f->witness.busy)
		return TUNNEL_ESTATE;
	rv = tnl_outbox_skip(&f->from[side == TUNNEL_B].taken, n);
	return moved(f, side, rv);
}

int
tunnel_forward_ended(const struct tunnel_forward *f, int side)
{
	const struct tnl_passage *p = &f->from[side == TUNNEL_B];

	if (p->coming == TNL_CUT)
		return p->error;
	return p->coming == TNL_WHOLE && tnl_outbox_held(&p->taken) == 0;
}

/* Is content for this side the application's, and not complete? */
static int
puts_content(const struct tunnel_forward *f, int side)
{
	const struct tnl_passage *p = &f->from[side == TUNNEL_A];

	return !f->witness.busy && p->given && !p->sealed &&
	    (side == TUNNEL_B || f->crossing == TNL_REPLIED);
}

int
tunnel_forward_put(struct tunnel_forward *f, int side, const void *in,
    size_t n, size_t *used)
{
	int rv;

	*used = 0;
	if (!puts_content(f, side))
		return TUNNEL_ESTATE;
	rv = tnl_passage_put(&f->from[side == TUNNEL_A], in, n, used);
	if (rv == TUNNEL_ENOMEM)
		rv = tnl_forward_leave(f, rv);
	return moved(f, side, rv);
}

int
tunnel_forward_end(struct tunnel_forward *f, int side)
{
	int rv;

	if (!puts_content(f, side))
		return TUNNEL_ESTATE;
	rv = tnl_passage_seal(&f->from[side == TUNNEL_A], NULL);
	return moved(f, side, rv < 0 ? tnl_forward_break(f, rv) : 0);
}
