/* test_cgi_head.c - what a program says first, in any pieces */
#include "unit.h"
#include "split.h"

#include "../examples/cgi_head.h"

struct one {
	const char *bytes;      /* up to the head's end, or to what is wrong */
	int status;             /* what the client sees; 0: it is no head */
	const char *local;
	int64_t length;         /* -1: it says none */
	size_t fields;
};

#define TYPE "Content-Type: a/b\n"

static const struct one heads[] = {
	{ TYPE "\n", 200, NULL, -1, 1 },
	{ "content-TYPE:a/b\r\n\r\n", 200, NULL, -1, 1 },
	{ TYPE "\r\n", 200, NULL, -1, 1 },
	{ "Content-Type:\t a/b \t\r\nX:\n\n", 200, NULL, -1, 2 },
	{ "Status: 404 Not Found\n\n", 404, NULL, -1, 1 },
	{ "Status: 599\n\n", 599, NULL, -1, 1 },
	{ "Status: 200 \n\n", 200, NULL, -1, 1 },
	{ "Location: /a?b\n\n", 302, "/a?b", -1, 1 },
	{ "Location: /\n" TYPE "\n", 302, "/", -1, 2 },
	{ "Location: /a\nStatus: 301\n\n", 301, NULL, -1, 2 },
	{ "Location: //a\n\n", 302, NULL, -1, 1 },
	{ "Location: http://a/\n\n", 302, NULL, -1, 1 },
	{ TYPE "Content-Length: 0\n\n", 200, NULL, 0, 2 },
	{ TYPE "Content-Length: 0123\n\n", 200, NULL, 123, 2 },
	{ TYPE "Content-Length: 9223372036854775807\n\n", 200, NULL, INT64_MAX,
	    2 },
	{ TYPE "Content-Length: 9223372036854775808\n\n", 0, NULL, 0, 0 },
	{ TYPE "Content-Length: 18446744073709551617\n\n", 0, NULL, 0, 0 },
	{ TYPE "Content-Length: 1\nContent-Length: 1\n\n", 0, NULL, 0, 0 },
	{ TYPE "Content-Length:\n\n", 0, NULL, 0, 0 },
	{ TYPE "Content-Length: 1 2\n\n", 0, NULL, 0, 0 },
	{ TYPE "Content-Length: +1\n\n", 0, NULL, 0, 0 },
	{ TYPE "Transfer-Encoding: identity\n\n", 0, NULL, 0, 0 },
	{ TYPE TYPE "\n", 0, NULL, 0, 0 },
	{ "Content-Type:\n\n", 0, NULL, 0, 0 },
	{ "Location:\n\n", 0, NULL, 0, 0 },
	{ "Location: /\nLocation: /\n\n", 0, NULL, 0, 0 },
	{ "Status: 200\nStatus: 200\n\n", 0, NULL, 0, 0 },
	{ "Status: 199\n\n", 0, NULL, 0, 0 },
	{ "Status: 600\n\n", 0, NULL, 0, 0 },
	{ "Status: 0200\n\n", 0, NULL, 0, 0 },
	{ "Status: 200OK\n\n", 0, NULL, 0, 0 },
	{ "Status: -200\n\n", 0, NULL, 0, 0 },
	{ "Status:\n\n", 0, NULL, 0, 0 },
	{ "X: y\n\n", 0, NULL, 0, 0 },
	{ "\n", 0, NULL, 0, 0 },
	{ "\r\n", 0, NULL, 0, 0 },
	{ "hello\n" TYPE "\n", 0, NULL, 0, 0 },
	{ ": a\n" TYPE "\n", 0, NULL, 0, 0 },
	{ "A b: c\n" TYPE "\n", 0, NULL, 0, 0 },
	{ "A : c\n" TYPE "\n", 0, NULL, 0, 0 },
	{ TYPE " folded: c\n\n", 0, NULL, 0, 0 },
	{ TYPE "A(b): c\n\n", 0, NULL, 0, 0 },
	{ TYPE "A\xff: c\n\n", 0, NULL, 0, 0 },
	{ TYPE "A\x7f: c\n\n", 0, NULL, 0, 0 },
	{ TYPE "A: b\rc\n\n", 0, NULL, 0, 0 },
	{ TYPE "A: \x1b[2J\n\n", 0, NULL, 0, 0 },
	{ TYPE "A: \x7f\n\n", 0, NULL, 0, 0 },
	{ TYPE "A: b\tc\xff\n\n", 200, NULL, -1, 2 },
	{ TYPE "a!#$%&'*+-.^_`|~0Z: c\n\n", 200, NULL, -1, 2 },
	{ TYPE "Host: c\n\n", 0, NULL, 0, 0 },
	{ "HTTP/1.1 200 OK\n" TYPE "\n", 0, NULL, 0, 0 },
};

static void
holds(const struct cgi_head *h, const struct one *one)
{
	assert_int_equal(head_status(h), one->status);
	assert_int_equal(h->fields, one->fields);
	assert_int_equal(h->sized, one->length >= 0);
	if (h->sized)
		assert_true(h->length == (uint64_t)one->length);
	if (one->local == NULL)
		assert_null(head_local(h));
	else
		assert_string_equal(head_local(h), one->local);
}

static void
reads(const struct one *one)
{
	struct split s;
	struct cgi_head h;
	const uint8_t *p;
	size_t at, n, used;
	int rv;

	split_begin(&s, one->bytes, strlen(one->bytes));
	while (split_next(&s)) {
		head_begin(&h);
		rv = 0;
		for (at = 0; rv == 0 &&
		    (p = split_piece(&s, at, &n)) != NULL; at += used) {
			rv = head_feed(&h, p, n, &used);
			assert_true(rv != 0 || used == n);
		}
		/* What is behind it stays where it was. */
		assert_int_equal(at, s.n);
		assert_int_equal(rv, one->status == 0 ? -1 : 1);
		if (rv == 1)
			holds(&h, one);
		head_end(&h);
	}
}

static void
all_heads(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof heads / sizeof heads[0]; i++)
		reads(&heads[i]);
}

/* Lines of "A: b" behind a type, and the end: rv of the last call. */
static int
many(size_t fields)
{
	struct cgi_head h;
	size_t used;
	int rv;

	head_begin(&h);
	rv = head_feed(&h, TYPE, strlen(TYPE), &used);
	while (rv == 0 && --fields > 0)
		rv = head_feed(&h, "A: b\n", 5, &used);
	if (rv == 0)
		rv = head_feed(&h, "\n", 1, &used);
	head_end(&h);
	return rv;
}

/* A field of so many bytes in a head that is complete. */
static int
large(size_t total)
{
	static char text[CGI_HEAD_MAX + 16];
	struct cgi_head h;
	size_t used;
	int rv;

	memset(text, 'x', sizeof text);
	memcpy(text, TYPE "X:", strlen(TYPE) + 2);
	text[total - 2] = text[total - 1] = '\n';
	head_begin(&h);
	rv = head_feed(&h, text, total, &used);
	head_end(&h);
	return rv;
}

static void
limits(void **state)
{
	struct cgi_head h;
	size_t used;

	(void)state;
	assert_int_equal(many(CGI_FIELDS_MAX), 1);
	assert_int_equal(many(CGI_FIELDS_MAX + 1), -1);
	assert_int_equal(large(CGI_HEAD_MAX), 1);
	assert_int_equal(large(CGI_HEAD_MAX + 1), -1);
	/* A NUL would hide what is behind it. */
	head_begin(&h);
	assert_int_equal(head_feed(&h, "Status: 200\0\n\n", 14, &used), -1);
	head_end(&h);
}

static void
fields_for_us(void **state)
{
	(void)state;
	assert_true(head_keeps("Status"));
	assert_true(head_keeps("CONNECTION"));
	assert_true(head_keeps("X-CGI-Anything"));
	assert_false(head_keeps("Content-Type"));
	assert_false(head_keeps("Location"));
	assert_false(head_keeps("X-CG"));
	assert_false(head_keeps("Set-Cookie"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_heads), cmocka_unit_test(limits),
		cmocka_unit_test(fields_for_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
