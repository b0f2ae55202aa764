/* helper_split.c - see split.h */
#define _DEFAULT_SOURCE
#include "split.h"

#include <sys/mman.h>

#include <unistd.h>

#include "unit.h"

enum { SURPLUS = 24 };

void
split_begin(struct split *s, const void *bytes, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i;

	s->n = n;
	s->seed = 2463534242u + (uint32_t)n;
	s->total = n + rnd(&s->seed) % SURPLUS;
	s->turn = 0;
	s->bytes = malloc(s->total + 1);
	assert_non_null(s->bytes);
	memcpy(s->bytes, bytes, n);
	for (i = n; i < s->total; i++)
		s->bytes[i] = (uint8_t)rnd(&s->seed);
	s->area_n = (s->total / page + 2) * page;
	s->area = mmap(NULL, s->area_n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(s->area != MAP_FAILED);
	assert_int_equal(mprotect(s->area + s->area_n - page, page, PROT_NONE),
	    0);
	s->area_n -= page;
}

int
split_next(struct split *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	/* whole, bytewise, and cuts at 1 .. n - 1 */
	if (s->turn < 2 || s->turn < s->n + 1) {
		s->turn++;
		return 1;
	}
	free(s->bytes);
	assert_int_equal(munmap(s->area, s->area_n + page), 0);
	return 0;
}

const uint8_t *
split_piece(struct split *s, size_t at, size_t *len)
{
	size_t cut = s->turn - 2;

	*len = s->total - at;
	if (*len == 0)
		return NULL;
	if (s->turn == 2)
		*len = 1;
	else if (s->turn > 2 && at < cut)
		*len = cut - at;
	memcpy(s->area + s->area_n - *len, s->bytes + at, *len);
	return s->area + s->area_n - *len;
}
