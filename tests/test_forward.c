/* test_forward.c - two sides of an exchange: who waits for whom, who is asked
 * again, and what each is told when the other leaves */
#include "unit.h"
#include "forward_rig.h"
#include "oom.h"

#define GET "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"
#define GOT "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 p\r\n\r\n"
#define POST "POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
#define EXPECTING "PUT http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2" \
	"\r\nExpect: 100-continue\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define OK_BACK "HTTP/1.1 200 OK\r\nVia: 1.1 p\r\nContent-Length: 2\r\n\r\nok"

enum { A = TUNNEL_A, B = TUNNEL_B, KEPT = TUNNEL_REUSE | TUNNEL_DONE,
	ABORT = TUNNEL_RESET | TUNNEL_DONE };

static void
asked(void **state)
{
	struct tunnel_forward *f = rig_new(NULL, 64);

	(void)state;
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	assert_int_equal(tunnel_forward_flags(f, B), 0);
	assert_int_equal(tunnel_forward_idle(f), 1);
	assert_int_equal(side_say(f, A, "GET ftp://u:p%40@A.b:2121/c?d HTT"),
	    TUNNEL_IN);
	assert_null(tunnel_forward_path(f));
	assert_int_equal(tunnel_forward_idle(f), 0);
	assert_int_equal(tunnel_forward_pass(f, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_serve(f), TUNNEL_ESTATE);
	assert_int_equal(side_say(f, A, "P/1.1\r\nHost: x\r\n\r\n"),
	    TUNNEL_ASK);
	assert_string_equal(tunnel_forward_scheme(f), "ftp");
	assert_string_equal(tunnel_forward_host(f), "A.b");
	assert_int_equal(tunnel_forward_port(f), 2121);
	assert_string_equal(tunnel_forward_userinfo(f), "u:p%40");
	assert_string_equal(tunnel_forward_path(f), "/c?d");
	assert_int_equal(tunnel_forward_own(f), 0);
	assert_int_equal(tunnel_forward_repeatable(f), 1);
	assert_string_equal(tunnel_server_method(tunnel_forward_server(f)),
	    "GET");
	tunnel_forward_free(f);
	f = rig_new(NULL, 64);
	side_say(f, A, "GET FTP://a HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(tunnel_forward_port(f), 21);
	assert_string_equal(tunnel_forward_path(f), "/");
	assert_null(tunnel_forward_userinfo(f));
	tunnel_forward_free(f);
	f = rig_new(NULL, 64);
	side_say(f, A, "POST /x HTTP/1.1\r\nHost: [::1]:8\r\n\r\n");
	assert_null(tunnel_forward_scheme(f));
	assert_string_equal(tunnel_forward_host(f), "::1");
	assert_int_equal(tunnel_forward_port(f), 8);
	assert_int_equal(tunnel_forward_repeatable(f), 0);
	tunnel_forward_free(f);
	tunnel_forward_free(NULL);
}

static void
connect_is_the_servers(void **state)
{
	static const char request[] = "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n";
	struct tunnel_forward *f = rig_new(NULL, 64);
	struct tunnel_server *s = tunnel_forward_server(f);
	size_t used;

	(void)state;
	assert_int_equal(tunnel_forward_feed(f, A, "CONNECT a:1 HTTP/1.1\r\n"
	    "Host: a\r\n\r\nearly", 43, &used), TUNNEL_ASK);
	assert_int_equal(used, strlen(request));
	assert_null(tunnel_forward_host(f));
	assert_null(tunnel_forward_path(f));
	assert_int_equal(tunnel_forward_pass(f, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_serve(f), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_respond(f, 200), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_accept(s), TUNNEL_OUT);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_OUT);
	assert_string_equal(rig_take(f, A),
	    "HTTP/1.1 200 Connection established\r\n\r\n");
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_OPEN);
	assert_int_equal(tunnel_forward_feed(f, A, "x", 1, &used),
	    TUNNEL_OPEN);
	assert_int_equal(used, 0);
	assert_int_equal(tunnel_forward_status(f), 200);
	tunnel_forward_free(f);
	/* A refusal ends the connection, and what follows is dropped. */
	f = rig_new(NULL, 64);
	side_say(f, A, request);
	assert_int_equal(tunnel_server_fail(tunnel_forward_server(f),
	    TUNNEL_EDENIED), TUNNEL_REFUSED | TUNNEL_OUT);
	assert_non_null(strstr(rig_take(f, A), "HTTP/1.1 403 "));
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_IN);
	side_say(f, A, GET);
	assert_int_equal(tunnel_forward_eof(f, A), TUNNEL_FIN | TUNNEL_DONE);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EDENIED);
	tunnel_forward_free(f);
}

static void
a_407_keeps(void **state)
{
	struct tunnel_forward *f = rig_new(NULL, 64);
	struct tunnel_server *s = tunnel_forward_server(f);

	(void)state;
	assert_int_equal(tunnel_server_keep_407(s, 1), 0);
	side_say(f, A, GET);
	tunnel_server_fail(s, TUNNEL_EAUTH);
	assert_non_null(strstr(rig_take(f, A), "Connection: keep-alive"));
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	assert_int_equal(tunnel_forward_idle(f), 1);
	assert_int_equal(side_say(f, A, GET), TUNNEL_ASK);
	assert_int_equal(tunnel_server_field(s, "X-Info", "1"), 0);
	assert_int_equal(tunnel_forward_pass(f, 0), 0);
	rig_take(f, B);
	side_say(f, B, OK);
	/* What was to go into the server's reply goes into this one. */
	assert_string_equal(rig_take(f, A), "HTTP/1.1 200 OK\r\nVia: 1.1 p\r\n"
	    "Content-Length: 2\r\nX-Info: 1\r\n\r\nok");
	/* Not with content, which would then be read as a request. */
	side_say(f, A, POST);
	tunnel_server_fail(s, TUNNEL_EAUTH);
	assert_non_null(strstr(rig_take(f, A), "Connection: close"));
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_IN);
	tunnel_forward_free(f);
}

static void
sent_once_more(void **state)
{
	struct tunnel_forward *f = side_sent(GET, 1);

	(void)state;
	/* None of it was taken: as it is. */
	assert_int_equal(tunnel_forward_reset(f, B), TUNNEL_RECONNECT);
	assert_int_equal(tunnel_forward_flags(f, A), 0);
	assert_int_equal(tunnel_forward_pass(f, 1), 0);
	assert_string_equal(rig_take(f, B), GOT);
	/* All of it was, but it does no harm. */
	assert_int_equal(tunnel_forward_eof(f, B), TUNNEL_RECONNECT);
	assert_null(rig_take(f, B)[0] ? f : NULL);
	assert_int_equal(tunnel_forward_pass(f, 0), 0);
	assert_string_equal(rig_take(f, B), GOT);
	/* The next one is new: no third time. */
	tunnel_forward_eof(f, B);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	assert_non_null(strstr(rig_take(f, A), "HTTP/1.1 502 "));
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EEOF);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	tunnel_forward_free(f);
	/* A write that failed first. */
	f = side_sent(GET, 1);
	rig_take(f, B);
	assert_int_equal(tunnel_forward_shut(f, B), TUNNEL_IN);
	assert_int_equal(tunnel_forward_eof(f, B), TUNNEL_RECONNECT);
	assert_int_equal(tunnel_forward_fail(f, TUNNEL_ECONNECT), TUNNEL_OUT);
	assert_int_equal(tunnel_forward_flags(f, B), 0);
	tunnel_forward_free(f);
	/* A reply had begun. */
	f = side_sent(GET, 1);
	rig_take(f, B);
	side_say(f, B, "H");
	assert_int_equal(tunnel_forward_eof(f, B), ABORT);
	tunnel_forward_free(f);
}

static void
not_sent_once_more(void **state)
{
	struct tunnel_forward *f = side_sent(POST, 1);

	(void)state;
	/* With content that waits, when none of it was taken. */
	side_say(f, A, "abc");
	assert_int_equal(tunnel_forward_shut(f, B), TUNNEL_IN);
	assert_int_equal(tunnel_forward_eof(f, B), TUNNEL_RECONNECT);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	side_say(f, A, "d");
	assert_int_equal(tunnel_forward_pass(f, 1), 0);
	assert_string_equal(rig_take(f, B), "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Via: 1.1 p\r\nContent-Length: 4\r\n\r\nabcd");
	/* But not when some was. */
	assert_int_equal(tunnel_forward_eof(f, B), ABORT);
	assert_non_null(strstr(rig_take(f, A), "HTTP/1.1 502 "));
	tunnel_forward_free(f);
	f = side_sent("POST http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 1);
	rig_take(f, B);
	assert_int_equal(tunnel_forward_reset(f, B), ABORT);
	tunnel_forward_free(f);
	/* Who answers before being asked answers something else. */
	f = side_sent(GET, 0);
	assert_int_equal(tunnel_forward_feed(f, B, OK, 5, &(size_t){ 0 }),
	    ABORT);
	assert_non_null(strstr(rig_take(f, A), "HTTP/1.1 502 "));
	tunnel_forward_free(f);
	f = side_sent(GET, 1);
	assert_int_equal(tunnel_forward_feed(f, B, OK, 5, &(size_t){ 0 }),
	    TUNNEL_RECONNECT);
	tunnel_forward_free(f);
}

static void
early_replies(void **state)
{
	struct tunnel_forward *f = side_sent(POST, 0);

	(void)state;
	/* The request goes on beside its reply, and then both are done. */
	rig_take(f, B);
	side_say(f, B, OK);
	assert_int_equal(tunnel_forward_flags(f, B), 0);
	assert_string_equal(rig_take(f, A), OK_BACK);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	assert_int_equal(tunnel_forward_idle(f), 0);
	side_say(f, A, "abcd");
	assert_int_equal(tunnel_forward_flags(f, B), TUNNEL_OUT);
	assert_string_equal(rig_take(f, B), "abcd");
	assert_int_equal(tunnel_forward_flags(f, B), KEPT);
	assert_int_equal(tunnel_forward_idle(f), 1);
	tunnel_forward_free(f);
	/* An origin that does not want the rest: nor do we, and A is told. */
	f = side_sent(POST, 0);
	rig_take(f, B);
	side_say(f, B, "HTTP/1.1 413 X\r\nConnection: close\r\n"
	    "Content-Length: 0\r\n\r\n");
	assert_int_equal(tunnel_forward_flags(f, B), TUNNEL_DONE);
	assert_string_equal(rig_take(f, A), "HTTP/1.1 413 X\r\nVia: 1.1 p\r\n"
	    "Connection: close\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_IN);
	tunnel_forward_free(f);
	/* It closes when the reply is out: the rest is read and dropped. */
	f = side_sent(POST, 0);
	rig_take(f, B);
	side_say(f, B, OK);
	rig_take(f, A);
	assert_int_equal(tunnel_forward_eof(f, B), TUNNEL_DONE);
	side_say(f, A, "abcd");
	assert_int_equal(tunnel_forward_idle(f), 1);
	tunnel_forward_free(f);
}

/* Nobody knows whether content comes that was to wait for a 100, so nobody
 * waits for it; but when it has begun to come, it goes on. */
static void
uninvited(void **state)
{
	struct tunnel_forward *f = side_sent(EXPECTING, 0);

	(void)state;
	rig_take(f, B);
	side_say(f, B, OK);
	assert_non_null(strstr(rig_take(f, A), "\r\nConnection: close\r\n"));
	assert_int_equal(tunnel_forward_flags(f, B), TUNNEL_DONE);
	assert_int_equal(side_say(f, A, "a"), TUNNEL_FIN | TUNNEL_IN);
	tunnel_forward_free(f);
	f = side_sent(EXPECTING, 0);
	rig_take(f, B);
	side_say(f, B, "HTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\n");
	side_say(f, A, "a");
	side_say(f, B, "1");
	side_say(f, A, "b");
	assert_string_equal(rig_take(f, B), "ab");
	assert_int_equal(tunnel_forward_flags(f, B),
	    TUNNEL_REUSE | TUNNEL_DONE);
	tunnel_forward_free(f);
}

static void
too_much_in_vain(void **state)
{
	static char much[65536];
	struct tunnel_forward *f = side_sent("POST http://a/ HTTP/1.1\r\n"
	    "Host: a\r\nTransfer-Encoding: chunked\r\n\r\n", 0);
	size_t used;
	int i;

	(void)state;
	rig_take(f, B);
	side_say(f, A, "100000\r\n");
	side_say(f, B, OK);
	rig_take(f, A);
	tunnel_forward_reset(f, B);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	memset(much, 'x', sizeof much);
	for (i = 0; i < 5; i++)
		(void)tunnel_forward_feed(f, A, much, sizeof much, &used);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_IN);
	tunnel_forward_free(f);
}

static void
bounded(void **state)
{
	static char much[4096];
	struct tunnel_forward *f = side_sent("POST http://a/ HTTP/1.1\r\n"
	    "Host: a\r\nContent-Length: 99999\r\n\r\n", 0);
	size_t used;

	(void)state;
	memset(much, 'x', sizeof much);
	rig_take(f, B);
	/* A reader that stalls holds its own side back, and no other. */
	assert_int_equal(tunnel_forward_feed(f, A, much, sizeof much, &used),
	    0);
	assert_int_equal(used, 256);
	assert_int_equal(tunnel_forward_flags(f, B), TUNNEL_OUT | TUNNEL_IN);
	side_say(f, B, "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n");
	rig_take(f, A);
	assert_int_equal(tunnel_forward_feed(f, B, much, sizeof much, &used),
	    TUNNEL_OUT);
	assert_int_equal(used, 256);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_OUT);
	assert_int_equal(tunnel_forward_skip(f, B, 257), TUNNEL_EINVAL);
	tunnel_forward_skip(f, B, 1);
	assert_int_equal(tunnel_forward_flags(f, A),
	    TUNNEL_OUT | TUNNEL_IN);
	assert_int_equal(tunnel_forward_bytes(f, A), 256);
	assert_int_equal(tunnel_forward_bytes(f, B), 256);
	tunnel_forward_free(f);
}

static void
leaving(void **state)
{
	struct tunnel_forward *f = rig_new(NULL, 64);

	(void)state;
	assert_int_equal(tunnel_forward_eof(f, A), TUNNEL_FIN | TUNNEL_DONE);
	tunnel_forward_free(f);
	f = rig_new(NULL, 64);
	side_say(f, A, "G");
	assert_int_equal(tunnel_forward_eof(f, A), TUNNEL_EEOF);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_EEOF);
	tunnel_forward_free(f);
	/* Half-closed behind a request: the reply still comes. */
	f = side_sent(GET, 0);
	tunnel_forward_eof(f, A);
	rig_take(f, B);
	side_say(f, B, OK);
	assert_non_null(strstr(rig_take(f, A), "\r\nConnection: close\r\n"));
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_DONE);
	assert_int_equal(tunnel_forward_flags(f, B), KEPT);
	/* A kept connection that closes is kept no longer. */
	assert_int_equal(tunnel_forward_eof(f, B), TUNNEL_DONE);
	tunnel_forward_free(f);
	f = side_sent(GET, 0);
	assert_int_equal(tunnel_forward_reset(f, A), ABORT);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	assert_int_equal(tunnel_forward_fail(f, TUNNEL_ETIMEOUT),
	    TUNNEL_ESTATE);
	tunnel_forward_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked),
		cmocka_unit_test(connect_is_the_servers),
		cmocka_unit_test(a_407_keeps), cmocka_unit_test(sent_once_more),
		cmocka_unit_test(not_sent_once_more),
		cmocka_unit_test(early_replies), cmocka_unit_test(uninvited),
		cmocka_unit_test(too_much_in_vain), cmocka_unit_test(bounded),
		cmocka_unit_test(leaving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
