/* alloc.c - blocks of memory, from malloc or from the application
 *
 * Every object carries its own copy of the two functions, so that no state is
 * global and objects of different owners can live side by side.  put gets the
 * size back: an allocator over a fixed area then needs no headers.
 */
#include "core/alloc.h"

#include <stdlib.h>
#include <string.h>

static void *
libc_get(void *ud, size_t size)
{
	(void)ud;
	return malloc(size);
}

static void
libc_put(void *ud, void *block, size_t size)
{
	(void)ud;
	(void)size;
	free(block);
}

void
tnl_alloc_init(struct tunnel_alloc *a, const struct tunnel_alloc *from)
{
	static const struct tunnel_alloc libc = { libc_get, libc_put, NULL };

	*a = from != NULL ? *from : libc;
}

void *
tnl_get_with(const struct tunnel_alloc *a, size_t n, size_t tail)
{
	void *p = a->get(a->ud, n + tail);

	if (p != NULL)
		memset(p, 0, n);
	return p;
}

void *
tnl_get(const struct tunnel_alloc *a, size_t n)
{
	return tnl_get_with(a, n, 0);
}

void
tnl_put(const struct tunnel_alloc *a, void *p, size_t n)
{
	if (p != NULL)
		a->put(a->ud, p, n);
}

void
tnl_wipe(void *p, size_t n)
{
	/* Which function it is might change at any moment, for all that the
	 * compiler knows: so it cannot leave the call out although nobody reads
	 * the bytes. */
	static void *(*const volatile set)(void *, int, size_t) = memset;

	(void)set(p, 0, n);
}
