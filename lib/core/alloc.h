/* alloc.h - the only room of the core that asks for memory.  For all floors. */
#ifndef TNL_ALLOC_H
#define TNL_ALLOC_H

#include <tunnel/base.h>

/* Copy *from, or the default when it is NULL, so that an object keeps its
 * own. */
void tnl_alloc_init(struct tunnel_alloc *a, const struct tunnel_alloc *from);

/* A block of n bytes, all zero, or NULL. */
void *tnl_get(const struct tunnel_alloc *a, size_t n);

/* A block of n bytes, all zero, with tail more behind them as they come: bytes
 * that are not touched before they are used cost no memory on most systems. */
void *tnl_get_with(const struct tunnel_alloc *a, size_t n, size_t tail);

/* Give back a block with the size it was asked for.  NULL is fine. */
void tnl_put(const struct tunnel_alloc *a, void *p, size_t n);

/* Overwrite what may be a secret, in a way no compiler leaves out. */
void tnl_wipe(void *p, size_t n);

#endif
