/* head.c - the head of an HTTP/1 message, read as it arrives
 *
 *   request:   START -> METHOD -> TARGET -> VERSION ---------> LINE_CR --+
 *   response:            VERSION -> STATUS -> REASON_SP -> REASON -------+
 *   trailers:                                                            v
 *        +---------- VALUE_LF <- VALUE <- OWS <- NAME <--------------- FIELD
 *        +-> FIELD                                    END_LF -> DONE <---+
 *
 * RFC 9112 sections 2 to 5, read as a recipient must that guards others: what
 * two readers could understand differently is an error, not a guess.  A bare LF
 * is taken only where a setting says so, and a folded line only in responses
 * (section 5.2), where it becomes one space.
 *
 * Each byte is looked at once, whatever the cuts: runs of one class are copied
 * to the text in one piece, and the rest is one step a byte.  The text holds
 * the parts as C strings, so a look-up needs no index that a peer could make
 * grow.
 */
#include "core/head.h"

#include <assert.h>
#include <string.h>

#include "core/ascii.h"

enum state {
	START, START_LF, METHOD, TARGET, VERSION, LINE_CR, STATUS, REASON_SP,
	REASON, LINE_LF, FIELD, NAME, OWS, VALUE, VALUE_LF, END_LF, DONE, FAILED
};

static void
go(struct tnl_head *h, enum state next)
{
	h->state = (int)next;
}

void
tnl_head_init(struct tnl_head *h, const struct tunnel_alloc *a, int kind,
    size_t line_max, size_t head_max, int bare_lf)
{
	memset(h, 0, sizeof *h);
	tnl_buf_init(&h->text, a, head_max);
	h->kind = kind;
	h->bare_lf = bare_lf;
	tnl_head_limits(h, line_max, head_max);
	tnl_head_clear(h);
}

/* No part is longer in the text than in the head: a NUL stands for the space,
 * colon or line end that was there.  So one limit serves for both. */
void
tnl_head_limits(struct tnl_head *h, size_t line_max, size_t head_max)
{
	if (h->text.cap > head_max)
		tnl_buf_free(&h->text);
	h->text.max = head_max;
	h->line_max = line_max;
	h->head_max = head_max;
}

void
tnl_head_free(struct tnl_head *h)
{
	tnl_buf_free(&h->text);
}

void
tnl_head_clear(struct tnl_head *h)
{
	tnl_buf_clear(&h->text);
	h->seen = h->value = h->target = h->fields = 0;
	h->matched = h->version = h->status = h->error = 0;
	go(h, h->kind == TNL_REQUEST ? START :
	    h->kind == TNL_RESPONSE ? VERSION : FIELD);
}

int
tnl_head_begun(const struct tnl_head *h)
{
	return h->text.n > 0 || h->matched > 0;
}

/* One part ends here; the next will begin at *at. */
static int
end_part(struct tnl_head *h, size_t *at, enum state next)
{
	int rv = tnl_buf_byte(&h->text, '\0');

	*at = h->text.n;
	go(h, next);
	return rv;
}

/* "HTTP/1.x", byte by byte: a wrong one is known at once. */
static int
version_byte(struct tnl_head *h, uint8_t c)
{
	static const char name[] = "HTTP/";

	if (h->matched < 5) {
		if (c == (uint8_t)name[h->matched++])
			return 0;
		return h->kind == TNL_RESPONSE ? TUNNEL_ENOTHTTP :
		    TUNNEL_ESYNTAX;
	}
	switch (h->matched++) {
	case 5:
		h->version = 10 * (c - '0');
		return tnl_is(c, TNL_DIGIT) ? 0 : TUNNEL_ESYNTAX;
	case 6:
		return c == '.' ? 0 : h->kind == TNL_RESPONSE && c == ' ' ?
		    TUNNEL_EVERSION : TUNNEL_ESYNTAX;
	case 7:
		if (!tnl_is(c, TNL_DIGIT))
			return TUNNEL_ESYNTAX;
		h->version += c - '0';
		h->matched = 0;
		go(h, h->kind == TNL_RESPONSE ? STATUS : LINE_CR);
		return 0;
	}
	assert(0);
	return TUNNEL_ESYNTAX;
}

/* The end of a line that ends a part: CR, or LF where that is enough. */
static int
line_end(struct tnl_head *h, uint8_t c, enum state lf, enum state next)
{
	if (c == '\r') {
		go(h, lf);
		return 0;
	}
	if (c == '\n' && h->bare_lf) {
		go(h, next);
		return 0;
	}
	return TUNNEL_ESYNTAX;
}

static int
lf_byte(struct tnl_head *h, uint8_t c, enum state next)
{
	if (c != '\n')
		return TUNNEL_ESYNTAX;
	go(h, next);
	return 0;
}

/* Only a line that is a request-line can have the wrong version. */
static int
version_end(struct tnl_head *h, uint8_t c)
{
	int rv = line_end(h, c, LINE_LF, FIELD);

	if (rv == 0 && h->version / 10 != 1)
		return TUNNEL_EVERSION;
	return rv;
}

static int
start_byte(struct tnl_head *h, uint8_t c)
{
	/* One empty line before a request is forgiven (RFC 9112 section
	 * 2.2). */
	if (h->seen == 0 && (c == '\r' || c == '\n'))
		return line_end(h, c, START_LF, START);
	if (!tnl_is(c, TNL_TOKEN))
		return TUNNEL_ENOTHTTP;
	go(h, METHOD);
	return tnl_buf_byte(&h->text, c);
}

static int
status_byte(struct tnl_head *h, uint8_t c)
{
	if (h->matched == 0) {
		h->matched++;
		if (c != ' ')
			return TUNNEL_ESYNTAX;
		return h->version / 10 == 1 ? 0 : TUNNEL_EVERSION;
	}
	if (!tnl_is(c, TNL_DIGIT))
		return TUNNEL_ESYNTAX;
	h->status = h->status * 10 + (c - '0');
	if (h->matched++ < 3)
		return 0;
	if (h->status < 100)
		return TUNNEL_ESYNTAX;
	go(h, REASON_SP);
	return 0;
}

/* Behind the status: a space and perhaps a reason, or the end of the line,
 * which RFC 9112 section 4 forbids and many proxies send. */
static int
reason_sp_byte(struct tnl_head *h, uint8_t c)
{
	h->target = h->text.n;
	if (c == ' ') {
		go(h, REASON);
		return 0;
	}
	if (line_end(h, c, LINE_LF, FIELD) < 0)
		return TUNNEL_ESYNTAX;
	return end_part(h, &h->fields, (enum state)h->state);
}

static int
reason_byte(struct tnl_head *h, uint8_t c)
{
	if (line_end(h, c, LINE_LF, FIELD) < 0)
		return TUNNEL_ESYNTAX;
	return end_part(h, &h->fields, (enum state)h->state);
}

static int
field_byte(struct tnl_head *h, uint8_t c)
{
	if (c == '\r' || c == '\n')
		return line_end(h, c, END_LF, DONE);
	if (tnl_is(c, TNL_BLANK)) {
		/* A fold goes on with the field before it, so there must be
		 * one; its NUL becomes the space that stands for the fold. */
		if (h->kind != TNL_RESPONSE || h->text.n == h->fields)
			return TUNNEL_ESYNTAX;
		go(h, OWS);
		h->text.n--;
		return h->text.n == h->value ? 0 : tnl_buf_byte(&h->text, ' ');
	}
	if (!tnl_is(c, TNL_TOKEN))
		return TUNNEL_ESYNTAX;
	go(h, NAME);
	return tnl_buf_byte(&h->text, c);
}

static int
value_end(struct tnl_head *h, uint8_t c)
{
	if (line_end(h, c, VALUE_LF, FIELD) < 0)
		return TUNNEL_ESYNTAX;
	while (h->text.n > h->value &&
	    tnl_is(h->text.p[h->text.n - 1], TNL_BLANK))
		h->text.n--;
	return tnl_buf_byte(&h->text, '\0');
}

/* A byte that ends a run, or that is a state of its own. */
static int
step(struct tnl_head *h, uint8_t c)
{
	switch ((enum state)h->state) {
	case START:
		return start_byte(h, c);
	case START_LF:
		return lf_byte(h, c, START);
	case METHOD:
		return c == ' ' ? end_part(h, &h->target, TARGET) :
		    TUNNEL_ESYNTAX;
	case TARGET:
		if (c != ' ' || h->text.n == h->target)
			return TUNNEL_ESYNTAX;
		return end_part(h, &h->fields, VERSION);
	case VERSION:
		return version_byte(h, c);
	case LINE_CR:
		return version_end(h, c);
	case STATUS:
		return status_byte(h, c);
	case REASON_SP:
		return reason_sp_byte(h, c);
	case REASON:
		return reason_byte(h, c);
	case LINE_LF:
	case VALUE_LF:
		return lf_byte(h, c, FIELD);
	case FIELD:
		return field_byte(h, c);
	case NAME:
		return c == ':' ? end_part(h, &h->value, OWS) : TUNNEL_ESYNTAX;
	case OWS:
	case VALUE:
		return value_end(h, c);
	case END_LF:
		return lf_byte(h, c, DONE);
	case DONE:
	case FAILED:
		break;
	}
	assert(0);
	return TUNNEL_ESTATE;
}

/* The class of bytes of which a state takes as many as come; 0: none. */
static int
run_class(const struct tnl_head *h)
{
	switch ((enum state)h->state) {
	case METHOD:
	case NAME:
		return TNL_TOKEN;
	case TARGET:
		return TNL_TARGET;
	case REASON:
	case VALUE:
		return TNL_VALUE;
	case OWS:
		return TNL_BLANK;
	case START: case START_LF: case VERSION: case LINE_CR: case STATUS:
	case REASON_SP: case LINE_LF: case FIELD: case VALUE_LF: case END_LF:
	case DONE: case FAILED:
		break;
	}
	return 0;
}

/* Take a run, at most n bytes; how many, or an error. */
static int
take_run(struct tnl_head *h, const uint8_t *in, size_t n, size_t *took)
{
	int class = run_class(h);

	*took = class == 0 ? 0 : tnl_span(in, n, class);
	if (h->state == OWS) {
		/* Blanks before a value go; the first other byte begins it. */
		if (*took > 0 || !tnl_is(in[0], TNL_VALUE))
			return 0;
		go(h, VALUE);
		*took = tnl_span(in, n, TNL_VALUE);
	}
	return tnl_buf_add(&h->text, in, *took);
}

/* How far is the limit that comes first, and which is it? */
static size_t
allowance(const struct tnl_head *h, int *error)
{
	int line = h->state < FIELD && h->kind == TNL_REQUEST &&
	    h->line_max < h->head_max;
	size_t max = line ? h->line_max : h->head_max;

	*error = line ? TUNNEL_ELINE : TUNNEL_EHEAD;
	return h->seen < max ? max - h->seen : 0;
}

static int
fail(struct tnl_head *h, int error)
{
	go(h, FAILED);
	h->error = error;
	return error;
}

int
tnl_head_feed(struct tnl_head *h, const uint8_t *in, size_t n, size_t *used)
{
	size_t at = 0, room, took;
	int rv = 0, over;

	*used = 0;
	if (h->state == FAILED)
		return h->error;
	while (at < n && h->state != DONE) {
		room = allowance(h, &over);
		if (room == 0)
			return fail(h, over);
		if (room > n - at)
			room = n - at;
		rv = take_run(h, in + at, room, &took);
		if (rv == 0 && took == 0) {
			rv = step(h, in[at]);
			took = rv == 0;
		}
		at += took;
		h->seen += took;
		*used = at;
		if (rv < 0)
			return fail(h, rv);
	}
	return h->state == DONE;
}

const char *
tnl_head_method(const struct tnl_head *h)
{
	return tnl_buf_text(&h->text, 0);
}

const char *
tnl_head_target(const struct tnl_head *h)
{
	return tnl_buf_text(&h->text, h->target);
}

const char *
tnl_head_reason(const struct tnl_head *h)
{
	return tnl_buf_text(&h->text, h->target);
}
