/* heap.h - deadlines, the first one first.  For loop. */
#ifndef TNL_HEAP_H
#define TNL_HEAP_H

#include <tunnel/base.h>

/* What is kept in a heap.  at is when it is due; key is where it stands, which
 * may be earlier: moving a deadline back costs nothing until it comes up. */
struct tnl_due {
	uint64_t at, key;
	size_t index;           /* its place, from 1; 0: not in the heap */
};

struct tnl_heap {
	struct tnl_due **item;  /* from 1 */
	size_t n, cap;
};

/* Make room for one more than there are places for: 0 or TUNNEL_ENOMEM. */
int tnl_heap_reserve(struct tnl_heap *h, const struct tunnel_alloc *a,
    size_t places);
void tnl_heap_free(struct tnl_heap *h, const struct tunnel_alloc *a);

/* Set when d is due, and put it in; UINT64_MAX takes it out.  Room must have
 * been reserved. */
void tnl_heap_set(struct tnl_heap *h, struct tnl_due *d, uint64_t at);

/* When the first is due at the earliest; UINT64_MAX: nothing is. */
uint64_t tnl_heap_first(const struct tnl_heap *h);

/* Take out the first of those that are due at now, or NULL. */
struct tnl_due *tnl_heap_pop(struct tnl_heap *h, uint64_t now);

#endif
