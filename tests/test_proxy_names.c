/* test_proxy_names.c - where a proxy lets its clients go
 *
 * Names are answered by a table of ours, which may change its mind; what they
 * lead to is judged, and the proxy's own address is never dialled. */
#include "unit.h"
#include "proxy_rig.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <poll.h>
#include <unistd.h>

static const char *const *answers;
static int lookups;
static struct tunnel_query *pending;

/* The first name's addresses, then others: a rebinding resolver. */
static void
lookup(void *ud, struct tunnel_query *q)
{
	uint8_t addr[16];
	const char *p;
	char one[50];
	size_t n;
	int v6;

	(void)ud;
	p = answers[lookups++];
	if (p == NULL) {
		pending = q;
		return;
	}
	while (*p != '\0') {
		n = strcspn(p, " ");
		snprintf(one, sizeof one, "%.*s", (int)n, p);
		v6 = strchr(one, ':') != NULL;
		assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, one, addr),
		    1);
		tunnel_query_add(q, addr, v6 ? 16 : 4);
		p += n + (p[n] == ' ');
	}
	tunnel_query_done(q, 0);
}

static void
rules(const char *const *list)
{
	struct tunnel_policy *p = tunnel_policy_new(NULL);

	for (; *list != NULL; list++)
		assert_int_equal((**list == '+' ? tunnel_policy_allow :
		    tunnel_policy_deny)(p, *list + 1), 0);
	assert_int_equal(tunnel_proxy_policy(rig.proxy, p), 0);
	/* It goes round while the loop is stepped. */
	rig_turn();
	rig_turn();
}

/* A resolver that takes too long is not the target that does. */
static void
slow_name(void **state)
{
	static const char *const never[] = { NULL };
	char out[500];
	int fd;

	(void)state;
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_DIAL, 20);
	tunnel_proxy_resolver(rig.proxy, lookup, NULL);
	rig_start();
	answers = never;
	lookups = 0;
	fd = rig_client();
	rig_ask(fd, "a.example", rig.origin_port, "");
	assert_int_equal(rig_status(fd, out, sizeof out), 504);
	assert_non_null(strstr(out, "error=dns_timeout\r\n"));
	tunnel_query_done(pending, 0);
}

/* What a name leads to is judged, each address, and it is those addresses that
 * are dialled. */
static void
rebinding(void **state)
{
	static const char *const any[] = { "+*", NULL };
	static const char *const block[] = { "+127.0.0.1", NULL };
	static const char *const denied[] = { "-evil.example", "+127.0.0.1",
	    NULL };
	static const char *const special[] = {
		"127.0.0.1", "10.0.0.1", "192.168.7.7", "169.254.169.254",
		"::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
		"2002:7f00:1::", "fd00::1", "fe80::1", "ff02::1", "0.0.0.0",
		"::", "224.0.0.1", "100.64.0.1", "172.16.0.1",
		"127.0.0.1 10.0.0.1 ::1", NULL
	};
	static const char *const mixed[] = { "10.0.0.1 127.0.0.1 ::1", NULL };
	static const char *const twice[] = { "127.0.0.1", "10.0.0.1", NULL };
	int end[2], i;

	(void)state;
	tunnel_proxy_resolver(rig.proxy, lookup, NULL);
	rig_start();
	rules(any);
	answers = special;
	lookups = 0;
	for (i = 0; special[i] != NULL; i++) {
		print_message("%s\n", special[i]);
		assert_int_equal(rig_refused("evil.example", rig.origin_port,
		    ""), 403);
	}
	assert_int_equal(lookups, i);
	/* Only the address that a rule names is dialled. */
	rules(block);
	answers = mixed;
	lookups = 0;
	rig_tunnel(end, "evil.example", rig.origin_port);
	rig_close_both(end);
	/* The first answer is good, the second is not: asked twice, judged
	 * twice. */
	answers = twice;
	lookups = 0;
	rig_tunnel(end, "evil.example", rig.origin_port);
	rig_close_both(end);
	assert_int_equal(rig_refused("evil.example", rig.origin_port, ""), 403);
	/* What is denied by name is not even looked up. */
	rules(denied);
	lookups = 0;
	assert_int_equal(rig_refused("evil.example", rig.origin_port, ""), 403);
	assert_int_equal(lookups, 0);
}

/* Does the origin, taken for a proxy, hear of this target? */
static int
passed_on(const char *host, unsigned port)
{
	char out[500], line[300];
	int fd = rig_client(), way;
	struct pollfd p;

	rig_ask(fd, host, port, "");
	p.fd = rig.origin;
	p.events = POLLIN;
	do
		rig_turn();
	while (poll(&p, 1, 0) == 0 && recv(fd, out, 1, MSG_PEEK |
	    MSG_DONTWAIT) < 0);
	if (poll(&p, 1, 0) == 0) {
		assert_int_equal(rig_status(fd, out, sizeof out), 403);
		return 0;
	}
	way = accept(rig.origin, NULL, NULL);
	snprintf(line, sizeof line, "CONNECT %s:%u HTTP/1.1\r\n", host, port);
	rig_hear(way, out, sizeof out, line);
	close(way);
	close(fd);
	return 1;
}

/* Where another proxy resolves the names, no address comes to be judged. */
static void
rules_before_a_proxy(void **state)
{
	static const char *const block[] = {
		"+10.0.0.0/8", "-x.example", "+*.example:443", NULL
	};
	static const char *const denied[] = { "-10.0.0.0/8", "+*", NULL };
	static const char *const only[] = { "+10.0.0.0/8", "-*", NULL };
	char url[64];

	(void)state;
	snprintf(url, sizeof url, "http://127.0.0.1:%u", rig.origin_port);
	assert_int_equal(tunnel_proxy_via(rig.proxy, url), 0);
	rig_start();
	rules(block);
	assert_false(passed_on("evil.test", 9999));
	assert_false(passed_on("x.example", 443));
	assert_false(passed_on("a.example", 22));
	assert_true(passed_on("a.example", 443));
	assert_true(passed_on("10.1.2.3", 9999));
	assert_false(passed_on("11.1.2.3", 443));
	rules(only);
	assert_false(passed_on("a.example", 443));
	assert_true(passed_on("10.1.2.3", 443));
	rules(denied);
	assert_true(passed_on("a.example", 443));
	assert_false(passed_on("10.1.2.3", 443));
	assert_false(passed_on("127.0.0.1", rig.origin_port));
}

/* Its own address, by any name, and requests that were here before. */
static void
loops(void **state)
{
	static const char *const own[] = {
		"127.0.0.1", "127.0.0.9", "::ffff:127.0.0.1", "0.0.0.0", NULL
	};
	static const char *const all[] = { "+0.0.0.0/0", "+::/0", NULL };
	char out[500];
	int i, end[2];

	(void)state;
	tunnel_proxy_resolver(rig.proxy, lookup, NULL);
	tunnel_proxy_name(rig.proxy, "me-42");
	rig_start();
	rules(all);
	answers = own;
	lookups = 0;
	for (i = 0; own[i] != NULL; i++)
		assert_int_equal(rig_refused("a.example", rig_port(), ""), 502);
	assert_int_equal(rig_refused("127.0.0.1", rig.origin_port,
	    "Via: 1.0 x, 1.1 me-42\r\n"), 502);
	assert_int_equal(rig_refused("127.0.0.1", rig.origin_port,
	    "Via: 1.0 x\r\nVia: 1.1 me-42 (hm)\r\n"), 502);
	rig_tunnel(end, "127.0.0.1", rig.origin_port);
	rig_close_both(end);
	end[0] = rig_client();
	rig_ask(end[0], "127.0.0.1", rig.origin_port,
	    "Via: 1.1 me-421, 1.1 xme-42\r\n");
	rig_hear(end[0], out, sizeof out, "\r\n\r\n");
	end[1] = accept(rig.origin, NULL, NULL);
	rig_close_both(end);
}

static int loops_seen;

static int
see_loop(void *ud, struct tunnel_session *s)
{
	(void)ud;
	loops_seen += tunnel_session_error(s) == TUNNEL_ELOOP;
	return 0;
}

/* Nor is what the application calls its own dialled. */
static void
own_addresses(void **state)
{
	static const char *const bad[] = {
		"", "a.example:80", "127.0.0.1", "127.0.0.1:0", "unix:/a",
		"fd:3", "::1:80", "[::1]"
	};
	char where[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(tunnel_proxy_own(rig.proxy, bad[i]),
		    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_own(rig.proxy, "[::ffff:192.0.2.1]:22"),
	    0);
	assert_int_equal(tunnel_proxy_own(rig.proxy, "[2001:db8::1]:22"), 0);
	loops_seen = 0;
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_CLOSE, see_loop, NULL);
	assert_int_equal(tunnel_proxy_listen(rig.proxy, "127.0.0.1:0"), 0);
	assert_int_equal(tunnel_proxy_open(rig.proxy), 0);
	snprintf(where, sizeof where, "0.0.0.0:%u", rig.origin_port);
	assert_int_equal(tunnel_proxy_own(rig.proxy, where), 0);
	assert_int_equal(tunnel_proxy_start(rig.proxy), 0);
	assert_int_equal(tunnel_proxy_own(rig.proxy, where), TUNNEL_ESTATE);
	rules((const char *const[]){ "+0.0.0.0/0", "+::/0", NULL });
	assert_int_equal(rig_refused("127.0.0.1", rig.origin_port, ""), 502);
	assert_int_equal(rig_refused("127.0.0.8", rig.origin_port, ""), 502);
	assert_int_equal(rig_refused("192.0.2.1", 22, ""), 502);
	assert_int_equal(rig_refused("[2001:db8::1]", 22, ""), 502);
	/* Not for want of a way there. */
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(loops_seen, 4);
}

/* ---- clients that leave --------------------------------------------- */

static void
left_in_mid_dial(void **state)
{
	static const char *const never[] = { NULL, NULL, NULL };
	char out[2000];
	int fd, i;

	(void)state;
	tunnel_proxy_resolver(rig.proxy, lookup, NULL);
	rig_start();
	answers = never;
	for (i = 0; i < 2; i++) {
		lookups = 0;
		pending = NULL;
		fd = rig_client();
		rig_ask(fd, "slow.example", 1, i == 0 ? "" : "");
		while (pending == NULL)
			rig_turn();
		assert_int_equal(tunnel_proxy_count(rig.proxy,
		    TUNNEL_COUNT_TUNNELS), 1);
		if (i == 1)
			/* Closed with a reset. */
			setsockopt(fd, SOL_SOCKET, SO_LINGER,
			    &(struct linger){ 1, 0 }, sizeof(struct linger));
		close(fd);
		rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
		tunnel_query_done(pending, TUNNEL_ERESOLVE);
	}
	/* Who has said something for the target, and closes its half, waits. */
	lookups = 0;
	pending = NULL;
	fd = rig_client();
	rig_ask(fd, "slow.example", 1, "");
	rig_say(fd, "early");
	shutdown(fd, SHUT_WR);
	while (pending == NULL)
		rig_turn();
	for (i = 0; i < 5; i++)
		rig_turn();
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_SESSIONS),
	    1);
	tunnel_query_done(pending, TUNNEL_ERESOLVE);
	assert_int_equal(rig_status(fd, out, sizeof out), 502);
	assert_non_null(strstr(out, "error=dns_error"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(slow_name), RIG_TEST(rebinding),
		RIG_TEST(rules_before_a_proxy), RIG_TEST(loops),
		RIG_TEST(own_addresses), RIG_TEST(left_in_mid_dial),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
