/* answer.c - the reply to a request for a tunnel
 *
 *     ASK --- accept ------------> AGREED     a 200, and the tunnel behind it
 *     ASK --- refuse, reply -----> REFUSED    what the application says
 *     HEAD, ASK --- fail --------> REFUSED    what the table of failures says
 *
 * A reply that cannot be stored makes the request FAILED: half a reply would be
 * worse than none.
 */
#include "core/server.h"

#include <string.h>

#include "core/emit.h"
#include "core/field.h"
#include "core/reply.h"
#include "core/status.h"

enum {
	REPLY_HEAD = 262144             /* left for fields beside a body */
};

/* A body that nobody reads would be taken for the next request. */
static int
has_body(const struct tnl_head *h)
{
	uint64_t length = 0;
	int sized = tnl_field_length(h, &length);

	return sized < 0 || length > 0 || tnl_field_chunked(h) != 0;
}

/* Put a reply into out, or fail for lack of memory; r says what to reply. */
static int
answer(struct tunnel_server *s, struct tnl_reply *r)
{
	int rv;

	s->keep = r->status == 407 && s->keep_407 && s->whole &&
	    !has_body(&s->head) && tnl_field_persists(&s->head);
	r->keep = s->keep;
	r->allow = r->status == 405;
	r->bodiless = s->whole &&
	    strcmp(tnl_head_method(&s->head), "HEAD") == 0;
	r->extra = &s->extra;
	rv = tnl_reply_write(r, &s->out.buf);
	s->status = r->status;
	s->state = rv == 0 ? TNL_REFUSED : TNL_FAILED;
	if (rv < 0)
		s->fault = rv;
	return tunnel_server_flags(s);
}

static int
answer_text(struct tunnel_server *s, int status, const char *token,
    const char *text)
{
	struct tnl_reply r;

	memset(&r, 0, sizeof r);
	r.status = status;
	r.token = token;
	r.body = text;
	r.n = text != NULL ? strlen(text) : 0;
	r.line = 1;
	return answer(s, &r);
}

int
tunnel_server_fail(struct tunnel_server *s, int error)
{
	if (s->state != TNL_HEAD && s->state != TNL_ASK)
		return TUNNEL_ESTATE;
	if (tunnel_error_blame(error) == 0)
		return TUNNEL_EINVAL;
	s->fault = error;
	return answer_text(s, tunnel_error_status(error),
	    tunnel_error_token(error), tunnel_strerror(error));
}

/* May this status be replied now?  The fault that it stands for, or 0. */
static int
judge_status(struct tunnel_server *s, int status)
{
	if (s->state != TNL_ASK)
		return TUNNEL_ESTATE;
	if (status < (s->asked.connect ? 300 : 200) || status > 599)
		return TUNNEL_EINVAL;
	s->fault = status < 300 ? 0 : status == 407 ? TUNNEL_EAUTH :
	    TUNNEL_EREFUSED;
	return 0;
}

int
tunnel_server_refuse(struct tunnel_server *s, int status, const char *text)
{
	int rv = judge_status(s, status);

	return rv < 0 ? rv : answer_text(s, status, NULL, text);
}

int
tunnel_server_reply(struct tunnel_server *s, int status, const char *type,
    const void *body, size_t n)
{
	struct tnl_reply r;
	int rv;

	if (type == NULL || !tnl_emit_valid("Content-Type", type) ||
	    (body == NULL && n > 0))
		return TUNNEL_EINVAL;
	if (n > TNL_REPLY_MAX - REPLY_HEAD)
		return TUNNEL_EHEAD;
	rv = judge_status(s, status);
	if (rv < 0)
		return rv;
	memset(&r, 0, sizeof r);
	r.status = status;
	r.type = type;
	r.body = n > 0 ? body : "";
	r.n = n;
	return answer(s, &r);
}

int
tunnel_server_accept(struct tunnel_server *s)
{
	int rv = 0;

	if (s->state != TNL_ASK || !s->asked.connect)
		return TUNNEL_ESTATE;
	tnl_emit_text(&s->out.buf,
	    "HTTP/1.1 200 Connection established\r\n", &rv);
	if (rv == 0)
		rv = tnl_buf_add(&s->out.buf, s->extra.p, s->extra.n);
	tnl_emit_text(&s->out.buf, "\r\n", &rv);
	s->status = 200;
	s->state = rv == 0 ? TNL_AGREED : TNL_FAILED;
	s->fault = rv;
	return tunnel_server_flags(s);
}

int
tunnel_server_field(struct tunnel_server *s, const char *name,
    const char *value)
{
	int rv;

	if (s->state != TNL_ASK)
		return TUNNEL_ESTATE;
	rv = tnl_emit_extra(&s->extra, name, value);
	return rv == TUNNEL_EHEAD ? TUNNEL_EINVAL : rv;
}
