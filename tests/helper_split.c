/* helper_split.c - see split.h */
#include "split.h"

#include "page.h"
#include "unit.h"

enum { SURPLUS = 24 };

void
split_begin(struct split *s, const void *bytes, size_t n)
{
	size_t page = page_size(), i;

	s->n = n;
	s->seed = 2463534242u + (uint32_t)n;
	s->total = n + rnd(&s->seed) % SURPLUS;
	s->turn = 0;
	s->bytes = malloc(s->total + 1);
	assert_non_null(s->bytes);
	memcpy(s->bytes, bytes, n);
	for (i = n; i < s->total; i++)
		s->bytes[i] = (uint8_t)rnd(&s->seed);
	/* What is written ends at a page that nobody can read. */
	s->area_n = (s->total / page + 1) * page;
	s->area = page_before_none(s->area_n);
}

int
split_next(struct split *s)
{
	/* whole, bytewise, and cuts at 1 .. n - 1 */
	if (s->turn < 2 || s->turn < s->n + 1) {
		s->turn++;
		return 1;
	}
	free(s->bytes);
	page_give_back(s->area, s->area_n);
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
