/* test_relay_ends.c - a pump over two streams: how each end reaches the other
    */
#include "unit.h"
#include "relay_rig.h"
#include "fake.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "net/relay.h"

static void
half_close(void **state)
{
	struct relay_rig g;
	char buf[8];
	size_t n;

	(void)state;
	relay_up(&g, 100, 1, 1);
	assert_int_equal(send(g.near[0], "ask", 3, 0), 3);
	shutdown(g.near[0], SHUT_WR);
	while (!(tunnel_pump_flags(g.p, TUNNEL_AB) & TUNNEL_DONE)) {
		fake_wait(g.near[1], POLLIN);
		assert_int_equal(relay_run(&g), 0);
	}
	assert_int_equal(fake_end(g.far[1], &n), 0);
	assert_int_equal(n, 3);
	/* The other way goes on, as long as it likes. */
	assert_int_equal(relay_run(&g), 0);
	assert_int_equal(tunnel_relay_wants(g.r, A), 0);
	assert_int_equal(tunnel_relay_wants(g.r, B), TUNNEL_IN);
	assert_int_equal(send(g.far[1], "answer", 6, 0), 6);
	fake_wait(g.far[0], POLLIN);
	assert_int_equal(relay_run(&g), 0);
	fake_wait(g.near[0], POLLIN);
	assert_int_equal(recv(g.near[0], buf, 8, 0), 6);
	shutdown(g.far[1], SHUT_WR);
	fake_wait(g.far[0], POLLIN);
	assert_int_equal(relay_run(&g), TUNNEL_DONE);
	assert_int_equal(tunnel_relay_step(g.r, 9), TUNNEL_DONE);
	assert_int_equal(tunnel_relay_wants(g.r, B), 0);
	assert_int_equal(tunnel_relay_deadline(g.r), UINT64_MAX);
	relay_close(&g);
	assert_int_equal(fake_end(g.near[0], &n), 0);
	close(g.near[0]);
	close(g.far[1]);
}

static void
reset_end(int fd)
{
	struct linger hard = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(fd);
}

/* What was said before a reset arrives, and then the reset, either way. */
static void
resets(void **state)
{
	struct relay_rig g;
	int side, *from, *to, mine;
	size_t n;

	(void)state;
	for (side = 0; side < 2; side++) {
		relay_up(&g, 100, 1, 1);
		from = side == A ? &g.near[0] : &g.far[1];
		to = side == A ? &g.far[1] : &g.near[0];
		mine = side == A ? g.near[1] : g.far[0];
		assert_int_equal(send(*from, "last", 4, 0), 4);
		fake_wait(mine, POLLIN);
		assert_int_equal(relay_run(&g), 0);
		reset_end(*from);
		fake_wait(mine, POLLIN);
		assert_int_equal(relay_run(&g), TUNNEL_ERESET);
		assert_int_equal(tunnel_relay_error(g.r, side), TUNNEL_ERESET);
		assert_int_equal(tunnel_relay_error(g.r, 1 - side), 0);
		assert_int_equal(tunnel_relay_errno(g.r, side), ECONNRESET);
		fake_wait(*to, POLLIN);
		relay_close(&g);
		assert_int_equal(fake_end(*to, &n), -1);
		close(*to);
	}
}

/* After its own end a side may still be cut off from what it was told. */
static void
reset_after_half_close(void **state)
{
	struct relay_rig g;
	int e = 0;
	socklen_t n = sizeof e;
	size_t got;

	(void)state;
	relay_up(&g, 100, 1, 1);
	shutdown(g.near[0], SHUT_WR);
	fake_wait(g.near[1], POLLIN);
	assert_int_equal(relay_run(&g), 0);
	assert_int_equal(fake_end(g.far[1], &got), 0);
	reset_end(g.near[0]);
	fake_wait(g.near[1], 0);
	assert_int_equal(tunnel_relay_hangup(g.r, A, 0), TUNNEL_ERESET);
	relay_close(&g);
	fake_wait(g.far[1], POLLOUT);
	assert_int_equal(getsockopt(g.far[1], SOL_SOCKET, SO_ERROR, &e, &n), 0);
	/* In CLOSE_WAIT a reset is a broken pipe to Linux. */
	assert_true(e == ECONNRESET || e == EPIPE);
	close(g.far[1]);
}

static void
hangup(void **state)
{
	struct relay_rig g;
	size_t n;

	(void)state;
	relay_up(&g, 100, 1, 1);
	assert_int_equal(relay_run(&g), 0);
	assert_int_equal(send(g.near[0], "last", 4, 0), 4);
	fake_wait(g.near[1], POLLIN);
	/* What it had said is still read and delivered. */
	assert_int_equal(tunnel_relay_hangup(g.r, A, 0), TUNNEL_ERESET);
	assert_int_equal(tunnel_relay_error(g.r, A), TUNNEL_ERESET);
	assert_int_equal(tunnel_pump_bytes(g.p, TUNNEL_AB), 4);
	relay_close(&g);
	assert_int_equal(fake_end(g.far[1], &n), -1);
	close(g.near[0]);
	close(g.far[1]);
}

/* Times pass in the head of the test alone. */
static void
timeouts(void **state)
{
	struct relay_rig g;
	size_t n;

	(void)state;
	relay_up(&g, 100, 1, 1);
	tunnel_relay_budget(g.r, 4096);
	tunnel_pump_idle(g.p, 500);
	assert_int_equal(tunnel_relay_step(g.r, 1000), 0);
	assert_int_equal(tunnel_relay_deadline(g.r), 1500);
	assert_int_equal(send(g.near[0], "x", 1, 0), 1);
	fake_wait(g.near[1], POLLIN);
	assert_int_equal(tunnel_relay_step(g.r, 1500), 0);
	assert_int_equal(tunnel_relay_step(g.r, 1999), 0);
	assert_int_equal(tunnel_relay_step(g.r, 2000), TUNNEL_ETIMEOUT);
	/* Cut short is not ended. */
	relay_close(&g);
	assert_int_equal(fake_end(g.far[1], &n), -1);
	assert_int_equal(fake_end(g.near[0], &n), -1);
	close(g.near[0]);
	close(g.far[1]);
	relay_up(&g, 100, 1, 1);
	tunnel_relay_budget(g.r, 4096);
	tunnel_pump_linger(g.p, TUNNEL_BA, 50);
	shutdown(g.near[0], SHUT_WR);
	fake_wait(g.near[1], POLLIN);
	assert_int_equal(tunnel_relay_step(g.r, 0), 0);
	assert_int_equal(tunnel_relay_deadline(g.r), 50);
	assert_int_equal(tunnel_relay_step(g.r, 49), 0);
	assert_int_equal(tunnel_relay_step(g.r, 50), TUNNEL_DONE);
	relay_down(&g);
}

/* Before time ends a way, what nobody told of is looked for. */
static void
untold(void **state)
{
	struct relay_rig g;
	char buf[8];

	(void)state;
	relay_up(&g, 100, 1, 1);
	tunnel_relay_budget(g.r, 4096);
	tunnel_pump_linger(g.p, TUNNEL_BA, 50);
	assert_int_equal(tunnel_relay_step(g.r, 0), 0);
	shutdown(g.near[0], SHUT_WR);
	fake_wait(g.near[1], POLLIN);
	assert_int_equal(tnl_relay_ready(g.r, A, TUNNEL_IN, 0), 0);
	assert_int_equal(send(g.far[1], "late", 4, 0), 4);
	fake_wait(g.far[0], POLLIN);
	assert_int_equal(tnl_relay_ready(g.r, A, 0, 49), 0);
	assert_int_equal(tunnel_pump_bytes(g.p, TUNNEL_BA), 0);
	assert_int_equal(tnl_relay_ready(g.r, A, 0, 50), 0);
	fake_wait(g.near[0], POLLIN);
	assert_int_equal(recv(g.near[0], buf, 8, 0), 4);
	/* Now it is silence. */
	assert_int_equal(tnl_relay_ready(g.r, A, 0, 100), TUNNEL_DONE);
	relay_down(&g);
}

/* A write fails, and what that side had said before is read all the same. */
static void
dying_words(void **state)
{
	static const struct fake_step dead[] = { { 0, TUNNEL_EIO }, { 0, 0 } };
	static const struct fake_step idle[] = { { 0, 0 } };
	static const struct fake_step words[] = { { 0, TUNNEL_IN }, { 3, 0 },
	    { 4, 0 }, { 9, 0 }, { 0, TUNNEL_ERESET }, { 0, 0 } };
	static const struct fake_step open[] = { { 99, 0 }, { 99, 0 },
	    { 0, 0 } };
	struct tunnel_pump *p = tunnel_pump_new(NULL, 10, 10);
	struct tunnel_relay *r = tunnel_relay_new(NULL, p);
	struct fake a, b;
	size_t n;

	(void)state;
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	a.in = "";
	b.in = "farewell";
	a.reads = idle;
	a.writes = open;
	b.reads = words;
	b.writes = idle;
	tunnel_relay_budget(r, 4096);
	tunnel_relay_io(r, A, fake_io(), &a);
	tunnel_relay_io(r, B, fake_io(), &b);
	assert_int_equal(tunnel_relay_step(r, 0), 0);
	tunnel_pump_put(p, TUNNEL_AB, "xyz", 3, &n);
	b.writes = dead;
	assert_int_equal(tunnel_relay_step(r, 0), TUNNEL_EIO);
	assert_int_equal(a.out_n, 8);
	assert_memory_equal(a.out, "farewell", 8);
	assert_true(a.aborts > 0);
	assert_int_equal(a.shuts, 0);
	assert_int_equal(tunnel_pump_lost(p, TUNNEL_AB), 3);
	tunnel_relay_free(r);
	tunnel_pump_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_close), cmocka_unit_test(resets),
		cmocka_unit_test(reset_after_half_close),
		cmocka_unit_test(hangup), cmocka_unit_test(timeouts),
		cmocka_unit_test(untold), cmocka_unit_test(dying_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
