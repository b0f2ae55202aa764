/* client.c - ask an HTTP proxy for a tunnel
 *
 *            start          1xx
 *      IDLE -------> HEAD <-----+
 *        ^            | |_______|
 *        |            |------------ 2xx ------------> OPEN
 *        |            |--- any other --> BODY --+
 *        |            |                         v
 *        +---(start)--|----------------------- ENDED
 *                     +--- broken, closed ---> FAILED
 *
 * Whatever the state, renew leads back to IDLE.  A refusal to which there is an
 * answer (407) says so at its end: on this connection, or on another.
 *
 * RFC 9110 section 9.3.6.  What a 2xx says of a body is ignored: there is none.
 * A byte behind the head of a 2xx is never looked at.
 */
#include "core/client.h"

#include "core/field.h"

enum {
	REPLY_MAX = 262144,     /* default; Kerberos makes long fields */
	REQUEST_MAX = 1048576,
	CREDENTIALS_MAX = 524288
};

enum {
	IDLE = TNL_CLIENT_IDLE, HEAD = TNL_CLIENT_HEAD, BODY = TNL_CLIENT_BODY,
	ENDED = TNL_CLIENT_ENDED, OPEN = TNL_CLIENT_OPEN,
	FAILED = TNL_CLIENT_FAILED
};

struct tunnel_client *
tunnel_client_new(const struct tunnel_alloc *a)
{
	struct tunnel_alloc own;
	struct tunnel_client *c;

	tnl_alloc_init(&own, a);
	c = tnl_get(&own, sizeof *c);
	if (c == NULL)
		return NULL;
	c->a = own;
	c->limit = REPLY_MAX;
	tnl_head_init(&c->head, &c->a, TNL_RESPONSE, REPLY_MAX, REPLY_MAX, 1);
	tnl_outbox_init(&c->out, &c->a, REQUEST_MAX);
	tnl_request_init(&c->request, &c->a);
	tnl_refusal_init(&c->refusal, &c->a);
	tnl_auth_init(&c->auth, &c->a);
	return c;
}

void
tunnel_client_free(struct tunnel_client *c)
{
	struct tunnel_alloc a;

	if (c == NULL)
		return;
	a = c->a;
	tnl_head_free(&c->head);
	tnl_outbox_free(&c->out);
	tnl_request_free(&c->request);
	tnl_refusal_free(&c->refusal);
	tnl_auth_free(&c->auth);
	tnl_put(&a, c, sizeof *c);
}

static int
fail(struct tunnel_client *c, int error)
{
	c->state = FAILED;
	c->fault = error;
	return error;
}

/* The request's head, with what is to be said of who asks. */
static int
write_request(struct tunnel_client *c)
{
	char target[TNL_TARGET_MAX];
	struct tnl_buf credentials;
	int rv = tnl_request_authority(&c->request, target);

	tnl_buf_init(&credentials, &c->a, CREDENTIALS_MAX);
	if (rv == 0 && !c->request.own_credentials)
		rv = tnl_auth_answer(&c->auth, target, &credentials);
	if (rv == 0)
		rv = tnl_request_write(&c->request, credentials.n > 0 ?
		    tnl_buf_text(&credentials, 0) : NULL, &c->out.buf);
	tnl_buf_free(&credentials);
	if (rv < 0)
		tnl_outbox_free(&c->out);
	return rv;
}

int
tunnel_client_start(struct tunnel_client *c)
{
	int rv, reused = tunnel_client_reusable(c);

	if (c->state == HEAD || c->state == OPEN || c->request.port == 0)
		return TUNNEL_ESTATE;
	tnl_outbox_free(&c->out);
	rv = write_request(c);
	if (rv < 0)
		return rv;
	tnl_head_limits(&c->head, c->limit, c->limit);
	tnl_head_clear(&c->head);
	(void)tnl_refusal_begin(&c->refusal, NULL);
	c->fault = 0;
	c->reused = reused;
	c->state = HEAD;
	return tunnel_client_flags(c);
}

/* Bytes of the request that have not left yet. */
static size_t
unsent(const struct tunnel_client *c)
{
	size_t n;

	(void)tnl_outbox_peek(&c->out, &n);
	return n;
}

int
tunnel_client_flags(const struct tunnel_client *c)
{
	switch ((enum tnl_client_state)c->state) {
	case IDLE:
		return 0;
	case HEAD:
		return TUNNEL_IN | (unsent(c) > 0 ? TUNNEL_OUT : 0);
	case BODY:
		return TUNNEL_REFUSED | TUNNEL_IN;
	case ENDED:
		return TUNNEL_REFUSED | TUNNEL_DONE | (!c->again ? 0 :
		    tunnel_client_reusable(c) ? TUNNEL_RETRY :
		    TUNNEL_RECONNECT);
	case OPEN:
		return TUNNEL_OPEN;
	case FAILED:
		break;
	}
	return c->fault;
}

/* The refusal is complete.  An answer may need the connection on which the
 * challenge came (RFC 9931 has proxies close it). */
static void
end(struct tunnel_client *c)
{
	int rv;

	c->state = ENDED;
	if (!c->again || tunnel_client_reusable(c))
		return;
	rv = tnl_auth_renewed(&c->auth);
	if (rv == 0)
		return;
	c->again = 0;
	c->fault = rv;
}

/* What becomes of a refusal. */
static int
refused(struct tunnel_client *c)
{
	int rv = TUNNEL_EREFUSED;
	int said = c->request.own_credentials || c->auth.scheme != NULL;

	if (c->head.status == 407)
		rv = c->request.own_credentials ? TUNNEL_EAUTH :
		    tnl_auth_challenged(&c->auth, &c->head);
	/* tinyproxy's word for credentials that are wrong; it can only be the
	 * proxy's, as an origin (RFC 9110 section 15.5.2) is not there yet. */
	else if (c->head.status == 401 && said)
		rv = TUNNEL_EAUTH;
	if (rv == TUNNEL_ENOMEM)
		return fail(c, rv);
	c->again = rv == 0;
	c->fault = rv;
	/* Where another connection is needed anyway, the page of a 407 that
	 * will be answered is not waited for: a proxy may never end it. */
	if (tnl_refusal_begin(&c->refusal, &c->head) ||
	    (c->again && !c->refusal.persists))
		end(c);
	else
		c->state = BODY;
	return 0;
}

/* A whole head has come. */
static int
head_done(struct tunnel_client *c)
{
	int status = c->head.status, rv;

	/* Nobody asked to switch protocols, and before the request has left
	 * there is nothing a proxy could have agreed to. */
	if (status == 101 || (status < 300 && unsent(c) > 0))
		return fail(c, TUNNEL_ESYNTAX);
	if (status < 200) {
		/* Interim replies share the limit, so they are bounded. */
		c->head.head_max -= c->head.seen;
		tnl_head_clear(&c->head);
		return 0;
	}
	if (status >= 300)
		return refused(c);
	rv = tnl_auth_accepted(&c->auth, &c->head);
	if (rv < 0)
		return fail(c, rv);
	tnl_outbox_free(&c->out);
	c->state = OPEN;
	return 0;
}

/* One step of the machine, in HEAD or BODY; what it took is added to *used. */
static int
step(struct tunnel_client *c, const uint8_t *in, size_t n, size_t *used)
{
	size_t took = 0;
	int rv = 0;

	if (c->state == HEAD) {
		rv = tnl_head_feed(&c->head, in, n, &took);
		if (rv < 0)
			fail(c, rv);
		else if (rv > 0)
			rv = head_done(c);
	} else if (tnl_refusal_feed(&c->refusal, in, n, &took)) {
		end(c);
	}
	*used += took;
	return rv;
}

int
tunnel_client_feed(struct tunnel_client *c, const void *in, size_t n,
    size_t *used)
{
	*used = 0;
	if (c->state == IDLE)
		return TUNNEL_ESTATE;
	while (*used < n && (c->state == HEAD || c->state == BODY))
		if (step(c, (const uint8_t *)in + *used, n - *used, used) < 0)
			break;
	return tunnel_client_flags(c);
}

/* A connection that was kept may be closed just when it is used again: that
 * says nothing of the credentials. */
static int
closed_unused(const struct tunnel_client *c)
{
	return c->reused && c->head.seen == 0 &&
	    c->head.head_max == c->limit && c->auth.scheme != NULL;
}

int
tunnel_client_eof(struct tunnel_client *c)
{
	int kept = tunnel_client_reusable(c);

	if (c->state == IDLE)
		return TUNNEL_ESTATE;
	c->refusal.persists = 0;
	if (c->state == HEAD) {
		if (!closed_unused(c))
			return fail(c, TUNNEL_EEOF);
		c->again = 1;
		end(c);
	} else if (c->state == BODY || kept) {
		end(c);
	}
	return tunnel_client_flags(c);
}

int
tunnel_client_renew(struct tunnel_client *c)
{
	int rv = c->state == ENDED && c->again &&
	    !tunnel_client_reusable(c) ? 0 : tnl_auth_renewed(&c->auth);

	if (rv < 0)
		return rv;
	tnl_outbox_free(&c->out);
	tnl_head_clear(&c->head);
	(void)tnl_refusal_begin(&c->refusal, NULL);
	c->again = c->fault = 0;
	c->state = IDLE;
	return 0;
}

const void *
tunnel_client_peek(const struct tunnel_client *c, size_t *n)
{
	*n = 0;
	return c->state == HEAD ? tnl_outbox_peek(&c->out, n) : NULL;
}

int
tunnel_client_skip(struct tunnel_client *c, size_t n)
{
	int rv = c->state == HEAD ? tnl_outbox_skip(&c->out, n) :
	    n > 0 ? TUNNEL_EINVAL : 0;

	return rv < 0 ? rv : tunnel_client_flags(c);
}

int
tunnel_client_drain(struct tunnel_client *c, void *out, size_t cap,
    size_t *got)
{
	*got = c->state == HEAD ? tnl_outbox_copy(&c->out, out, cap) : 0;
	return tunnel_client_skip(c, *got);
}

/* Is there a final reply to look at? */
static int
replied(const struct tunnel_client *c)
{
	return c->state == BODY || c->state == ENDED || c->state == OPEN;
}

int
tunnel_client_status(const struct tunnel_client *c)
{
	return replied(c) ? c->head.status : 0;
}

const char *
tunnel_client_reason(const struct tunnel_client *c)
{
	return replied(c) ? tnl_head_reason(&c->head) : "";
}

int
tunnel_client_version(const struct tunnel_client *c)
{
	return replied(c) ? c->head.version : 0;
}

const char *
tunnel_client_reply(const struct tunnel_client *c, const char *name, size_t i)
{
	return replied(c) ? tnl_field_get(&c->head, name, i) : NULL;
}

const char *
tunnel_client_reply_at(const struct tunnel_client *c, size_t i,
    const char **value)
{
	return replied(c) ? tnl_field_at(&c->head, i, value) : NULL;
}

const void *
tunnel_client_body(const struct tunnel_client *c, size_t *n)
{
	*n = c->refusal.excerpt.n;
	return *n > 0 ? (const void *)c->refusal.excerpt.p : "";
}

int
tunnel_client_fault(const struct tunnel_client *c)
{
	return c->fault;
}

int
tunnel_client_reusable(const struct tunnel_client *c)
{
	return c->state == ENDED && c->refusal.persists && unsent(c) == 0;
}

const char *
tunnel_client_scheme(const struct tunnel_client *c)
{
	return tnl_auth_scheme(&c->auth);
}
