/* test_bypass_join.c - a streaming way as a join of two sockets */
#include "join_rig.h"

static void
streams(void **state)
{
	struct rig *g = *state;
	struct tnl_rest rest;
	size_t i;

	/* Small talk never gets there. */
	for (i = 1; i <= 100; i++)
		carry(g, i * 10);
	assert_int_equal(joins, 0);
	stream(g);
	carry(g, 10 * MUCH);
	assert_int_equal(joins, 1);
	/* The relay holds nothing, asks for nothing but the end, and knows what
	 * has gone as of the step. */
	assert_int_equal(step(g), 0);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), g->got);
	assert_int_equal(g->pool.lent, 0);
	assert_int_equal(tunnel_relay_wants(g->r, TUNNEL_A), TUNNEL_IN);
	assert_int_equal(tunnel_relay_wants(g->r, TUNNEL_B), TUNNEL_IN);
	assert_false(tnl_carrier_rest(g->c, &rest));
	/* The end follows the last byte. */
	pattern_push(g->src[1], &g->sent, g->sent + 5000);
	shutdown(g->src[1], SHUT_WR);
	fake_wait(g->src[0], POLLIN);
	while (joints[0].on)
		kernel();
	assert_int_equal(step(g), 0);
	assert_int_equal(tunnel_pump_flags(g->p, TUNNEL_AB), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), g->sent);
	fake_wait(g->dst[1], POLLIN);
	while (pattern_pull(g->dst[1], &g->got, 1 << 20))
		continue;
	assert_int_equal(g->got, g->sent);
}

static void
both_ways(void **state)
{
	struct rig *g = *state;
	size_t up = 0, back = 0;
	int i;

	stream(g);
	for (i = 0; back < MUCH && i < 100000; i++) {
		pattern_push(g->dst[1], &up, MUCH);
		assert_int_equal(step(g), 0);
		kernel();
		pattern_pull(g->src[1], &back, MUCH - back);
	}
	assert_true(joints[0].on && joints[1].on);
	assert_int_equal(joints[1].to, g->src[0]);
	carry(g, MUCH);
	assert_int_equal(step(g), 0);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_BA), MUCH);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), 2 * MUCH);
}

/* A stream is no silence, though nothing is told of it; silence ends the join,
 * and then it costs nothing. */
static void
silence(void **state)
{
	struct rig *g = *state;
	struct tnl_rest rest;
	uint64_t moved;
	int i;

	stream(g);
	for (i = 0; i < 50; i++) {
		pattern_push(g->src[1], &g->sent, g->sent + 1);
		fake_wait(g->src[0], POLLIN);
		kernel();
		assert_int_equal(wait_step(g), 0);
		assert_true(joints[0].on);
	}
	assert_int_equal(joins, 1);
	assert_true(g->now >= 49 * LOOK);
	moved = g->now;
	assert_int_equal(wait_step(g), 0);
	assert_false(joints[0].on);
	assert_true(g->now <= moved + LOOK);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), g->sent);
	assert_int_equal(tunnel_relay_deadline(g->r), moved + g->cs.idle);
	assert_true(tnl_carrier_rest(g->c, &rest));
	assert_int_equal(rest.pump.out[TUNNEL_AB], g->sent);
	/* The next stream is joined again, and then nothing comes for long. */
	pattern_pull(g->dst[1], &g->got, g->sent - g->got);
	stream(g);
	assert_int_equal(joins, 2);
	do
		i = wait_step(g);
	while (i == 0);
	assert_int_equal(i, TUNNEL_ETIMEOUT);
}

static int stalled;

static void
on_stall(void *ud, int way)
{
	(void)ud;
	assert_int_equal(way, TUNNEL_AB);
	stalled++;
}

/* A reader that takes nothing is found, a little late. */
static void
stall(void **state)
{
	struct rig *g = *state;
	size_t before;
	uint64_t begun;

	stream(g);
	stalled = 0;
	assert_int_equal(tunnel_pump_on_stall(g->p, on_stall, NULL), 0);
	do {
		before = g->sent;
		pattern_push(g->src[1], &g->sent, SIZE_MAX / 2);
		kernel();
	} while (g->sent > before);
	begun = g->now;
	while (!stalled)
		assert_int_equal(wait_step(g), 0);
	assert_false(joints[0].on);
	assert_true(tunnel_pump_held(g->p, TUNNEL_AB) > 0);
	assert_true(g->now <= begun + 2 * LOOK + g->cs.stall);
	carry(g, 1);
	carry(g, MUCH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(streams), TEST(both_ways), TEST(silence), TEST(stall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
