/* test_proxy_passing.c - HTTP messages through a proxy, one after the other
 *
 * Kept connections on both sides, an origin that has gone in the meantime, one
 * that dies in the middle, replies of ours, what becomes a tunnel, and times.
 */
#include "unit.h"
#include "proxy_rig.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <unistd.h>

static int told, status;
static uint64_t down;

static int
on_close(void *ud, struct tunnel_session *s)
{
	(void)ud;
	told++;
	status = tunnel_session_status(s);
	down = tunnel_session_bytes(s, TUNNEL_BA);
	return 0;
}

static void
start(void)
{
	told = 0;
	assert_int_equal(tunnel_proxy_http(rig.proxy, 1), 0);
	assert_int_equal(tunnel_proxy_name(rig.proxy, "here"), 0);
	(void)tunnel_proxy_hook(rig.proxy, TUNNEL_ON_CLOSE, on_close, NULL);
	rig_start();
	assert_int_equal(tunnel_proxy_http(rig.proxy, 0), TUNNEL_ESTATE);
}

static void
ask(int fd, const char *method, const char *path, const char *more)
{
	char text[400];

	(void)snprintf(text, sizeof text, "%s http://127.0.0.1:%u%s HTTP/1.1"
	    "\r\nHost: x\r\n%s\r\n", method, rig.origin_port, path, more);
	rig_say(fd, text);
}

/* The status of a reply behind which the connection is kept. */
static int
hear_status(int fd)
{
	char out[2000];

	assert_int_equal(rig_hear(fd, out, sizeof out, "\r\n\r\n"), 0);
	assert_memory_equal(out, "HTTP/1.1 ", 9);
	return atoi(out + 9);
}

static void serve(int fd, const char *begins, const char *reply);

#define REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* A client that has had one reply, over a connection that is kept: its socket,
 * and the origin's. */
static int
begun(int *origin)
{
	char out[2000];
	int fd;

	start();
	fd = rig_client();
	ask(fd, "GET", "/1", "");
	*origin = rig_come();
	serve(*origin, "GET /1 ", REPLY);
	assert_int_equal(rig_hear(fd, out, sizeof out, "ok"), 0);
	return fd;
}

/* Hear a request, and reply. */
static void
serve(int fd, const char *begins, const char *reply)
{
	char out[2000];

	assert_int_equal(rig_hear(fd, out, sizeof out, "\r\n\r\n"), 0);
	assert_memory_equal(out, begins, strlen(begins));
	assert_non_null(strstr(out, "Via: 1.1 here\r\n"));
	rig_say(fd, reply);
}

static void
kept_on_both_sides(void **state)
{
	int fd, origin, i;
	char out[2000];

	(void)state;
	start();
	fd = rig_client();
	ask(fd, "GET", "/0", "");
	origin = rig_come();
	for (i = 0; i < 3; i++) {
		if (i > 0)
			ask(fd, "GET", "/n", "");
		serve(origin, i > 0 ? "GET /n HTTP/1.1\r\n" :
		    "GET /0 HTTP/1.1\r\n", REPLY);
		assert_int_equal(rig_hear(fd, out, sizeof out, "ok"), 0);
		rig_await_count(TUNNEL_COUNT_PASSED, (uint64_t)i + 1);
		assert_int_equal(told, i + 1);
		assert_int_equal(status, 200);
		assert_int_equal(down, 2);
	}
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_TUNNELS),
	    0);
	(void)close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	/* Nothing was asked for any more: nothing to tell. */
	assert_int_equal(told, 3);
	(void)close(origin);
}

/* Two requests at once are two replies, in their order. */
static void
pipelined(void **state)
{
	char out[2000];
	int fd, origin;

	(void)state;
	start();
	fd = rig_client();
	ask(fd, "GET", "/1", "");
	ask(fd, "POST", "/2", "Content-Length: 3\r\n");
	rig_say(fd, "abc");
	origin = rig_come();
	serve(origin, "GET /1 ", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
	    "one");
	assert_int_equal(rig_hear(fd, out, sizeof out, "one"), 0);
	serve(origin, "POST /2 ", "HTTP/1.1 201 OK\r\nContent-Length: 3\r\n"
	    "\r\ntwo");
	assert_int_equal(rig_hear(fd, out, sizeof out, "two"), 0);
	rig_await_count(TUNNEL_COUNT_PASSED, 2);
	(void)close(fd);
	(void)close(origin);
}

/* A connection that was kept has gone: another one, and nobody notices. */
static void
origin_gone_meanwhile(void **state)
{
	char out[2000];
	int fd, origin;

	(void)state;
	fd = begun(&origin);
	(void)close(origin);
	ask(fd, "GET", "/2", "");
	origin = rig_come();
	serve(origin, "GET /2 ", REPLY);
	assert_int_equal(rig_hear(fd, out, sizeof out, "ok"), 0);
	(void)close(origin);
	(void)close(fd);
}

/* The rules of today count, also for what was dialled by those of yesterday. */
static void
rules_change(void **state)
{
	struct tunnel_policy *policy = tunnel_policy_new(NULL);
	int fd, origin;
	char text[200];

	(void)state;
	start();
	(void)snprintf(text, sizeof text, "GET http://localhost:%u/ HTTP/1.1"
	    "\r\nHost: x\r\n\r\n", rig.origin_port);
	fd = rig_client();
	rig_say(fd, text);
	origin = rig_come();
	serve(origin, "GET / ", "HTTP/1.1 204 Fine\r\n\r\n");
	assert_int_equal(hear_status(fd), 204);
	assert_int_equal(tunnel_policy_deny(policy, "127.0.0.0/8"), 0);
	assert_int_equal(tunnel_policy_allow(policy, "localhost:*"), 0);
	assert_int_equal(tunnel_proxy_policy(rig.proxy, policy), 0);
	rig_turn();     /* its thread takes it over */
	rig_say(fd, text);
	assert_int_equal(hear_status(fd), 403);
	(void)close(fd);
	(void)close(origin);
}

static int brought;

static int
on_dial(void *ud, struct tunnel_session *s)
{
	int fd = brought;

	(void)ud;
	brought = -1;
	return fd >= 0 ? tunnel_session_use(s, fd) : 0;
}

/* What a hook has brought for one request is for no other. */
static void
brought_for_one(void **state)
{
	int fd, origin, pair[2];
	char out[2000];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	brought = pair[0];
	(void)tunnel_proxy_hook(rig.proxy, TUNNEL_ON_DIAL, on_dial, NULL);
	start();
	fd = rig_client();
	ask(fd, "GET", "/1", "");
	serve(pair[1], "GET /1 ", REPLY);
	assert_int_equal(rig_hear(fd, out, sizeof out, "ok"), 0);
	ask(fd, "GET", "/2", "");
	origin = rig_come();
	serve(origin, "GET /2 ", REPLY);
	assert_int_equal(rig_hear(fd, out, sizeof out, "ok"), 0);
	(void)close(fd);
	(void)close(origin);
	(void)close(pair[1]);
}

/* Half a reply never ends as if it were whole. */
static void
origin_dies(void **state)
{
	static const char *const begun[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf"
	};
	char out[2000];
	int fd, origin, i;

	(void)state;
	start();
	for (i = 0; i < 2; i++) {
		fd = rig_client();
		ask(fd, "GET", "/", "");
		origin = rig_come();
		serve(origin, "GET / ", begun[i]);
		assert_int_equal(rig_hear(fd, out, sizeof out, "half"), 0);
		(void)close(origin);
		assert_int_equal(rig_hear(fd, out, sizeof out, NULL), -1);
		(void)close(fd);
	}
}

/* What we refuse keeps the connection, and is no message that was passed. */
static void
refused(void **state)
{
	char out[2000];
	int fd;

	(void)state;
	start();
	fd = rig_client();
	/* Nobody is there; a policy says no; it is meant for ourselves. */
	rig_say(fd, "GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(hear_status(fd), 502);
	assert_int_equal(rig_hear(fd, out, sizeof out, "connection\n"), 0);
	rig_say(fd, "GET http://192.0.2.1/ HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(hear_status(fd), 403);
	rig_await_count(TUNNEL_COUNT_REFUSED, 2);
	assert_int_equal(told, 2);
	rig_say(fd, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(rig_hear(fd, out, sizeof out, "HTTP/1.1 400"), 0);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_PASSED),
	    0);
	(void)close(fd);
}

/* CONNECT on a connection on which messages were passed on. */
static void
tunnel_after_messages(void **state)
{
	char out[2000];
	int fd, origin;

	(void)state;
	fd = begun(&origin);
	rig_ask(fd, "127.0.0.1", rig.origin_port, "");
	assert_int_equal(rig_hear(fd, out, sizeof out, "\r\n\r\n"), 0);
	assert_memory_equal(out, "HTTP/1.1 200 ", 13);
	(void)close(origin);
	origin = rig_come();
	rig_say(fd, "up");
	assert_int_equal(rig_hear(origin, out, sizeof out, "up"), 0);
	rig_say(origin, "down");
	assert_int_equal(rig_hear(fd, out, sizeof out, "down"), 0);
	(void)close(fd);
	(void)close(origin);
}

/* What comes behind the 101 belongs to the tunnel. */
static void
switched(void **state)
{
	char out[2000];
	int fd, origin;

	(void)state;
	start();
	fd = rig_client();
	ask(fd, "GET", "/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
	origin = rig_come();
	serve(origin, "GET /ws ", "HTTP/1.1 101 Go\r\nConnection: Upgrade\r\n"
	    "Upgrade: websocket\r\n\r\nfirst");
	assert_int_equal(rig_hear(fd, out, sizeof out, "first"), 0);
	rig_await_count(TUNNEL_COUNT_OPENED, 1);
	rig_say(fd, "up");
	assert_int_equal(rig_hear(origin, out, sizeof out, "up"), 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_int_equal(rig_hear(origin, out, sizeof out, NULL), 0);
	rig_say(origin, "last");
	(void)close(origin);
	assert_int_equal(rig_hear(fd, out, sizeof out, NULL), 0);
	assert_string_equal(out, "last");
	(void)close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(status, 101);
}

/* An origin that says nothing. */
static void
too_slow(void **state)
{
	int fd, origin;

	(void)state;
	assert_int_equal(tunnel_proxy_time(rig.proxy, TUNNEL_TIME_REPLY, 50),
	    0);
	start();
	fd = rig_client();
	ask(fd, "GET", "/", "");
	origin = rig_come();
	assert_int_equal(hear_status(fd), 504);
	(void)close(fd);
	(void)close(origin);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(told, 1);
	assert_int_equal(status, 504);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(kept_on_both_sides), RIG_TEST(pipelined),
		RIG_TEST(origin_gone_meanwhile), RIG_TEST(origin_dies),
		RIG_TEST(refused), RIG_TEST(tunnel_after_messages),
		RIG_TEST(switched), RIG_TEST(too_slow),
		RIG_TEST(rules_change), RIG_TEST(brought_for_one)
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
