/* md4.c - RFC 1320
 *
 * Broken in every way a hash can be, and still what NTLM makes a key of from a
 * password (MS-NLMP section 3.3.2, NTOWFv2).  For that alone.
 */
#include "core/transform.h"

#include <string.h>

#include "core/alloc.h"

static const uint8_t shift[3][4] = {
	{ 3, 7, 11, 19 }, { 3, 5, 9, 13 }, { 3, 9, 11, 15 }
};

/* The order in which the last round takes the words of the block. */
static const uint8_t third[16] = {
	0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15
};

static uint32_t
rotate(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

/* The i-th step's mixing function with its constant, and which word of the
 * block it takes. */
static uint32_t
mix(unsigned i, const uint32_t *s, unsigned *word)
{
	switch (i / 16) {
	case 0:
		*word = i;
		return (s[1] & s[2]) | (~s[1] & s[3]);
	case 1:
		*word = i % 4 * 4 + i % 16 / 4;
		return ((s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3])) +
		    0x5a827999;
	}
	*word = third[i % 16];
	return (s[1] ^ s[2] ^ s[3]) + 0x6ed9eba1;
}

static void
block(union tnl_words *state, const uint8_t *p)
{
	uint32_t w[16], s[4], f;
	unsigned i, word;

	for (i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	memcpy(s, state->w, sizeof s);
	for (i = 0; i < 48; i++) {
		f = mix(i, s, &word) + s[0] + w[word];
		s[0] = s[3];
		s[3] = s[2];
		s[2] = s[1];
		s[1] = rotate(f, shift[i / 16][i % 4]);
	}
	for (i = 0; i < 4; i++)
		state->w[i] += s[i];
	tnl_wipe(w, sizeof w);
	tnl_wipe(s, sizeof s);
}

const struct tnl_transform tnl_md4 = {
	16, 4, 0,
	{ .w = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } },
	block
};
