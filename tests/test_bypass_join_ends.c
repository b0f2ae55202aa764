/* test_bypass_join_ends.c - what ends a join, and whose fault it is */
#include "join_rig.h"

#include <signal.h>

static void
reset(int fd)
{
	struct linger hard = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(fd);
}

/* Another socket in its place, for the teardown to close. */
static void
replace(int *fd)
{
	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(*fd >= 0);
}

/* The double takes the error from the socket, as asking for it would. */
static void
source_reset(void **state)
{
	struct rig *g = *state;
	size_t n;

	stream(g);
	reset(g->src[1]);
	replace(&g->src[1]);
	fake_wait(g->src[0], POLLIN);
	kernel();
	assert_int_equal(joints[0].error, ECONNRESET);
	assert_int_equal(step(g), TUNNEL_ERESET);
	assert_int_equal(tunnel_relay_error(g->r, TUNNEL_A), TUNNEL_ERESET);
	assert_int_equal(tunnel_relay_errno(g->r, TUNNEL_A), ECONNRESET);
	assert_int_equal(tunnel_relay_error(g->r, TUNNEL_B), 0);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), g->sent);
	assert_true(tunnel_relay_deadline(g->r) == UINT64_MAX);
	close(g->dst[0]);
	replace(&g->dst[0]);
	assert_int_equal(fake_end(g->dst[1], &n), -1);
}

/* A join that ended because of its sink leaves the source without blame. */
static void
sink_reset(void **state)
{
	struct rig *g = *state;
	size_t n;

	stream(g);
	reset(g->dst[1]);
	replace(&g->dst[1]);
	fake_wait(g->dst[0], POLLIN);
	pattern_push(g->src[1], &g->sent, g->sent + 100);
	fake_wait(g->src[0], POLLIN);
	/* Seen at the source first, where it is said before the sink reads. */
	joints[0].on = 0;
	g->r->side[TUNNEL_B].rwait = g->r->side[TUNNEL_B].wwait = TUNNEL_IN;
	assert_true(tnl_relay_ready(g->r, TUNNEL_A, TUNNEL_IN, g->now) >= 0);
	assert_true(tunnel_pump_held(g->p, TUNNEL_AB) > 0);
	assert_int_equal(tunnel_relay_error(g->r, TUNNEL_A), 0);
	assert_int_equal(step(g), TUNNEL_ERESET);
	assert_int_equal(tunnel_relay_error(g->r, TUNNEL_A), 0);
	assert_int_equal(tunnel_relay_error(g->r, TUNNEL_B), TUNNEL_ERESET);
	close(g->src[0]);
	replace(&g->src[0]);
	assert_int_equal(fake_end(g->src[1], &n), -1);
}

/* The sink says it first, while the sockets are still joined. */
static void
sink_reset_first(void **state)
{
	struct rig *g = *state;

	stream(g);
	reset(g->dst[1]);
	replace(&g->dst[1]);
	fake_wait(g->dst[0], POLLIN);
	assert_int_equal(step(g), TUNNEL_ERESET);
	assert_false(joints[0].on);
	assert_int_equal(tunnel_relay_error(g->r, TUNNEL_A), 0);
	assert_int_equal(tunnel_relay_errno(g->r, TUNNEL_B), ECONNRESET);
}

/* The other way ends; this one is cut when it has been silent for so long, and
 * not while it streams.  Nothing goes to the sink behind the end. */
static void
lingers(void **state)
{
	struct rig *g = *state;
	int i, rv;

	stream(g);
	in_time = 1;
	shutdown(g->dst[1], SHUT_WR);
	fake_wait(g->dst[0], POLLIN);
	assert_int_equal(step(g), 0);
	assert_int_equal(tunnel_pump_flags(g->p, TUNNEL_BA), TUNNEL_DONE);
	for (i = 0; i < 20; i++) {
		pattern_push(g->src[1], &g->sent, g->sent + 100);
		fake_wait(g->src[0], POLLIN);
		kernel();
		assert_int_equal(wait_step(g), 0);
		assert_true(joints[0].on);
	}
	do
		rv = wait_step(g);
	while (rv == 0);
	assert_int_equal(rv, TUNNEL_DONE);
	assert_false(joints[0].on);
	fake_wait(g->dst[1], POLLIN);
	while (pattern_pull(g->dst[1], &g->got, 1 << 20) && g->got < g->sent)
		continue;
	assert_int_equal(g->got, g->sent);
	assert_int_equal(recv(g->dst[1], &i, 1, 0), 0);
}

/* Half-close: the way that is joined ends, the other lives on. */
static void
half_close(void **state)
{
	struct rig *g = *state;
	char c;
	int i;

	stream(g);
	shutdown(g->src[1], SHUT_WR);
	fake_wait(g->src[0], POLLIN);
	kernel();
	assert_int_equal(step(g), 0);
	fake_wait(g->dst[1], POLLIN);
	assert_int_equal(recv(g->dst[1], &c, 1, 0), 0);
	for (i = 0; i < 10; i++) {
		assert_int_equal(send(g->dst[1], "x", 1, 0), 1);
		fake_wait(g->dst[0], POLLIN);
		assert_int_equal(step(g), 0);
		fake_wait(g->src[1], POLLIN);
		assert_int_equal(recv(g->src[1], &c, 1, 0), 1);
	}
	shutdown(g->dst[1], SHUT_WR);
	fake_wait(g->dst[0], POLLIN);
	assert_int_equal(step(g), TUNNEL_DONE);
}

/* What the application puts in comes behind what has gone, before the rest. */
static void
put_between(void **state)
{
	struct rig *g = *state;
	size_t used, n;
	char buf[64];

	stream(g);
	assert_true(tunnel_pump_put(g->p, TUNNEL_AB, "between", 7, &used) > 0);
	assert_int_equal(used, 7);
	assert_int_equal(send(g->src[1], "after", 5, 0), 5);
	fake_wait(g->src[0], POLLIN);
	assert_int_equal(step(g), 0);
	assert_false(joints[0].on);
	for (n = 0; n < 12; n += used) {
		fake_wait(g->dst[1], POLLIN);
		used = (size_t)recv(g->dst[1], buf + n, sizeof buf - n, 0);
	}
	assert_memory_equal(buf, "betweenafter", 12);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), g->sent + 12);
}

/* Dissolved by the system for a reason of its own: the ring goes on, and then
 * it is joined again. */
static void
dissolved(void **state)
{
	struct rig *g = *state;
	int i;

	for (i = 1; i <= 5; i++) {
		stream(g);
		assert_int_equal(joins, i);
		pattern_push(g->src[1], &g->sent, g->sent + 10000);
		kernel();
		joints[0].on = 0;
		assert_int_equal(step(g), 0);
		pattern_pull(g->dst[1], &g->got, g->sent - g->got);
		carry(g, 1);
	}
	assert_int_equal(step(g), 0);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), g->got);
}

static void
refused(void **state)
{
	struct rig *g = *state;

	refuse = 1;
	carry(g, MUCH);
	refuse = 0;
	/* Once is enough. */
	carry(g, MUCH);
	assert_int_equal(joins, 0);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), 2 * MUCH);
}

/* Bytes that went between the last step and the end are counted as well. */
static void
told_off(void **state)
{
	struct rig *g = *state;
	struct tunnel_pump *p = tunnel_pump_new(NULL, BLOCK, BLOCK);
	struct tunnel_relay *r = tunnel_relay_new(NULL, p), *own = g->r;
	struct tunnel_pump *pump = g->p;

	signal(SIGPIPE, SIG_DFL);
	g->p = p;
	g->r = r;
	assert_int_equal(tunnel_relay_fd(r, TUNNEL_A, g->src[0]), 0);
	assert_int_equal(tunnel_relay_fd(r, TUNNEL_B, g->dst[0]), 0);
	carry(g, MUCH);
	assert_int_equal(joins, 0);
	assert_int_equal(tunnel_relay_splice(r, 1), 0);
	/* The signal is nothing to a join, but to a pipe's write. */
	assert_false(r->side[TUNNEL_A].stream.fd.quiet);
	stream(g);
	pattern_push(g->src[1], &g->sent, g->sent + 1000);
	fake_wait(g->src[0], POLLIN);
	kernel();
	assert_int_equal(tunnel_relay_splice(r, 0), 0);
	assert_false(joints[0].on);
	assert_int_equal(tunnel_pump_bytes(p, TUNNEL_AB), g->sent);
	pattern_pull(g->dst[1], &g->got, g->sent - g->got);
	carry(g, MUCH);
	assert_int_equal(joins, 1);
	/* Once more, and it is freed in mid-stream. */
	assert_int_equal(tunnel_relay_splice(r, 1), 0);
	stream(g);
	tunnel_relay_free(r);
	assert_false(joints[0].on);
	tunnel_pump_free(p);
	g->r = own;
	g->p = pump;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(source_reset), TEST(sink_reset), TEST(sink_reset_first),
		TEST(lingers), TEST(half_close), TEST(put_between),
		TEST(dissolved), TEST(refused), TEST(told_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
