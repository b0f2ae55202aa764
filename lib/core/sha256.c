/* sha256.c - FIPS 180-4 section 6.2, RFC 6234 */
#include "core/transform.h"

#include <string.h>

#include "core/alloc.h"

static uint32_t
rotate(uint32_t v, unsigned n)
{
	return v >> n | v << (32 - n);
}

static void
spread(uint32_t *w, const uint8_t *p)
{
	unsigned i;

	for (i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		    (uint32_t)p[2] << 8 | (uint32_t)p[3];
	for (; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (rotate(w[i - 15], 7) ^
		    rotate(w[i - 15], 18) ^ w[i - 15] >> 3) +
		    (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^
		    w[i - 2] >> 10);
}

static void
block(union tnl_words *state, const uint8_t *p)
{
	uint32_t w[64], s[8], t;
	unsigned i;

	spread(w, p);
	memcpy(s, state->w, sizeof s);
	for (i = 0; i < 64; i++) {
		t = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^
		    rotate(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) +
		    (uint32_t)(tnl_cube_roots[i] >> 32) + w[i];
		s[7] = (rotate(s[0], 2) ^ rotate(s[0], 13) ^
		    rotate(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^
		    (s[1] & s[2]));
		s[3] += t;
		t += s[7];
		memmove(s + 1, s, 7 * sizeof *s);
		s[0] = t;
	}
	for (i = 0; i < 8; i++)
		state->w[i] += s[i];
	tnl_wipe(w, sizeof w);
	tnl_wipe(s, sizeof s);
}

/* The square roots of the first 8 primes (section 5.3.3). */
const struct tnl_transform tnl_sha256 = {
	32, 4, 1,
	{ .w = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	} },
	block
};
