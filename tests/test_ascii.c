/* test_ascii.c - bytes by class, and what is read of them */
#include "unit.h"

#include "core/ascii.h"

/* Against the grammars, written another way; and isalpha() of the C locale. */
static int
belongs(int c, int class)
{
	int alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	int digit = c >= '0' && c <= '9';

	switch (class) {
	case TNL_DIGIT:
		return digit;
	case TNL_HEX:
		return digit || (alpha && (c | 32) <= 'f');
	case TNL_ALPHA:
		return alpha;
	case TNL_TOKEN:
		return alpha || digit ||
		    (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
	case TNL_VALUE:
		return c == '\t' || (c >= ' ' && c != 0x7f);
	case TNL_TARGET:
		return c > ' ' && c < 0x7f;
	case TNL_NAME:
		return alpha || digit || c == '-' || c == '.' || c == '_';
	}
	return c == ' ' || c == '\t';
}

static void
classes(void **state)
{
	int c, class;

	(void)state;
	for (class = TNL_DIGIT; class <= TNL_BLANK; class *= 2)
		for (c = 0; c < 256; c++)
			assert_int_equal(tnl_is((uint8_t)c, class),
			    belongs(c, class));
}

/* A run ends at the first other byte, wherever that is. */
static void
runs(void **state)
{
	uint8_t text[32];
	size_t n, at;

	(void)state;
	for (n = 0; n <= sizeof text; n++)
		for (at = 0; at <= n; at++) {
			memset(text, '7', sizeof text);
			if (at < sizeof text)
				text[at] = 'x';
			assert_int_equal(tnl_span(text, n, TNL_DIGIT), at);
			assert_int_equal(tnl_span(text, n,
			    TNL_DIGIT | TNL_ALPHA), n);
			assert_int_equal(tnl_span(text, n, TNL_BLANK), 0);
		}
	/* classes in turn, of which no four have one in common */
	assert_int_equal(tnl_span((const uint8_t *)"a1 a1 a1,", 9,
	    TNL_ALPHA | TNL_DIGIT | TNL_BLANK), 8);
}

static void
letters_and_digits(void **state)
{
	static const char hex[] = "0123456789abcdef";
	int c, v;

	(void)state;
	for (c = 0; c < 256; c++) {
		v = c >= 'A' && c <= 'Z' ? c + 32 : c;
		assert_int_equal(tnl_lower((uint8_t)c), v);
		assert_int_equal(tnl_hex((uint8_t)c), v != 0 &&
		    strchr(hex, v) != NULL ? (int)(strchr(hex, v) - hex) : -1);
	}
}

static void
sameness(void **state)
{
	uint8_t a[40], b[40];
	size_t i;
	int bit;

	(void)state;
	assert_true(tnl_same("Host", "hOST"));
	assert_true(tnl_same("", ""));
	assert_false(tnl_same("Host", "Hos"));
	assert_false(tnl_same("Hos", "Host"));
	assert_false(tnl_same("[", "{"));       /* 32 apart, and no letters */
	assert_true(tnl_same_n("aBc", 3, "AbCd", 3));
	assert_false(tnl_same_n("abc", 3, "abc", 2));
	assert_false(tnl_same_n("abc", 3, "abd", 3));
	memset(a, 0x5a, sizeof a);
	for (i = 0; i < sizeof a; i++)
		for (bit = 1; bit < 256; bit *= 2) {
			memcpy(b, a, sizeof a);
			assert_true(tnl_same_secret(a, b, sizeof a));
			b[i] ^= (uint8_t)bit;
			assert_false(tnl_same_secret(a, b, sizeof a));
			assert_true(tnl_same_secret(a, b, i));
		}
	assert_true(tnl_same_secret(a, b, 0));
}

static void
decimals(void **state)
{
	static const struct { const char *text; uint64_t max, v; int ok; } t[]
	    = {
		{ "0", 0, 0, 1 }, { "1", 0, 0, 0 }, { "5", 4, 0, 0 },
		{ "4", 4, 4, 1 }, { "00007", 9, 7, 1 }, { "", 9, 0, 0 },
		{ "+1", 9, 0, 0 }, { "-1", 9, 0, 0 }, { " 1", 9, 0, 0 },
		{ "1 ", 9, 0, 0 }, { "0x1", 99, 0, 0 },
		{ "65535", 65535, 65535, 1 }, { "65536", 65535, 0, 0 },
		{ "65540", 65535, 0, 0 }, { "655350", 65535, 0, 0 },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX, 1 },
		{ "18446744073709551616", UINT64_MAX, 0, 0 },
		{ "18446744073709551620", UINT64_MAX, 0, 0 },
		{ "99999999999999999999", UINT64_MAX, 0, 0 },
		{ "184467440737095516150", UINT64_MAX, 0, 0 },
	};
	uint64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		v = 77;
		assert_int_equal(tnl_decimal(t[i].text, strlen(t[i].text),
		    t[i].max, &v), t[i].ok);
		assert_true(v == (t[i].ok ? t[i].v : 77));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes), cmocka_unit_test(runs),
		cmocka_unit_test(letters_and_digits),
		cmocka_unit_test(sameness), cmocka_unit_test(decimals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
