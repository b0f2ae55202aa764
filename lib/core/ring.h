/* ring.h - bytes in a circle.  For flow. */
#ifndef TNL_RING_H
#define TNL_RING_H

#include <stddef.h>
#include <stdint.h>

struct tnl_ring {
	uint8_t *p;
	size_t cap;
	size_t at;      /* where the first held byte is; 0 when none is */
	size_t n;       /* bytes held */
};

/* A ring over cap bytes at p, which the caller owns. */
void tnl_ring_init(struct tnl_ring *r, uint8_t *p, size_t cap);

/* The free bytes that lie in one piece, then n of them have been filled. */
uint8_t *tnl_ring_room(const struct tnl_ring *r, size_t *n);
void tnl_ring_commit(struct tnl_ring *r, size_t n);

/* The held bytes that lie in one piece, then n of them have been used. */
const uint8_t *tnl_ring_peek(const struct tnl_ring *r, size_t *n);
void tnl_ring_skip(struct tnl_ring *r, size_t n);

/* What is free, or held, behind that piece: so many bytes, from the start of
 * the memory on.  commit and skip take both at once. */
size_t tnl_ring_room_more(const struct tnl_ring *r);
size_t tnl_ring_peek_more(const struct tnl_ring *r);

/* Hold nothing. */
void tnl_ring_clear(struct tnl_ring *r);

#endif
