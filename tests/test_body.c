/* test_body.c - where a body ends, and that framing is not endless */
#include "unit.h"
#include "split.h"

#include "core/body.h"

/* Content that was found, and how much was taken; what the last feed said. */
static int
run(struct split *s, int kind, uint64_t left, char *out, size_t *taken)
{
	struct tnl_body b;
	const uint8_t *p;
	size_t len, used, content, at = 0, n = 0;
	int rv = 0;

	tnl_body_init(&b, kind, left);
	while (rv == 0 && (p = split_piece(s, at, &len)) != NULL) {
		rv = tnl_body_feed(&b, p, len, &used, &content);
		memcpy(out + n, p + used - content, content);
		n += content;
		at += used;
		if (used == 0)
			break;
	}
	out[n] = '\0';
	*taken = at;
	assert_int_equal(tnl_body_eof(&b), rv == 1 ||
	    kind == TNL_BODY_CLOSE ? 1 : TUNNEL_EEOF);
	return rv;
}

static void
ends(const char *text, int kind, uint64_t left, const char *content)
{
	struct split s;
	char out[200];
	size_t taken;

	split_begin(&s, text, strlen(text));
	while (split_next(&s)) {
		assert_int_equal(run(&s, kind, left, out, &taken), 1);
		assert_string_equal(out, content);
		assert_int_equal(taken, strlen(text));
	}
}

static void
complete(void **state)
{
	struct tnl_body b;
	size_t used, n;

	(void)state;
	ends("abc", TNL_BODY_LENGTH, 3, "abc");
	ends("3\r\nabc\r\n0\r\n\r\n", TNL_BODY_CHUNKED, 0, "abc");
	ends("3\r\nabc\r\n0\r\n", TNL_BODY_CHUNKS, 0, "abc");
	ends("00A ;x=\"y\"\r\n0123456789\r\n1;\r\nz\r\n000\r\nT: 1\r\nU:\r\n"
	    "\r\n", TNL_BODY_CHUNKED, 0, "0123456789z");
	/* nothing is complete at once, and what only a close ends never is */
	tnl_body_init(&b, TNL_BODY_NONE, 9);
	assert_int_equal(tnl_body_feed(&b, (const uint8_t *)"x", 1, &used,
	    &n), 1);
	assert_int_equal(used, 0);
	assert_int_equal(tnl_body_eof(&b), 1);
	tnl_body_init(&b, TNL_BODY_CLOSE, 0);
	assert_int_equal(tnl_body_feed(&b, (const uint8_t *)"x", 1, &used,
	    &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(tnl_body_eof(&b), 1);
}

static void
broken(void **state)
{
	static const char *const bad[] = {
		"\r\n", "x\r\n", ";\r\n", " 1\r\n", "-1\r\n", "1\n", "1\r\r",
		"1 x\r\n", "1;\x01\r\n", "1\r\nab", "1\r\na\n", "1\r\na\rb",
		"0\r\n\x01", "0\r\nT\x7f", "0\r\nT\n", "0\r\nT\rx", "0\r\n\rx",
		"fffffffffffffffff\r\n", "10000000000000000\r\n",
	};
	struct tnl_body b;
	size_t i, used, n;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		size_t at = 0;
		int rv = 0;

		tnl_body_init(&b, TNL_BODY_CHUNKED, 0);
		while (rv == 0 && at < strlen(bad[i])) {
			rv = tnl_body_feed(&b, (const uint8_t *)bad[i] + at,
			    strlen(bad[i]) - at, &used, &n);
			at += used;
		}
		print_message("%s\n", bad[i]);
		assert_int_equal(rv, TUNNEL_EFRAMING);
		assert_int_equal(tnl_body_eof(&b), TUNNEL_EEOF);
	}
}

/* Framing without content has an allowance of 65536 bytes, which content
 * renews. */
static void
framing_without_end(void **state)
{
	static uint8_t much[70000];
	struct tnl_body b;
	size_t used, n;

	(void)state;
	memset(much, 'x', sizeof much);
	memcpy(much, "1;", 2);
	tnl_body_init(&b, TNL_BODY_CHUNKED, 0);
	assert_int_equal(tnl_body_feed(&b, much, 65536, &used, &n), 0);
	assert_int_equal(used, 65536);
	assert_int_equal(tnl_body_feed(&b, much + 3, 1, &used, &n),
	    TUNNEL_EFRAMING);
	assert_int_equal(used, 0);
	/* one byte less, and there is content */
	memcpy(much + 65534, "\r\nz\r\n2;", 7);
	tnl_body_init(&b, TNL_BODY_CHUNKED, 0);
	assert_int_equal(tnl_body_feed(&b, much, 65537, &used, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(tnl_body_feed(&b, much + 65537, 1000, &used, &n), 0);
	assert_int_equal(used, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete), cmocka_unit_test(broken),
		cmocka_unit_test(framing_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
