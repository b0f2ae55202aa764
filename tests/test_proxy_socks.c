/* test_proxy_socks.c - a proxy whose clients speak SOCKS
 *
 * What HTTP's clients have, these have too: bytes, rules, hooks, limits, times,
 * and each failure by its number. */
#include "unit.h"
#include "proxy_rig.h"
#include "socks_rig.h"

#include <sys/socket.h>

#include <unistd.h>

static void
start(void)
{
	assert_int_equal(tunnel_proxy_socks(rig.proxy, "127.0.0.1:0"), 0);
	rig_start();
}

static void
refused(const char *host, unsigned port, int number)
{
	char want[] = REFUSED_WITH("\x01");
	int fd = rig_client();

	socks_say(fd, BYTES(HELLO));
	socks_ask(fd, host, port);
	socks_hears(fd, BYTES("\x05\x00"));
	want[1] = (char)number;
	socks_hears_last(fd, want, 10);
}

/* ---- the way it should be ------------------------------------------- */

static void
carries(void **state)
{
	char out[300], text[100];
	int fd, there, turn;
	size_t i, n;

	(void)state;
	start();
	for (turn = 0; turn < 2; turn++) {
		/* All at once with early bytes, or byte by byte. */
		fd = rig_client();
		memcpy(out, HELLO, 3);
		n = 3 + socks_request(out + 3, "127.0.0.1", rig.origin_port);
		memcpy(out + n, "early", 5);
		n += 5;
		if (turn == 0)
			socks_say(fd, out, n);
		for (i = 0; turn == 1 && i < n; i++) {
			socks_say(fd, out + i, 1);
			rig_turn();
		}
		socks_hears(fd, BYTES("\x05\x00" OPENED));
		there = accept(rig.origin, NULL, NULL);
		rig_hear(there, text, sizeof text, "early");
		/* Half-close, both ways. */
		shutdown(fd, SHUT_WR);
		rig_hear(there, text, sizeof text, NULL);
		rig_say(there, "late");
		close(there);
		socks_hears_last(fd, BYTES("late"));
	}
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_UP), 10);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_OPENED), 2);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_FAILED), 0);
}

/* ---- refusals ------------------------------------------------------- */

/* One name is here, another cannot be resolved, the third never is. */
static void
lookup(void *ud, struct tunnel_query *q)
{
	int here = strcmp(tunnel_query_host(q), "here.example") == 0;

	if (strcmp(tunnel_query_host(q), "slow.example") == 0) {
		*(struct tunnel_query **)ud = q;
		return;
	}
	if (here)
		(void)tunnel_query_add(q, "\x7f\0\0\1", 4);
	tunnel_query_done(q, here ? 0 : TUNNEL_ERESOLVE);
}

static void
numbers(void **state)
{
	struct tunnel_query *pending = NULL;
	uint64_t before;

	(void)state;
	tunnel_proxy_resolver(rig.proxy, lookup, &pending);
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_DIAL, 50);
	start();
	refused("127.0.0.1", 1, 5);
	refused("10.0.0.1", 80, 2);
	refused("127.0.0.1", rig_port(), 1);    /* itself */
	refused("127.0.0.1", 0, 8);
	refused("127.1", 80, 8);
	refused("no.example", 80, 4);
	before = tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_REFUSED);
	refused("slow.example", 80, 4);
	assert_non_null(pending);
	tunnel_query_done(pending, 0);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_REFUSED),
	    before + 1);
}

static void
strangers(void **state)
{
	char out[500];
	int fd;

	(void)state;
	start();
	fd = rig_client();
	socks_say(fd, BYTES(HELLO "\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50"));
	socks_hears_last(fd, BYTES("\x05\x00" REFUSED_WITH("\x07")));
	fd = rig_client();
	socks_say(fd, BYTES("\x05\x01\x01"));
	socks_hears_last(fd, BYTES("\x05\xff"));
	fd = rig_client();
	socks_say(fd, BYTES("\x04\x01\x00\x50\x7f\x00\x00\x01me\x00"));
	socks_hears_last(fd, BYTES("\x00\x5b\0\0\0\0\0\0"));
	/* One that speaks HTTP can read what is wrong. */
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", rig.origin_port, "");
	assert_int_equal(rig_status(fd, out, sizeof out), 400);
	assert_non_null(strstr(out, "SOCKS5"));
	fd = rig_client();
	socks_say(fd, BYTES("\x16\x03\x01"));
	socks_hears_last(fd, BYTES(""));
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_REFUSED),
	    5);
}

/* In the words of where they are. */
static void
slow(void **state)
{
	static const struct { const char *in; size_t n; const char *out;
	    size_t out_n; } t[] = {
		{ BYTES(""), BYTES("\x05\xff") },
		{ BYTES("\x05\x03"), BYTES("\x05\xff") },
		{ BYTES(HELLO "\x05\x01"),
		    BYTES("\x05\x00" REFUSED_WITH("\x01")) },
	};
	size_t i;
	int fd;

	(void)state;
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_HANDSHAKE, 30);
	start();
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		fd = rig_client();
		socks_say(fd, t[i].in, t[i].n);
		socks_hears_last(fd, t[i].out, t[i].out_n);
	}
}

static void
too_many(void **state)
{
	int fd[3], i;

	(void)state;
	tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_CLIENT, 2);
	tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_TUNNELS, 1);
	start();
	for (i = 0; i < 2; i++) {
		fd[i] = rig_client();
		socks_say(fd[i], BYTES(HELLO));
		socks_ask(fd[i], "127.0.0.1", rig.origin_port);
		if (i == 0)
			socks_hears(fd[i], BYTES("\x05\x00" OPENED));
		else
			socks_hears(fd[i], BYTES("\x05\x00"
			    REFUSED_WITH("\x01")));
	}
	/* A third of one client is not even listened to. */
	fd[2] = rig_client();
	socks_hears(fd[2], BYTES("\x05\xff"));
	for (i = 0; i < 3; i++)
		close(fd[i]);
	close(socks_comes());
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
}

static int
who(void *ud, struct tunnel_session *s)
{
	snprintf(ud, 100, "%s", tunnel_session_client(s));
	return 0;
}

static void
prefaced(void **state)
{
	char seen[100] = "";
	int fd;

	(void)state;
	tunnel_proxy_preface(rig.proxy, 1, 0);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_REQUEST, who, seen);
	start();
	fd = rig_client();
	rig_say(fd, "PROXY TCP4 192.0.2.9 192.0.2.1 4321 80\r\n");
	socks_say(fd, BYTES(HELLO));
	socks_ask(fd, "127.0.0.1", rig.origin_port);
	socks_hears(fd, BYTES("\x05\x00" OPENED));
	assert_string_equal(seen, "192.0.2.9:4321");
	close(fd);
}

/* A handshake that is cut is no tunnel: there is nothing to be reset. */
static void
stopped(void **state)
{
	char out[10];
	int fd;

	(void)state;
	start();
	fd = rig_client();
	socks_say(fd, BYTES(HELLO));
	socks_hears(fd, BYTES("\x05\x00"));
	assert_int_equal(tunnel_proxy_stop(rig.proxy), 0);
	assert_int_equal(rig_hear(fd, out, sizeof out, NULL), 0);
	close(fd);
}

/* ---- through another proxy ------------------------------------------ */

static int
direct(void *ud, struct tunnel_session *s)
{
	(void)ud;
	return strcmp(tunnel_session_target(s), "there.example:9") == 0 ? 0 :
	    tunnel_session_direct(s);
}

/* Names stay names on the way; what goes directly is judged by its address. */
static void
upstream(void **state)
{
	struct tunnel_policy *p = tunnel_policy_new(NULL);
	char url[60], out[600];
	int fd, there;

	(void)state;
	snprintf(url, sizeof url, "http://127.0.0.1:%u", rig.origin_port);
	assert_int_equal(tunnel_proxy_via(rig.proxy, url), 0);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_REQUEST, direct, NULL);
	tunnel_proxy_resolver(rig.proxy, lookup, NULL);
	start();
	tunnel_policy_allow(p, "there.example");
	tunnel_policy_allow(p, "127.0.0.1");
	assert_int_equal(tunnel_proxy_policy(rig.proxy, p), 0);
	rig_turn();
	rig_turn();
	fd = rig_client();
	socks_say(fd, BYTES(HELLO));
	socks_ask(fd, "there.example", 9);
	there = socks_comes();
	rig_hear(there, out, sizeof out, "\r\n\r\n");
	assert_memory_equal(out, "CONNECT there.example:9 ", 24);
	socks_hears(fd, BYTES("\x05\x00"));
	rig_say(there, "HTTP/1.1 200 OK\r\n\r\nSSH-");
	socks_hears(fd, BYTES(OPENED "SSH-"));
	close(there);
	close(fd);
	/* The same place, without asking it for anything: its name is allowed
	 * for what it leads to. */
	fd = rig_client();
	socks_say(fd, BYTES(HELLO));
	socks_ask(fd, "here.example", rig.origin_port);
	socks_hears(fd, BYTES("\x05\x00" OPENED));
	there = accept(rig.origin, NULL, NULL);
	rig_say(there, "SSH-");
	socks_hears(fd, BYTES("SSH-"));
	close(there);
	close(fd);
	refused("10.0.0.1", 80, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(carries), RIG_TEST(numbers), RIG_TEST(strangers),
		RIG_TEST(slow), RIG_TEST(too_many), RIG_TEST(prefaced),
		RIG_TEST(stopped), RIG_TEST(upstream),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
