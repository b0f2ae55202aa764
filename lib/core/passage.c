/* passage.c - content on its way from one side to the other
 *
 *      source --> body --> [taken --> application -->] put --> out --> sink
 *                  |                                    ^
 *                  +--------> trailers -------- seal ---+
 *
 * What comes is unframed, and framed anew for the sink.  So chunks are not
 * those of the source, its extensions go no further (RFC 9112 section 7.1.1),
 * and its trailers have been read as fields before they go on.  The end of the
 * sink's content is written by seal alone, which is not called for a source
 * that was cut: to the sink that never looks like an end.
 */
#include "core/passage.h"

#include <assert.h>
#include <string.h>

#include "core/emit.h"
#include "core/field.h"

/* The line of a chunk's size, and what ends the chunk. */
enum { CHUNK_MORE = 16 + 2 + 2 };

void
tnl_passage_init(struct tnl_passage *p, const struct tunnel_alloc *a,
    int side, struct tnl_witness *w)
{
	memset(p, 0, sizeof *p);
	tnl_head_init(&p->trailers, a, TNL_TRAILERS, 0, TNL_TRAILERS_MAX, 0);
	tnl_outbox_init(&p->taken, a, 0);
	p->side = side;
	p->witness = w;
}

void
tnl_passage_clear(struct tnl_passage *p)
{
	tnl_head_clear(&p->trailers);
	tnl_head_free(&p->trailers);
	tnl_outbox_free(&p->taken);
	p->coming = TNL_NOTHING;
	p->error = p->sealed = p->taking = p->given = 0;
	p->bytes = p->left = 0;
	p->out = NULL;
	p->kind = TNL_BODY_NONE;
}

void
tnl_passage_cap(struct tnl_passage *p, size_t cap)
{
	p->cap = cap;
	p->taken.buf.max = 2 * cap;
}

void
tnl_passage_source(struct tnl_passage *p, const struct tnl_framing *f)
{
	tnl_body_init(&p->body, f->kind, f->length);
	p->coming = f->kind == TNL_BODY_NONE ||
	    (f->kind == TNL_BODY_LENGTH && f->length == 0) ? TNL_WHOLE :
	    TNL_CONTENT;
}

void
tnl_passage_sink(struct tnl_passage *p, struct tnl_outbox *out,
    const struct tnl_framing *f)
{
	p->out = out;
	p->kind = f->kind;
	p->left = f->length;
	p->sealed = 0;
}

static size_t
room_of(const struct tnl_outbox *o, size_t cap)
{
	size_t held = tnl_outbox_held(o);

	return held < cap ? cap - held : 0;
}

/* How much content may be put. */
static size_t
sink_room(const struct tnl_passage *p)
{
	return p->out == NULL || p->kind == TNL_BODY_NONE ? SIZE_MAX :
	    room_of(p->out, p->cap);
}

static size_t
source_room(const struct tnl_passage *p)
{
	return p->taking ? room_of(&p->taken, p->cap) : sink_room(p);
}

int
tnl_passage_wants(const struct tnl_passage *p)
{
	return (p->coming == TNL_CONTENT || p->coming == TNL_TRAILING) &&
	    source_room(p) > 0;
}

void
tnl_passage_cut(struct tnl_passage *p, int error)
{
	if (p->coming == TNL_CONTENT || p->coming == TNL_TRAILING) {
		p->coming = TNL_CUT;
		p->error = error;
	}
}

/* Content of the source, for which there is room. */
static int
content(struct tnl_passage *p, const uint8_t *in, size_t n)
{
	size_t used;
	int rv;

	if (p->taking) {
		tnl_outbox_tidy(&p->taken);
		rv = tnl_buf_add(&p->taken.buf, in, n);
	} else {
		rv = tnl_passage_put(p, in, n, &used);
		assert(rv < 0 || used == n);
	}
	if (rv < 0)
		return rv;
	p->bytes += n;
	if (p->witness->fn != NULL) {
		p->witness->busy = 1;
		p->witness->fn(p->witness->ud, p->side, in, n);
		p->witness->busy = 0;
	}
	return 0;
}

/* As much as there is room for, even if all of it should be content. */
static int
feed_body(struct tnl_passage *p, const uint8_t *in, size_t n, size_t *used)
{
	size_t room = source_room(p), some;
	int whole, rv;

	whole = tnl_body_feed(&p->body, in, n < room ? n : room, used, &some);
	if (whole < 0)
		return whole;
	if (some > 0) {
		rv = content(p, in + *used - some, some);
		if (rv < 0)
			return rv;
	}
	if (whole)
		p->coming = p->body.kind == TNL_BODY_CHUNKS ? TNL_TRAILING :
		    TNL_WHOLE;
	return 0;
}

static int
feed_trailers(struct tnl_passage *p, const uint8_t *in, size_t n, size_t *used)
{
	int rv = tnl_head_feed(&p->trailers, in, n, used);

	if (rv > 0)
		p->coming = TNL_WHOLE;
	return rv == TUNNEL_ENOMEM || rv >= 0 ? rv : TUNNEL_EFRAMING;
}

int
tnl_passage_feed(struct tnl_passage *p, const uint8_t *in, size_t n,
    size_t *used)
{
	size_t some;
	int rv = 0;

	*used = 0;
	while (*used < n && tnl_passage_wants(p) && rv >= 0) {
		rv = p->coming == TNL_CONTENT ?
		    feed_body(p, in + *used, n - *used, &some) :
		    feed_trailers(p, in + *used, n - *used, &some);
		*used += some;
	}
	if (rv < 0)
		tnl_passage_cut(p, rv);
	return rv < 0 ? rv : 0;
}

int
tnl_passage_eof(struct tnl_passage *p)
{
	if (p->coming == TNL_CONTENT && p->body.kind == TNL_BODY_CLOSE)
		p->coming = TNL_WHOLE;
	tnl_passage_cut(p, TUNNEL_EEOF);
	return p->coming == TNL_CUT ? TUNNEL_EEOF : 0;
}

static int
put_chunk(struct tnl_buf *b, const uint8_t *in, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char line[CHUNK_MORE];
	size_t i = sizeof line, v = n;
	int rv;

	line[--i] = '\n';
	line[--i] = '\r';
	for (; v > 0; v >>= 4)
		line[--i] = digits[v & 15];
	rv = tnl_buf_add(b, line + i, sizeof line - i);
	if (rv == 0)
		rv = tnl_buf_add(b, in, n);
	return rv < 0 ? rv : tnl_buf_add(b, "\r\n", 2);
}

int
tnl_passage_put(struct tnl_passage *p, const uint8_t *in, size_t n,
    size_t *used)
{
	size_t room = sink_room(p);
	int rv;

	*used = 0;
	if (p->out == NULL || p->kind == TNL_BODY_NONE) {
		*used = n;
		return 0;
	}
	if (p->kind == TNL_BODY_LENGTH && n > p->left)
		return TUNNEL_EINVAL;
	if (n > room)
		n = room;
	if (n == 0)
		return 0;
	tnl_outbox_tidy(p->out);
	rv = p->kind == TNL_BODY_CHUNKS ? put_chunk(&p->out->buf, in, n) :
	    tnl_buf_add(&p->out->buf, in, n);
	if (rv < 0)
		return rv;
	if (p->kind == TNL_BODY_LENGTH)
		p->left -= n;
	*used = n;
	return 0;
}

static void
put_trailers(struct tnl_passage *p, const struct tnl_options *hop, int *rv)
{
	const char *name, *value;
	size_t at = 0;

	if (p->coming != TNL_WHOLE || p->body.kind != TNL_BODY_CHUNKS)
		return;
	while ((name = tnl_field_next(&p->trailers, &at, &value)) != NULL)
		if (tnl_hop_trails(hop, name))
			tnl_emit_field(&p->out->buf, name, value, rv);
}

int
tnl_passage_seal(struct tnl_passage *p, const struct tnl_options *hop)
{
	int rv = 0;

	if (p->out != NULL && p->kind == TNL_BODY_LENGTH && p->left > 0)
		return TUNNEL_EFRAMING;
	if (p->out != NULL && p->kind == TNL_BODY_CHUNKS) {
		tnl_outbox_tidy(p->out);
		tnl_emit_text(&p->out->buf, "0\r\n", &rv);
		if (hop != NULL)
			put_trailers(p, hop, &rv);
		tnl_emit_text(&p->out->buf, "\r\n", &rv);
	}
	if (rv == 0)
		p->sealed = 1;
	return rv;
}
