/* buf.c - bytes that grow up to a maximum set at birth
 *
 * Heads are mostly short and may be long.  Memory follows what has arrived, by
 * doubling, and never passes max; a peer can make us hold what the limit says
 * and no byte more.  Growing moves and wipes, so no copy of a credential stays
 * behind in freed memory.
 */
#include "core/buf.h"

#include <assert.h>
#include <string.h>

#ifndef TNL_BUF_FIRST
#define TNL_BUF_FIRST 512       /* a usual CONNECT head fits */
#endif

void
tnl_buf_init(struct tnl_buf *b, const struct tunnel_alloc *a, size_t max)
{
	memset(b, 0, sizeof *b);
	b->a = a;
	b->max = max;
}

void
tnl_buf_free(struct tnl_buf *b)
{
	if (b->p != NULL)
		tnl_wipe(b->p, b->cap);
	tnl_put(b->a, b->p, b->cap);
	b->p = NULL;
	b->n = b->cap = 0;
}

void
tnl_buf_clear(struct tnl_buf *b)
{
	if (b->n > 0)
		tnl_wipe(b->p, b->n);
	b->n = 0;
}

static int
grow(struct tnl_buf *b, size_t need)
{
	size_t cap = b->cap > 0 ? b->cap : TNL_BUF_FIRST;
	uint8_t *p;

	while (cap < need)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	if (cap > b->max)
		cap = b->max;
	p = tnl_get_with(b->a, 0, cap);
	if (p == NULL)
		return TUNNEL_ENOMEM;
	if (b->n > 0) {
		memcpy(p, b->p, b->n);
		tnl_wipe(b->p, b->n);
	}
	tnl_put(b->a, b->p, b->cap);
	b->p = p;
	b->cap = cap;
	return 0;
}

int
tnl_buf_add(struct tnl_buf *b, const void *p, size_t n)
{
	assert(b->n <= b->cap && b->cap <= b->max);
	if (n > b->max - b->n)
		return TUNNEL_EHEAD;
	if (n > b->cap - b->n) {
		int rv = grow(b, b->n + n);

		if (rv < 0)
			return rv;
	}
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	return 0;
}

int
tnl_buf_byte(struct tnl_buf *b, uint8_t c)
{
	if (b->n == b->cap)
		return tnl_buf_add(b, &c, 1);
	b->p[b->n++] = c;
	return 0;
}

const char *
tnl_buf_text(const struct tnl_buf *b, size_t at)
{
	assert(at < b->n);
	return (const char *)b->p + at;
}
