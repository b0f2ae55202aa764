/* server.c - be asked for a tunnel
 *
 *     HEAD --- a whole, sound head ---> ASK --- accept ---> AGREED --> OPEN
 *      ^ |                               |
 *      | +-- broken, unserved, fail -+   +-- refuse, fail -+
 *      |                             v                     v
 *      +------- (start) ---------- ENDED <----------- REFUSED
 *
 * RFC 9110 section 9.3.6 and RFC 9112.  What reaches ASK is a head that can be
 * read in one way only.  Everything else is answered here, with the status that
 * the table of failures has for it, and the connection is then of no more use:
 * the bytes behind a refused CONNECT may be tunnel data that a client sent in
 * hope, and must never become a request (RFC 9931 section 8).
 */
#include <tunnel/server.h>

#include <string.h>

#include "core/alloc.h"
#include "core/credentials.h"
#include "core/emit.h"
#include "core/field.h"
#include "core/judge.h"
#include "core/outbox.h"
#include "core/reply.h"
#include "core/status.h"

enum {
	LINE_MAX_DEFAULT = 8192,
	HEAD_MAX_DEFAULT = 65536,
	LIMIT_LOW = 16,
	LIMIT_HIGH = 1 << 30,
	EXTRA_MAX = 65536,
	REPLY_HEAD = 262144             /* left for fields beside a body */
};

enum state { HEAD, ASK, AGREED, OPEN, REFUSED, ENDED, FAILED };

struct tunnel_server {
	struct tunnel_alloc a;
	struct tnl_head head;
	struct tnl_outbox out;          /* the reply */
	struct tnl_buf extra;           /* the application's fields for it */
	struct tnl_asked asked;
	int whole;                      /* the head is complete */
	int any_method;
	int keep_407;
	int keep;                       /* this reply keeps the connection */
	int state;
	int fault;
	int status;
};

struct tunnel_server *
tunnel_server_new(const struct tunnel_alloc *a)
{
	struct tunnel_alloc own;
	struct tunnel_server *s;

	tnl_alloc_init(&own, a);
	s = tnl_get(&own, sizeof *s);
	if (s == NULL)
		return NULL;
	s->a = own;
	tnl_head_init(&s->head, &s->a, TNL_REQUEST, LINE_MAX_DEFAULT,
	    HEAD_MAX_DEFAULT, 0);
	tnl_outbox_init(&s->out, &s->a, TNL_REPLY_MAX);
	tnl_buf_init(&s->extra, &s->a, EXTRA_MAX);
	return s;
}

void
tunnel_server_free(struct tunnel_server *s)
{
	struct tunnel_alloc a;

	if (s == NULL)
		return;
	a = s->a;
	tnl_head_free(&s->head);
	tnl_outbox_free(&s->out);
	tnl_buf_free(&s->extra);
	tnl_put(&a, s, sizeof *s);
}

/* Setters wait for the time between two requests. */
static int
busy(const struct tunnel_server *s)
{
	return s->state != HEAD || s->head.seen > 0;
}

int
tunnel_server_limits(struct tunnel_server *s, size_t line_max,
    size_t head_max)
{
	if (busy(s))
		return TUNNEL_ESTATE;
	if (line_max < LIMIT_LOW || line_max > LIMIT_HIGH ||
	    head_max < LIMIT_LOW || head_max > LIMIT_HIGH)
		return TUNNEL_EINVAL;
	tnl_head_limits(&s->head, line_max, head_max);
	return 0;
}

int
tunnel_server_bare_lf(struct tunnel_server *s, int accept)
{
	if (busy(s))
		return TUNNEL_ESTATE;
	s->head.bare_lf = accept != 0;
	return 0;
}

int
tunnel_server_methods(struct tunnel_server *s, int any)
{
	if (busy(s))
		return TUNNEL_ESTATE;
	s->any_method = any != 0;
	return 0;
}

int
tunnel_server_keep_407(struct tunnel_server *s, int keep)
{
	if (busy(s))
		return TUNNEL_ESTATE;
	s->keep_407 = keep != 0;
	return 0;
}

int
tunnel_server_flags(const struct tunnel_server *s)
{
	switch ((enum state)s->state) {
	case HEAD:
		return TUNNEL_IN;
	case ASK:
		return TUNNEL_ASK;
	case AGREED:
		return TUNNEL_OUT;
	case OPEN:
		return TUNNEL_OPEN;
	case REFUSED:
		return TUNNEL_REFUSED | TUNNEL_OUT;
	case ENDED:
		return TUNNEL_REFUSED | TUNNEL_DONE;
	case FAILED:
		break;
	}
	return s->fault;
}

/* Put a reply into out, or fail for lack of memory; r says what to reply. */
static int
answer(struct tunnel_server *s, struct tnl_reply *r)
{
	int rv;

	s->keep = r->status == 407 && s->keep_407 && s->whole &&
	    tnl_field_persists(&s->head);
	r->keep = s->keep;
	r->allow = r->status == 405;
	r->bodiless = s->whole &&
	    strcmp(tnl_head_method(&s->head), "HEAD") == 0;
	r->extra = &s->extra;
	rv = tnl_reply_write(r, &s->out.buf);
	s->status = r->status;
	s->state = rv == 0 ? REFUSED : FAILED;
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
	if (s->state != HEAD && s->state != ASK)
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
	if (s->state != ASK)
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
	if (n > TNL_REPLY_MAX - REPLY_HEAD || s->extra.n > REPLY_HEAD / 2)
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

	if (s->state != ASK || !s->asked.connect)
		return TUNNEL_ESTATE;
	tnl_emit_text(&s->out.buf,
	    "HTTP/1.1 200 Connection established\r\n", &rv);
	if (rv == 0)
		rv = tnl_buf_add(&s->out.buf, s->extra.p, s->extra.n);
	tnl_emit_text(&s->out.buf, "\r\n", &rv);
	s->status = 200;
	s->state = rv == 0 ? AGREED : FAILED;
	s->fault = rv;
	return tunnel_server_flags(s);
}

int
tunnel_server_field(struct tunnel_server *s, const char *name,
    const char *value)
{
	int rv;

	if (s->state != ASK)
		return TUNNEL_ESTATE;
	rv = tnl_emit_extra(&s->extra, name, value);
	return rv == TUNNEL_EHEAD ? TUNNEL_EINVAL : rv;
}

int
tunnel_server_feed(struct tunnel_server *s, const void *in, size_t n,
    size_t *used)
{
	int rv;

	*used = 0;
	if (s->state != HEAD)
		return tunnel_server_flags(s);
	rv = tnl_head_feed(&s->head, in, n, used);
	if (rv > 0) {
		s->whole = 1;
		rv = tnl_judge(&s->head, &s->asked);
		if (rv == 0 && !s->asked.connect && !s->any_method)
			rv = TUNNEL_EMETHOD;
		if (rv == 0)
			s->state = ASK;
	}
	if (rv == TUNNEL_ENOMEM) {
		s->state = FAILED;
		s->fault = rv;
	} else if (rv < 0) {
		return tunnel_server_fail(s, rv);
	}
	return tunnel_server_flags(s);
}

int
tunnel_server_eof(struct tunnel_server *s)
{
	if (s->state == HEAD) {
		s->state = FAILED;
		s->fault = TUNNEL_EEOF;
	}
	return tunnel_server_flags(s);
}

const void *
tunnel_server_peek(const struct tunnel_server *s, size_t *n)
{
	return tnl_outbox_peek(&s->out, n);
}

int
tunnel_server_skip(struct tunnel_server *s, size_t n)
{
	size_t left;
	int rv = tnl_outbox_skip(&s->out, n);

	if (rv < 0)
		return rv;
	(void)tnl_outbox_peek(&s->out, &left);
	if (left == 0 && (s->state == AGREED || s->state == REFUSED)) {
		s->state = s->state == AGREED ? OPEN : ENDED;
		tnl_outbox_free(&s->out);
	}
	return tunnel_server_flags(s);
}

int
tunnel_server_drain(struct tunnel_server *s, void *out, size_t cap,
    size_t *got)
{
	*got = tnl_outbox_copy(&s->out, out, cap);
	return tunnel_server_skip(s, *got);
}

const char *
tunnel_server_method(const struct tunnel_server *s)
{
	return s->whole ? tnl_head_method(&s->head) : NULL;
}

const char *
tunnel_server_target(const struct tunnel_server *s)
{
	return s->whole ? tnl_head_target(&s->head) : NULL;
}

const char *
tunnel_server_host(const struct tunnel_server *s)
{
	return s->asked.port != 0 ? s->asked.host : NULL;
}

unsigned
tunnel_server_port(const struct tunnel_server *s)
{
	return s->asked.port;
}

int
tunnel_server_version(const struct tunnel_server *s)
{
	return s->whole ? s->head.version : 0;
}

const char *
tunnel_server_request(const struct tunnel_server *s, const char *name,
    size_t i)
{
	return s->whole ? tnl_field_get(&s->head, name, i) : NULL;
}

const char *
tunnel_server_request_at(const struct tunnel_server *s, size_t i,
    const char **value)
{
	return s->whole ? tnl_field_at(&s->head, i, value) : NULL;
}

int
tunnel_server_basic(const struct tunnel_server *s, char *user,
    size_t user_cap, char *password, size_t password_cap)
{
	static const char name[] = "proxy-authorization";
	const char *value = tunnel_server_request(s, name, 0);

	if (value == NULL || tunnel_server_request(s, name, 1) != NULL)
		return TUNNEL_EAUTH;
	return tnl_credentials_basic(value, user, user_cap, password,
	    password_cap);
}

int
tunnel_server_fault(const struct tunnel_server *s)
{
	return s->fault;
}

int
tunnel_server_status(const struct tunnel_server *s)
{
	return s->status;
}

int
tunnel_server_reusable(const struct tunnel_server *s)
{
	return s->state == ENDED && s->keep;
}

int
tunnel_server_start(struct tunnel_server *s)
{
	if (!tunnel_server_reusable(s))
		return TUNNEL_ESTATE;
	tnl_head_clear(&s->head);
	tnl_buf_clear(&s->extra);
	s->asked.port = 0;
	s->whole = s->keep = s->fault = s->status = 0;
	s->state = HEAD;
	return tunnel_server_flags(s);
}
