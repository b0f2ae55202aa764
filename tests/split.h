/* split.h - the same bytes, cut in every way: whole, byte by byte, and in two
 * at each point; each piece ending at an unreadable page */
#ifndef SPLIT_H
#define SPLIT_H

#include <stddef.h>
#include <stdint.h>

struct split {
	size_t n;       /* bytes that count */
	size_t total;   /* with the random surplus behind them */
	size_t turn;    /* 0 before the first, 1 whole, 2 bytewise, then cuts */
	uint8_t *bytes;
	uint8_t *area;  /* ends at a page that must not be read */
	size_t area_n;
	uint32_t seed;
};

/* Begin with n bytes; a random surplus is put behind them. */
void split_begin(struct split *s, const void *bytes, size_t n);

/* The next way of cutting: 1, or 0 after the last, when all is freed. */
int split_next(struct split *s);

/* The piece that begins at at, *len bytes; NULL at the end of it all. */
const uint8_t *split_piece(struct split *s, size_t at, size_t *len);

#endif
