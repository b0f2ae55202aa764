/* test_pump_times.c - two flows, in simulated time */
#include "unit.h"
#include "pump_rig.h"

#include "core/pump.h"

static void
idle(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);

	(void)state;
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	tunnel_pump_idle(p, 100);
	assert_int_equal(tunnel_pump_tick(p, 1000), 0);
	assert_int_equal(tunnel_pump_deadline(p), 1100);
	pump_put(p, AB, "a");
	assert_int_equal(tunnel_pump_tick(p, 1099), 0);
	assert_int_equal(tunnel_pump_deadline(p), 1199);
	assert_int_equal(tunnel_pump_tick(p, 1198), 0);
	assert_int_equal(tunnel_pump_tick(p, 1199), TUNNEL_ETIMEOUT);
	assert_int_equal(tunnel_pump_tick(p, 1200), TUNNEL_ETIMEOUT);
	tunnel_pump_free(p);
}

static void
linger(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);

	(void)state;
	tunnel_pump_linger(p, BA, 50);
	tunnel_pump_linger(p, AB, 0);
	assert_int_equal(tunnel_pump_tick(p, 0), 0);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	tunnel_pump_eof(p, AB);
	tunnel_pump_shut(p, AB);
	assert_int_equal(tunnel_pump_tick(p, 1000), 0);
	assert_int_equal(tunnel_pump_deadline(p), 1050);
	pump_put(p, BA, "still");
	assert_int_equal(tunnel_pump_tick(p, 1049), 0);
	/* Who is silent now is the reader, and may be. */
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	assert_int_equal(tunnel_pump_tick(p, 5000), 0);
	pump_take(p, BA, "st");
	assert_int_equal(tunnel_pump_tick(p, 9000), 0);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	pump_take(p, BA, "ill");
	assert_int_equal(tunnel_pump_tick(p, 9900), 0);
	assert_int_equal(tunnel_pump_deadline(p), 9950);
	assert_int_equal(tunnel_pump_tick(p, 9949), 0);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_IN);
	assert_int_equal(tunnel_pump_tick(p, 9950), 0);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_FIN);
	assert_int_equal(tunnel_pump_lost(p, BA), 0);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	tunnel_pump_free(p);
	/* A source that was reset says no more, and it ends in a reset. */
	p = pump_fresh(8, 8, NULL);
	tunnel_pump_linger(p, AB, 50);
	pump_put(p, AB, "last");
	tunnel_pump_reset(p, TUNNEL_A);
	assert_int_equal(tunnel_pump_tick(p, 0), 0);
	assert_int_equal(tunnel_pump_deadline(p), 50);
	assert_int_equal(tunnel_pump_tick(p, 50), 0);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_RESET);
	assert_int_equal(tunnel_pump_lost(p, AB), 4);
	tunnel_pump_free(p);
	/* Without a limit the other way lives as long as it likes. */
	p = pump_fresh(8, 8, NULL);
	tunnel_pump_linger(p, AB, 0);
	tunnel_pump_eof(p, BA);
	tunnel_pump_shut(p, BA);
	assert_int_equal(tunnel_pump_tick(p, 0), 0);
	assert_int_equal(tunnel_pump_tick(p, UINT64_MAX - 1), 0);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_IN);
	tunnel_pump_free(p);
}

static void
stall(void **state)
{
	struct pump_heard h;
	struct tunnel_pump *p = pump_fresh(8, 8, &h);

	(void)state;
	tunnel_pump_stall(p, AB, 30);
	tunnel_pump_tick(p, 100);
	pump_put(p, AB, "abcd");
	tunnel_pump_tick(p, 105);
	/* More coming in does not hide that nothing goes out. */
	pump_put(p, AB, "e");
	tunnel_pump_tick(p, 120);
	assert_int_equal(tunnel_pump_deadline(p), 130);
	tunnel_pump_tick(p, 129);
	assert_int_equal(h.stalls[AB], 0);
	tunnel_pump_tick(p, 130);
	tunnel_pump_tick(p, 900);
	assert_int_equal(h.stalls[AB], 1);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	pump_take(p, AB, "a");
	tunnel_pump_tick(p, 1000);
	assert_int_equal(tunnel_pump_deadline(p), 1030);
	tunnel_pump_tick(p, 1030);
	assert_int_equal(h.stalls[AB], 2);
	assert_int_equal(h.stalls[BA], 0);
	tunnel_pump_free(p);
}

/* Time that would pass its own end never comes. */
static void
end_of_time(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);

	(void)state;
	tunnel_pump_idle(p, UINT64_MAX);
	tunnel_pump_tick(p, 1);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	tunnel_pump_free(p);
	p = pump_fresh(8, 8, NULL);
	tunnel_pump_idle(p, 10);
	tunnel_pump_tick(p, UINT64_MAX - 5);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_IN);
	tunnel_pump_free(p);
}

/* What a resting pump knows fits into a note only while nothing is lost, held
 * or late; and one that goes on from there has delivered what that had. */
static void
rest(void **state)
{
	struct tnl_pump_rest note;
	struct tunnel_pump *p = pump_fresh(8, 8, NULL), *q;

	(void)state;
	assert_int_equal(tnl_pump_rest(p, &note), 0);   /* no time yet */
	tunnel_pump_idle(p, 100);
	tunnel_pump_tick(p, 7);
	pump_put(p, AB, "abc");
	assert_int_equal(tnl_pump_rest(p, &note), 0);
	pump_take(p, AB, "abc");
	tunnel_pump_tick(p, 9);
	assert_int_equal(tnl_pump_rest(p, &note), 1);
	assert_int_equal(note.out[AB], 3);
	assert_int_equal(note.out[BA], 0);
	assert_int_equal(note.moved, 9);
	q = pump_fresh(8, 8, NULL);
	tunnel_pump_idle(q, 100);
	tnl_pump_resume(q, &note);
	assert_int_equal(tunnel_pump_bytes(q, AB), 3);
	tunnel_pump_tick(q, 50);
	assert_int_equal(tunnel_pump_deadline(q), 109);
	tunnel_pump_free(q);
	/* half-closed */
	tunnel_pump_eof(p, AB);
	assert_int_equal(tnl_pump_rest(p, &note), 0);
	tunnel_pump_free(p);
	/* too late */
	p = pump_fresh(8, 8, NULL);
	tunnel_pump_idle(p, 10);
	tunnel_pump_tick(p, 1);
	tunnel_pump_tick(p, 20);
	assert_int_equal(tnl_pump_rest(p, &note), 0);
	tunnel_pump_free(p);
}

/* There is no third way. */
static void
no_such_way(void **state)
{
	static const int ways[] = { -1, 2, 3 };
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);
	size_t i, n;

	(void)state;
	pump_put(p, AB, "abc");
	pump_put(p, BA, "defg");
	for (i = 0; i < 3; i++) {
		assert_int_equal(tunnel_pump_bytes(p, ways[i]), 0);
		assert_int_equal(tunnel_pump_held(p, ways[i]), 0);
		assert_int_equal(tunnel_pump_lost(p, ways[i]), 0);
		assert_null(tunnel_pump_peek(p, ways[i], &n));
		assert_int_equal(n, 0);
	}
	assert_int_equal(tunnel_pump_held(p, AB), 3);
	assert_int_equal(tunnel_pump_held(p, BA), 4);
	pump_take(p, BA, "defg");
	assert_int_equal(tunnel_pump_bytes(p, BA), 4);
	tunnel_pump_reset(p, TUNNEL_A);
	tunnel_pump_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle), cmocka_unit_test(linger),
		cmocka_unit_test(stall), cmocka_unit_test(end_of_time),
		cmocka_unit_test(rest), cmocka_unit_test(no_such_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
