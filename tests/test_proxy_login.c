/* test_proxy_login.c - a proxy that logs in upstream, and what a hook has to
 * say in that: with which credentials, and how the client is told of a failure
 *
 * The proxy upstream is the test itself, behind the listener of its origin. */
#include "unit.h"
#include "proxy_rig.h"
#include "oom.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

#include "net/proxy.h"
#include "net/upstream.h"

static const char *login;       /* user and password; NULL: none */
static int answer, calls;
static struct {
	int error, status;
} seen;

/* Basic at once, of u:p unless a hook has others. */
static void
begin(int hook, tunnel_hook_fn fn)
{
	char url[60];

	snprintf(url, sizeof url, "http://u:p@127.0.0.1:%u", rig.origin_port);
	assert_int_equal(tunnel_proxy_via(rig.proxy, url), 0);
	assert_int_equal(tunnel_proxy_schemes(rig.proxy, "basic"), 0);
	tunnel_proxy_hook(rig.proxy, hook, fn, NULL);
	rig_start();
}

/* A client's request, as the proxy upstream has it. */
static void
ask(int end[2], char *out, size_t cap)
{
	assert_int_equal(fcntl(rig.origin, F_SETFL, O_NONBLOCK), 0);
	end[0] = rig_client();
	rig_ask(end[0], "127.0.0.1", 22, "");
	while ((end[1] = accept(rig.origin, NULL, NULL)) < 0)
		rig_turn();
	rig_hear(end[1], out, cap, "\r\n\r\n");
}

static void
leave(int end[2])
{
	close(end[0]);
	close(end[1]);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
}

static int
log_in(void *ud, struct tunnel_session *s)
{
	(void)ud;
	assert_int_equal(tunnel_session_credentials(s, 1, "a", "b"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_session_credentials(s, -1, "a", "b"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_session_credentials(s, 0, "a\r\nb", "c"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_session_credentials(s, 0, "a", NULL),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_session_credentials(s, 0, "old", "old"), 0);
	assert_int_equal(tunnel_session_credentials(s, 0, login, login), 0);
	return 0;
}

static void
of_a_session(void **state)
{
	char out[1000];
	int end[2];

	(void)state;
	begin(TUNNEL_ON_DIAL, log_in);
	login = "u2";
	ask(end, out, sizeof out);
	assert_non_null(strstr(out,
	    "\r\nProxy-Authorization: Basic dTI6dTI=\r\n"));
	leave(end);
	login = NULL;
	ask(end, out, sizeof out);
	assert_null(strstr(out, "Proxy-Authorization"));
	leave(end);
}

static int
too_late(void *ud, struct tunnel_session *s)
{
	(void)ud;
	calls++;
	assert_int_equal(tunnel_session_credentials(s, 0, "a", "b"),
	    TUNNEL_ESTATE);
	return 0;
}

/* What was told before stays the others'; and when there is nobody to log in
 * to. */
static void
of_the_proxy(void **state)
{
	char out[1000];
	int end[2];

	(void)state;
	calls = 0;
	begin(TUNNEL_ON_OPEN, too_late);
	ask(end, out, sizeof out);
	assert_non_null(strstr(out, "Basic dTpw\r\n"));
	rig_say(end[1], "HTTP/1.1 200 OK\r\n\r\n");
	rig_hear(end[0], out, sizeof out, "\r\n\r\n");
	assert_memory_equal(out, "HTTP/1.1 200 ", 13);
	assert_int_equal(calls, 1);
	leave(end);
}

static void
without_proxies(void **state)
{
	int end[2];

	(void)state;
	calls = 0;
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_DIAL, too_late, NULL);
	rig_start();
	rig_tunnel(end, "127.0.0.1", rig.origin_port);
	assert_int_equal(calls, 1);
	rig_close_both(end);
}

static int
tell_why(void *ud, struct tunnel_session *s)
{
	(void)ud;
	calls++;
	seen.error = tunnel_session_error(s);
	seen.status = tunnel_session_upstream_status(s);
	assert_int_equal(tunnel_session_upstream_hop(s), 0);
	assert_string_equal(tunnel_session_upstream_scheme(s), "basic");
	assert_int_equal(tunnel_session_credentials(s, 0, "a", "b"),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_session_direct(s), TUNNEL_ESTATE);
	if (answer == TUNNEL_DONE)
		assert_int_equal(tunnel_session_reply(s, 502, "text/plain",
		    "wrong", 5), 0);
	return answer;
}

static int
see(void *ud, struct tunnel_session *s)
{
	(void)ud;
	seen.error = tunnel_session_error(s);
	return 0;
}

static void
failure(void **state)
{
	static const struct {
		int answer, status, error;
	} cases[] = {
		{ 0, 502, TUNNEL_EREFUSED },
		{ TUNNEL_EBUSY, 503, TUNNEL_EBUSY },
		{ TUNNEL_DONE, 502, TUNNEL_EREFUSED },
		{ TUNNEL_ASK, 502, TUNNEL_EREFUSED }
	};
	char out[1000];
	size_t i;
	int end[2];

	(void)state;
	calls = 0;
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_CLOSE, see, NULL);
	begin(TUNNEL_ON_FAIL, tell_why);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		answer = cases[i].answer;
		ask(end, out, sizeof out);
		rig_say(end[1], "HTTP/1.1 407 No\r\nContent-Length: 0\r\n"
		    "Proxy-Authenticate: Basic realm=\"x\"\r\n\r\n");
		assert_int_equal(rig_status(end[0], out, sizeof out),
		    cases[i].status);
		assert_int_equal(strstr(out, "\r\n\r\nwrong") != NULL,
		    cases[i].answer == TUNNEL_DONE);
		assert_int_equal(seen.error, TUNNEL_EAUTH);
		assert_int_equal(seen.status, 407);
		leave(end);
		assert_int_equal(seen.error, cases[i].error);
	}
	assert_int_equal(calls, 4);
}

/* Nothing of it stays, wherever memory fails. */
static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_proxy *p = tunnel_proxy_new(a, NULL);
	struct tnl_login *l = NULL;
	int rv = -1;

	(void)ud;
	((struct oom *)a->ud)->secret = "opensesame";
	if (p != NULL && tunnel_proxy_via(p, "no.example:1") == 0)
		rv = tnl_login_add(&l, a, p->via, 0, "alibaba", "opensesame");
	if (rv == 0)
		rv = tnl_login_add(&l, a, p->via, 0, NULL, NULL);
	assert_true(rv == 0 || l == NULL || rv == TUNNEL_ENOMEM);
	tnl_login_free(&l);
	assert_null(l);
	tunnel_proxy_free(p);
	return rv == 0;
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
		RIG_TEST(of_a_session), RIG_TEST(of_the_proxy),
		RIG_TEST(without_proxies), RIG_TEST(failure),
		cmocka_unit_test(failing_memory),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
