/* forward_answer.c - replies that come from us, or from the application
 *
 * The side of an origin server: the request's content comes here and no
 * further, and what is put is framed as its reader understands it (RFC 9112
 * section 6.3).
 */
#include "core/forward.h"

#include <string.h>

#include "core/ascii.h"
#include "core/emit.h"
#include "core/field.h"
#include "core/reply.h"
#include "core/status.h"

int
tnl_forward_to_head(const struct tunnel_forward *f)
{
	return strcmp(tnl_head_method(&f->server->head), "HEAD") == 0;
}

static int
expects(const struct tunnel_forward *f)
{
	return f->server->head.version >= 11 &&
	    f->from[TUNNEL_A].coming == TNL_CONTENT &&
	    tnl_field_lists(&f->server->head, "expect", "100-continue");
}

int
tnl_forward_uninvited(const struct tunnel_forward *f)
{
	return expects(f) && f->from[TUNNEL_A].bytes == 0 && !f->invited;
}

int
tnl_forward_invite(struct tunnel_forward *f)
{
	int rv = 0;

	if (!expects(f))
		return 0;
	f->invited = 1;
	tnl_emit_text(&f->out[TUNNEL_A].buf, "HTTP/1.1 100 Continue\r\n\r\n",
	    &rv);
	return rv;
}

/* A client of HTTP/1.0 is kept by us as an origin, but not as a proxy: it may
 * have passed "keep-alive" on without knowing what it is (RFC 9112 section 9.3
 * and appendix C.2.2).  Where content that nobody waits for might still come,
 * or might not, as it was to wait for a 100, there is no place where the next
 * request could begin. */
int
tnl_forward_keeps(const struct tunnel_forward *f,
    const struct tnl_framing *framing)
{
	const struct tnl_head *h = &f->server->head;
	const struct tnl_passage *up = &f->from[TUNNEL_A];

	if (!f->persist || f->a_eof || !tnl_field_persists(h) ||
	    framing->kind == TNL_BODY_CLOSE ||
	    (h->version < 11 && f->crossing == TNL_PASSED))
		return 0;
	if (up->coming == TNL_WHOLE || up->coming == TNL_NOTHING)
		return 1;
	if (up->coming == TNL_CUT || f->crossing == TNL_ASKING ||
	    tnl_forward_uninvited(f))
		return 0;
	return !(f->crossing == TNL_PASSED && (f->b_last || up->out == NULL));
}

int
tnl_forward_gather(struct tunnel_forward *f)
{
	struct tnl_buf *mine = &f->extra[TUNNEL_A], *theirs = &f->server->extra;
	int rv = tnl_buf_add(mine, theirs->p, theirs->n);

	tnl_buf_clear(theirs);
	return rv;
}

/* Put a whole reply out. */
static int
say(struct tunnel_forward *f, struct tnl_reply *r)
{
	struct tnl_framing framing;
	int rv;

	memset(&framing, 0, sizeof framing);
	framing.kind = TNL_BODY_LENGTH;
	rv = tnl_forward_gather(f);
	f->keep = tnl_forward_keeps(f, &framing);
	r->keep = f->keep;
	r->bodiless = tnl_forward_to_head(f);
	r->extra = &f->extra[TUNNEL_A];
	tnl_outbox_tidy(&f->out[TUNNEL_A]);
	if (rv == 0)
		rv = tnl_reply_write(r, &f->out[TUNNEL_A].buf);
	if (rv < 0)
		return tnl_forward_leave(f, TUNNEL_ENOMEM);
	f->status = r->status;
	f->from[TUNNEL_B].sealed = 1;
	f->server->state = TNL_LENT;
	f->crossing = TNL_REPLIED;
	return 0;
}

int
tnl_forward_say(struct tunnel_forward *f, int error)
{
	struct tnl_reply r;

	memset(&r, 0, sizeof r);
	r.status = tunnel_error_status(error);
	r.token = tunnel_error_token(error);
	r.body = tunnel_strerror(error);
	r.n = strlen(r.body);
	r.line = 1;
	r.allow = r.status == 405;
	return say(f, &r);
}

/* RFC 9110 section 9.3.8: nothing of it that is a secret. */
static void
reflect_fields(const struct tnl_head *h, struct tnl_buf *out, int *rv)
{
	const char *name, *value;
	size_t at = 0;

	while ((name = tnl_field_next(h, &at, &value)) != NULL)
		if (!tnl_same(name, "authorization") &&
		    !tnl_same(name, "proxy-authorization") &&
		    !tnl_same(name, "cookie"))
			tnl_emit_field(out, name, value, rv);
}

int
tnl_forward_reflect(struct tunnel_forward *f)
{
	const struct tnl_head *h = &f->server->head;
	struct tnl_buf *text = &f->from[TUNNEL_A].taken.buf;
	struct tnl_reply r;
	int rv = 0;

	memset(&r, 0, sizeof r);
	r.status = 200;
	r.body = "";
	if (strcmp(tnl_head_method(h), "TRACE") == 0) {
		text->max = 2 * h->head_max;
		tnl_emit_text(text, "TRACE ", &rv);
		tnl_emit_text(text, tnl_head_target(h), &rv);
		tnl_emit_text(text, h->version >= 11 ? " HTTP/1.1\r\n" :
		    " HTTP/1.0\r\n", &rv);
		reflect_fields(h, text, &rv);
		tnl_emit_text(text, "\r\n", &rv);
		r.type = "message/http";
		r.body = text->p;
		r.n = text->n;
	}
	if (rv < 0)
		return tnl_forward_leave(f, TUNNEL_ENOMEM);
	rv = say(f, &r);
	tnl_buf_free(text);
	return rv;
}

/* May the application reply now? */
static int
may_reply(const struct tunnel_forward *f)
{
	return !f->witness.busy && (f->crossing == TNL_SERVED ||
	    (f->crossing == TNL_ASKING && f->server->state == TNL_ASK &&
	    !f->server->asked.connect));
}

static int
done(struct tunnel_forward *f, int rv)
{
	if (rv >= 0)
		rv = tnl_forward_settle(f);
	return rv < 0 ? rv : tunnel_forward_flags(f, TUNNEL_A);
}

int
tunnel_forward_answer(struct tunnel_forward *f, int status, const char *type,
    const void *body, size_t n)
{
	struct tnl_reply r;

	if (!may_reply(f))
		return TUNNEL_ESTATE;
	if (status < 200 || status > 599 || type == NULL ||
	    !tnl_emit_valid("Content-Type", type) || (body == NULL && n > 0))
		return TUNNEL_EINVAL;
	if (n > TNL_REPLY_MAX - 262144)
		return TUNNEL_EHEAD;
	memset(&r, 0, sizeof r);
	r.status = status;
	r.type = type;
	r.body = n > 0 ? body : "";
	r.n = n;
	return done(f, say(f, &r));
}

int
tunnel_forward_fail(struct tunnel_forward *f, int error)
{
	if (f->witness.busy)
		return TUNNEL_ESTATE;
	if (tunnel_error_blame(error) == 0)
		return TUNNEL_EINVAL;
	if (f->crossing == TNL_ASKING && f->server->state == TNL_ASK &&
	    !f->server->asked.connect) {
		f->fault = error;
		return done(f, tnl_forward_say(f, error));
	}
	if (f->crossing == TNL_ASKING)
		return tunnel_server_fail(f->server, error);
	if (f->crossing != TNL_PASSED && f->crossing != TNL_SERVED &&
	    f->crossing != TNL_REPLIED)
		return TUNNEL_ESTATE;
	return done(f, tnl_forward_break(f, error));
}

int
tunnel_forward_serve(struct tunnel_forward *f)
{
	int rv;

	if (!may_reply(f) || f->crossing != TNL_ASKING)
		return TUNNEL_ESTATE;
	f->server->state = TNL_LENT;
	f->crossing = TNL_SERVED;
	f->beyond = TNL_NOBODY;
	f->from[TUNNEL_A].taking = 1;
	rv = tnl_forward_invite(f);
	return done(f, rv < 0 ? tnl_forward_leave(f, rv) : 0);
}

static int
write_head(struct tunnel_forward *f, int status,
    const struct tnl_framing *framing)
{
	struct tnl_recast_reply p;

	memset(&p, 0, sizeof p);
	p.r.extra = &f->extra[TUNNEL_A];
	p.r.framing = *framing;
	p.r.close = status >= 200 && !f->keep;
	p.keep10 = status >= 200 && f->keep && f->server->head.version < 11;
	p.status = status;
	tnl_outbox_tidy(&f->out[TUNNEL_A]);
	return tnl_recast_reply(&p, &f->out[TUNNEL_A].buf);
}

static int
respond_interim(struct tunnel_forward *f, int status)
{
	struct tnl_framing none;
	int rv = 0;

	memset(&none, 0, sizeof none);
	if (f->server->head.version >= 11)
		rv = write_head(f, status, &none);
	tnl_buf_clear(&f->extra[TUNNEL_A]);
	return rv;
}

static int
respond_final(struct tunnel_forward *f, int status)
{
	struct tnl_framing came, onward;
	int rv = tnl_forward_gather(f);

	came.kind = tnl_framing_bodiless(status) || tnl_forward_to_head(f) ?
	    TNL_BODY_NONE : TNL_BODY_CLOSE;
	came.told = f->sized[TUNNEL_A] && status != 204;
	came.length = f->length[TUNNEL_A];
	tnl_framing_onward(&came, f->server->head.version >= 11, &onward);
	f->keep = tnl_forward_keeps(f, &onward);
	if (rv == 0)
		rv = write_head(f, status, &onward);
	if (rv < 0)
		return rv;
	tnl_passage_sink(&f->from[TUNNEL_B], &f->out[TUNNEL_A], &onward);
	f->from[TUNNEL_B].given = 1;
	f->status = status;
	f->server->state = TNL_LENT;
	f->crossing = TNL_REPLIED;
	return 0;
}

int
tunnel_forward_respond(struct tunnel_forward *f, int status)
{
	int rv;

	if (!may_reply(f))
		return TUNNEL_ESTATE;
	if (status < 102 || status > 599)
		return TUNNEL_EINVAL;
	rv = status < 200 ? respond_interim(f, status) :
	    respond_final(f, status);
	return done(f, rv < 0 ? tnl_forward_leave(f, TUNNEL_ENOMEM) : 0);
}
