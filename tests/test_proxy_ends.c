/* test_proxy_ends.c - draining, stopping and freeing, and many threads */
#include "unit.h"
#include "proxy_rig.h"

#include <unistd.h>

static void
drains(void **state)
{
	char out[100];
	int a[2];

	(void)state;
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	assert_int_equal(tunnel_proxy_drain(rig.proxy, 0), 0);
	rig_turn();
	rig_turn();
	assert_int_equal(rig.ended, 0);
	rig_say(a[0], "still");
	rig_hear(a[1], out, sizeof out, "still");
	rig_close_both(a);
	while (!rig.ended)
		rig_turn();
	assert_int_equal(rig.ended, 1);
}

static void
drains_in_time(void **state)
{
	char out[100];
	int a[2];

	(void)state;
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	assert_int_equal(tunnel_proxy_drain(rig.proxy, 30), 0);
	assert_int_equal(rig_hear(a[0], out, sizeof out, NULL), -1);
	while (!rig.ended)
		rig_turn();
	rig_close_both(a);
}

static void
stops(void **state)
{
	char out[100];
	int a[2];

	(void)state;
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	tunnel_proxy_drain(rig.proxy, 0);
	rig_turn();
	assert_int_equal(tunnel_proxy_stop(rig.proxy), 0);
	while (!rig.ended)
		rig_turn();
	assert_int_equal(rig_hear(a[1], out, sizeof out, NULL), -1);
	rig_close_both(a);
}

/* Freed with everything under way; visits, too. */
static void
freed(void **state)
{
	int a[2], fd;

	(void)state;
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	fd = rig_client();
	rig_turn();
	tunnel_proxy_drain(rig.proxy, 0);
	tunnel_proxy_free(rig.proxy);
	rig.proxy = NULL;
	rig_turn();
	rig_close_both(a);
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
	tunnel_proxy_threads(rig.proxy, 4);
	rig_start();
	for (i = 0; i < N; i++) {
		rig_tunnel(end[i], "127.0.0.1", rig.origin_port);
		rig_say(end[i][0], "abc");
		rig_hear(end[i][1], out, sizeof out, "abc");
	}
	assert_int_equal(tunnel_proxy_survey(rig.proxy, see, seen, &v), 0);
	while (!v.done)
		rig_turn();
	assert_int_equal(v.sessions, N);
	assert_int_equal(v.open, N);
	for (i = 0; i < N / 2; i++)
		rig_close_both(end[i]);
	rig_await_count(TUNNEL_COUNT_TUNNELS, N / 2);
	tunnel_proxy_drain(rig.proxy, 0);
	for (; i < N; i++)
		rig_close_both(end[i]);
	while (!rig.ended)
		rig_turn();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(drains), RIG_TEST(drains_in_time), RIG_TEST(stops),
		RIG_TEST(freed), RIG_TEST(threads),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
