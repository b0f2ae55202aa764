/* test_base64.c - RFC 4648 section 10, and everything that is not base64 */
#include "unit.h"

#include "core/base64.h"

static void
vectors(void **state)
{
	static const char *const t[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xbf", "+/+/" },
	};
	uint8_t plain[16];
	char text[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		memset(text, 0, sizeof text);
		tnl_base64_encode((const uint8_t *)t[i][0], strlen(t[i][0]),
		    text);
		assert_string_equal(text, t[i][1]);
		assert_int_equal(tnl_base64_size(strlen(t[i][0])),
		    strlen(t[i][1]));
		assert_true(tnl_base64_decode(text, strlen(text), plain, &n));
		assert_int_equal(n, strlen(t[i][0]));
		assert_memory_equal(plain, t[i][0], n);
	}
}

static void
all_there_and_back(void **state)
{
	uint8_t in[300], out[300];
	char text[404];
	size_t i, n, got;

	(void)state;
	for (i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)(i * 7 + 3);
	for (n = 0; n <= sizeof in; n++) {
		tnl_base64_encode(in, n, text);
		assert_true(tnl_base64_decode(text, tnl_base64_size(n), out,
		    &got));
		assert_int_equal(got, n);
		assert_memory_equal(in, out, n);
	}
}

static void
broken(void **state)
{
	static const char *const t[] = {
		"A", "AA", "AAA", "AA=", "A===", "====", "=AAA", "A=AA",
		"AA=A", "AAAA=", "AAAA====", "AA==AAAA", "AAA=AAAA", "AB==",
		"AAB=", "AA\nA", " AAA", "AAA ", "AA-A", "AA_A", "AAA.",
	};
	uint8_t out[16];
	size_t i, n;
	char one[5] = "AAAA";
	int c, good;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		assert_false(tnl_base64_decode(t[i], strlen(t[i]), out, &n));
		assert_int_equal(n, 0);
	}
	for (c = 0; c < 256; c++) {
		one[1] = (char)c;
		good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9') || c == '+' || c == '/';
		assert_int_equal(tnl_base64_decode(one, 4, out, &n), good);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(all_there_and_back), cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
