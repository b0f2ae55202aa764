/* test_server_limits.c - a server's settings and replies at their ends */
#include "unit.h"
#include "server_rig.h"

static struct tunnel_server *
asked(const char *head, int keep_407)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	size_t used;

	assert_int_equal(tunnel_server_methods(s, 1), 0);
	assert_int_equal(tunnel_server_keep_407(s, keep_407), 0);
	(void)tunnel_server_feed(s, head, strlen(head), &used);
	return s;
}

static void
limits(void **state)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	const size_t much = (size_t)1 << 31;

	(void)state;
	assert_int_equal(tunnel_server_limits(s, 15, 16), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_limits(s, 16, 15), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_limits(s, 16, 16), 0);
	assert_int_equal(tunnel_server_limits(s, much, 64), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_limits(s, 64, much), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_limits(s, 64, much / 2), 0);
	tunnel_server_free(s);
}

/* Until a request is there, nothing is said of it. */
static void
no_request_yet(void **state)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	const char *value;
	size_t used;

	(void)state;
	assert_int_equal(tunnel_server_feed(s, "GET / HTTP/1.0\r\nA: b\r\n", 22,
	    &used), TUNNEL_IN);
	assert_int_equal(tunnel_server_version(s), 0);
	assert_null(tunnel_server_method(s));
	assert_null(tunnel_server_target(s));
	assert_null(tunnel_server_request(s, "a", 0));
	assert_null(tunnel_server_request_at(s, 0, &value));
	assert_int_equal(tunnel_server_reusable(s), 0);
	(void)tunnel_server_feed(s, "\r\n", 2, &used);
	assert_int_equal(tunnel_server_version(s), 10);
	assert_string_equal(tunnel_server_request_at(s, 0, &value), "A");
	assert_string_equal(value, "b");
	tunnel_server_free(s);
}

static void
replies(void **state)
{
	static char much[60000];
	struct tunnel_server *s = server_asked(SERVER_HEAD "\r\n");

	(void)state;
	assert_int_equal(tunnel_server_reply(s, 404, NULL, "x", 1),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_reply(s, 404, "a\r\nb", "x", 1),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_reply(s, 404, "a/b", NULL, 1),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_reply(s, 404, "a/b", "x",
	    (size_t)1 << 30), TUNNEL_EHEAD);
	memset(much, 'x', sizeof much - 1);
	assert_int_equal(tunnel_server_field(s, "a", much), 0);
	/* What is too much is as if it had not been said. */
	assert_int_equal(tunnel_server_field(s, "a", much), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_field(s, "b", "c"), 0);
	assert_int_equal(tunnel_server_flags(s), TUNNEL_ASK);
	assert_int_equal(tunnel_server_refuse(s, 404, NULL),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	tunnel_server_free(s);
	/* nothing at all is a body, too */
	s = server_asked(SERVER_HEAD "\r\n");
	assert_int_equal(tunnel_server_reply(s, 404, "a/b", NULL, 0),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_non_null(strstr(server_reply_of(s), "Content-Length: 0\r\n"));
	tunnel_server_free(s);
}

/* RFC 9110 sections 15.3.5 and 15.4.5: no content, whatever was given. */
static void
statuses_without_content(void **state)
{
	static const int status[] = { 204, 304 };
	struct tunnel_server *s;
	const char *text, *end;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		s = asked("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 0);
		assert_true(tunnel_server_reply(s, status[i], "a/b", "xy",
		    2) >= 0);
		text = server_reply_of(s);
		assert_null(strstr(text, "Content-"));
		end = strstr(text, "\r\n\r\n");
		assert_non_null(end);
		assert_string_equal(end, "\r\n\r\n");
		tunnel_server_free(s);
	}
}

/* Content behind a request would be read as the next one: it is not kept. */
static void
kept_only_without_content(void **state)
{
	static const struct { const char *fields; int kept; } t[] = {
		{ "", 1 }, { "Content-Length: 0\r\n", 1 },
		{ "Content-Length: 1\r\n", 0 },
		{ "Content-Length: x\r\n", 0 },
		{ "Content-Length: 0\r\nContent-Length: 0\r\n", 0 },
		{ "Transfer-Encoding: chunked\r\n", 0 },
		{ "Transfer-Encoding: x\r\n", 0 },
		{ "Connection: close\r\n", 0 },
	};
	struct tunnel_server *s;
	char head[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		snprintf(head, sizeof head, "GET http://a/ HTTP/1.1\r\n"
		    "Host: a\r\n%s\r\n", t[i].fields);
		s = asked(head, 1);
		if (tunnel_server_flags(s) == TUNNEL_ASK)
			assert_true(tunnel_server_fail(s, TUNNEL_EAUTH) >= 0);
		(void)server_reply_of(s);
		print_message("%s\n", t[i].fields);
		assert_int_equal(tunnel_server_reusable(s), t[i].kept);
		tunnel_server_free(s);
	}
	/* Nor is one whose head has not ended. */
	s = asked(SERVER_HEAD, 1);
	assert_true(tunnel_server_fail(s, TUNNEL_EAUTH) >= 0);
	(void)server_reply_of(s);
	assert_int_equal(tunnel_server_reusable(s), 0);
	tunnel_server_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits), cmocka_unit_test(no_request_yet),
		cmocka_unit_test(replies),
		cmocka_unit_test(statuses_without_content),
		cmocka_unit_test(kept_only_without_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
