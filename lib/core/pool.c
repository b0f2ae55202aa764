/* pool.c - blocks of memory that are lent while bytes wait in them
 *
 *      get <--- at rest <--- put          last in, first out
 *                  |
 *                  +--- more than KEEP: back to the allocator
 *
 * The block that was given back last is lent next, so that a loop whose tunnels
 * keep up works in one block, which stays in the processor's cache.  A few are
 * kept so that busy times allocate nothing; the rest is not held on to.
 */
#include "core/pool.h"

#include <assert.h>

#include "core/alloc.h"

enum { KEEP = 16 };

struct tnl_block {
	struct tnl_block *next;
};

void
tnl_pool_init(struct tnl_pool *p, const struct tunnel_alloc *a, size_t size)
{
	assert(size >= sizeof(struct tnl_block));
	p->a = a;
	p->size = size;
	p->first = NULL;
	p->resting = p->lent = 0;
}

void
tnl_pool_free(struct tnl_pool *p)
{
	struct tnl_block *b;

	assert(p->lent == 0);
	while ((b = p->first) != NULL) {
		p->first = b->next;
		tnl_put(p->a, b, p->size);
	}
	p->resting = 0;
}

uint8_t *
tnl_pool_get(struct tnl_pool *p)
{
	struct tnl_block *b = p->first;

	if (b != NULL) {
		p->first = b->next;
		p->resting--;
	} else {
		b = tnl_get_with(p->a, 0, p->size);
		if (b == NULL)
			return NULL;
	}
	p->lent++;
	return (uint8_t *)b;
}

void
tnl_pool_put(struct tnl_pool *p, uint8_t *block)
{
	struct tnl_block *b = (struct tnl_block *)(void *)block;

	assert(p->lent > 0);
	p->lent--;
	if (p->resting == KEEP) {
		tnl_put(p->a, b, p->size);
		return;
	}
	b->next = p->first;
	p->first = b;
	p->resting++;
}
