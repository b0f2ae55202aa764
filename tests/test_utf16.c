/* test_utf16.c - UTF-8 to UTF-16, and upper case */
#include "unit.h"
#include "split.h"

#include "core/utf16.h"

/* All of it, through one of the two: bytes in out and their number. */
static size_t
convert(const char *text, size_t n, int upper, uint8_t *out)
{
	size_t got = 0, len;

	do {
		len = upper ? tnl_utf16_upper(&text, &n, out + got) :
		    tnl_utf16_next(&text, &n, out + got);
		got += len;
	} while (len > 0);
	return got;
}

static void
characters(void **state)
{
	static const struct {
		const char *text;
		uint8_t out[8];
		size_t n;
	} t[] = {
		{ "", { 0 }, 0 },
		{ "a", { 'a', 0 }, 2 },
		{ "\x7f", { 0x7f, 0 }, 2 },
		{ "\xc2\x80", { 0x80, 0 }, 2 },
		{ "\xdf\xbf", { 0xff, 0x07 }, 2 },
		{ "\xe0\xa0\x80", { 0x00, 0x08 }, 2 },
		{ "\xe2\x82\xac", { 0xac, 0x20 }, 2 },
		{ "\xed\x9f\xbf", { 0xff, 0xd7 }, 2 },
		{ "\xee\x80\x80", { 0x00, 0xe0 }, 2 },
		{ "\xef\xbf\xbf", { 0xff, 0xff }, 2 },
		{ "\xf0\x90\x80\x80", { 0x00, 0xd8, 0x00, 0xdc }, 4 },
		{ "\xf0\x9d\x84\x9e", { 0x34, 0xd8, 0x1e, 0xdd }, 4 },
		{ "\xf4\x8f\xbf\xbf", { 0xff, 0xdb, 0xff, 0xdf }, 4 },
		{ "a\xc3\xa4z", { 'a', 0, 0xe4, 0, 'z', 0 }, 6 },
	};
	uint8_t out[32];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		n = strlen(t[i].text);
		assert_int_equal(convert(t[i].text, n, 0, out), t[i].n);
		assert_memory_equal(out, t[i].out, t[i].n);
		assert_true(tnl_utf16_size(t[i].text, n, &n));
		assert_int_equal(n, t[i].n);
	}
}

/* None of it is mended, and nothing behind the end is looked at. */
static void
no_utf8(void **state)
{
	static const char *const t[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
		"\xc3(", "\xe2\x82(", "\xf0\x9d\x84(", "\xc3\xc3",
		"a\xffz",
	};
	static const char whole[] = "\xf0\x9d\x84\x9e\xe2\x82\xac\xc3\xa4";
	const uint8_t *piece;
	struct split s;
	size_t i, n, size;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++)
		assert_false(tnl_utf16_size(t[i], strlen(t[i]), &size));
	split_begin(&s, whole, sizeof whole - 1);
	while (split_next(&s)) {
		piece = split_piece(&s, 0, &n);
		if (n < s.n)
			assert_int_equal(tnl_utf16_size((const char *)piece, n,
			    &size), n == 4 || n == 7);
	}
}

/* Write a character of the first 65536 as UTF-8. */
static size_t
spell(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	out[0] = (char)(0xe0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 & 63));
	out[2] = (char)(0x80 | (c & 63));
	return 3;
}

static uint32_t
upper(uint32_t c)
{
	char text[4];
	uint8_t out[4];

	assert_int_equal(convert(text, spell(c, text), 1, out), 2);
	return (uint32_t)out[0] | (uint32_t)out[1] << 8;
}

/* The sum is that of Python's str.upper over the same letters, without those
 * that Windows leaves alone. */
static void
upper_case(void **state)
{
	static const uint32_t t[][2] = {
		{ 'a', 'A' }, { 'z', 'Z' }, { 'A', 'A' }, { '`', '`' },
		{ '{', '{' }, { '@', '@' }, { 0xb5, 0xb5 }, { 0xdf, 0xdf },
		{ 0xe4, 0xc4 }, { 0xf7, 0xf7 }, { 0xfe, 0xde },
		{ 0xff, 0x178 }, { 0x105, 0x104 }, { 0x130, 0x130 },
		{ 0x131, 0x131 }, { 0x138, 0x138 }, { 0x142, 0x141 },
		{ 0x149, 0x149 }, { 0x151, 0x150 }, { 0x17e, 0x17d },
		{ 0x17f, 0x17f }, { 0x390, 0x390 }, { 0x3ac, 0x386 },
		{ 0x3af, 0x38a }, { 0x3b0, 0x3b0 }, { 0x3b1, 0x391 },
		{ 0x3c2, 0x3c2 }, { 0x3c9, 0x3a9 }, { 0x3cc, 0x38c },
		{ 0x3ce, 0x38f }, { 0x430, 0x410 }, { 0x44f, 0x42f },
		{ 0x451, 0x401 }, { 0x45f, 0x40f }, { 0x491, 0x490 },
		{ 0x561, 0x561 }, { 0x1e01, 0x1e01 }, { 0xff41, 0xff41 },
	};
	static const char mixed[] = "stra\xc3\x9f" "e \xf0\x90\x90\xa8";
	uint8_t out[64], same[64];
	uint32_t c, changed = 0, sum = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++)
		assert_int_equal(upper(t[i][0]), t[i][1]);
	for (c = 1; c < 0x10000; c++) {
		if (c == 0xd800)
			c = 0xe000;
		if (upper(c) == c)
			continue;
		changed++;
		sum += upper(c);
		assert_int_equal(upper(upper(c)), upper(c));
	}
	assert_int_equal(changed, 226);
	assert_int_equal(sum, 140780);
	i = convert(mixed, sizeof mixed - 1, 1, out);
	assert_int_equal(i, convert("STRA\xc3\x9f" "E \xf0\x90\x90\xa8",
	    sizeof mixed - 1, 0, same));
	assert_memory_equal(out, same, i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters), cmocka_unit_test(no_utf8),
		cmocka_unit_test(upper_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
