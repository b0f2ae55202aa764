/* test_proxy_socks_hooks.c - hooks of a proxy whose clients speak SOCKS: first
 * they say who they are, and then where to */
#include "unit.h"
#include "proxy_rig.h"
#include "socks_rig.h"
#include "oom.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

static char calls[100];
static struct tunnel_session *asked;
static int answers[6];

static int
on_hook(void *ud, struct tunnel_session *s)
{
	int hook = *(int *)ud;
	size_t n = strlen(calls);

	calls[n] = "RUADOC"[hook];
	calls[n + 1] = '\0';
	asked = s;
	assert_null(tunnel_session_server(s));
	assert_int_equal(tunnel_session_socks(s) != NULL,
	    hook < TUNNEL_ON_OPEN || !tunnel_session_open(s));
	/* There is a target for all but the first. */
	if (hook == TUNNEL_ON_AUTHENTICATE)
		assert_string_equal(tunnel_session_target(s), "");
	else if (hook != TUNNEL_ON_CLOSE)
		assert_memory_equal(tunnel_session_target(s), "127.0.0.1:", 10);
	return answers[hook];
}

static void
start(void)
{
	static int hooks[6] = { 0, 1, 2, 3, 4, 5 };
	int i;

	for (i = 0; i < 6; i++)
		assert_int_equal(tunnel_proxy_hook(rig.proxy, i, on_hook,
		    &hooks[i]), 0);
	memset(answers, 0, sizeof answers);
	calls[0] = '\0';
	assert_int_equal(tunnel_proxy_socks(rig.proxy, "127.0.0.1:0"), 0);
	rig_start();
}

/* Greeting and request, at once. */
static int
client(void)
{
	int fd = rig_client();

	socks_say(fd, BYTES(HELLO));
	socks_ask(fd, "127.0.0.1", rig.origin_port);
	return fd;
}

static void
opens(int fd, const char *out, size_t n)
{
	socks_hears(fd, out, n);
	close(socks_comes());
	close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
}

static void
in_order(void **state)
{
	int hook, fd;

	(void)state;
	start();
	opens(client(), BYTES("\x05\x00" OPENED));
	assert_string_equal(calls, "URADOC");
	/* Who offers nothing but to log in does, although nobody wants it. */
	calls[0] = '\0';
	fd = rig_client();
	socks_say(fd, BYTES("\x05\x01\x02" USER));
	socks_ask(fd, "127.0.0.1", rig.origin_port);
	opens(fd, BYTES("\x05\x02\x01\x00" OPENED));
	assert_string_equal(calls, "UURADOC");
	for (hook = 0; hook < 4; hook++) {
		calls[0] = '\0';
		answers[hook] = TUNNEL_EDENIED;
		if (hook == TUNNEL_ON_AUTHENTICATE)
			socks_hears_last(client(), BYTES("\x05\xff"));
		else
			socks_hears_last(client(), BYTES("\x05\x00"
			    REFUSED_WITH("\x02")));
		answers[hook] = 0;
		assert_int_equal(strlen(calls), hook == 1 ? 2 :
		    hook == 0 ? 3 : hook + 2);
	}
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_TUNNELS),
	    0);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_REFUSED),
	    4);
}

/* An answer of each that comes later, yes and no. */
static void
later(void **state)
{
	int hook, fd;

	(void)state;
	start();
	for (hook = 0; hook < 8; hook++) {
		answers[hook % 4] = TUNNEL_ASK;
		calls[0] = '\0';
		fd = client();
		while (strchr(calls, "RUAD"[hook % 4]) == NULL)
			rig_turn();
		rig_turn();
		answers[hook % 4] = 0;
		assert_int_equal(tunnel_session_answer(asked, hook < 4 ? 0 :
		    TUNNEL_EBUSY), 0);
		if (hook < 4)
			opens(fd, BYTES("\x05\x00" OPENED));
		else if (hook % 4 == TUNNEL_ON_AUTHENTICATE)
			socks_hears_last(fd, BYTES("\x05\xff"));
		else
			socks_hears_last(fd, BYTES("\x05\x00"
			    REFUSED_WITH("\x01")));
	}
}

/* Nobody answers in time, or the client has gone when somebody does. */
static void
too_late(void **state)
{
	struct tunnel_session *s;
	int fd;

	(void)state;
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_DIAL, 30);
	start();
	answers[TUNNEL_ON_AUTHENTICATE] = TUNNEL_ASK;
	socks_hears_last(client(), BYTES("\x05\xff"));
	assert_int_equal(tunnel_session_answer(asked, 0), 0);
	asked = NULL;
	fd = rig_client();
	socks_say(fd, BYTES(HELLO));
	while (asked == NULL)
		rig_turn();
	s = asked;
	close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_int_equal(tunnel_session_answer(s, 0), 0);
}

/* ---- who it is ------------------------------------------------------ */

static int
identify(void *ud, struct tunnel_session *s)
{
	const struct tunnel_socks *k = tunnel_session_socks(s);

	(void)ud;
	if (tunnel_socks_user(k) == NULL ||
	    strcmp(tunnel_socks_user(k), "Aladdin") != 0 ||
	    strcmp(tunnel_socks_password(k), "open sesame") != 0)
		return TUNNEL_EAUTH;
	return tunnel_session_name(s, tunnel_socks_user(k));
}

static int
identified(void *ud, struct tunnel_session *s)
{
	int *status = ud;

	if (*status != 0)
		assert_int_equal(tunnel_session_status(s), *status);
	else
		assert_string_equal(tunnel_session_user(s), "Aladdin");
	if (tunnel_session_socks(s) != NULL)
		assert_null(tunnel_socks_password(tunnel_session_socks(s)));
	return 0;
}

static void
login(void **state)
{
	int fd, status = 0, none = 0;

	(void)state;
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_AUTHENTICATE, identify, NULL);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_REQUEST, identified, &none);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_CLOSE, identified, &status);
	tunnel_proxy_socks(rig.proxy, "127.0.0.1:0");
	rig_start();
	fd = rig_client();
	socks_say(fd, BYTES(HELLO_USER USER));
	socks_ask(fd, "127.0.0.1", rig.origin_port);
	opens(fd, BYTES("\x05\x02\x01\x00" OPENED));
	status = 407;
	fd = rig_client();
	socks_say(fd, BYTES(HELLO_USER "\x01\x01u\x01p"));
	socks_hears_last(fd, BYTES("\x05\x02\x01\x01"));
	socks_hears_last(client(), BYTES("\x05\xff"));
}

/* ---- what else hooks may do ----------------------------------------- */

static int
elsewhere(void *ud, struct tunnel_session *s)
{
	assert_int_equal(tunnel_session_reply(s, 200, "a/b", "", 0),
	    TUNNEL_ESTATE);
	return tunnel_session_redirect(s, "127.0.0.1", *(unsigned *)ud);
}

static void
redirected(void **state)
{
	int hook, fd;

	(void)state;
	for (hook = 0; hook < 4; hook++) {
		tunnel_proxy_free(rig.proxy);
		rig.proxy = tunnel_proxy_new(NULL, rig.loop);
		tunnel_proxy_hook(rig.proxy, hook, elsewhere,
		    &rig.origin_port);
		tunnel_proxy_socks(rig.proxy, "127.0.0.1:0");
		rig_start();
		fd = rig_client();
		socks_say(fd, BYTES(HELLO));
		/* Who decides behind the rules decides against them. */
		socks_ask(fd, hook < TUNNEL_ON_AUTHORISE ? "10.0.0.1" :
		    "127.0.0.2", 9);
		opens(fd, BYTES("\x05\x00" OPENED));
	}
}

static int taken = -1;

static int
take(void *ud, struct tunnel_session *s)
{
	const void *early;
	size_t n;

	(void)ud;
	taken = tunnel_session_take(s, &early, &n);
	assert_int_equal(n, 2);
	assert_memory_equal(early, "hi", 2);
	return TUNNEL_DONE;
}

static void
taken_over(void **state)
{
	int fd;

	(void)state;
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_REQUEST, take, NULL);
	tunnel_proxy_socks(rig.proxy, "127.0.0.1:0");
	rig_start();
	fd = rig_client();
	socks_say(fd, BYTES(HELLO NAMED("\x01", "a") "\x00\x50hi"));
	socks_hears(fd, BYTES("\x05\x00"));
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_true(taken >= 0);
	close(taken);
	close(fd);
}

/* ---- memory --------------------------------------------------------- */

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_loop *l = tunnel_loop_new(a, backend);
	struct tunnel_proxy *p = l != NULL ? tunnel_proxy_new(a, l) : NULL;
	struct sockaddr_in at;
	char out[100] = "";
	int fd = -1, i, ok;
	ssize_t n = -1;

	(void)ud;
	ok = p != NULL && tunnel_proxy_socks(p, "127.0.0.1:0") == 0 &&
	    tunnel_proxy_hook(p, TUNNEL_ON_AUTHENTICATE, identify, NULL) == 0 &&
	    tunnel_proxy_start(p) == 0;
	if (ok) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		memset(&at, 0, sizeof at);
		at.sin_family = AF_INET;
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		at.sin_port = htons((uint16_t)atoi(strrchr(
		    tunnel_proxy_address(p, 0), ':') + 1));
		assert_int_equal(connect(fd, (struct sockaddr *)&at,
		    sizeof at), 0);
		socks_say(fd, BYTES(HELLO_USER USER NAMED("\x01", "a")
		    "\x00\x50"));
		/* Denied by the rules, or less. */
		for (i = 0, n = 0; i < 300 && n < 14; i++) {
			tunnel_loop_step(l, 2);
			n = recv(fd, out, sizeof out, MSG_PEEK | MSG_DONTWAIT);
			if (n == 0 || (n < 0 && errno != EAGAIN))
				break;
		}
		close(fd);
	}
	tunnel_proxy_free(p);
	tunnel_loop_free(l);
	return ok && n == 14 &&
	    memcmp(out, "\x05\x02\x01\x00" REFUSED_WITH("\x02"), 14) == 0;
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
		RIG_TEST(in_order), RIG_TEST(later), RIG_TEST(too_late),
		RIG_TEST(login), RIG_TEST(redirected), RIG_TEST(taken_over),
		RIG_TEST(failing_memory),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
