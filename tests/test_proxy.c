/* test_proxy.c - the embeddable proxy: settings, ways in, bytes, memory */
#include "unit.h"
#include "proxy_rig.h"
#include "oom.h"

#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

/* ---- the way it should be ------------------------------------------- */

static void
carries(void **state)
{
	char out[100];
	int end[2];

	(void)state;
	rig_start();
	assert_int_equal(tunnel_proxy_listen(rig.proxy, "127.0.0.1:0"),
	    TUNNEL_ESTATE);
	rig_tunnel(end, "127.0.0.1", rig.origin_port);
	rig_say(end[0], "ping");
	rig_hear(end[1], out, sizeof out, "ping");
	rig_say(end[1], "pong");
	rig_hear(end[0], out, sizeof out, "pong");
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_UP), 4);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_DOWN), 4);
	/* Half-close, both ways. */
	shutdown(end[0], SHUT_WR);
	rig_hear(end[1], out, sizeof out, NULL);
	rig_say(end[1], "more");
	shutdown(end[1], SHUT_WR);
	assert_int_equal(rig_hear(end[0], out, sizeof out, NULL), 0);
	assert_string_equal(out, "more");
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_OPENED), 1);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_FAILED), 0);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_TUNNELS),
	    0);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_HANDSHAKES),
	    0);
	rig_close_both(end);
}

static void
defaults(void **state)
{
	(void)state;
	assert_int_equal(tunnel_proxy_listen(rig.proxy, "127.0.0.1:0"), 0);
	assert_int_equal(tunnel_proxy_start(rig.proxy), 0);
	assert_int_equal(rig_refused("127.0.0.1", 443, ""), 403);
	assert_int_equal(rig_refused("127.0.0.1", 80, ""), 403);
	assert_int_equal(rig_refused("[::ffff:127.0.0.1]", 22, ""), 403);
	assert_int_equal(rig_refused("169.254.169.254", 443, ""), 403);
	assert_int_equal(rig_refused("example.com", 25, ""), 403);
}

/* Between open and start privileges are dropped: who connects has to wait. */
static void
opened(void **state)
{
	struct tunnel_policy *policy = tunnel_policy_new(NULL);

	(void)state;
	assert_int_equal(tunnel_proxy_threads(rig.proxy, 2), 0);
	assert_int_equal(tunnel_proxy_listen(rig.proxy, "127.0.0.1:0"), 0);
	assert_int_equal(tunnel_proxy_open(rig.proxy), 0);
	assert_int_equal(tunnel_proxy_open(rig.proxy), TUNNEL_ESTATE);
	assert_int_equal(tunnel_proxy_threads(rig.proxy, 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_proxy_drain(rig.proxy, 0), TUNNEL_ESTATE);
	assert_non_null(tunnel_proxy_address(rig.proxy, 0));
	assert_non_null(policy);
	assert_int_equal(tunnel_proxy_policy(rig.proxy, policy), 0);
	assert_int_equal(tunnel_proxy_start(rig.proxy), 0);
	assert_int_equal(tunnel_proxy_start(rig.proxy), TUNNEL_ESTATE);
	assert_int_equal(rig_refused("127.0.0.1", 443, ""), 403);
}

/* The same socket cannot be two listeners. */
static void
twice_the_same(void **state)
{
	char where[20];
	int fd = dup(rig.origin);

	(void)state;
	snprintf(where, sizeof where, "fd:%d", fd);
	assert_int_equal(tunnel_proxy_listen(rig.proxy, where), 0);
	snprintf(where, sizeof where, "fd:0%d", fd);
	assert_int_equal(tunnel_proxy_listen(rig.proxy, where), 0);
	assert_int_equal(tunnel_proxy_start(rig.proxy), TUNNEL_EIO);
	assert_non_null(strstr(tunnel_proxy_reason(rig.proxy), where));
	assert_non_null(strstr(tunnel_proxy_reason(rig.proxy), "twice"));
}

static void
settings(void **state)
{
	static const char *const bad[] = {
		"", "3128", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", ":1",
		"a b:1", "unix:", "fd:", "fd:x", "[::1:3128", "::1:3128"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		print_message("%s\n", bad[i]);
		assert_int_equal(tunnel_proxy_listen(rig.proxy, bad[i]),
		    TUNNEL_EINVAL);
	}
	assert_int_equal(tunnel_proxy_forward(rig.proxy, "127.0.0.1:0", "a b",
	    1), TUNNEL_ETARGET);
	assert_int_equal(tunnel_proxy_threads(rig.proxy, 257), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_via(rig.proxy, "ftp://x"),
	    TUNNEL_ESCHEME);
	assert_int_equal(tunnel_proxy_field(rig.proxy, "Host", "x"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_field(rig.proxy, "X-A", "x"), 0);
	assert_int_equal(tunnel_proxy_bind(rig.proxy, "host"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_family(rig.proxy, 5), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_keepalive(rig.proxy, 32768),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_name(rig.proxy, "a b"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_preface(rig.proxy, 0, 3), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_limit(rig.proxy, 99, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_BUFFER,
	    100), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_HEAD, 0),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_time(rig.proxy, -1, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_hook(rig.proxy, 7, NULL, NULL),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_policy(rig.proxy, NULL), TUNNEL_EINVAL);
	assert_null(tunnel_proxy_address(rig.proxy, 0));
	/* A port that is taken: said which, and why. */
	assert_int_equal(tunnel_proxy_listen(rig.proxy, "192.0.2.1:1"), 0);
	assert_int_equal(tunnel_proxy_start(rig.proxy), TUNNEL_EIO);
	assert_non_null(strstr(tunnel_proxy_reason(rig.proxy), "192.0.2.1:1"));
	assert_int_equal(tunnel_proxy_start(rig.proxy), TUNNEL_ESTATE);
	assert_int_equal(tunnel_proxy_drain(rig.proxy, 0), TUNNEL_ESTATE);
	tunnel_proxy_free(NULL);
}

/* ---- other ways in -------------------------------------------------- */

static void
forwards(void **state)
{
	char out[100], text[20];
	int fd, there;

	(void)state;
	assert_int_equal(tunnel_proxy_forward(rig.proxy, "127.0.0.1:0",
	    "127.0.0.1", rig.origin_port), 0);
	assert_int_equal(tunnel_proxy_forward(rig.proxy, "127.0.0.1:0",
	    "127.0.0.1", 1), 0);
	assert_int_equal(tunnel_proxy_preface(rig.proxy, 0, 1), 0);
	assert_int_equal(tunnel_proxy_start(rig.proxy), 0);
	fd = rig_client();
	rig_say(fd, "hi");
	rig_await_count(TUNNEL_COUNT_OPENED, 1);
	there = accept(rig.origin, NULL, NULL);
	rig_hear(there, out, sizeof out, "\r\n");
	snprintf(text, sizeof text, " %u\r\n", rig_port());
	assert_memory_equal(out, "PROXY TCP4 127.0.0.1 127.0.0.1 ", 31);
	assert_non_null(strstr(out, text));
	rig_hear(there, out, sizeof out, "hi");
	close(there);
	rig_hear(fd, out, sizeof out, NULL);
	close(fd);
	/* Nobody there: a reset is all that can be said. */
	fd = rig_client_at(1);
	assert_int_equal(rig_hear(fd, out, sizeof out, NULL), -1);
	close(fd);
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
	char out[2000], seen[100];
	int fd;
	size_t i;
	const char *text = "PROXY TCP4 192.0.2.9 192.0.2.1 4321 80\r\n";

	(void)state;
	tunnel_proxy_preface(rig.proxy, 1, 0);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_REQUEST, who, seen);
	rig_start();
	/* In one piece with the request, and byte by byte. */
	fd = rig_client();
	rig_say(fd, text);
	rig_ask(fd, "127.0.0.1", 1, "");
	assert_int_equal(rig_status(fd, out, sizeof out), 502);
	assert_string_equal(seen, "192.0.2.9:4321");
	seen[0] = '\0';
	fd = rig_client();
	for (i = 0; i < strlen(text); i++) {
		assert_int_equal(send(fd, text + i, 1, 0), 1);
		rig_turn();
	}
	rig_ask(fd, "127.0.0.1", 1, "");
	assert_int_equal(rig_status(fd, out, sizeof out), 502);
	assert_string_equal(seen, "192.0.2.9:4321");
	/* Without it nobody comes in. */
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", rig.origin_port, "");
	assert_int_equal(rig_hear(fd, out, sizeof out, NULL), -1);
	close(fd);
}

/* ---- memory --------------------------------------------------------- */

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_loop *l = tunnel_loop_new(a, backend);
	struct tunnel_proxy *p = l != NULL ? tunnel_proxy_new(a, l) : NULL;
	struct tunnel_policy *policy = NULL;
	struct sockaddr_in at;
	char text[200] = "";
	int fd = -1, ok = 0, i;
	ssize_t n = -1;

	(void)ud;
	if (p != NULL) {
		policy = tunnel_policy_new(a);
		ok = policy != NULL &&
		    tunnel_policy_allow(policy, "127.0.0.0/8") == 0 &&
		    tunnel_proxy_policy(p, policy) == 0;
		if (!ok)
			tunnel_policy_free(policy);
		ok = ok && tunnel_proxy_listen(p, "127.0.0.1:0") == 0 &&
		    tunnel_proxy_own(p, "192.0.2.1:80") == 0 &&
		    tunnel_proxy_start(p) == 0;
	}
	if (ok) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		memset(&at, 0, sizeof at);
		at.sin_family = AF_INET;
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		at.sin_port = htons((uint16_t)atoi(strrchr(
		    tunnel_proxy_address(p, 0), ':') + 1));
		assert_int_equal(connect(fd, (struct sockaddr *)&at,
		    sizeof at), 0);
		snprintf(text, sizeof text, "CONNECT 127.0.0.1:%u HTTP/1.0"
		    "\r\n\r\n", rig.origin_port);
		rig_say(fd, text);
		/* A reply of either kind, or a close. */
		for (i = 0; i < 300; i++) {
			tunnel_loop_step(l, 2);
			n = recv(fd, text, sizeof text, MSG_DONTWAIT);
			if (n >= 0 || errno != EAGAIN)
				break;
		}
		close(fd);
	}
	tunnel_proxy_free(p);
	tunnel_loop_free(l);
	return ok && n > 12 && memcmp(text, "HTTP/1.1 200", 12) == 0;
}

static void
failing_memory(void **state)
{
	(void)state;
	oom_run(scenario, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(carries), RIG_TEST(defaults), RIG_TEST(opened),
		RIG_TEST(settings), RIG_TEST(twice_the_same),
		RIG_TEST(forwards), RIG_TEST(prefaced),
		RIG_TEST(failing_memory),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
