/* pool.h - blocks of memory, lent while bytes wait in them.  For flow. */
#ifndef TNL_POOL_H
#define TNL_POOL_H

#include <tunnel/base.h>

struct tnl_block;

struct tnl_pool {
	const struct tunnel_alloc *a;   /* outlives the pool */
	size_t size;                    /* of a block */
	struct tnl_block *first;        /* of those at rest */
	size_t resting, lent;
};

void tnl_pool_init(struct tnl_pool *p, const struct tunnel_alloc *a,
    size_t size);

/* All blocks must be back. */
void tnl_pool_free(struct tnl_pool *p);

/* A block of the pool's size, what is in it is anything; NULL: no memory. */
uint8_t *tnl_pool_get(struct tnl_pool *p);
void tnl_pool_put(struct tnl_pool *p, uint8_t *block);

#endif
