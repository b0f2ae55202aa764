/* test_forward_misuse.c - what cannot be asked for, or not now, is refused */
#include "unit.h"
#include "forward_rig.h"

#define GET "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"
#define PUT "PUT http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { A = TUNNEL_A, B = TUNNEL_B, ABORT = TUNNEL_RESET | TUNNEL_DONE };

static struct tunnel_forward *
at_ask(const char *request)
{
	struct tunnel_forward *f = rig_new(NULL, 256);

	assert_int_equal(side_say(f, A, request), TUNNEL_ASK);
	return f;
}

static void
sizes_and_limits(void **state)
{
	struct tunnel_forward *f = rig_new(NULL, 64);

	(void)state;
	assert_int_equal(tunnel_forward_buffers(f, 1, (size_t)1 << 31),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_limit(f, (size_t)1 << 31),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_limit(f, (size_t)1 << 30), 0);
	assert_int_equal(tunnel_forward_buffers(f, (size_t)1 << 30,
	    (size_t)1 << 30), 0);
	assert_int_equal(tunnel_forward_buffers(f, 1, 1), 0);
	assert_null(tunnel_forward_reply_at(f, 0, &(const char *){ NULL }));
	tunnel_forward_free(f);
}

/* A setting that does not fit is refused, and the one before it stays. */
static void
long_settings(void **state)
{
	static char name[70000];
	struct tunnel_forward *f = rig_new(NULL, 256);

	(void)state;
	memset(name, 'x', 600);
	assert_int_equal(tunnel_forward_via(f, name), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_upgrade(f, name), TUNNEL_EINVAL);
	side_say(f, A, GET);
	memset(name, 'x', sizeof name - 1);
	name[0] = '/';
	assert_int_equal(tunnel_forward_rewrite(f, NULL, name), TUNNEL_EINVAL);
	name[0] = 'x';
	assert_int_equal(tunnel_forward_remove(f, B, name), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_field(f, B, "a", name),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_field(f, B, name, name),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_pass(f, 0), 0);
	assert_string_equal(rig_take(f, B),
	    "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 p\r\n\r\n");
	tunnel_forward_free(f);
}

static void
sides_and_paths(void **state)
{
	struct tunnel_forward *f = at_ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n"
	    "\r\n");

	(void)state;
	assert_int_equal(tunnel_forward_field(f, 2, "a", "b"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_remove(f, -1, "a"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_rewrite(f, NULL, "/a#b"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_rewrite(f, NULL, "**"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_rewrite(f, NULL, "*"), 0);
	assert_int_equal(tunnel_forward_rewrite(f, "b", NULL), 0);
	assert_int_equal(tunnel_forward_length(f, B, (uint64_t)1 << 63),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_pass(f, 0), 0);
	assert_string_equal(rig_take(f, B),
	    "OPTIONS * HTTP/1.1\r\nHost: b\r\nVia: 1.1 p\r\n\r\n");
	tunnel_forward_free(f);
	/* A proxy is asked for the whole of it, and there is no host. */
	f = rig_new(NULL, 256);
	tunnel_forward_absolute(f, 1);
	side_say(f, A, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_ASK);
	assert_null(tunnel_forward_host(f));
	assert_int_equal(tunnel_forward_pass(f, 0),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EHOST);
	tunnel_forward_free(f);
	/* unless the application says which */
	f = rig_new(NULL, 256);
	tunnel_forward_absolute(f, 1);
	side_say(f, A, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
	assert_int_equal(tunnel_forward_rewrite(f, "b", NULL), 0);
	assert_int_equal(tunnel_forward_pass(f, 0), 0);
	assert_memory_equal(rig_take(f, B), "GET http://b/ HTTP/1.1\r\n", 24);
	tunnel_forward_free(f);
}

static void
decisions_at_the_wrong_time(void **state)
{
	struct tunnel_forward *f = rig_new(NULL, 256);

	(void)state;
	/* before a request */
	assert_int_equal(tunnel_forward_answer(f, 200, "a/b", "", 0),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_pass(f, 0), TUNNEL_ESTATE);
	/* A request that is slow to come has an error of its own. */
	side_say(f, A, "GET http://a/ HT");
	assert_int_equal(tunnel_forward_fail(f, TUNNEL_ETIMEOUT),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_non_null(strstr(rig_take(f, A), "HTTP/1.1 "));
	tunnel_forward_free(f);
	/* CONNECT is the server's to refuse */
	f = at_ask("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(tunnel_forward_fail(f, TUNNEL_EDENIED),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EDENIED);
	tunnel_forward_free(f);
	/* once served, only the reply is wanted */
	f = at_ask(GET);
	assert_int_equal(tunnel_forward_serve(f), 0);
	assert_int_equal(tunnel_server_flags(tunnel_forward_server(f)), 0);
	assert_int_equal(tunnel_forward_serve(f), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_pass(f, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_answer(f, 600, "a/b", "", 0),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_answer(f, 200, NULL, "", 0),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_answer(f, 200, "a/b", NULL, 1),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_answer(f, 200, "a/b", NULL, 0),
	    TUNNEL_OUT);
	assert_non_null(strstr(rig_take(f, A), "Content-Length: 0\r\n"));
	/* behind the reply */
	assert_int_equal(tunnel_forward_fail(f, TUNNEL_EIO), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_deliver(f), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_feed(f, A, "", 0, &(size_t){ 1 }),
	    TUNNEL_IN);
	tunnel_forward_free(f);
}

/* RFC 9110 section 9.2.2: what does no harm when it is done twice. */
static void
what_can_be_repeated(void **state)
{
	static const struct { const char *request; int twice; } t[] = {
		{ GET, 1 }, { PUT, 0 },
		{ "PUT http://a/ HTTP/1.1\r\nHost: a\r\n"
		    "Content-Length: 0\r\n\r\n", 1 },
		{ "DELETE http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 1 },
		{ "POST http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
		{ "get http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
		{ "PUT http://a/ HTTP/1.1\r\nHost: a\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n", 0 },
		{ "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
	};
	struct tunnel_forward *f = rig_new(NULL, 256);
	size_t i;

	(void)state;
	assert_int_equal(tunnel_forward_repeatable(f), 0);
	assert_int_equal(tunnel_forward_own(f), 0);
	tunnel_forward_free(f);
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		f = at_ask(t[i].request);
		assert_int_equal(tunnel_forward_repeatable(f), t[i].twice);
		assert_int_equal(tunnel_forward_own(f), 0);
		tunnel_forward_free(f);
	}
	/* Content of the application's is not there twice. */
	f = at_ask(GET);
	assert_int_equal(tunnel_forward_replace(f, B), 0);
	assert_int_equal(tunnel_forward_repeatable(f), 0);
	tunnel_forward_free(f);
	/* nor is content that has come in chunks */
	f = at_ask(t[6].request);
	assert_int_equal(tunnel_forward_pass(f, 0), TUNNEL_IN);
	side_say(f, A, "1\r\na\r\n0\r\n\r\n");
	assert_int_equal(tunnel_forward_repeatable(f), 0);
	tunnel_forward_free(f);
	f = at_ask(PUT);
	assert_int_equal(tunnel_forward_pass(f, 0), TUNNEL_IN);
	side_say(f, A, "abcd");
	assert_int_equal(tunnel_forward_repeatable(f), 0);
	tunnel_forward_free(f);
	/* Max-Forwards ends here, and not elsewhere. */
	f = at_ask("OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n"
	    "Max-Forwards: 0\r\n\r\n");
	assert_int_equal(tunnel_forward_own(f), 1);
	tunnel_forward_free(f);
}

/* A reply's content is ours to give where it can have any. */
static void
replaced_replies(void **state)
{
	static const struct { const char *reply, *back; } t[] = {
		{ "HTTP/1.1 204 N\r\n\r\n",
		    "HTTP/1.1 204 N\r\nVia: 1.1 p\r\n\r\n" },
		{ "HTTP/1.1 200 K\r\nContent-Length: 0\r\n\r\n",
		    "HTTP/1.1 200 K\r\nVia: 1.1 p\r\nContent-Length: 3\r\n"
		    "\r\nabc" },
	};
	struct tunnel_forward *f;
	const char *value;
	size_t i, used;

	(void)state;
	for (i = 0; i < 2; i++) {
		f = side_sent(GET, 0);
		tunnel_forward_review(f, 1);
		rig_take(f, B);
		side_say(f, B, t[i].reply);
		assert_int_equal(tunnel_forward_version(f), 11);
		if (i == 1)
			assert_string_equal(tunnel_forward_reply_at(f, 0,
			    &value), "Content-Length");
		assert_int_equal(tunnel_forward_replace(f, A), 0);
		assert_int_equal(tunnel_forward_length(f, A, 3), 0);
		assert_int_equal(tunnel_forward_deliver(f), TUNNEL_OUT);
		tunnel_forward_put(f, A, "abc", 3, &used);
		tunnel_forward_end(f, A);
		assert_string_equal(rig_take(f, A), t[i].back);
		tunnel_forward_free(f);
	}
}

/* Interim replies are not for a client of HTTP/1.0. */
static void
interim_replies(void **state)
{
	struct tunnel_forward *f = at_ask("GET http://a/ HTTP/1.0\r\n\r\n");

	(void)state;
	tunnel_forward_field(f, A, "Link", "x");
	assert_int_equal(tunnel_forward_respond(f, 103), TUNNEL_ASK);
	assert_string_equal(rig_take(f, A), "");
	assert_int_equal(tunnel_forward_respond(f, 204), TUNNEL_OUT);
	tunnel_forward_end(f, A);
	assert_string_equal(rig_take(f, A),
	    "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
	tunnel_forward_free(f);
}

/* ---- from within a notification -------------------------------------- */

struct within {
	struct tunnel_forward *f;
	int calls;
};

static void
call_all(void *ud, int side, const void *bytes, size_t n)
{
	struct within *w = ud;
	size_t used;

	(void)bytes;
	(void)n;
	w->calls++;
	assert_int_equal(tunnel_forward_pass(w->f, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_serve(w->f), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_respond(w->f, 200), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_deliver(w->f), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_consume(w->f, side, 0),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_put(w->f, B, "x", 1, &used),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_end(w->f, B), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_on_content(w->f, NULL, NULL),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_field(w->f, A, "a", "b"),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_reset(w->f, side), TUNNEL_ESTATE);
}

static void
no_call_from_a_notification(void **state)
{
	struct within w = { at_ask(PUT), 0 };

	(void)state;
	assert_int_equal(tunnel_forward_on_content(w.f, call_all, &w), 0);
	assert_int_equal(tunnel_forward_pass(w.f, 0), TUNNEL_IN);
	rig_take(w.f, B);
	side_say(w.f, A, "abcd");
	assert_int_equal(w.calls, 1);
	assert_string_equal(rig_take(w.f, B), "abcd");
	side_say(w.f, B, OK);
	assert_int_equal(w.calls, 2);
	assert_int_equal(tunnel_forward_flags(w.f, B),
	    TUNNEL_REUSE | TUNNEL_DONE);
	tunnel_forward_free(w.f);
}

/* ---- replies that cannot go on --------------------------------------- */

#define MANY "a,a,a,a,a,a,a,a,a,a,"

/* More options in Connection than are looked at: none of it goes on. */
static void
options_without_end(void **state)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nConnection: " MANY
	    MANY MANY MANY MANY MANY MANY "\r\nContent-Length: 0\r\n\r\n";
	static const char over[] = "HTTP/1.1 101 X\r\nConnection: upgrade,"
	    MANY MANY MANY MANY MANY MANY MANY
	    "\r\nUpgrade: websocket\r\n\r\n";
	struct tunnel_forward *f;
	int review;

	(void)state;
	for (review = 0; review < 2; review++) {
		f = side_sent(GET, 0);
		tunnel_forward_review(f, review);
		rig_take(f, B);
		side_say(f, B, reply);
		if (review)
			assert_int_equal(tunnel_forward_deliver(f),
			    TUNNEL_OUT);
		assert_int_equal(tunnel_forward_flags(f, B), ABORT);
		assert_int_equal(tunnel_forward_fault(f), TUNNEL_EREPLY);
		assert_memory_equal(rig_take(f, A), "HTTP/1.1 502 ", 13);
		tunnel_forward_free(f);
	}
	f = rig_new(NULL, 256);
	tunnel_forward_upgrade(f, "websocket");
	side_say(f, A, "GET http://a/ HTTP/1.1\r\nHost: a\r\n"
	    "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n");
	tunnel_forward_pass(f, 0);
	rig_take(f, B);
	side_say(f, B, over);
	assert_int_equal(tunnel_forward_flags(f, B), ABORT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EREPLY);
	tunnel_forward_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_limits),
		cmocka_unit_test(long_settings),
		cmocka_unit_test(sides_and_paths),
		cmocka_unit_test(decisions_at_the_wrong_time),
		cmocka_unit_test(what_can_be_repeated),
		cmocka_unit_test(replaced_replies),
		cmocka_unit_test(interim_replies),
		cmocka_unit_test(no_call_from_a_notification),
		cmocka_unit_test(options_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
