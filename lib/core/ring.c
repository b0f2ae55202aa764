/* ring.c - bytes in a circle
 *
 *       at           at + n                   at + n - cap      at
 *   [....###########......]         [#########.............######]
 *
 * at < cap and n <= cap, always.  An empty ring begins again at the start, so
 * that small talk always has the whole memory in one piece.
 */
#include "core/ring.h"

#include <assert.h>

void
tnl_ring_init(struct tnl_ring *r, uint8_t *p, size_t cap)
{
	assert(cap > 0);
	r->p = p;
	r->cap = cap;
	r->at = r->n = 0;
}

uint8_t *
tnl_ring_room(const struct tnl_ring *r, size_t *n)
{
	size_t tail = r->cap - r->at;   /* from the first byte to the end */

	if (r->n < tail) {
		*n = tail - r->n;
		return r->p + r->at + r->n;
	}
	*n = r->cap - r->n;
	return r->p + (r->n - tail);
}

void
tnl_ring_commit(struct tnl_ring *r, size_t n)
{
	assert(n <= r->cap - r->n);
	r->n += n;
}

const uint8_t *
tnl_ring_peek(const struct tnl_ring *r, size_t *n)
{
	size_t tail = r->cap - r->at;

	*n = r->n < tail ? r->n : tail;
	return r->p + r->at;
}

void
tnl_ring_skip(struct tnl_ring *r, size_t n)
{
	size_t tail = r->cap - r->at;

	assert(n <= r->n);
	r->n -= n;
	r->at = r->n == 0 ? 0 : n < tail ? r->at + n : n - tail;
}

size_t
tnl_ring_room_more(const struct tnl_ring *r)
{
	return r->n < r->cap - r->at ? r->at : 0;
}

size_t
tnl_ring_peek_more(const struct tnl_ring *r)
{
	size_t tail = r->cap - r->at;

	return r->n > tail ? r->n - tail : 0;
}

void
tnl_ring_clear(struct tnl_ring *r)
{
	r->at = r->n = 0;
}
