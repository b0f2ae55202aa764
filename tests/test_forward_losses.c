/* test_forward_losses.c - a side closes, takes no more or dies, in each state
 * of the other */
#include "unit.h"
#include "forward_rig.h"

#define GET "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST "POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define OK_BACK "HTTP/1.1 200 OK\r\nVia: 1.1 p\r\nContent-Length: 2\r\n\r\nok"

enum { A = TUNNEL_A, B = TUNNEL_B, KEPT = TUNNEL_REUSE | TUNNEL_DONE,
	ABORT = TUNNEL_RESET | TUNNEL_DONE };

/* A client that has closed behind its request is still answered. */
static void
client_closes_while_asked_about(void **state)
{
	struct tunnel_forward *f = rig_new(NULL, 64);

	(void)state;
	assert_int_equal(side_say(f, A, GET), TUNNEL_ASK);
	assert_int_equal(tunnel_forward_eof(f, A), TUNNEL_ASK);
	assert_int_equal(tunnel_forward_answer(f, 404, "a/b", NULL, 0),
	    TUNNEL_OUT);
	assert_non_null(strstr(rig_take(f, A), "\r\nConnection: close\r\n"));
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_DONE);
	tunnel_forward_free(f);
	/* and after a refusal, which would else have kept it */
	f = rig_new(NULL, 64);
	assert_int_equal(tunnel_server_keep_407(tunnel_forward_server(f), 1),
	    0);
	side_say(f, A, GET);
	tunnel_server_fail(tunnel_forward_server(f), TUNNEL_EAUTH);
	tunnel_forward_eof(f, A);
	rig_take(f, A);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_DONE);
	tunnel_forward_free(f);
}

/* A reply that is there already is not held back by content that will not
 * come; B, which waits for it, is aborted. */
static void
client_closes_within_its_content(void **state)
{
	struct tunnel_forward *f = side_sent(POST, 0);

	(void)state;
	rig_take(f, B);
	side_say(f, A, "ab");
	side_say(f, B, OK);
	assert_int_equal(tunnel_forward_eof(f, A), TUNNEL_OUT);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EEOF);
	assert_string_equal(rig_take(f, A), OK_BACK);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_DONE);
	tunnel_forward_free(f);
	/* Of one that is not whole nobody can say the end. */
	f = side_sent(POST, 0);
	rig_take(f, B);
	side_say(f, B, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
	assert_int_equal(tunnel_forward_eof(f, A), ABORT);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	tunnel_forward_free(f);
	/* Nor among trailers. */
	f = side_sent("PUT http://a/ HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 0);
	side_say(f, A, "1\r\na\r\n0\r\nT: 1\r\n");
	assert_int_equal(tunnel_forward_eof(f, A), ABORT);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	tunnel_forward_free(f);
	/* Nor is there one: it has left. */
	f = side_sent(POST, 0);
	assert_int_equal(tunnel_forward_eof(f, A), ABORT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EEOF);
	tunnel_forward_free(f);
}

/* What is said within the last reply is dropped, until the client closes. */
static void
client_goes_on_while_the_last_reply_waits(void **state)
{
	struct tunnel_forward *f = rig_new(NULL, 64);

	(void)state;
	side_say(f, A, "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
	tunnel_server_fail(tunnel_forward_server(f), TUNNEL_EDENIED);
	assert_int_equal(tunnel_forward_eof(f, A),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	rig_take(f, A);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_DONE);
	/* Who has gone can go no further. */
	assert_int_equal(tunnel_forward_eof(f, A), TUNNEL_FIN | TUNNEL_DONE);
	assert_int_equal(tunnel_forward_reset(f, A), ABORT);
	assert_int_equal(tunnel_forward_reset(f, A), ABORT);
	assert_int_equal(tunnel_forward_eof(f, A), ABORT);
	assert_int_equal(tunnel_forward_feed(f, A, "x", 1, &(size_t){ 1 }),
	    ABORT);
	tunnel_forward_free(f);
}

static struct tunnel_forward *
switched(void)
{
	struct tunnel_forward *f = rig_new(NULL, 256);

	assert_int_equal(tunnel_forward_upgrade(f, "websocket"), 0);
	side_say(f, A, "GET http://a/ HTTP/1.1\r\nHost: a\r\n"
	    "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n");
	assert_int_equal(tunnel_forward_pass(f, 0), 0);
	rig_take(f, B);
	side_say(f, B, "HTTP/1.1 101 X\r\nConnection: upgrade\r\n"
	    "Upgrade: websocket\r\n\r\n");
	return f;
}

/* Behind a 101 nothing is ours: no byte is taken, and no loss changes it. */
static void
after_switching(void **state)
{
	struct tunnel_forward *f = switched();
	size_t used;

	(void)state;
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_OUT);
	assert_int_equal(tunnel_forward_flags(f, B), 0);
	assert_non_null(strstr(rig_take(f, A), "HTTP/1.1 101 "));
	assert_int_equal(tunnel_forward_feed(f, A, "x", 1, &used),
	    TUNNEL_OPEN);
	assert_int_equal(used, 0);
	assert_int_equal(tunnel_forward_feed(f, B, "x", 1, &used),
	    TUNNEL_OPEN);
	assert_int_equal(used, 0);
	assert_int_equal(tunnel_forward_reset(f, A), TUNNEL_OPEN);
	assert_int_equal(tunnel_forward_reset(f, B), TUNNEL_OPEN);
	assert_int_equal(tunnel_forward_shut(f, B), TUNNEL_OPEN);
	assert_int_equal(tunnel_forward_eof(f, A), TUNNEL_OPEN);
	assert_int_equal(tunnel_forward_fault(f), 0);
	tunnel_forward_free(f);
}

/* An origin that is done, or was given up, is lost without harm. */
static void
origin_goes_when_it_is_done(void **state)
{
	struct tunnel_forward *f = side_sent(GET, 0);

	(void)state;
	rig_take(f, B);
	side_say(f, B, OK);
	assert_int_equal(tunnel_forward_flags(f, B), KEPT);
	assert_int_equal(tunnel_forward_shut(f, B), KEPT);
	assert_int_equal(tunnel_forward_reset(f, B), TUNNEL_DONE);
	assert_int_equal(tunnel_forward_reset(f, B), TUNNEL_DONE);
	assert_string_equal(rig_take(f, A), OK_BACK);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	tunnel_forward_free(f);
	f = side_sent(GET, 0);
	tunnel_forward_reset(f, B);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	assert_int_equal(tunnel_forward_eof(f, B), ABORT);
	tunnel_forward_free(f);
	/* One that may be asked once more has gone already. */
	f = side_sent(GET, 1);
	assert_int_equal(tunnel_forward_reset(f, B), TUNNEL_RECONNECT);
	assert_int_equal(tunnel_forward_eof(f, B), TUNNEL_RECONNECT);
	/* What waits for the next is nobody's. */
	assert_int_equal(tunnel_forward_skip(f, B, 0), TUNNEL_RECONNECT);
	assert_int_equal(tunnel_forward_skip(f, B, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_pass(f, 1), 0);
	tunnel_forward_free(f);
}

/* What came of a reply under review is kept; that it was cut off is told to A
 * when it is delivered. */
static void
origin_dies_under_review(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 2\r\n\r\n";
	struct tunnel_forward *f = side_sent(GET, 0);

	(void)state;
	tunnel_forward_review(f, 1);
	rig_take(f, B);
	side_say(f, B, head);
	assert_int_equal(tunnel_forward_flags(f, B), TUNNEL_ASK);
	assert_int_equal(tunnel_forward_reset(f, B), TUNNEL_ASK);
	assert_int_equal(tunnel_forward_status(f), 200);
	tunnel_forward_deliver(f);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_ERESET);
	assert_non_null(strstr(rig_take(f, A), "Content-Length: 2\r\n"));
	assert_int_equal(tunnel_forward_flags(f, A), ABORT);
	tunnel_forward_free(f);
	/* A reply that ends there has lost nothing. */
	f = side_sent(GET, 0);
	tunnel_forward_review(f, 1);
	rig_take(f, B);
	side_say(f, B, "HTTP/1.1 204 No Content\r\n\r\n");
	assert_int_equal(tunnel_forward_reset(f, B), TUNNEL_ASK);
	assert_int_equal(tunnel_forward_deliver(f), TUNNEL_OUT);
	assert_int_equal(tunnel_forward_flags(f, B), TUNNEL_DONE);
	rig_take(f, A);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	tunnel_forward_free(f);
}

/* It takes no more while its reply comes: the rest of the request is dropped,
 * and its connection is not kept. */
static void
origin_takes_no_more(void **state)
{
	struct tunnel_forward *f = side_sent(POST, 0);

	(void)state;
	rig_take(f, B);
	side_say(f, B, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
	assert_int_equal(tunnel_forward_shut(f, B), TUNNEL_IN);
	side_say(f, A, "abcd");
	assert_int_equal(tunnel_forward_flags(f, B), TUNNEL_IN);
	side_say(f, B, "k");
	assert_int_equal(tunnel_forward_flags(f, B), TUNNEL_DONE);
	assert_string_equal(rig_take(f, A), OK_BACK);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	tunnel_forward_free(f);
	/* the same under review */
	f = side_sent(POST, 0);
	tunnel_forward_review(f, 1);
	rig_take(f, B);
	side_say(f, B, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
	assert_int_equal(tunnel_forward_shut(f, B), TUNNEL_ASK);
	tunnel_forward_free(f);
	/* A client takes none: it is gone. */
	f = side_sent(GET, 0);
	assert_int_equal(tunnel_forward_shut(f, A), ABORT);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_ERESET);
	tunnel_forward_free(f);
}

/* What has a length that nobody will read through ends the connection. */
static void
content_in_vain(void **state)
{
	struct tunnel_forward *f = side_sent("POST http://a/ HTTP/1.1\r\n"
	    "Host: a\r\nContent-Length: 300000\r\n\r\n", 0);

	(void)state;
	rig_take(f, B);
	side_say(f, B, OK);
	rig_take(f, A);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	assert_int_equal(tunnel_forward_reset(f, B), TUNNEL_DONE);
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_IN);
	tunnel_forward_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_closes_while_asked_about),
		cmocka_unit_test(client_closes_within_its_content),
		cmocka_unit_test(client_goes_on_while_the_last_reply_waits),
		cmocka_unit_test(after_switching),
		cmocka_unit_test(origin_goes_when_it_is_done),
		cmocka_unit_test(origin_dies_under_review),
		cmocka_unit_test(origin_takes_no_more),
		cmocka_unit_test(content_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
