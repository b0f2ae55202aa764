/* test_head.c - heads and fields, below the engines */
#include "unit.h"

#include "core/field.h"

#define A "Connection: close, X ,,\tKeep-Alive\r\n"

static struct tunnel_alloc alloc;

static void
read_head(struct tnl_head *h, int kind, const char *text)
{
	size_t used;

	tnl_alloc_init(&alloc, NULL);
	tnl_head_init(h, &alloc, kind, 8192, 8192, 0);
	assert_int_equal(tnl_head_feed(h, (const uint8_t *)text, strlen(text),
	    &used), 1);
	assert_int_equal(used, strlen(text));
}

static void
lists(void **state)
{
	struct tnl_head h;
	static const char *const want[] = { "a", "b", "c d" };
	const char *list = " ,a , \t,b\t,, c d ,", *member;
	size_t i, n;

	(void)state;
	read_head(&h, TNL_REQUEST, "GET / HTTP/1.1\r\n" A "\r\n");
	assert_true(tnl_field_lists(&h, "connection", "x"));
	assert_true(tnl_field_lists(&h, "CONNECTION", "keep-alive"));
	assert_false(tnl_field_lists(&h, "connection", "keep"));
	assert_false(tnl_field_lists(&h, "connection", ""));
	assert_false(tnl_field_persists(&h));
	tnl_head_free(&h);
	for (i = 0; i < 3; i++) {
		member = tnl_field_member(&list, &n);
		assert_int_equal(n, strlen(want[i]));
		assert_memory_equal(member, want[i], n);
	}
	assert_null(tnl_field_member(&list, &n));
}

static void
lengths(void **state)
{
	static const struct { const char *value; int rv; uint64_t n; } t[] = {
		{ "0", 1, 0 }, { "007", 1, 7 },
		{ "9223372036854775807", 1, 9223372036854775807u },
		{ "9223372036854775808", TUNNEL_EFRAMING, 0 },
		{ "18446744073709551616", TUNNEL_EFRAMING, 0 },
		{ "", TUNNEL_EFRAMING, 0 }, { "+1", TUNNEL_EFRAMING, 0 },
		{ "1,1", TUNNEL_EFRAMING, 0 }, { "0x1", TUNNEL_EFRAMING, 0 },
		{ "1 2", TUNNEL_EFRAMING, 0 },
	};
	char text[128];
	struct tnl_head h;
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		snprintf(text, sizeof text, "GET / HTTP/1.1\r\n"
		    "Content-Length: %s\r\n\r\n", t[i].value);
		read_head(&h, TNL_REQUEST, text);
		assert_int_equal(tnl_field_length(&h, &n), t[i].rv);
		if (t[i].rv == 1)
			assert_int_equal(n, t[i].n);
		tnl_head_free(&h);
	}
}

/* The memory follows the head and stops at the limit; a second head uses it
 * again. */
static void
memory(void **state)
{
	static uint8_t line[8192];
	struct tnl_head h;
	size_t used;

	(void)state;
	read_head(&h, TNL_RESPONSE, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
	assert_true(h.text.cap <= 1024);
	tnl_head_clear(&h);
	assert_false(tnl_head_begun(&h));
	memset(line, 'x', sizeof line);
	memcpy(line, "HTTP/1.1 200 ", 13);
	assert_int_equal(tnl_head_feed(&h, line, sizeof line, &used), 0);
	assert_true(tnl_head_begun(&h));
	assert_int_equal(tnl_head_feed(&h, line, 1, &used), TUNNEL_EHEAD);
	assert_int_equal(used, 0);
	assert_int_equal(tnl_head_feed(&h, line, 1, &used), TUNNEL_EHEAD);
	assert_true(h.text.cap <= 8192);
	tnl_head_free(&h);
}

/* A reply has begun with its first byte, although none of that is kept. */
static void
begun(void **state)
{
	struct tnl_head h;

	(void)state;
	read_head(&h, TNL_RESPONSE, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
	tnl_head_clear(&h);
	assert_false(tnl_head_begun(&h));
	assert_int_equal(tnl_head_feed(&h, (const uint8_t *)"H", 1,
	    &(size_t){ 0 }), 0);
	assert_true(tnl_head_begun(&h));
	tnl_head_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists), cmocka_unit_test(lengths),
		cmocka_unit_test(memory), cmocka_unit_test(begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
