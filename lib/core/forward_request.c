/* forward_request.c - a request on its way from A to B
 *
 * Before the application is asked, everything has been looked at that could
 * make two readers of the request see two requests; after that its decision
 * holds for what is sent.
 */
#include "core/forward.h"

#include <string.h>

#include "core/field.h"

static int
judge_message(struct tunnel_forward *f)
{
	const struct tnl_head *h = &f->server->head;
	struct tnl_options hop;
	uint64_t left;
	int rv = tnl_target_read(&f->target, h);

	if (rv == 0)
		rv = tnl_framing_request(h, &f->asked);
	if (rv == 0)
		rv = tnl_hop_read(&hop, h);
	if (rv == 0)
		rv = tnl_recast_forwards(h, &left);
	return rv < 0 ? rv : 0;
}

/* A head that server takes for a sound one. */
static int
judge(struct tunnel_forward *f)
{
	int rv = 0;

	memset(&f->asked, 0, sizeof f->asked);
	if (!f->server->asked.connect)
		rv = judge_message(f);
	if (rv == 0 && f->via.n > 1 && tnl_recast_loops(&f->server->head,
	    tnl_buf_text(&f->via, 0)))
		rv = TUNNEL_ELOOP;
	if (rv == TUNNEL_ENOMEM)
		return tnl_forward_leave(f, rv);
	if (rv < 0)
		return tunnel_server_fail(f->server, rv);
	tnl_passage_cap(&f->from[TUNNEL_A], f->cap[TUNNEL_B]);
	tnl_passage_cap(&f->from[TUNNEL_B], f->cap[TUNNEL_A]);
	tnl_passage_source(&f->from[TUNNEL_A], &f->asked);
	return 0;
}

static int
feed_content(struct tunnel_forward *f, const uint8_t *in, size_t n,
    size_t *used)
{
	struct tnl_passage *up = &f->from[TUNNEL_A];
	int vain = up->out == NULL && !up->taking;
	int rv = tnl_passage_feed(up, in, n, used);

	if (vain)
		f->excess += *used;
	return rv < 0 ? tnl_forward_break(f, rv) : 0;
}

int
tnl_forward_feed_a(struct tunnel_forward *f, const uint8_t *in, size_t n,
    size_t *used)
{
	int rv;

	*used = 0;
	if (f->crossing == TNL_READY && n > 0)
		tnl_forward_next(f);
	switch ((enum tnl_crossing)f->crossing) {
	case TNL_ASKING:
		rv = tunnel_server_feed(f->server, in, n, used);
		if (rv < 0)
			return tnl_forward_leave(f, rv);
		return *used > 0 && rv == TUNNEL_ASK ? judge(f) : 0;
	case TNL_PASSED:
	case TNL_SERVED:
	case TNL_REPLIED:
		return feed_content(f, in, n, used);
	case TNL_ENDING:
	case TNL_BROKEN:
		*used = n;
		return 0;
	case TNL_READY:
	case TNL_SWITCHED:
	case TNL_GONE:
		break;
	}
	return 0;
}

/* Is the request to switch to the protocol that may be switched to?  With
 * HTTP/1.0 that is no request (RFC 9110 section 7.8). */
static int
switches(const struct tunnel_forward *f)
{
	const struct tnl_head *h = &f->server->head;

	return f->upgrade.n > 0 && h->version >= 11 && !f->http10 &&
	    tnl_field_lists(h, "connection", "upgrade") &&
	    tnl_field_lists(h, "upgrade", tnl_buf_text(&f->upgrade, 0));
}

/* How the content is framed towards B. */
static void
frame(const struct tunnel_forward *f, struct tnl_framing *framing)
{
	*framing = f->asked;
	if (!f->replaced[TUNNEL_B])
		return;
	framing->told = f->sized[TUNNEL_B];
	framing->length = f->length[TUNNEL_B];
	framing->kind = framing->told ? TNL_BODY_LENGTH : TNL_BODY_CHUNKS;
}

static const char *
text_of(const struct tnl_buf *b)
{
	return b->n > 0 ? tnl_buf_text(b, 0) : NULL;
}

static int
write_request(struct tunnel_forward *f, const struct tnl_framing *framing)
{
	struct tnl_recast_request q;
	struct tnl_options hop;

	memset(&q, 0, sizeof q);
	(void)tnl_hop_read(&hop, &f->server->head);
	q.r.head = &f->server->head;
	q.r.hop = &hop;
	q.r.gone = &f->gone[TUNNEL_B];
	q.r.extra = &f->extra[TUNNEL_B];
	q.r.via = f->via.n > 0 ? tnl_buf_text(&f->via, 0) : "libtunnel";
	q.r.upgrade = f->switching ? tnl_buf_text(&f->upgrade, 0) : NULL;
	q.r.framing = *framing;
	q.r.close = !f->reuse && !f->http10;
	/* HTTP/1.0 knows no expectations: from there they are none, and to
	 * there they do not go (RFC 9110 section 10.1.1). */
	q.r.unexpected = f->http10 || q.r.head->version < 11;
	q.target = &f->target;
	q.authority = text_of(&f->authority);
	q.path = text_of(&f->path);
	q.absolute = f->absolute;
	q.http10 = f->http10;
	return tnl_recast_request(&q, &f->out[TUNNEL_B].buf);
}

static void
await(struct tunnel_forward *f, int reused)
{
	tnl_head_clear(&f->reply);
	tnl_head_limits(&f->reply, 0, f->head_max);
	f->reused = reused;
	f->heard = f->b_shut = f->b_last = 0;
	f->sent = 0;
	f->beyond = TNL_AWAITED;
}

/* Once more: as it is, if none of it was taken. */
static int
pass_again(struct tunnel_forward *f, int reused)
{
	struct tnl_framing framing;
	int rv = 0;

	frame(f, &framing);
	if (tnl_outbox_held(&f->out[TUNNEL_B]) == 0)
		rv = write_request(f, &framing);
	if (rv < 0)
		return tnl_forward_leave(f, TUNNEL_ENOMEM);
	await(f, reused);
	return 0;
}

static int
pass_first(struct tunnel_forward *f, int reused)
{
	struct tnl_passage *up = &f->from[TUNNEL_A];
	struct tnl_framing framing;
	int rv;

	f->beyond = TNL_KEPT;
	if (tunnel_forward_own(f))
		return tnl_forward_reflect(f);
	frame(f, &framing);
	if (framing.kind == TNL_BODY_CHUNKS && f->http10)
		return tunnel_server_refuse(f->server, 411, NULL);
	if (f->absolute && f->authority.n == 0 && f->target.host[0] == '\0')
		return tunnel_server_fail(f->server, TUNNEL_EHOST);
	f->switching = switches(f);
	rv = f->http10 ? tnl_forward_invite(f) : 0;
	if (rv < 0 || write_request(f, &framing) < 0)
		return tnl_forward_leave(f, TUNNEL_ENOMEM);
	tnl_passage_sink(up, &f->out[TUNNEL_B], &framing);
	up->given = up->taking = f->replaced[TUNNEL_B];
	f->server->state = TNL_LENT;
	f->crossing = TNL_PASSED;
	await(f, reused);
	return 0;
}

int
tunnel_forward_pass(struct tunnel_forward *f, int reused)
{
	int rv;

	if (f->witness.busy)
		return TUNNEL_ESTATE;
	if (f->beyond == TNL_AGAIN)
		rv = pass_again(f, reused != 0);
	else if (f->crossing == TNL_ASKING && f->server->state == TNL_ASK &&
	    !f->server->asked.connect)
		rv = pass_first(f, reused != 0);
	else
		return TUNNEL_ESTATE;
	if (rv >= 0)
		rv = tnl_forward_settle(f);
	return rv < 0 ? rv : tunnel_forward_flags(f, TUNNEL_A);
}
