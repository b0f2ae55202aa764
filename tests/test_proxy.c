/* test_proxy.c - the embeddable proxy: hooks, policy, limits, ends
 *
 * The proxy is a guest of the test's loop, which is stepped while the test
 * plays client and origin over sockets; on each backend in turn. */
#include "unit.h"
#include "fake.h"
#include "oom.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/socket.h"

static const char *backend;
static struct tunnel_loop *loop;
static struct tunnel_proxy *proxy;
static int origin;                      /* a listener */
static unsigned origin_port;
static int ended;

static void
count(void *ud)
{
	++*(int *)ud;
}

static int
setup(void **state)
{
	struct sockaddr_in at;
	socklen_t n = sizeof at;

	(void)state;
	loop = tunnel_loop_new(NULL, backend);
	proxy = tunnel_proxy_new(NULL, loop);
	ended = 0;
	tunnel_proxy_on_end(proxy, count, &ended);
	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	origin = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(origin, (struct sockaddr *)&at, n) < 0 ||
	    listen(origin, 64) < 0 ||
	    getsockname(origin, (struct sockaddr *)&at, &n) < 0)
		return -1;
	origin_port = ntohs(at.sin_port);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tunnel_proxy_free(proxy);
	tunnel_loop_free(loop);
	close(origin);
	return 0;
}

/* Everything on loopback is allowed, and it listens. */
static void
start(void)
{
	struct tunnel_policy *p = tunnel_policy_new(NULL);

	assert_int_equal(tunnel_policy_allow(p, "127.0.0.0/8"), 0);
	assert_int_equal(tunnel_proxy_policy(proxy, p), 0);
	assert_int_equal(tunnel_proxy_listen(proxy, "127.0.0.1:0"), 0);
	assert_int_equal(tunnel_proxy_start(proxy), 0);
}

static unsigned
proxy_port(void)
{
	return (unsigned)strtoul(strrchr(tunnel_proxy_address(proxy, 0), ':') +
	    1, NULL, 10);
}

static void
turn(void)
{
	assert_int_equal(tunnel_loop_step(loop, 2), 0);
}

/* ---- the client ----------------------------------------------------- */

static int
client(void)
{
	struct sockaddr_in at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)proxy_port());
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
}

static void
ask(int fd, const char *host, unsigned port, const char *more)
{
	char text[600];

	snprintf(text, sizeof text, "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n"
	    "%s\r\n", host, port, host, port, more);
	say(fd, text);
}

/* Read on until the text ends so; or, with NULL, until the end of the stream,
 * which gives -1 when it was a reset. */
static int
hear(int fd, char *out, size_t cap, const char *until)
{
	size_t n = 0, u = until != NULL ? strlen(until) : 0;
	ssize_t r;
	int rounds;

	for (rounds = 0; rounds < 5000; rounds++) {
		turn();
		r = recv(fd, out + n, 1, MSG_DONTWAIT);
		for (; r > 0; r = recv(fd, out + n, 1, MSG_DONTWAIT)) {
			out[++n] = '\0';
			assert_true(n + 1 < cap);
			if (u > 0 && n >= u &&
			    memcmp(out + n - u, until, u) == 0)
				return 0;
		}
		if (r == 0 || errno == ECONNRESET) {
			out[n] = '\0';
			assert_null(until);
			return r == 0 ? 0 : -1;
		}
	}
	fail_msg("nothing is heard");
	return -1;
}

/* The status of a whole reply, whose text is left in out. */
static int
status(int fd, char *out, size_t cap)
{
	assert_int_equal(hear(fd, out, cap, NULL), 0);
	assert_memory_equal(out, "HTTP/1.1 ", 9);
	close(fd);
	return atoi(out + 9);
}

static int
refused(const char *host, unsigned port, const char *more)
{
	char out[2000];
	int fd = client();

	ask(fd, host, port, more);
	return status(fd, out, sizeof out);
}

/* An open tunnel to the origin: both its ends. */
static void
tunnel(int end[2], const char *host, unsigned port)
{
	char out[2000];

	end[0] = client();
	ask(end[0], host, port, "");
	hear(end[0], out, sizeof out, "\r\n\r\n");
	assert_memory_equal(out, "HTTP/1.1 200 ", 13);
	end[1] = accept(origin, NULL, NULL);
	assert_true(end[1] >= 0);
}

static void
close_both(int end[2])
{
	close(end[0]);
	close(end[1]);
}

static void
await_count(int which, uint64_t n)
{
	int rounds;

	for (rounds = 0; rounds < 3000 &&
	    tunnel_proxy_count(proxy, which) != n; rounds++)
		turn();
	assert_int_equal(tunnel_proxy_count(proxy, which), n);
}

/* ---- the way it should be ------------------------------------------- */

static void
carries(void **state)
{
	char out[100];
	int end[2];

	(void)state;
	start();
	assert_int_equal(tunnel_proxy_listen(proxy, "127.0.0.1:0"),
	    TUNNEL_ESTATE);
	tunnel(end, "127.0.0.1", origin_port);
	say(end[0], "ping");
	hear(end[1], out, sizeof out, "ping");
	say(end[1], "pong");
	hear(end[0], out, sizeof out, "pong");
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_UP), 4);
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_DOWN), 4);
	/* Half-close, both ways. */
	shutdown(end[0], SHUT_WR);
	hear(end[1], out, sizeof out, NULL);
	say(end[1], "more");
	shutdown(end[1], SHUT_WR);
	assert_int_equal(hear(end[0], out, sizeof out, NULL), 0);
	assert_string_equal(out, "more");
	await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_OPENED), 1);
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_FAILED), 0);
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_TUNNELS), 0);
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_HANDSHAKES),
	    0);
	close_both(end);
}

static void
defaults(void **state)
{
	(void)state;
	assert_int_equal(tunnel_proxy_listen(proxy, "127.0.0.1:0"), 0);
	assert_int_equal(tunnel_proxy_start(proxy), 0);
	assert_int_equal(refused("127.0.0.1", 443, ""), 403);
	assert_int_equal(refused("127.0.0.1", 80, ""), 403);
	assert_int_equal(refused("[::ffff:127.0.0.1]", 22, ""), 403);
	assert_int_equal(refused("169.254.169.254", 443, ""), 403);
	assert_int_equal(refused("example.com", 25, ""), 403);
}

/* Between open and start privileges are dropped: who connects has to wait. */
static void
opened(void **state)
{
	struct tunnel_policy *policy = tunnel_policy_new(NULL);

	(void)state;
	assert_int_equal(tunnel_proxy_threads(proxy, 2), 0);
	assert_int_equal(tunnel_proxy_listen(proxy, "127.0.0.1:0"), 0);
	assert_int_equal(tunnel_proxy_open(proxy), 0);
	assert_int_equal(tunnel_proxy_open(proxy), TUNNEL_ESTATE);
	assert_int_equal(tunnel_proxy_threads(proxy, 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_proxy_drain(proxy, 0), TUNNEL_ESTATE);
	assert_non_null(tunnel_proxy_address(proxy, 0));
	assert_non_null(policy);
	assert_int_equal(tunnel_proxy_policy(proxy, policy), 0);
	assert_int_equal(tunnel_proxy_start(proxy), 0);
	assert_int_equal(tunnel_proxy_start(proxy), TUNNEL_ESTATE);
	assert_int_equal(refused("127.0.0.1", 443, ""), 403);
}

/* The same socket cannot be two listeners. */
static void
twice_the_same(void **state)
{
	char where[20];
	int fd = dup(origin);

	(void)state;
	snprintf(where, sizeof where, "fd:%d", fd);
	assert_int_equal(tunnel_proxy_listen(proxy, where), 0);
	snprintf(where, sizeof where, "fd:0%d", fd);
	assert_int_equal(tunnel_proxy_listen(proxy, where), 0);
	assert_int_equal(tunnel_proxy_start(proxy), TUNNEL_EIO);
	assert_non_null(strstr(tunnel_proxy_reason(proxy), where));
	assert_non_null(strstr(tunnel_proxy_reason(proxy), "twice"));
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
		assert_int_equal(tunnel_proxy_listen(proxy, bad[i]),
		    TUNNEL_EINVAL);
	}
	assert_int_equal(tunnel_proxy_forward(proxy, "127.0.0.1:0", "a b", 1),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_proxy_threads(proxy, 257), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_via(proxy, "ftp://x"), TUNNEL_ESCHEME);
	assert_int_equal(tunnel_proxy_field(proxy, "Host", "x"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_field(proxy, "X-A", "x"), 0);
	assert_int_equal(tunnel_proxy_bind(proxy, "host"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_family(proxy, 5), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_name(proxy, "a b"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_preface(proxy, 0, 3), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_limit(proxy, 99, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_limit(proxy, TUNNEL_LIMIT_BUFFER, 100),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_limit(proxy, TUNNEL_LIMIT_HEAD, 0),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_time(proxy, -1, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_hook(proxy, 6, NULL, NULL),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_policy(proxy, NULL), TUNNEL_EINVAL);
	assert_null(tunnel_proxy_address(proxy, 0));
	/* A port that is taken: said which, and why. */
	assert_int_equal(tunnel_proxy_listen(proxy, "192.0.2.1:1"), 0);
	assert_int_equal(tunnel_proxy_start(proxy), TUNNEL_EIO);
	assert_non_null(strstr(tunnel_proxy_reason(proxy), "192.0.2.1:1"));
	assert_int_equal(tunnel_proxy_start(proxy), TUNNEL_ESTATE);
	assert_int_equal(tunnel_proxy_drain(proxy, 0), TUNNEL_ESTATE);
	tunnel_proxy_free(NULL);
}

/* ---- hooks ---------------------------------------------------------- */

static char calls[100];
static struct tunnel_session *asked;
static int hook_answer[6];

static int
note(int hook, struct tunnel_session *s)
{
	size_t n = strlen(calls);

	calls[n] = "RUADOC"[hook];
	calls[n + 1] = '\0';
	asked = s;
	return hook_answer[hook];
}

static int
on_hook(void *ud, struct tunnel_session *s)
{
	return note(*(int *)ud, s);
}

static void
hook_all(void)
{
	static int numbers[6] = { 0, 1, 2, 3, 4, 5 };
	int i;

	for (i = 0; i < 6; i++)
		assert_int_equal(tunnel_proxy_hook(proxy, i, on_hook,
		    &numbers[i]), 0);
	memset(hook_answer, 0, sizeof hook_answer);
	calls[0] = '\0';
}

static void
hooks_in_order(void **state)
{
	char out[2000];
	int end[2], fd, hook;

	(void)state;
	hook_all();
	start();
	tunnel(end, "127.0.0.1", origin_port);
	assert_string_equal(calls, "RUADO");
	close_both(end);
	await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_string_equal(calls, "RUADOC");
	/* Each may refuse, and none behind it is asked then. */
	for (hook = 0; hook < 4; hook++) {
		calls[0] = '\0';
		hook_answer[hook] = TUNNEL_EBUSY;
		fd = client();
		ask(fd, "127.0.0.1", origin_port, "");
		assert_int_equal(status(fd, out, sizeof out), 503);
		assert_non_null(strstr(out, "Retry-After: 5\r\n"));
		await_count(TUNNEL_COUNT_SESSIONS, 0);
		assert_int_equal(strlen(calls), hook + 2);
		hook_answer[hook] = 0;
	}
}

static int
describe(void *ud, struct tunnel_session *s)
{
	struct tunnel_server *r = tunnel_session_server(s);

	(void)ud;
	assert_string_equal(tunnel_server_request(r, "X-Me", 0), "you");
	assert_memory_equal(tunnel_session_client(s), "127.0.0.1:", 10);
	assert_string_equal(tunnel_session_target(s), "other.example:99");
	assert_string_equal(tunnel_session_user(s), "");
	assert_true(tunnel_session_id(s) > 0);
	assert_ptr_equal(tunnel_session_loop(s), loop);
	assert_null(tunnel_session_get(s));
	tunnel_session_set(s, calls);
	assert_int_equal(tunnel_session_name(s, "eve"), 0);
	assert_int_equal(tunnel_session_name(s, "adam"), 0);
	assert_int_equal(tunnel_session_redirect(s, "a b", 1),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_session_answer(s, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_field(r, "X-Proxy", "yes"), 0);
	return tunnel_session_redirect(s, "127.0.0.1", origin_port);
}

static int
close_of_it(void *ud, struct tunnel_session *s)
{
	char text[40];

	snprintf(text, sizeof text, "127.0.0.1:%u", origin_port);
	assert_string_equal(tunnel_session_user(s), "adam");
	assert_string_equal(tunnel_session_target(s), text);
	assert_string_equal(tunnel_session_address(s), text);
	assert_int_equal(tunnel_session_bytes(s, TUNNEL_AB), 2);
	assert_int_equal(tunnel_session_bytes(s, 7), 0);
	assert_int_equal(tunnel_session_status(s), 200);
	assert_int_equal(tunnel_session_error(s), 0);
	assert_true(tunnel_session_open(s));
	assert_ptr_equal(tunnel_session_get(s), calls);
	assert_int_equal(tunnel_session_name(s, "x"), TUNNEL_ESTATE);
	++*(int *)ud;
	return 0;
}

static void
hooks_see_and_change(void **state)
{
	char out[2000];
	int fd, there, closed = 0;

	(void)state;
	tunnel_proxy_hook(proxy, TUNNEL_ON_REQUEST, describe, NULL);
	tunnel_proxy_hook(proxy, TUNNEL_ON_CLOSE, close_of_it, &closed);
	start();
	fd = client();
	ask(fd, "other.example", 99, "X-Me: you\r\n");
	hear(fd, out, sizeof out, "\r\n\r\n");
	assert_non_null(strstr(out, "X-Proxy: yes\r\n"));
	there = accept(origin, NULL, NULL);
	say(fd, "hi");
	shutdown(fd, SHUT_WR);
	hear(there, out, sizeof out, NULL);
	close(there);
	hear(fd, out, sizeof out, NULL);
	await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(closed, 1);
	close(fd);
}

static int
serve_page(void *ud, struct tunnel_session *s)
{
	(void)ud;
	if (strcmp(tunnel_server_method(tunnel_session_server(s)), "GET") != 0)
		return 0;
	assert_int_equal(tunnel_session_reply(s, 99, "a/b", "", 0),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_session_reply(s, 200, "text/html", "<p>hi", 5),
	    0);
	return TUNNEL_DONE;
}

static void
other_methods(void **state)
{
	char out[2000];
	int fd, end[2];

	(void)state;
	tunnel_proxy_hook(proxy, TUNNEL_ON_REQUEST, serve_page, NULL);
	start();
	fd = client();
	say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(status(fd, out, sizeof out), 200);
	assert_non_null(strstr(out, "Content-Type: text/html\r\n"));
	assert_non_null(strstr(out, "Content-Length: 5\r\n"));
	assert_string_equal(strstr(out, "\r\n\r\n") + 4, "<p>hi");
	fd = client();
	say(fd, "PUT / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(status(fd, out, sizeof out), 405);
	assert_non_null(strstr(out, "Allow: CONNECT\r\n"));
	tunnel(end, "127.0.0.1", origin_port);
	close_both(end);
}

/* ---- taking over ---------------------------------------------------- */

static int taken = -1;
static char taken_early[100];

static int
take(void *ud, struct tunnel_session *s)
{
	const void *early;
	size_t n;

	(void)ud;
	taken = tunnel_session_take(s, &early, &n);
	assert_true(taken >= 0);
	memcpy(taken_early, early, n);
	taken_early[n] = '\0';
	assert_int_equal(tunnel_session_take(s, &early, &n), -1);
	return TUNNEL_DONE;
}

static void
taken_over(void **state)
{
	char out[100];
	int fd;

	(void)state;
	tunnel_proxy_hook(proxy, TUNNEL_ON_REQUEST, take, NULL);
	start();
	fd = client();
	say(fd, "UPGRADE / HTTP/1.1\r\nHost: x\r\n\r\nearly");
	await_count(TUNNEL_COUNT_ACCEPTED, 1);
	await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_string_equal(taken_early, "early");
	say(taken, "mine");
	hear(fd, out, sizeof out, "mine");
	close(taken);
	close(fd);
}

static int back[2];

static int
bring(void *ud, struct tunnel_session *s)
{
	(void)ud;
	fake_pair(back, 0);
	assert_int_equal(tunnel_session_use(s, 9999), TUNNEL_EINVAL);
	assert_int_equal(tunnel_session_use(s, back[0]), 0);
	assert_int_equal(tunnel_session_use(s, back[0]), TUNNEL_ESTATE);
	return 0;
}

static void
own_target(void **state)
{
	char out[500];
	int fd;

	(void)state;
	tunnel_proxy_hook(proxy, TUNNEL_ON_DIAL, bring, NULL);
	start();
	fd = client();
	ask(fd, "127.0.0.1", 1, "");
	hear(fd, out, sizeof out, "\r\n\r\n");
	say(fd, "to you");
	hear(back[1], out, sizeof out, "to you");
	close(back[1]);
	assert_int_equal(hear(fd, out, sizeof out, NULL), 0);
	close(fd);
}

/* ---- answers that come later ---------------------------------------- */

static void
give(void *ud)
{
	assert_int_equal(tunnel_session_answer(asked, *(int *)ud), 0);
}

/* From another thread, as an application would. */
static void *
think(void *ud)
{
	assert_int_equal(tunnel_loop_post(loop, give, ud), 0);
	return NULL;
}

static void
later(void **state)
{
	static const int answers[] = { 0, TUNNEL_EDENIED };
	char out[2000];
	pthread_t t;
	int i, hook, fd, answer;

	(void)state;
	hook_all();
	start();
	for (hook = 0; hook < 4; hook++)
		for (i = 0; i < 2; i++) {
			hook_answer[hook] = TUNNEL_ASK;
			asked = NULL;
			answer = answers[i];
			fd = client();
			ask(fd, "127.0.0.1", origin_port, "");
			while (asked == NULL || calls[strlen(calls) - 1] !=
			    "RUAD"[hook])
				turn();
			turn();
			assert_int_equal(tunnel_session_answer(asked,
			    TUNNEL_ASK), TUNNEL_EINVAL);
			pthread_create(&t, NULL, think, &answer);
			pthread_join(t, NULL);
			hook_answer[hook] = 0;
			if (i == 0) {
				hear(fd, out, sizeof out, "\r\n\r\n");
				assert_memory_equal(out, "HTTP/1.1 200", 12);
				close(accept(origin, NULL, NULL));
				close(fd);
			} else {
				assert_int_equal(status(fd, out, sizeof out),
				    403);
			}
			await_count(TUNNEL_COUNT_SESSIONS, 0);
			asked = NULL;
			calls[0] = '\0';
		}
}

/* Who waits for the answer leaves, or waits too long: the answer still has
 * somebody to come to. */
static void
too_late(void **state)
{
	char out[2000];
	struct tunnel_session *s;
	int fd, answer = 0;

	(void)state;
	hook_all();
	hook_answer[TUNNEL_ON_AUTHORISE] = TUNNEL_ASK;
	tunnel_proxy_time(proxy, TUNNEL_TIME_DIAL, 50);
	start();
	asked = NULL;
	fd = client();
	ask(fd, "127.0.0.1", origin_port, "");
	while (asked == NULL || strchr(calls, 'A') == NULL)
		turn();
	close(fd);
	await_count(TUNNEL_COUNT_SESSIONS, 0);
	s = asked;
	assert_int_equal(tunnel_session_redirect(s, "a", 1), TUNNEL_ESTATE);
	give(&answer);
	calls[0] = '\0';
	fd = client();
	ask(fd, "127.0.0.1", origin_port, "");
	assert_int_equal(status(fd, out, sizeof out), 504);
	give(&answer);
	await_count(TUNNEL_COUNT_SESSIONS, 0);
}

/* ---- names and addresses -------------------------------------------- */

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
	assert_int_equal(tunnel_proxy_policy(proxy, p), 0);
	/* It goes round while the loop is stepped. */
	turn();
	turn();
}

/* A resolver that takes too long is not the target that does. */
static void
slow_name(void **state)
{
	static const char *const never[] = { NULL };
	char out[500];
	int fd;

	(void)state;
	tunnel_proxy_time(proxy, TUNNEL_TIME_DIAL, 20);
	tunnel_proxy_resolver(proxy, lookup, NULL);
	start();
	answers = never;
	lookups = 0;
	fd = client();
	ask(fd, "a.example", origin_port, "");
	assert_int_equal(status(fd, out, sizeof out), 504);
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
	tunnel_proxy_resolver(proxy, lookup, NULL);
	start();
	rules(any);
	answers = special;
	lookups = 0;
	for (i = 0; special[i] != NULL; i++) {
		print_message("%s\n", special[i]);
		assert_int_equal(refused("evil.example", origin_port, ""),
		    403);
	}
	assert_int_equal(lookups, i);
	/* Only the address that a rule names is dialled. */
	rules(block);
	answers = mixed;
	lookups = 0;
	tunnel(end, "evil.example", origin_port);
	close_both(end);
	/* The first answer is good, the second is not: asked twice, judged
	 * twice. */
	answers = twice;
	lookups = 0;
	tunnel(end, "evil.example", origin_port);
	close_both(end);
	assert_int_equal(refused("evil.example", origin_port, ""), 403);
	/* What is denied by name is not even looked up. */
	rules(denied);
	lookups = 0;
	assert_int_equal(refused("evil.example", origin_port, ""), 403);
	assert_int_equal(lookups, 0);
}

/* Does the origin, taken for a proxy, hear of this target? */
static int
passed_on(const char *host, unsigned port)
{
	char out[500], line[300];
	int fd = client(), way;
	struct pollfd p;

	ask(fd, host, port, "");
	p.fd = origin;
	p.events = POLLIN;
	do
		turn();
	while (poll(&p, 1, 0) == 0 && recv(fd, out, 1, MSG_PEEK |
	    MSG_DONTWAIT) < 0);
	if (poll(&p, 1, 0) == 0) {
		assert_int_equal(status(fd, out, sizeof out), 403);
		return 0;
	}
	way = accept(origin, NULL, NULL);
	snprintf(line, sizeof line, "CONNECT %s:%u HTTP/1.1\r\n", host, port);
	hear(way, out, sizeof out, line);
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
	snprintf(url, sizeof url, "http://127.0.0.1:%u", origin_port);
	assert_int_equal(tunnel_proxy_via(proxy, url), 0);
	start();
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
	assert_false(passed_on("127.0.0.1", origin_port));
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
	tunnel_proxy_resolver(proxy, lookup, NULL);
	tunnel_proxy_name(proxy, "me-42");
	start();
	rules(all);
	answers = own;
	lookups = 0;
	for (i = 0; own[i] != NULL; i++)
		assert_int_equal(refused("a.example", proxy_port(), ""), 502);
	assert_int_equal(refused("127.0.0.1", origin_port,
	    "Via: 1.0 x, 1.1 me-42\r\n"), 502);
	assert_int_equal(refused("127.0.0.1", origin_port,
	    "Via: 1.0 x\r\nVia: 1.1 me-42 (hm)\r\n"), 502);
	tunnel(end, "127.0.0.1", origin_port);
	close_both(end);
	end[0] = client();
	ask(end[0], "127.0.0.1", origin_port,
	    "Via: 1.1 me-421, 1.1 xme-42\r\n");
	hear(end[0], out, sizeof out, "\r\n\r\n");
	end[1] = accept(origin, NULL, NULL);
	close_both(end);
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
		assert_int_equal(tunnel_proxy_own(proxy, bad[i]),
		    TUNNEL_EINVAL);
	assert_int_equal(tunnel_proxy_own(proxy, "[::ffff:192.0.2.1]:22"), 0);
	assert_int_equal(tunnel_proxy_own(proxy, "[2001:db8::1]:22"), 0);
	loops_seen = 0;
	tunnel_proxy_hook(proxy, TUNNEL_ON_CLOSE, see_loop, NULL);
	assert_int_equal(tunnel_proxy_listen(proxy, "127.0.0.1:0"), 0);
	assert_int_equal(tunnel_proxy_open(proxy), 0);
	snprintf(where, sizeof where, "0.0.0.0:%u", origin_port);
	assert_int_equal(tunnel_proxy_own(proxy, where), 0);
	assert_int_equal(tunnel_proxy_start(proxy), 0);
	assert_int_equal(tunnel_proxy_own(proxy, where), TUNNEL_ESTATE);
	rules((const char *const[]){ "+0.0.0.0/0", "+::/0", NULL });
	assert_int_equal(refused("127.0.0.1", origin_port, ""), 502);
	assert_int_equal(refused("127.0.0.8", origin_port, ""), 502);
	assert_int_equal(refused("192.0.2.1", 22, ""), 502);
	assert_int_equal(refused("[2001:db8::1]", 22, ""), 502);
	/* Not for want of a way there. */
	await_count(TUNNEL_COUNT_SESSIONS, 0);
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
	tunnel_proxy_resolver(proxy, lookup, NULL);
	start();
	answers = never;
	for (i = 0; i < 2; i++) {
		lookups = 0;
		pending = NULL;
		fd = client();
		ask(fd, "slow.example", 1, i == 0 ? "" : "");
		while (pending == NULL)
			turn();
		assert_int_equal(tunnel_proxy_count(proxy,
		    TUNNEL_COUNT_TUNNELS), 1);
		if (i == 1)
			/* Closed with a reset. */
			setsockopt(fd, SOL_SOCKET, SO_LINGER,
			    &(struct linger){ 1, 0 }, sizeof(struct linger));
		close(fd);
		await_count(TUNNEL_COUNT_SESSIONS, 0);
		tunnel_query_done(pending, TUNNEL_ERESOLVE);
	}
	/* Who has said something for the target, and closes its half, waits. */
	lookups = 0;
	pending = NULL;
	fd = client();
	ask(fd, "slow.example", 1, "");
	say(fd, "early");
	shutdown(fd, SHUT_WR);
	while (pending == NULL)
		turn();
	for (i = 0; i < 5; i++)
		turn();
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_SESSIONS), 1);
	tunnel_query_done(pending, TUNNEL_ERESOLVE);
	assert_int_equal(status(fd, out, sizeof out), 502);
	assert_non_null(strstr(out, "error=dns_error"));
}

/* ---- limits --------------------------------------------------------- */

static void
limits(void **state)
{
	char out[2000];
	int a[2], b[2], fd;

	(void)state;
	tunnel_proxy_limit(proxy, TUNNEL_LIMIT_TUNNELS, 2);
	start();
	tunnel(a, "127.0.0.1", origin_port);
	tunnel(b, "127.0.0.1", origin_port);
	fd = client();
	ask(fd, "127.0.0.1", origin_port, "");
	assert_int_equal(status(fd, out, sizeof out), 503);
	assert_non_null(strstr(out, "error=connection_limit_reached"));
	close_both(a);
	await_count(TUNNEL_COUNT_TUNNELS, 1);
	tunnel(a, "127.0.0.1", origin_port);
	close_both(a);
	close_both(b);
}

static void
limit_of_a_client(void **state)
{
	int a[2], b[2];

	(void)state;
	tunnel_proxy_limit(proxy, TUNNEL_LIMIT_CLIENT, 2);
	start();
	tunnel(a, "127.0.0.1", origin_port);
	tunnel(b, "127.0.0.1", origin_port);
	assert_int_equal(refused("127.0.0.1", origin_port, ""), 429);
	assert_int_equal(refused("127.0.0.1", origin_port, ""), 429);
	close_both(a);
	await_count(TUNNEL_COUNT_TUNNELS, 1);
	tunnel(a, "127.0.0.1", origin_port);
	close_both(a);
	close_both(b);
}

static void
limit_of_memory(void **state)
{
	int a[2];

	(void)state;
	tunnel_proxy_limit(proxy, TUNNEL_LIMIT_BUFFER, 65536);
	tunnel_proxy_limit(proxy, TUNNEL_LIMIT_MEMORY, 150000);
	start();
	tunnel(a, "127.0.0.1", origin_port);
	assert_int_equal(refused("127.0.0.1", origin_port, ""), 503);
	close_both(a);
}

/* Who opens many and says nothing is pushed out by who comes. */
static void
limit_of_handshakes(void **state)
{
	enum { IDLERS = 20 };
	int idle[IDLERS], a[2], i;
	char out[10];

	(void)state;
	tunnel_proxy_limit(proxy, TUNNEL_LIMIT_HANDSHAKES, 8);
	start();
	for (i = 0; i < IDLERS; i++)
		idle[i] = client();
	await_count(TUNNEL_COUNT_ACCEPTED, IDLERS);
	assert_true(tunnel_proxy_count(proxy, TUNNEL_COUNT_HANDSHAKES) <= 8);
	tunnel(a, "127.0.0.1", origin_port);
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_EVICTED),
	    IDLERS - 8 + 1);
	/* The first has gone. */
	assert_int_equal(hear(idle[0], out, sizeof out, NULL), 0);
	for (i = 0; i < IDLERS; i++)
		close(idle[i]);
	close_both(a);
}

static void
limit_of_rate(void **state)
{
	int fd[6], i;
	uint64_t begun = tnl_clock();

	(void)state;
	tunnel_proxy_limit(proxy, TUNNEL_LIMIT_RATE, 4);
	start();
	for (i = 0; i < 6; i++)
		fd[i] = client();
	await_count(TUNNEL_COUNT_ACCEPTED, 6);
	/* Four at once, and two more in half a second. */
	assert_true(tnl_clock() - begun >= 400);
	for (i = 0; i < 6; i++)
		close(fd[i]);
}

static void
clients_by_address(void **state)
{
	struct tunnel_policy *p = tunnel_policy_new(NULL);
	char out[2000];
	int fd;

	(void)state;
	start();
	tunnel_policy_allow_client(p, "10.0.0.0/8");
	tunnel_policy_allow(p, "127.0.0.0/8");
	assert_int_equal(tunnel_proxy_policy(proxy, p), 0);
	turn();
	turn();
	/* Refused before it has said anything. */
	fd = client();
	assert_int_equal(status(fd, out, sizeof out), 403);
	assert_non_null(strstr(out, "does not") == NULL ?
	    strstr(out, "do not allow this client") : out);
}

/* ---- times ---------------------------------------------------------- */

static void
times(void **state)
{
	char out[2000];
	int a[2], fd, i;

	(void)state;
	tunnel_proxy_time(proxy, TUNNEL_TIME_HANDSHAKE, 60);
	tunnel_proxy_time(proxy, TUNNEL_TIME_LIFETIME, 100);
	start();
	/* The whole head, not each byte. */
	fd = client();
	for (i = 0; i < 40; i++) {
		if (send(fd, "X", 1, MSG_NOSIGNAL) < 0)
			break;
		turn();
	}
	assert_int_equal(status(fd, out, sizeof out), 408);
	tunnel(a, "127.0.0.1", origin_port);
	assert_int_equal(hear(a[0], out, sizeof out, NULL), -1);
	assert_int_equal(hear(a[1], out, sizeof out, NULL), -1);
	close_both(a);
	assert_int_equal(tunnel_proxy_count(proxy, TUNNEL_COUNT_FAILED), 1);
}

static void
idle_and_stall(void **state)
{
	static char flood[100000];
	char out[200000];
	int a[2], b[2], reset;

	(void)state;
	tunnel_proxy_time(proxy, TUNNEL_TIME_IDLE, 300);
	tunnel_proxy_time(proxy, TUNNEL_TIME_STALL, 60);
	start();
	tunnel(a, "127.0.0.1", origin_port);
	tunnel(b, "127.0.0.1", origin_port);
	/* a's origin takes nothing. */
	while (send(a[0], flood, sizeof flood, MSG_DONTWAIT | MSG_NOSIGNAL) >=
	    0)
		turn();
	/* On a busy machine the reset comes before the buffers are full. */
	reset = errno == ECONNRESET || errno == EPIPE;
	await_count(TUNNEL_COUNT_TUNNELS, 1);
	if (!reset)
		assert_int_equal(hear(a[0], out, sizeof out, NULL), -1);
	assert_int_equal(hear(b[0], out, sizeof out, NULL), -1);
	close_both(a);
	close_both(b);
}

/* ---- other ways in -------------------------------------------------- */

static void
forwards(void **state)
{
	char out[100], text[20];
	int fd, there;

	(void)state;
	assert_int_equal(tunnel_proxy_forward(proxy, "127.0.0.1:0",
	    "127.0.0.1", origin_port), 0);
	assert_int_equal(tunnel_proxy_preface(proxy, 0, 1), 0);
	assert_int_equal(tunnel_proxy_start(proxy), 0);
	fd = client();
	say(fd, "hi");
	await_count(TUNNEL_COUNT_OPENED, 1);
	there = accept(origin, NULL, NULL);
	hear(there, out, sizeof out, "\r\n");
	snprintf(text, sizeof text, " %u\r\n", proxy_port());
	assert_memory_equal(out, "PROXY TCP4 127.0.0.1 127.0.0.1 ", 31);
	assert_non_null(strstr(out, text));
	hear(there, out, sizeof out, "hi");
	close(there);
	hear(fd, out, sizeof out, NULL);
	close(fd);
	/* Nobody there: a reset is all that can be said. */
	close(origin);
	fd = client();
	assert_int_equal(hear(fd, out, sizeof out, NULL), -1);
	close(fd);
	origin = socket(AF_INET, SOCK_STREAM, 0);
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
	tunnel_proxy_preface(proxy, 1, 0);
	tunnel_proxy_hook(proxy, TUNNEL_ON_REQUEST, who, seen);
	start();
	/* In one piece with the request, and byte by byte. */
	fd = client();
	say(fd, text);
	ask(fd, "127.0.0.1", 1, "");
	assert_int_equal(status(fd, out, sizeof out), 502);
	assert_string_equal(seen, "192.0.2.9:4321");
	seen[0] = '\0';
	fd = client();
	for (i = 0; i < strlen(text); i++) {
		assert_int_equal(send(fd, text + i, 1, 0), 1);
		turn();
	}
	ask(fd, "127.0.0.1", 1, "");
	assert_int_equal(status(fd, out, sizeof out), 502);
	assert_string_equal(seen, "192.0.2.9:4321");
	/* Without it nobody comes in. */
	fd = client();
	ask(fd, "127.0.0.1", origin_port, "");
	assert_int_equal(hear(fd, out, sizeof out, NULL), -1);
	close(fd);
}

/* ---- ends ----------------------------------------------------------- */

static void
drains(void **state)
{
	char out[100];
	int a[2];

	(void)state;
	start();
	tunnel(a, "127.0.0.1", origin_port);
	assert_int_equal(tunnel_proxy_drain(proxy, 0), 0);
	turn();
	turn();
	assert_int_equal(ended, 0);
	say(a[0], "still");
	hear(a[1], out, sizeof out, "still");
	close_both(a);
	while (!ended)
		turn();
	assert_int_equal(ended, 1);
}

static void
drains_in_time(void **state)
{
	char out[100];
	int a[2];

	(void)state;
	start();
	tunnel(a, "127.0.0.1", origin_port);
	assert_int_equal(tunnel_proxy_drain(proxy, 30), 0);
	assert_int_equal(hear(a[0], out, sizeof out, NULL), -1);
	while (!ended)
		turn();
	close_both(a);
}

static void
stops(void **state)
{
	char out[100];
	int a[2];

	(void)state;
	start();
	tunnel(a, "127.0.0.1", origin_port);
	tunnel_proxy_drain(proxy, 0);
	turn();
	assert_int_equal(tunnel_proxy_stop(proxy), 0);
	while (!ended)
		turn();
	assert_int_equal(hear(a[1], out, sizeof out, NULL), -1);
	close_both(a);
}

/* Freed with everything under way; visits, too. */
static void
freed(void **state)
{
	int a[2], fd;

	(void)state;
	start();
	tunnel(a, "127.0.0.1", origin_port);
	fd = client();
	turn();
	tunnel_proxy_drain(proxy, 0);
	tunnel_proxy_free(proxy);
	proxy = NULL;
	turn();
	close_both(a);
	close(fd);
}

/* ---- looking, with threads ------------------------------------------ */

struct seen {
	int sessions, open, done;
};

static void
see(void *ud, struct tunnel_session *s)
{
	struct seen *v = ud;

	v->sessions++;
	v->open += tunnel_session_open(s);
}

static void
seen(void *ud)
{
	((struct seen *)ud)->done++;
}

static void
threads(void **state)
{
	enum { N = 40 };
	struct seen v = { 0, 0, 0 };
	char out[100];
	int end[N][2], i;

	(void)state;
	tunnel_proxy_threads(proxy, 4);
	start();
	for (i = 0; i < N; i++) {
		tunnel(end[i], "127.0.0.1", origin_port);
		say(end[i][0], "abc");
		hear(end[i][1], out, sizeof out, "abc");
	}
	assert_int_equal(tunnel_proxy_survey(proxy, see, seen, &v), 0);
	while (!v.done)
		turn();
	assert_int_equal(v.sessions, N);
	assert_int_equal(v.open, N);
	for (i = 0; i < N / 2; i++)
		close_both(end[i]);
	await_count(TUNNEL_COUNT_TUNNELS, N / 2);
	tunnel_proxy_drain(proxy, 0);
	for (; i < N; i++)
		close_both(end[i]);
	while (!ended)
		turn();
}

/* ---- memory --------------------------------------------------------- */

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_loop *l = tunnel_loop_new(a, backend);
	struct tunnel_proxy *p = l != NULL ? tunnel_proxy_new(a, l) : NULL;
	struct tunnel_policy *policy = NULL;
	struct sockaddr_in at;
	char text[200];
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
		    "\r\n\r\n", origin_port);
		say(fd, text);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(carries), TEST(defaults), TEST(opened), TEST(settings),
		TEST(twice_the_same),
		TEST(hooks_in_order), TEST(hooks_see_and_change),
		TEST(other_methods), TEST(taken_over), TEST(own_target),
		TEST(later), TEST(too_late), TEST(slow_name), TEST(rebinding),
		TEST(rules_before_a_proxy), TEST(loops), TEST(own_addresses),
		TEST(left_in_mid_dial), TEST(limits), TEST(limit_of_a_client),
		TEST(limit_of_memory), TEST(limit_of_handshakes),
		TEST(limit_of_rate), TEST(clients_by_address), TEST(times),
		TEST(idle_and_stall), TEST(forwards), TEST(prefaced),
		TEST(drains), TEST(drains_in_time), TEST(stops), TEST(freed),
		TEST(threads), TEST(failing_memory),
	};
	struct tunnel_loop *best = tunnel_loop_new(NULL, NULL);
	int failed;

	backend = tunnel_loop_backend(best);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	tunnel_loop_free(best);
	backend = "poll";
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
