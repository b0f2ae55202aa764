/* test_server_reply.c - what is answered, and what is left to do after it */
#include "unit.h"
#include "server_rig.h"

static void
refusing(void **state)
{
	struct tunnel_server *s = server_asked(SERVER_HEAD "\r\n");
	const char *text;

	(void)state;
	assert_int_equal(tunnel_server_refuse(s, 200, NULL), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_refuse(s, 299, NULL), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_refuse(s, 600, NULL), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_fail(s, 0), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_fail(s, -1000), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_flags(s), TUNNEL_ASK);
	assert_int_equal(tunnel_server_field(s, "Retry-After", "7"), 0);
	assert_int_equal(tunnel_server_field(s, "Retry-After", "7\r\nX: y"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_field(s, "Content-Length", "7"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_refuse(s, 503, "come back"),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(tunnel_server_accept(s), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_refuse(s, 503, NULL), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_fail(s, TUNNEL_EBUSY), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_fault(s), TUNNEL_EREFUSED);
	text = server_reply_of(s);
	assert_non_null(strstr(text, "HTTP/1.1 503 Service Unavailable\r\n"));
	assert_non_null(strstr(text, "\r\nRetry-After: 7\r\n"));
	assert_null(strstr(text, "Retry-After: 5"));
	assert_null(strstr(text, "X: y"));
	assert_non_null(strstr(text, "\r\n\r\ncome back\n"));
	assert_non_null(strstr(text, "\r\nContent-Length: 10\r\n"));
	tunnel_server_free(s);
}

/* How soon to come again is said once. */
static void
come_again(void **state)
{
	struct tunnel_server *s;
	const char *text;
	int i, j;

	(void)state;
	for (i = 0; i < 4; i++) {
		s = server_asked(SERVER_HEAD "\r\n");
		tunnel_server_field(s, "A", "1");
		tunnel_server_field(s, "X", "Retry-After:7");
		tunnel_server_field(s, "X-Retry-After", "7");
		tunnel_server_field(s, "Retry-After-All", "7");
		tunnel_server_field(s, "Eleven-Long", "7");
		if (i & 1)
			tunnel_server_field(s, "RETRY-after", "9");
		for (j = 0; j < 16; j++)
			tunnel_server_field(s, "Y", "");
		tunnel_server_refuse(s, i & 2 ? 429 : 503, NULL);
		text = server_reply_of(s);
		assert_int_equal(strstr(text, "\r\nRetry-After: 5\r\n") !=
		    NULL, !(i & 1));
		assert_int_equal(strstr(text, "\r\nRETRY-after: 9\r\n") !=
		    NULL, i & 1);
		tunnel_server_free(s);
	}
}

static void
kept_after_407(void **state)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	size_t used;
	const char *text;

	(void)state;
	assert_int_equal(tunnel_server_keep_407(s, 1), 0);
	tunnel_server_feed(s, SERVER_HEAD "\r\n", strlen(SERVER_HEAD) + 2,
	    &used);
	assert_int_equal(tunnel_server_keep_407(s, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_field(s, "Proxy-Authenticate",
	    "Basic realm=\"x\""), 0);
	assert_int_equal(tunnel_server_fail(s, TUNNEL_EAUTH),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	text = server_reply_of(s);
	assert_non_null(strstr(text, "\r\nConnection: keep-alive\r\n"));
	assert_non_null(strstr(text, "\r\nProxy-Authenticate: Basic"));
	assert_true(tunnel_server_reusable(s));
	assert_int_equal(tunnel_server_start(s), TUNNEL_IN);
	assert_null(tunnel_server_host(s));
	assert_int_equal(tunnel_server_feed(s, "CONNECT b:1 HTTP/1.1\r\n"
	    "Host: b\r\n\r\n", 33, &used), TUNNEL_ASK);
	assert_string_equal(tunnel_server_host(s), "b");
	/* Only a 407 keeps, and no earlier field comes back. */
	assert_int_equal(tunnel_server_refuse(s, 403, NULL),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	text = server_reply_of(s);
	assert_null(strstr(text, "Proxy-Authenticate"));
	assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
	assert_false(tunnel_server_reusable(s));
	tunnel_server_free(s);
	s = server_asked(SERVER_HEAD "\r\n");
	tunnel_server_refuse(s, 407, NULL);
	assert_int_equal(tunnel_server_fault(s), TUNNEL_EAUTH);
	tunnel_server_free(s);
	/* A client that closes is not held. */
	s = tunnel_server_new(NULL);
	tunnel_server_keep_407(s, 1);
	text = SERVER_HEAD "Connection: close\r\n\r\n";
	tunnel_server_feed(s, text, strlen(text), &used);
	tunnel_server_fail(s, TUNNEL_EAUTH);
	server_reply_of(s);
	assert_false(tunnel_server_reusable(s));
	tunnel_server_free(s);
}

static void
leaving_and_deadlines(void **state)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	size_t used;

	(void)state;
	assert_int_equal(tunnel_server_feed(s, "CONN", 4, &used), TUNNEL_IN);
	assert_int_equal(tunnel_server_limits(s, 100, 100), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_bare_lf(s, 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_methods(s, 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_field(s, "A", "b"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_eof(s), TUNNEL_EEOF);
	assert_int_equal(tunnel_server_flags(s), TUNNEL_EEOF);
	assert_int_equal(tunnel_server_fail(s, TUNNEL_ESLOW), TUNNEL_ESTATE);
	tunnel_server_free(s);
	s = tunnel_server_new(NULL);
	tunnel_server_feed(s, "CONN", 4, &used);
	assert_int_equal(tunnel_server_fail(s, TUNNEL_ESLOW),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	server_check_refusal(s, TUNNEL_ESLOW);
	tunnel_server_free(s);
	s = server_asked(SERVER_HEAD "\r\n");
	assert_int_equal(tunnel_server_eof(s), TUNNEL_ASK);
	assert_int_equal(tunnel_server_accept(s), TUNNEL_OUT);
	assert_int_equal(tunnel_server_skip(s, 1000), TUNNEL_EINVAL);
	tunnel_server_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusing), cmocka_unit_test(come_again),
		cmocka_unit_test(kept_after_407),
		cmocka_unit_test(leaving_and_deadlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
