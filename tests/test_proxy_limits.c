/* test_proxy_limits.c - how much and how long, and who may come at all */
#include "unit.h"
#include "proxy_rig.h"

#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "net/loop.h"

static void
limits(void **state)
{
	char out[2000];
	int a[2], b[2], fd;

	(void)state;
	tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_TUNNELS, 2);
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	rig_tunnel(b, "127.0.0.1", rig.origin_port);
	fd = rig_client();
	rig_ask(fd, "127.0.0.1", rig.origin_port, "");
	assert_int_equal(rig_status(fd, out, sizeof out), 503);
	assert_non_null(strstr(out, "error=connection_limit_reached"));
	rig_close_both(a);
	rig_await_count(TUNNEL_COUNT_TUNNELS, 1);
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	rig_close_both(a);
	rig_close_both(b);
}

static void
limit_of_a_client(void **state)
{
	int a[2], b[2];

	(void)state;
	tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_CLIENT, 2);
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	rig_tunnel(b, "127.0.0.1", rig.origin_port);
	assert_int_equal(rig_refused("127.0.0.1", rig.origin_port, ""), 429);
	assert_int_equal(rig_refused("127.0.0.1", rig.origin_port, ""), 429);
	rig_close_both(a);
	rig_await_count(TUNNEL_COUNT_TUNNELS, 1);
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	rig_close_both(a);
	rig_close_both(b);
}

static void
limit_of_memory(void **state)
{
	int a[2];

	(void)state;
	tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_BUFFER, 65536);
	tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_MEMORY, 150000);
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	assert_int_equal(rig_refused("127.0.0.1", rig.origin_port, ""), 503);
	rig_close_both(a);
}

/* Who opens many and says nothing is pushed out by who comes. */
static void
limit_of_handshakes(void **state)
{
	enum { IDLERS = 20 };
	int idle[IDLERS], a[2], i;
	char out[10];

	(void)state;
	tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_HANDSHAKES, 8);
	rig_start();
	for (i = 0; i < IDLERS; i++)
		idle[i] = rig_client();
	rig_await_count(TUNNEL_COUNT_ACCEPTED, IDLERS);
	assert_true(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_HANDSHAKES) <=
	    8);
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_EVICTED),
	    IDLERS - 8 + 1);
	/* The first has gone. */
	assert_int_equal(rig_hear(idle[0], out, sizeof out, NULL), 0);
	for (i = 0; i < IDLERS; i++)
		close(idle[i]);
	rig_close_both(a);
}

static void
limit_of_rate(void **state)
{
	int fd[6], i;
	uint64_t begun = tnl_clock();

	(void)state;
	tunnel_proxy_limit(rig.proxy, TUNNEL_LIMIT_RATE, 4);
	rig_start();
	for (i = 0; i < 6; i++)
		fd[i] = rig_client();
	rig_await_count(TUNNEL_COUNT_ACCEPTED, 6);
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
	rig_start();
	tunnel_policy_allow_client(p, "10.0.0.0/8");
	tunnel_policy_allow(p, "127.0.0.0/8");
	assert_int_equal(tunnel_proxy_policy(rig.proxy, p), 0);
	rig_turn();
	rig_turn();
	/* Refused before it has said anything. */
	fd = rig_client();
	assert_int_equal(rig_status(fd, out, sizeof out), 403);
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
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_HANDSHAKE, 60);
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_LIFETIME, 100);
	rig_start();
	/* The whole head, not each byte. */
	fd = rig_client();
	for (i = 0; i < 40; i++) {
		if (send(fd, "X", 1, MSG_NOSIGNAL) < 0)
			break;
		rig_turn();
	}
	assert_int_equal(rig_status(fd, out, sizeof out), 408);
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	assert_int_equal(rig_hear(a[0], out, sizeof out, NULL), -1);
	assert_int_equal(rig_hear(a[1], out, sizeof out, NULL), -1);
	rig_close_both(a);
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_FAILED), 1);
}

static void
idle(void **state)
{
	char out[100];
	int a[2];

	(void)state;
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_IDLE, 60);
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	assert_int_equal(rig_hear(a[0], out, sizeof out, NULL), -1);
	assert_int_equal(rig_hear(a[1], out, sizeof out, NULL), -1);
	rig_close_both(a);
}

static void
stall(void **state)
{
	static char flood[100000];
	char out[200000];
	int a[2], b[2], reset;

	(void)state;
	tunnel_proxy_time(rig.proxy, TUNNEL_TIME_STALL, 60);
	rig_start();
	rig_tunnel(a, "127.0.0.1", rig.origin_port);
	rig_tunnel(b, "127.0.0.1", rig.origin_port);
	/* a's origin takes nothing. */
	while (send(a[0], flood, sizeof flood, MSG_DONTWAIT | MSG_NOSIGNAL) >=
	    0)
		rig_turn();
	/* On a busy machine the reset comes before the buffers are full. */
	reset = errno == ECONNRESET || errno == EPIPE;
	rig_await_count(TUNNEL_COUNT_TUNNELS, 1);
	if (!reset)
		assert_int_equal(rig_hear(a[0], out, sizeof out, NULL), -1);
	/* Who waits for nobody does not stall. */
	rig_say(b[0], "there");
	rig_hear(b[1], out, sizeof out, "there");
	rig_close_both(a);
	rig_close_both(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(limits), RIG_TEST(limit_of_a_client),
		RIG_TEST(limit_of_memory), RIG_TEST(limit_of_handshakes),
		RIG_TEST(limit_of_rate), RIG_TEST(clients_by_address),
		RIG_TEST(times), RIG_TEST(idle), RIG_TEST(stall),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
