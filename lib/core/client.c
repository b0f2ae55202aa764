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
 * RFC 9110 section 9.3.6.  What a 2xx says of a body is ignored: there is none.
 * A byte behind the head of a 2xx is never looked at.
 */
#include <tunnel/client.h>

#include <string.h>

#include "core/alloc.h"
#include "core/field.h"
#include "core/outbox.h"
#include "core/refusal.h"
#include "core/request.h"

enum {
	REPLY_MAX = 262144,     /* default; Kerberos makes long fields */
	REQUEST_MAX = 1048576,
	LIMIT_LOW = 64,
	LIMIT_HIGH = 1 << 30
};

enum state { IDLE, HEAD, BODY, ENDED, OPEN, FAILED };

struct tunnel_client {
	struct tunnel_alloc a;
	struct tnl_head head;
	struct tnl_refusal refusal;     /* behind it, if it is one */
	struct tnl_request request;
	struct tnl_outbox out;          /* its head */
	size_t limit;                   /* of a reply's heads */
	int state;
	int fault;
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
	tnl_put(&a, c, sizeof *c);
}

/* Setters wait while an exchange runs, and for ever once a tunnel is open. */
static int
busy(const struct tunnel_client *c)
{
	return c->state == HEAD || c->state == OPEN;
}

int
tunnel_client_target(struct tunnel_client *c, const char *host, unsigned port)
{
	return busy(c) ? TUNNEL_ESTATE :
	    tnl_request_target(&c->request, host, port);
}

int
tunnel_client_field(struct tunnel_client *c, const char *name,
    const char *value)
{
	return busy(c) ? TUNNEL_ESTATE :
	    tnl_request_field(&c->request, name, value);
}

int
tunnel_client_basic(struct tunnel_client *c, const char *user,
    const char *password)
{
	return busy(c) ? TUNNEL_ESTATE :
	    tnl_request_basic(&c->request, user, password);
}

int
tunnel_client_limit(struct tunnel_client *c, size_t head_max)
{
	if (busy(c))
		return TUNNEL_ESTATE;
	if (head_max < LIMIT_LOW || head_max > LIMIT_HIGH)
		return TUNNEL_EINVAL;
	c->limit = head_max;
	return 0;
}

int
tunnel_client_bare_lf(struct tunnel_client *c, int accept)
{
	if (busy(c))
		return TUNNEL_ESTATE;
	c->head.bare_lf = accept != 0;
	return 0;
}

static int
fail(struct tunnel_client *c, int error)
{
	c->state = FAILED;
	c->fault = error;
	return error;
}

int
tunnel_client_start(struct tunnel_client *c)
{
	int rv;

	if (busy(c) || c->request.port == 0)
		return TUNNEL_ESTATE;
	tnl_outbox_free(&c->out);
	rv = tnl_request_write(&c->request, &c->out.buf);
	if (rv < 0) {
		tnl_outbox_free(&c->out);
		return rv;
	}
	tnl_head_limits(&c->head, c->limit, c->limit);
	tnl_head_clear(&c->head);
	(void)tnl_refusal_begin(&c->refusal, NULL);
	c->fault = 0;
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
	switch ((enum state)c->state) {
	case IDLE:
		return 0;
	case HEAD:
		return TUNNEL_IN | (unsent(c) > 0 ? TUNNEL_OUT : 0);
	case BODY:
		return TUNNEL_REFUSED | TUNNEL_IN;
	case ENDED:
		return TUNNEL_REFUSED | TUNNEL_DONE;
	case OPEN:
		return TUNNEL_OPEN;
	case FAILED:
		break;
	}
	return c->fault;
}

/* A whole head has come. */
static int
head_done(struct tunnel_client *c)
{
	int status = c->head.status;

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
	if (status < 300) {
		tnl_outbox_free(&c->out);
		c->state = OPEN;
		return 0;
	}
	c->fault = status == 407 ? TUNNEL_EAUTH : TUNNEL_EREFUSED;
	c->state = tnl_refusal_begin(&c->refusal, &c->head) ? ENDED : BODY;
	return 0;
}

/* One step of the machine; what it took is added to *used. */
static int
step(struct tunnel_client *c, const uint8_t *in, size_t n, size_t *used)
{
	size_t took = 0;
	int rv = 0;

	switch ((enum state)c->state) {
	case HEAD:
		rv = tnl_head_feed(&c->head, in, n, &took);
		if (rv < 0)
			fail(c, rv);
		else if (rv > 0)
			rv = head_done(c);
		break;
	case BODY:
		if (tnl_refusal_feed(&c->refusal, in, n, &took))
			c->state = ENDED;
		break;
	case IDLE: case ENDED: case OPEN: case FAILED:
		break;
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

int
tunnel_client_eof(struct tunnel_client *c)
{
	if (c->state == IDLE)
		return TUNNEL_ESTATE;
	if (c->state == HEAD)
		return fail(c, TUNNEL_EEOF);
	if (c->state == BODY)
		c->state = ENDED;
	c->refusal.persists = 0;
	return tunnel_client_flags(c);
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
