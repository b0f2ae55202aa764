/* md5.c - RFC 1321
 *
 * Broken as a hash for strangers' data, and still what htdigest files and
 * Digest authentication are made of.
 */
#include "core/transform.h"

#include <string.h>

#include "core/alloc.h"

/* floor(2^32 * abs(sin(i + 1))), RFC 1321 section 3.4 */
static const uint32_t sine[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf,
	0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
	0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e,
	0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
	0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6,
	0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
	0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
	0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039,
	0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97,
	0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d,
	0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
	0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const uint8_t shift[4][4] = {
	{ 7, 12, 17, 22 }, { 5, 9, 14, 20 },
	{ 4, 11, 16, 23 }, { 6, 10, 15, 21 }
};

static uint32_t
rotate(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

/* The i-th step's mixing function, and which word of the block it takes. */
static uint32_t
mix(unsigned i, const uint32_t *s, unsigned *word)
{
	switch (i / 16) {
	case 0:
		*word = i;
		return (s[1] & s[2]) | (~s[1] & s[3]);
	case 1:
		*word = (5 * i + 1) % 16;
		return (s[1] & s[3]) | (s[2] & ~s[3]);
	case 2:
		*word = (3 * i + 5) % 16;
		return s[1] ^ s[2] ^ s[3];
	}
	*word = 7 * i % 16;
	return s[2] ^ (s[1] | ~s[3]);
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
	for (i = 0; i < 64; i++) {
		f = mix(i, s, &word) + s[0] + sine[i] + w[word];
		s[0] = s[3];
		s[3] = s[2];
		s[2] = s[1];
		s[1] += rotate(f, shift[i / 16][i % 4]);
	}
	for (i = 0; i < 4; i++)
		state->w[i] += s[i];
	tnl_wipe(w, sizeof w);
	tnl_wipe(s, sizeof s);
}

const struct tnl_transform tnl_md5 = {
	16, 4, 0,
	{ .w = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } },
	block
};
