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
#include "core/server.h"

#include <string.h>

#include "core/alloc.h"
#include "core/basic.h"
#include "core/field.h"
#include "core/reply.h"

enum {
	LINE_MAX_DEFAULT = 8192,
	HEAD_MAX_DEFAULT = 65536,
	LIMIT_LOW = 16,
	LIMIT_HIGH = 1 << 30,
	EXTRA_MAX = 65536
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
	return s->state != TNL_HEAD || s->head.seen > 0;
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
	switch ((enum tnl_serving)s->state) {
	case TNL_HEAD:
		return TUNNEL_IN;
	case TNL_ASK:
		return TUNNEL_ASK;
	case TNL_AGREED:
		return TUNNEL_OUT;
	case TNL_OPEN:
		return TUNNEL_OPEN;
	case TNL_REFUSED:
		return TUNNEL_REFUSED | TUNNEL_OUT;
	case TNL_ENDED:
		return TUNNEL_REFUSED | TUNNEL_DONE;
	case TNL_LENT:
		return 0;
	case TNL_FAILED:
		break;
	}
	return s->fault;
}

int
tunnel_server_feed(struct tunnel_server *s, const void *in, size_t n,
    size_t *used)
{
	int rv;

	*used = 0;
	if (s->state != TNL_HEAD)
		return tunnel_server_flags(s);
	rv = tnl_head_feed(&s->head, in, n, used);
	if (rv > 0) {
		s->whole = 1;
		rv = tnl_judge(&s->head, &s->asked);
		if (rv == 0 && !s->asked.connect && !s->any_method)
			rv = TUNNEL_EMETHOD;
		if (rv == 0)
			s->state = TNL_ASK;
	}
	if (rv == TUNNEL_ENOMEM) {
		s->state = TNL_FAILED;
		s->fault = rv;
	} else if (rv < 0) {
		return tunnel_server_fail(s, rv);
	}
	return tunnel_server_flags(s);
}

int
tunnel_server_eof(struct tunnel_server *s)
{
	if (s->state == TNL_HEAD) {
		s->state = TNL_FAILED;
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
	if (left == 0 && (s->state == TNL_AGREED || s->state == TNL_REFUSED)) {
		s->state = s->state == TNL_AGREED ? TNL_OPEN : TNL_ENDED;
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
	return tnl_basic_read(value, user, user_cap, password, password_cap);
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
	return s->state == TNL_ENDED && s->keep;
}

void
tnl_server_next(struct tunnel_server *s)
{
	tnl_head_clear(&s->head);
	tnl_buf_clear(&s->extra);
	s->asked.port = 0;
	s->whole = s->keep = s->fault = s->status = 0;
	s->state = TNL_HEAD;
}

int
tunnel_server_start(struct tunnel_server *s)
{
	if (!tunnel_server_reusable(s))
		return TUNNEL_ESTATE;
	tnl_server_next(s);
	return tunnel_server_flags(s);
}
