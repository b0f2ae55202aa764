/* forward_reply.c - a reply on its way from B to A
 *
 * Interim replies (RFC 9110 section 15.2) go on as they come, but not to a
 * client of HTTP/1.0, which would take the first of them for the reply.  A 101
 * ends our part, if the request could ask for it.
 */
#include "core/forward.h"

#include <string.h>

#include "core/field.h"

enum { INTERIM_MAX = 128 };

static int
write_head(struct tunnel_forward *f, const struct tnl_framing *framing,
    int final)
{
	static const struct tnl_buf none;
	struct tnl_recast_reply p;
	struct tnl_options hop;

	memset(&p, 0, sizeof p);
	if (tnl_hop_read(&hop, &f->reply) < 0)
		return TUNNEL_EREPLY;
	p.r.head = &f->reply;
	p.r.hop = &hop;
	p.r.gone = final ? &f->gone[TUNNEL_A] : &none;
	p.r.extra = final ? &f->extra[TUNNEL_A] : &none;
	p.r.via = f->via.n > 0 ? tnl_buf_text(&f->via, 0) : "libtunnel";
	p.r.upgrade = f->reply.status == 101 ?
	    tnl_buf_text(&f->upgrade, 0) : NULL;
	p.r.framing = *framing;
	p.r.close = final && !f->keep;
	p.status = f->reply.status;
	tnl_outbox_tidy(&f->out[TUNNEL_A]);
	return tnl_recast_reply(&p, &f->out[TUNNEL_A].buf);
}

/* 101: what comes from here on is of no protocol that we know. */
static int
switch_over(struct tunnel_forward *f)
{
	struct tnl_framing none;
	int rv;

	if (!f->switching || f->from[TUNNEL_A].coming != TNL_WHOLE ||
	    tnl_outbox_held(&f->out[TUNNEL_B]) > 0 ||
	    !tnl_field_lists(&f->reply, "upgrade",
	    tnl_buf_text(&f->upgrade, 0)))
		return TUNNEL_EREPLY;
	memset(&none, 0, sizeof none);
	rv = write_head(f, &none, 0);
	if (rv < 0)
		return rv;
	f->status = 101;
	f->crossing = TNL_SWITCHED;
	f->beyond = TNL_NOBODY;
	return 0;
}

static int
interim(struct tunnel_forward *f)
{
	struct tnl_framing none;
	int rv = 0;

	if (f->reply.status == 101)
		return switch_over(f);
	if (++f->interim > INTERIM_MAX)
		return TUNNEL_EREPLY;
	memset(&none, 0, sizeof none);
	if (f->server->head.version >= 11) {
		f->invited |= f->reply.status == 100;
		rv = write_head(f, &none, 0);
	}
	tnl_head_clear(&f->reply);
	return rv;
}

static int
deliver(struct tunnel_forward *f)
{
	struct tnl_passage *down = &f->from[TUNNEL_B];
	struct tnl_framing came, onward;
	int rv;

	(void)tnl_framing_reply(&f->reply, tnl_forward_to_head(f), &came);
	if (f->replaced[TUNNEL_A]) {
		came.kind = came.kind == TNL_BODY_NONE ? TNL_BODY_NONE :
		    TNL_BODY_CLOSE;
		came.told = f->sized[TUNNEL_A] && f->reply.status != 204;
		came.length = f->length[TUNNEL_A];
	}
	tnl_framing_onward(&came, f->server->head.version >= 11, &onward);
	f->keep = tnl_forward_keeps(f, &onward);
	rv = tnl_forward_gather(f);
	if (rv == 0)
		rv = write_head(f, &onward, 1);
	if (rv < 0)
		return rv;
	tnl_passage_sink(down, &f->out[TUNNEL_A], &onward);
	down->given = down->taking = f->replaced[TUNNEL_A];
	f->status = f->reply.status;
	f->crossing = TNL_REPLIED;
	f->beyond = TNL_REPLYING;
	return 0;
}

/* A head has come.  What frames it is in order from here on. */
static int
got_head(struct tunnel_forward *f)
{
	struct tnl_framing came;

	if (f->reply.status < 200)
		return interim(f);
	if (tnl_framing_reply(&f->reply, tnl_forward_to_head(f), &came) < 0)
		return TUNNEL_EREPLY;
	tnl_passage_source(&f->from[TUNNEL_B], &came);
	f->b_last = !f->reuse || came.kind == TNL_BODY_CLOSE ||
	    !tnl_field_persists(&f->reply);
	if (f->review) {
		f->beyond = TNL_REVIEWED;
		return 0;
	}
	return deliver(f);
}

static int
feed_head(struct tunnel_forward *f, const uint8_t *in, size_t n, size_t *used)
{
	int rv;

	/* Who speaks before being asked answers something else. */
	if (f->sent == 0)
		return tnl_forward_lost(f, TUNNEL_EREPLY);
	f->heard = 1;
	rv = tnl_head_feed(&f->reply, in, n, used);
	if (rv > 0)
		rv = got_head(f);
	if (rv == TUNNEL_ENOMEM)
		return tnl_forward_break(f, rv);
	return rv < 0 ? tnl_forward_break(f, TUNNEL_EREPLY) : 0;
}

int
tnl_forward_feed_b(struct tunnel_forward *f, const uint8_t *in, size_t n,
    size_t *used)
{
	size_t some = 1;
	int rv = 0;

	*used = 0;
	while (rv == 0 && *used < n && some > 0 && (f->beyond == TNL_AWAITED ||
	    f->beyond == TNL_REPLYING)) {
		some = 0;
		if (f->beyond == TNL_REPLYING) {
			rv = tnl_passage_feed(&f->from[TUNNEL_B], in + *used,
			    n - *used, &some);
			if (rv < 0)
				rv = tnl_forward_break(f, rv ==
				    TUNNEL_ENOMEM ? rv : TUNNEL_EREPLY);
		} else if (tnl_outbox_held(&f->out[TUNNEL_A]) <
		    f->cap[TUNNEL_A]) {
			rv = feed_head(f, in + *used, n - *used, &some);
		}
		*used += some;
	}
	return rv;
}

int
tunnel_forward_deliver(struct tunnel_forward *f)
{
	int rv;

	if (f->witness.busy || f->beyond != TNL_REVIEWED)
		return TUNNEL_ESTATE;
	rv = deliver(f);
	if (rv < 0)
		rv = tnl_forward_break(f, rv);
	if (rv == 0)
		rv = tnl_forward_settle(f);
	return rv < 0 ? rv : tunnel_forward_flags(f, TUNNEL_A);
}
