/* test_proxy_hooks.c - what the application is asked, and what it may do
 *
 * Hooks in their order, sessions that are changed, answered or taken over in
 * them, and answers that come later, from another thread. */
#include "unit.h"
#include "proxy_rig.h"
#include "fake.h"

#include <sys/socket.h>

#include <pthread.h>
#include <unistd.h>

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
		assert_int_equal(tunnel_proxy_hook(rig.proxy, i, on_hook,
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
	rig_start();
	rig_tunnel(end, "127.0.0.1", rig.origin_port);
	assert_string_equal(calls, "RUADO");
	rig_close_both(end);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_string_equal(calls, "RUADOC");
	/* Each may refuse, and none behind it is asked then. */
	for (hook = 0; hook < 4; hook++) {
		calls[0] = '\0';
		hook_answer[hook] = TUNNEL_EBUSY;
		fd = rig_client();
		rig_ask(fd, "127.0.0.1", rig.origin_port, "");
		assert_int_equal(rig_status(fd, out, sizeof out), 503);
		assert_non_null(strstr(out, "Retry-After: 5\r\n"));
		rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
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
	assert_ptr_equal(tunnel_session_loop(s), rig.loop);
	assert_null(tunnel_session_get(s));
	tunnel_session_set(s, calls);
	assert_int_equal(tunnel_session_name(s, "eve"), 0);
	assert_int_equal(tunnel_session_name(s, "adam"), 0);
	assert_int_equal(tunnel_session_redirect(s, "a b", 1),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_session_answer(s, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_server_field(r, "X-Proxy", "yes"), 0);
	return tunnel_session_redirect(s, "127.0.0.1", rig.origin_port);
}

static int
close_of_it(void *ud, struct tunnel_session *s)
{
	char text[40];

	snprintf(text, sizeof text, "127.0.0.1:%u", rig.origin_port);
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
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_REQUEST, describe, NULL);
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_CLOSE, close_of_it, &closed);
	rig_start();
	fd = rig_client();
	rig_ask(fd, "other.example", 99, "X-Me: you\r\n");
	rig_hear(fd, out, sizeof out, "\r\n\r\n");
	assert_non_null(strstr(out, "X-Proxy: yes\r\n"));
	there = accept(rig.origin, NULL, NULL);
	rig_say(fd, "hi");
	shutdown(fd, SHUT_WR);
	rig_hear(there, out, sizeof out, NULL);
	close(there);
	rig_hear(fd, out, sizeof out, NULL);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
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
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_REQUEST, serve_page, NULL);
	rig_start();
	fd = rig_client();
	rig_say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(rig_status(fd, out, sizeof out), 200);
	assert_non_null(strstr(out, "Content-Type: text/html\r\n"));
	assert_non_null(strstr(out, "Content-Length: 5\r\n"));
	assert_string_equal(strstr(out, "\r\n\r\n") + 4, "<p>hi");
	fd = rig_client();
	rig_say(fd, "PUT / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(rig_status(fd, out, sizeof out), 405);
	assert_non_null(strstr(out, "Allow: CONNECT\r\n"));
	rig_tunnel(end, "127.0.0.1", rig.origin_port);
	rig_close_both(end);
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
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_REQUEST, take, NULL);
	rig_start();
	fd = rig_client();
	rig_say(fd, "UPGRADE / HTTP/1.1\r\nHost: x\r\n\r\nearly");
	rig_await_count(TUNNEL_COUNT_ACCEPTED, 1);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	assert_string_equal(taken_early, "early");
	rig_say(taken, "mine");
	rig_hear(fd, out, sizeof out, "mine");
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
	tunnel_proxy_hook(rig.proxy, TUNNEL_ON_DIAL, bring, NULL);
	rig_start();
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", 1, "");
	rig_hear(fd, out, sizeof out, "\r\n\r\n");
	rig_say(fd, "to you");
	rig_hear(back[1], out, sizeof out, "to you");
	close(back[1]);
	assert_int_equal(rig_hear(fd, out, sizeof out, NULL), 0);
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
	assert_int_equal(tunnel_loop_post(rig.loop, give, ud), 0);
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
	rig_start();
	for (hook = 0; hook < 4; hook++)
		for (i = 0; i < 2; i++) {
			hook_answer[hook] = TUNNEL_ASK;
			asked = NULL;
			answer = answers[i];
			fd = rig_client();
			rig_ask(fd, "127.0.0.1", rig.origin_port, "");
			while (asked == NULL || calls[strlen(calls) - 1] !=
			    "RUAD"[hook])
				rig_turn();
			rig_turn();
			assert_int_equal(tunnel_session_answer(asked,
			    TUNNEL_ASK), TUNNEL_EINVAL);
			pthread_create(&t, NULL, think, &answer);
			pthread_join(t, NULL);
			hook_answer[hook] = 0;
			if (i == 0) {
				rig_hear(fd, out, sizeof out, "\r\n\r\n");
				assert_memory_equal(out, "HTTP/1.1 200", 12);
				close(accept(rig.origin, NULL, NULL));
				close(fd);
			} else {
				assert_int_equal(rig_status(fd, out, sizeof
				    out), 403);
			}
			rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
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
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_DIAL, 50);
	rig_start();
	asked = NULL;
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", rig.origin_port, "");
	while (asked == NULL || strchr(calls, 'A') == NULL)
		rig_turn();
	close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
	s = asked;
	assert_int_equal(tunnel_session_redirect(s, "a", 1), TUNNEL_ESTATE);
	give(&answer);
	calls[0] = '\0';
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", rig.origin_port, "");
	assert_int_equal(rig_status(fd, out, sizeof out), 504);
	give(&answer);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(hooks_in_order), RIG_TEST(hooks_see_and_change),
		RIG_TEST(other_methods), RIG_TEST(taken_over),
		RIG_TEST(own_target), RIG_TEST(later), RIG_TEST(too_late),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
