/* ascii.c - bytes by class, without a locale
 *
 * isalpha() and its kin ask the locale, and a proxy that thinks a byte is a
 * letter in one country only is a proxy with a hole.  The table reads like the
 * grammar of RFC 9110 section 5.6.2 (token), section 5.5 (field-value) and
 * RFC 3986 section 3.2.2 (the part of reg-name that host names use).
 */
#include "core/ascii.h"

#define D (TNL_DIGIT | TNL_HEX | TNL_TOKEN | TNL_VALUE | TNL_TARGET | TNL_NAME)
#define X (TNL_ALPHA | TNL_HEX | TNL_TOKEN | TNL_VALUE | TNL_TARGET | TNL_NAME)
#define L (TNL_ALPHA | TNL_TOKEN | TNL_VALUE | TNL_TARGET | TNL_NAME)
#define N (TNL_TOKEN | TNL_VALUE | TNL_TARGET | TNL_NAME) /* - . _ */
#define T (TNL_TOKEN | TNL_VALUE | TNL_TARGET) /* other tchar */
#define G (TNL_VALUE | TNL_TARGET) /* delimiters: VCHAR but no tchar */
#define B (TNL_VALUE | TNL_BLANK)
#define O TNL_VALUE /* obs-text: 0x80-0xff */

const uint8_t tnl_class[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, B, 0, 0, 0, 0, 0, 0,	/* 0x00 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,	/* 0x10 */
	B, T, G, T, T, T, T, T, G, G, T, T, G, N, N, G,	/* 0x20 */
	D, D, D, D, D, D, D, D, D, D, G, G, G, G, G, G,	/* 0x30 */
	G, X, X, X, X, X, X, L, L, L, L, L, L, L, L, L,	/* 0x40 */
	L, L, L, L, L, L, L, L, L, L, L, G, G, G, T, N,	/* 0x50 */
	T, X, X, X, X, X, X, L, L, L, L, L, L, L, L, L,	/* 0x60 */
	L, L, L, L, L, L, L, L, L, L, L, G, T, G, T, 0,	/* 0x70 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,	/* 0x80 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,	/* 0x90 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,	/* 0xa0 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,	/* 0xb0 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,	/* 0xc0 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,	/* 0xd0 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,	/* 0xe0 */
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,	/* 0xf0 */
};

size_t
tnl_span(const uint8_t *p, size_t n, int classes)
{
	size_t i = 0;

	/* Four that have a class in common; else one by one. */
	while (n - i >= 4 && (tnl_class[p[i]] & tnl_class[p[i + 1]] &
	    tnl_class[p[i + 2]] & tnl_class[p[i + 3]] & classes) != 0)
		i += 4;
	while (i < n && tnl_is(p[i], classes))
		i++;
	return i;
}

uint8_t
tnl_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

int
tnl_hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tnl_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
tnl_same_n(const char *a, size_t an, const char *b, size_t bn)
{
	size_t i;

	if (an != bn)
		return 0;
	for (i = 0; i < an; i++)
		if (tnl_lower((uint8_t)a[i]) != tnl_lower((uint8_t)b[i]))
			return 0;
	return 1;
}

int
tnl_same(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if (tnl_lower((uint8_t)*a) != tnl_lower((uint8_t)*b))
			return 0;
	return *a == *b;
}

int
tnl_same_secret(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;
	unsigned differ = 0;

	while (n-- > 0)
		differ |= (unsigned)(*p++ ^ *q++);
	/* 0 - 1 alone borrows from the bits above the eighth. */
	return (int)((differ - 1) >> 8 & 1);
}

int
tnl_decimal(const char *p, size_t n, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;
	uint64_t d;
	size_t i;

	if (n == 0)
		return 0;
	for (i = 0; i < n; i++) {
		if (!tnl_is((uint8_t)p[i], TNL_DIGIT))
			return 0;
		d = (uint64_t)(p[i] - '0');
		if (d > max || v > (max - d) / 10)
			return 0;
		v = v * 10 + d;
	}
	*value = v;
	return 1;
}
