/* base64.c - credentials on the wire (RFC 4648 section 4)
 *
 * Both ways compute each character with arithmetic instead of a table: what a
 * password is must not show in which cache lines were touched.
 */
#include "core/base64.h"

#include <assert.h>

/* All ones when x is below y, else zero; for values of up to 31 bits. */
static unsigned
below(unsigned x, unsigned y)
{
	return 0u - ((x - y) >> 31);
}

static char
to_char(unsigned v)
{
	unsigned c = v + 'A';

	c += ~below(v, 26) & ('a' - 'Z' - 1);
	c -= ~below(v, 52) & ('z' - '0' + 1);
	c -= ~below(v, 62) & ('9' + 1 - '+');
	c += ~below(v, 63) & ('/' - '+' - 1);
	return (char)c;
}

/* The value of a character, or 64 for one outside the alphabet. */
static unsigned
from_char(unsigned c)
{
	unsigned v = 64;
	unsigned in;

	in = ~below(c, 'A') & below(c, 'Z' + 1);
	v = (v & ~in) | ((c - 'A') & in);
	in = ~below(c, 'a') & below(c, 'z' + 1);
	v = (v & ~in) | ((c - 'a' + 26) & in);
	in = ~below(c, '0') & below(c, '9' + 1);
	v = (v & ~in) | ((c - '0' + 52) & in);
	in = ~below(c, '+') & below(c, '+' + 1);
	v = (v & ~in) | (62 & in);
	in = ~below(c, '/') & below(c, '/' + 1);
	v = (v & ~in) | (63 & in);
	return v;
}

size_t
tnl_base64_size(size_t n)
{
	assert(n < (size_t)-1 / 2);
	return (n + 2) / 3 * 4;
}

void
tnl_base64_encode(const uint8_t *in, size_t n, char *out)
{
	unsigned v;

	for (; n >= 3; n -= 3, in += 3) {
		v = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | in[2];
		*out++ = to_char(v >> 18);
		*out++ = to_char(v >> 12 & 63);
		*out++ = to_char(v >> 6 & 63);
		*out++ = to_char(v & 63);
	}
	if (n == 0)
		return;
	v = (unsigned)in[0] << 16 | (n == 2 ? (unsigned)in[1] << 8 : 0);
	*out++ = to_char(v >> 18);
	*out++ = to_char(v >> 12 & 63);
	*out++ = (char)(n == 2 ? to_char(v >> 6 & 63) : '=');
	*out = '=';
}

int
tnl_base64_decode(const char *in, size_t n, uint8_t *out, size_t *got)
{
	unsigned v, w;
	size_t pad, i, left;
	uint8_t *start = out;

	*got = 0;
	if (n % 4 != 0)
		return 0;
	pad = n == 0 || in[n - 1] != '=' ? 0 : in[n - 2] != '=' ? 1 : 2;
	for (left = n - pad; left > 0; in += 4) {
		size_t take = left < 4 ? left : 4;

		for (v = 0, i = 0; i < 4; i++) {
			w = i < take ? from_char((uint8_t)in[i]) : 0;
			if (w == 64)
				return 0;
			v = v << 6 | w;
		}
		left -= take;
		/* Bits behind the last byte must be zero: one text, one
		 * value. */
		if (take < 4 && (v & (take == 3 ? 0xffu : 0xffffu)) != 0)
			return 0;
		*out++ = (uint8_t)(v >> 16);
		if (take > 2)
			*out++ = (uint8_t)(v >> 8);
		if (take > 3)
			*out++ = (uint8_t)v;
	}
	*got = (size_t)(out - start);
	return 1;
}
