/* test_proxy_upstream.c - a proxy that reaches targets through others
 *
 * Those others are the test itself, behind its listener or behind one end of a
 * pair of sockets that a hook brings. */
#include "unit.h"
#include "proxy_rig.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <fcntl.h>
#include <unistd.h>

#include "net/session.h"

static int way[2];              /* ours is the second */
static int bring_answer;
static struct tunnel_session *held;

static int
bring(void *ud, struct tunnel_session *s)
{
	int other[2];

	(void)ud;
	held = s;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, way), 0);
	assert_int_equal(pipe(other), 0);
	assert_int_equal(tunnel_session_way(s, 9999), TUNNEL_EINVAL);
	assert_int_equal(tunnel_session_way(s, other[0]), TUNNEL_EINVAL);
	assert_int_equal(tunnel_session_way(s, way[0]), 0);
	assert_int_equal(tunnel_session_way(s, way[0]), TUNNEL_ESTATE);
	assert_int_equal(tunnel_session_upstream_hop(s), -1);
	close(other[0]);
	close(other[1]);
	return bring_answer;
}

static struct {
	int calls, status, hop, error;
} seen;

static int
see(void *ud, struct tunnel_session *s)
{
	(void)ud;
	seen.calls++;
	seen.status = tunnel_session_upstream_status(s);
	seen.hop = tunnel_session_upstream_hop(s);
	seen.error = tunnel_session_error(s);
	return 0;
}

/* With one proxy more on the way behind the first, if there is a second. */
static void
begin(const char *first, const char *second, tunnel_hook_fn fn)
{
	memset(&seen, 0, sizeof seen);
	bring_answer = 0;
	assert_int_equal(tunnel_proxy_schemes(rig.proxy, "basic"),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_proxy_via(rig.proxy, first), 0);
	/* Not to be asked first. */
	assert_int_equal(tunnel_proxy_schemes(rig.proxy, "basic"), 0);
	if (second != NULL)
		assert_int_equal(tunnel_proxy_via(rig.proxy, second), 0);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_DIAL, fn, NULL);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_CLOSE, see, NULL);
	rig_start();
}

static void
ended(int status, int hop, int error)
{
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.status, status);
	assert_int_equal(seen.hop, hop);
	assert_int_equal(seen.error, error);
}

static void
brought(void **state)
{
	char out[1000];
	int fd;

	(void)state;
	begin("http://u:p@no.example:1", NULL, bring);
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", 22, "");
	while (held == NULL)
		rig_turn();
	rig_hear(way[1], out, sizeof out, "\r\n\r\n");
	assert_memory_equal(out, "CONNECT 127.0.0.1:22 HTTP/1.1\r\n", 31);
	assert_non_null(strstr(out, "Proxy-Authorization: Basic dTpw\r\n"));
	rig_say(way[1], "HTTP/1.1 200 OK\r\n\r\nhello");
	rig_hear(fd, out, sizeof out, "hello");
	rig_say(fd, "to you");
	rig_hear(way[1], out, sizeof out, "to you");
	/* Half-close passes by it, and so does what ends the program there. */
	shutdown(fd, SHUT_WR);
	assert_int_equal(rig_hear(way[1], out, sizeof out, NULL), 0);
	rig_say(way[1], "last words");
	close(way[1]);
	assert_int_equal(rig_hear(fd, out, sizeof out, NULL), 0);
	assert_string_equal(out, "last words");
	close(fd);
	ended(0, -1, 0);
	held = NULL;
}

/* Who said no, and what. */
static void
refused(void **state)
{
	char out[1000];
	int fd;

	(void)state;
	begin("http://one.example", "http://two.example", bring);
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", 22, "");
	while (held == NULL)
		rig_turn();
	rig_hear(way[1], out, sizeof out, "\r\n\r\n");
	assert_memory_equal(out, "CONNECT two.example:80 ", 23);
	rig_say(way[1], "HTTP/1.1 200 OK\r\n\r\n");
	rig_hear(way[1], out, sizeof out, "\r\n\r\n");
	assert_memory_equal(out, "CONNECT 127.0.0.1:22 ", 21);
	rig_say(way[1], "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(rig_status(fd, out, sizeof out), 502);
	ended(407, 1, TUNNEL_EREFUSED);
	assert_int_equal(fcntl(way[0], F_GETFD), -1);
	close(way[1]);
	close(fd);
	held = NULL;
}

/* The program on the way has gone before it was asked, or instead of an
 * answer. */
static void
gone(void **state)
{
	char out[1000];
	int fd;

	(void)state;
	begin("one.example", NULL, bring);
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", 22, "");
	while (held == NULL)
		rig_turn();
	close(way[1]);
	assert_int_equal(rig_status(fd, out, sizeof out), 502);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(seen.status, 0);
	assert_int_equal(seen.hop, 0);
	assert_int_equal(fcntl(way[0], F_GETFD), -1);
	close(fd);
	held = NULL;
}

/* What was brought and is of no use any more is closed. */
static void
in_vain(void **state)
{
	static const int answers[] = { TUNNEL_EBUSY, TUNNEL_ASK };
	char out[1000];
	size_t i;
	int fd;

	(void)state;
	begin("one.example", NULL, bring);
	for (i = 0; i < 2; i++) {
		bring_answer = answers[i];
		seen.calls = 0;
		held = NULL;
		fd = rig_client();
		rig_ask(fd, "127.0.0.1", 22, "");
		while (held == NULL)
			rig_turn();
		if (i == 0)
			assert_int_equal(rig_status(fd, out, sizeof out), 503);
		close(fd);
		ended(0, -1, i == 0 ? TUNNEL_EBUSY : TUNNEL_EEOF);
		assert_int_equal(fcntl(way[0], F_GETFD), -1);
		close(way[1]);
	}
	assert_int_equal(tunnel_session_answer(held, 0), 0);
	held = NULL;
}

static int
bring_nothing(void *ud, struct tunnel_session *s)
{
	(void)ud;
	return tunnel_session_way(s, 0) == TUNNEL_ESTATE ? 0 : TUNNEL_EBUSY;
}

/* Without a proxy on the way there is none to be reached. */
static void
no_proxy(void **state)
{
	int end[2];

	(void)state;
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_DIAL, bring_nothing, NULL);
	rig_start();
	rig_tunnel(end, "127.0.0.1", rig.origin_port);
	rig_close_both(end);
}

static void
not_reached(void **state)
{
	char out[1000];
	int fd;

	(void)state;
	begin("http://127.0.0.1:1", NULL, NULL);
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", 22, "");
	assert_int_equal(rig_status(fd, out, sizeof out), 502);
	close(fd);
	ended(0, -1, TUNNEL_ECONNECT);
}

static int
look(void *ud, struct tunnel_session *s)
{
	int *v = ud;
	socklen_t n = sizeof *v;

	assert_int_equal(getsockopt(s->target, SOL_SOCKET, SO_KEEPALIVE, v,
	    &n), 0);
#ifdef TCP_KEEPIDLE
	if (*v)
		assert_int_equal(getsockopt(s->target, IPPROTO_TCP,
		    TCP_KEEPIDLE, v, &n), 0);
#endif
	return 0;
}

static void
keepalive(void **state)
{
	int end[2], v = -1;

	(void)state;
	assert_int_equal(tunnel_proxy_keepalive(rig.proxy, 42), 0);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_OPEN, look, &v);
	rig_start();
	rig_tunnel(end, "127.0.0.1", rig.origin_port);
	rig_close_both(end);
	assert_int_equal(tunnel_proxy_keepalive(rig.proxy, 42), TUNNEL_ESTATE);
#ifdef TCP_KEEPIDLE
	assert_int_equal(v, 42);
#else
	assert_int_equal(v, 1);
#endif
}

/* Who leaves while a proxy is asked has not been failed by it. */
static void
client_leaves(void **state)
{
	char out[1000];
	int fd;

	(void)state;
	held = NULL;
	begin("one.example", NULL, bring);
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", 22, "");
	while (held == NULL)
		rig_turn();
	rig_hear(way[1], out, sizeof out, "\r\n\r\n");
	close(fd);
	ended(0, -1, TUNNEL_EEOF);
	close(way[1]);
	held = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(brought), RIG_TEST(refused), RIG_TEST(gone),
		RIG_TEST(in_vain), RIG_TEST(no_proxy),
		RIG_TEST(not_reached), RIG_TEST(keepalive),
		RIG_TEST(client_leaves),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
