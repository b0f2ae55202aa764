/* utf16.c - text as Windows has it
 *
 * UTF-8 (RFC 3629) in, UTF-16LE out, a character at a time: what reads a
 * password never holds it whole in a second form.  What is not UTF-8 is refused
 * and not mended, for two passwords must not become one.
 *
 * Upper case is a matter of tables that Windows carries for all of Unicode.
 * Here are the letters that names are made of where NTLM is found: Latin,
 * Latin-1, Latin Extended-A, Greek and Cyrillic, each of them one by one as
 * Windows has it (sharp s, dotless i, micro and final sigma have no upper case
 * there).  Any other character stays as it is: who has a lower-case letter of
 * Armenian, Georgian or Vietnamese in their name, or one beyond the first 65536
 * characters, has to write it in upper case.
 */
#include "core/utf16.h"

/* From first to last, each or every other one, so far from its upper case. */
struct range {
	uint16_t first, last;
	int16_t step;
	uint16_t stride;
};

static const struct range lower[] = {
	{ 0x0061, 0x007a, -32, 1 },     /* a-z */
	{ 0x00e0, 0x00f6, -32, 1 },     /* Latin-1 */
	{ 0x00f8, 0x00fe, -32, 1 },     /* without the division sign */
	{ 0x00ff, 0x00ff, 121, 1 },     /* y with two dots */
	{ 0x0101, 0x012f, -1, 2 },      /* Latin Extended-A */
	{ 0x0133, 0x0137, -1, 2 },
	{ 0x013a, 0x0148, -1, 2 },
	{ 0x014b, 0x0177, -1, 2 },
	{ 0x017a, 0x017e, -1, 2 },
	{ 0x03ac, 0x03ac, -38, 1 },     /* Greek with an accent */
	{ 0x03ad, 0x03af, -37, 1 },
	{ 0x03b1, 0x03c1, -32, 1 },     /* Greek */
	{ 0x03c3, 0x03cb, -32, 1 },     /* without final sigma */
	{ 0x03cc, 0x03cc, -64, 1 },
	{ 0x03cd, 0x03ce, -63, 1 },
	{ 0x0430, 0x044f, -32, 1 },     /* Cyrillic */
	{ 0x0450, 0x045f, -80, 1 },
	{ 0x048b, 0x04bf, -1, 2 },
};

static uint32_t
upper(uint32_t c)
{
	const struct range *r;
	size_t i;

	for (i = 0; i < sizeof lower / sizeof lower[0]; i++) {
		r = &lower[i];
		if (c >= r->first && c <= r->last &&
		    (c - r->first) % r->stride == 0)
			return (uint32_t)((int32_t)c + r->step);
	}
	return c;
}

/* The first character of n > 0 bytes: how many they are, or 0 for no UTF-8.
 * Every character has one spelling (RFC 3629 section 3), and surrogates are
 * none. */
static size_t
decode(const char *text, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = (uint8_t)text[0], byte;
	size_t len, i;

	if (first < 0x80) {
		*c = first;
		return 1;
	}
	len = first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 :
	    first < 0xf8 ? 4 : 0;
	if (len == 0 || len > n)
		return 0;
	*c = first & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		byte = (uint8_t)text[i];
		if ((byte & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (byte & 0x3fu);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return len;
}

static size_t
encode(uint32_t c, uint8_t out[4])
{
	uint32_t high, low;

	if (c < 0x10000) {
		out[0] = (uint8_t)c;
		out[1] = (uint8_t)(c >> 8);
		return 2;
	}
	high = 0xd800 + ((c - 0x10000) >> 10);
	low = 0xdc00 + (c & 0x3ff);
	out[0] = (uint8_t)high;
	out[1] = (uint8_t)(high >> 8);
	out[2] = (uint8_t)low;
	out[3] = (uint8_t)(low >> 8);
	return 4;
}

/* Move over the next character; 0 at the end, or where it is none. */
static int
step(const char **text, size_t *n, uint32_t *c)
{
	size_t len = *n > 0 ? decode(*text, *n, c) : 0;

	*text += len;
	*n -= len;
	return len > 0;
}

int
tnl_utf16_size(const char *text, size_t n, size_t *size)
{
	uint32_t c;

	for (*size = 0; step(&text, &n, &c); )
		*size += c < 0x10000 ? 2 : 4;
	return n == 0;
}

size_t
tnl_utf16_next(const char **text, size_t *n, uint8_t out[4])
{
	uint32_t c;

	return step(text, n, &c) ? encode(c, out) : 0;
}

size_t
tnl_utf16_upper(const char **text, size_t *n, uint8_t out[4])
{
	uint32_t c;

	return step(text, n, &c) ? encode(upper(c), out) : 0;
}
