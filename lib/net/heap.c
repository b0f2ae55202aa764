/* heap.c - deadlines, the first one first
 *
 * A binary heap of pointers, each of which knows its place, so that any can be
 * moved.  The deadline of a tunnel moves back with every byte that passes; that
 * is only noted, and when its old place comes up it is put where it belongs:
 * a busy tunnel pays for one move each time its idle time has passed.  So it is
 * also when it is due by then, or a late round would find it before those that
 * are due earlier.
 */
#include "net/heap.h"

#include <string.h>

#include "core/alloc.h"

int
tnl_heap_reserve(struct tnl_heap *h, const struct tunnel_alloc *a,
    size_t places)
{
	size_t cap = h->cap > 0 ? h->cap * 2 : 16;
	struct tnl_due **item;

	if (places < h->cap)
		return 0;
	item = tnl_get(a, cap * sizeof *item);
	if (item == NULL)
		return TUNNEL_ENOMEM;
	if (h->item != NULL)
		memcpy(item, h->item, h->cap * sizeof *item);
	tnl_heap_free(h, a);
	h->item = item;
	h->cap = cap;
	return 0;
}

void
tnl_heap_free(struct tnl_heap *h, const struct tunnel_alloc *a)
{
	tnl_put(a, h->item, h->cap * sizeof(struct tnl_due *));
	h->item = NULL;
	h->cap = 0;
}

static void
place(struct tnl_heap *h, struct tnl_due *d, size_t i)
{
	h->item[i] = d;
	d->index = i;
}

/* Let d find its place, from i upwards, then downwards. */
static void
sift(struct tnl_heap *h, struct tnl_due *d, size_t i)
{
	size_t child;

	for (; i > 1 && h->item[i / 2]->key > d->key; i /= 2)
		place(h, h->item[i / 2], i);
	for (; (child = i * 2) <= h->n; i = child) {
		if (child < h->n && h->item[child + 1]->key <
		    h->item[child]->key)
			child++;
		if (h->item[child]->key >= d->key)
			break;
		place(h, h->item[child], i);
	}
	place(h, d, i);
}

static void
take_out(struct tnl_heap *h, struct tnl_due *d)
{
	struct tnl_due *last = h->item[h->n--];

	if (last != d)
		sift(h, last, d->index);
	d->index = 0;
}

void
tnl_heap_set(struct tnl_heap *h, struct tnl_due *d, uint64_t at)
{
	d->at = at;
	if (at == UINT64_MAX) {
		if (d->index > 0)
			take_out(h, d);
		return;
	}
	if (d->index > 0 && at >= d->key)
		return;
	d->key = at;
	sift(h, d, d->index > 0 ? d->index : ++h->n);
}

uint64_t
tnl_heap_first(const struct tnl_heap *h)
{
	return h->n > 0 ? h->item[1]->key : UINT64_MAX;
}

struct tnl_due *
tnl_heap_pop(struct tnl_heap *h, uint64_t now)
{
	struct tnl_due *d;

	while (h->n > 0 && h->item[1]->key <= now) {
		d = h->item[1];
		if (d->at == d->key) {
			take_out(h, d);
			return d;
		}
		d->key = d->at;
		sift(h, d, 1);
	}
	return NULL;
}
