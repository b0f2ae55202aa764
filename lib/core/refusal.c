/* refusal.c - what follows the head of a refused reply
 *
 * Its body is read over, so that the connection can carry another request (curl
 * learnt from real proxies that a 407 is answered best on the connection it
 * came on), and the beginning is kept for the message to a person.  Where its
 * end is in doubt it goes on until the connection closes, and nothing behind it
 * is used (RFC 9112 section 6.3).
 */
#include "core/refusal.h"

#include "core/field.h"

enum {
	BODY_MAX = 1048576,     /* a longer one is not worth reading */
	EXCERPT_MAX = 4096
};

void
tnl_refusal_init(struct tnl_refusal *r, const struct tunnel_alloc *a)
{
	tnl_buf_init(&r->excerpt, a, EXCERPT_MAX);
	(void)tnl_refusal_begin(r, NULL);
}

void
tnl_refusal_free(struct tnl_refusal *r)
{
	tnl_buf_free(&r->excerpt);
}

/* How the body is framed, and whether its end leaves the connection usable. */
static int
framing(struct tnl_refusal *r, const struct tnl_head *h, uint64_t *length)
{
	int chunked = tnl_field_chunked(h);
	int sized = tnl_field_length(h, length);
	int kind = TNL_BODY_CLOSE;

	r->persists = tnl_field_persists(h);
	if (h->status == 304)
		kind = TNL_BODY_NONE;
	else if (chunked == 1 && sized == 0)
		kind = TNL_BODY_CHUNKED;
	else if (chunked == 0 && sized == 1)
		kind = TNL_BODY_LENGTH;
	if (kind == TNL_BODY_CLOSE || (chunked != 0 && h->version < 11))
		r->persists = 0;
	return kind;
}

int
tnl_refusal_begin(struct tnl_refusal *r, const struct tnl_head *h)
{
	uint64_t length = 0;
	int kind = TNL_BODY_NONE;

	tnl_buf_clear(&r->excerpt);
	r->skipped = 0;
	r->persists = 0;
	if (h != NULL)
		kind = framing(r, h, &length);
	tnl_body_init(&r->body, kind, length);
	return kind != TNL_BODY_CLOSE && tnl_body_eof(&r->body) == 1;
}

/* Keep the beginning.  Without memory there is less to show, no more. */
static void
keep(struct tnl_refusal *r, const uint8_t *p, size_t n)
{
	size_t room = r->excerpt.max - r->excerpt.n;

	(void)tnl_buf_add(&r->excerpt, p, n < room ? n : room);
}

int
tnl_refusal_feed(struct tnl_refusal *r, const uint8_t *in, size_t n,
    size_t *used)
{
	size_t content;
	int rv = tnl_body_feed(&r->body, in, n, used, &content);

	keep(r, in + *used - content, content);
	r->skipped += *used;
	if (rv < 0 || r->skipped > BODY_MAX)
		r->persists = 0;
	/* Read on only as long as it serves the next request or the reader. */
	return rv != 0 || (!r->persists && (r->skipped > BODY_MAX ||
	    r->excerpt.n == r->excerpt.max));
}
