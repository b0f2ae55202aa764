/* test_pump.c - two flows: bytes, marks and ends */
#include "unit.h"
#include "pump_rig.h"

#include "core/pump.h"
#include "oom.h"

static void
birth(void **state)
{
	struct tunnel_pump *p;

	(void)state;
	assert_null(tunnel_pump_new(NULL, 0, 1));
	assert_null(tunnel_pump_new(NULL, 1, 0));
	assert_null(tunnel_pump_new(NULL, ((size_t)1 << 30) + 1, 1));
	assert_null(tunnel_pump_new(NULL, 1, ((size_t)1 << 30) + 1));
	tunnel_pump_free(NULL);
	p = pump_fresh(10, 10, NULL);
	assert_int_equal(tunnel_pump_strict(p, 0), 0);
	assert_int_equal(tunnel_pump_idle(p, 1), 0);
	assert_int_equal(tunnel_pump_linger(p, AB, 1), 0);
	assert_int_equal(tunnel_pump_linger(p, 2, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_stall(p, BA, 1), 0);
	assert_int_equal(tunnel_pump_stall(p, -1, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_on_pressure(p, NULL, NULL), 0);
	assert_int_equal(tunnel_pump_on_stall(p, NULL, NULL), 0);
	/* The marks are all and half of it, unless they are set. */
	assert_int_equal(pump_put(p, AB, "0123456789"), TUNNEL_OUT);
	assert_int_equal(pump_take(p, AB, "0123"), TUNNEL_OUT);
	assert_int_equal(pump_take(p, AB, "4"), TUNNEL_IN | TUNNEL_OUT);
	tunnel_pump_free(p);
}

static void
bytes(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 3, NULL);
	size_t n;

	(void)state;
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_IN);
	assert_int_equal(tunnel_pump_flags(p, 2), TUNNEL_EINVAL);
	assert_int_equal(pump_put(p, AB, "abcdef"), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(pump_take(p, AB, "abc"), TUNNEL_IN | TUNNEL_OUT);
	/* Around the end of the memory and back. */
	assert_int_equal(pump_put(p, AB, "ghijk"), TUNNEL_OUT);
	assert_int_equal(tunnel_pump_put(p, AB, "x", 1, &n), TUNNEL_OUT);
	assert_int_equal(n, 0);
	assert_int_equal(pump_take(p, AB, "defghijk"), TUNNEL_IN);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_IN);
	assert_int_equal(tunnel_pump_put(p, BA, "wxyz", 4, &n), TUNNEL_OUT);
	assert_int_equal(n, 3);
	assert_int_equal(tunnel_pump_bytes(p, AB), 11);
	assert_int_equal(tunnel_pump_held(p, BA), 3);
	assert_int_equal(tunnel_pump_lost(p, BA), 0);
	tunnel_pump_free(p);
}

static void
lending(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);
	char *room;
	const char *held;
	size_t n;

	(void)state;
	room = tunnel_pump_room(p, AB, &n);
	assert_int_equal(n, 8);
	memcpy(room, "hello", 5);
	assert_int_equal(tunnel_pump_commit(p, AB, 9), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_commit(p, AB, 5), TUNNEL_IN | TUNNEL_OUT);
	held = tunnel_pump_peek(p, AB, &n);
	assert_int_equal(n, 5);
	assert_memory_equal(held, "hello", 5);
	assert_int_equal(tunnel_pump_skip(p, AB, 6), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_skip(p, AB, 2), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_OUT);
	assert_null(tunnel_pump_room(p, AB, &n));
	assert_int_equal(n, 0);
	assert_int_equal(tunnel_pump_commit(p, AB, 0), TUNNEL_ESTATE);
	assert_int_equal(pump_put(p, AB, "x"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_skip(p, AB, 3), TUNNEL_FIN);
	/* Of a full way there is none to lend. */
	assert_int_equal(pump_put(p, BA, "12345678"), TUNNEL_OUT);
	assert_null(tunnel_pump_room(p, BA, &n));
	assert_int_equal(n, 0);
	assert_null(tunnel_pump_peek(p, AB, &n));
	assert_null(tunnel_pump_peek(p, 7, &n));
	assert_int_equal(tunnel_pump_commit(p, -1, 0), TUNNEL_EINVAL);
	tunnel_pump_free(p);
}

/* What is carried round the ring is held, too: no end before it has landed,
 * whatever is skipped meanwhile. */
static void
carried(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);

	(void)state;
	tnl_pump_carried(p, AB, 2);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_OUT);
	assert_int_equal(tunnel_pump_skip(p, AB, 0), TUNNEL_OUT);
	tnl_pump_landed(p, AB, 1);
	assert_int_equal(tunnel_pump_skip(p, AB, 0), TUNNEL_OUT);
	tnl_pump_landed(p, AB, 1);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_FIN);
	tunnel_pump_free(p);
}

static void
marks(void **state)
{
	struct pump_heard h;
	struct tunnel_pump *p = pump_fresh(10, 10, &h);

	(void)state;
	assert_int_equal(tunnel_pump_marks(p, AB, 2, 2), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_marks(p, AB, 2, 11), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_marks(p, AB, 2, 6), 0);
	assert_int_equal(pump_put(p, AB, "12345"), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(h.pauses[AB], 0);
	assert_int_equal(pump_put(p, AB, "6"), TUNNEL_OUT);
	assert_int_equal(h.pauses[AB], 1);
	/* The mark is advice, the capacity is law. */
	assert_int_equal(pump_put(p, AB, "7890"), TUNNEL_OUT);
	assert_int_equal(h.pauses[AB], 1);
	assert_int_equal(pump_take(p, AB, "1234567"), TUNNEL_OUT);
	assert_int_equal(h.resumes[AB], 0);
	assert_int_equal(pump_take(p, AB, "8"), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(h.resumes[AB], 1);
	assert_int_equal(h.pauses[AB], 1);
	assert_int_equal(pump_take(p, AB, "90"), TUNNEL_IN);
	assert_int_equal(h.resumes[AB], 1);
	assert_int_equal(h.pauses[BA] + h.resumes[BA], 0);
	tunnel_pump_free(p);
}

static void
half_close(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);

	(void)state;
	pump_put(p, AB, "bye");
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_OUT);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_OUT);
	/* The other way lives on. */
	assert_int_equal(pump_put(p, BA, "more"), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(pump_take(p, AB, "bye"), TUNNEL_FIN);
	assert_int_equal(tunnel_pump_shut(p, AB), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_shut(p, AB), TUNNEL_DONE);
	assert_int_equal(pump_take(p, BA, "more"), TUNNEL_IN);
	assert_int_equal(tunnel_pump_tick(p, 1), 0);
	assert_int_equal(tunnel_pump_eof(p, BA), TUNNEL_FIN);
	assert_int_equal(tunnel_pump_shut(p, BA), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_tick(p, 2), TUNNEL_DONE);
	tunnel_pump_free(p);
}

static void
strict(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);

	(void)state;
	tunnel_pump_strict(p, 1);
	pump_put(p, AB, "bye");
	pump_put(p, BA, "unread");
	tunnel_pump_eof(p, AB);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(pump_take(p, AB, "bye"), TUNNEL_FIN);
	/* Cut short is not ended. */
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_RESET);
	assert_int_equal(tunnel_pump_lost(p, BA), 6);
	tunnel_pump_free(p);
	p = pump_fresh(8, 8, NULL);
	tunnel_pump_strict(p, 1);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_FIN);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_FIN);
	tunnel_pump_free(p);
	/* When both have ended, what came from both is delivered. */
	p = pump_fresh(8, 8, NULL);
	tunnel_pump_strict(p, 1);
	pump_put(p, BA, "last");
	tunnel_pump_eof(p, BA);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_FIN);
	assert_int_equal(pump_take(p, BA, "last"), TUNNEL_FIN);
	tunnel_pump_free(p);
}

static void
resets(void **state)
{
	struct tunnel_pump *p = pump_fresh(8, 8, NULL);

	(void)state;
	pump_put(p, AB, "last");
	pump_put(p, BA, "lost");
	assert_int_equal(tunnel_pump_reset(p, TUNNEL_A), 0);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_lost(p, BA), 4);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_OUT);
	assert_int_equal(pump_put(p, AB, "x"), TUNNEL_ESTATE);
	assert_int_equal(pump_take(p, AB, "last"), TUNNEL_RESET);
	assert_int_equal(tunnel_pump_shut(p, AB), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_reset(p, 2), TUNNEL_EINVAL);
	tunnel_pump_free(p);
	/* An end that was seen does not make a reset clean. */
	p = pump_fresh(8, 8, NULL);
	pump_put(p, AB, "ab");
	tunnel_pump_eof(p, AB);
	tunnel_pump_reset(p, TUNNEL_A);
	assert_int_equal(pump_take(p, AB, "ab"), TUNNEL_RESET);
	tunnel_pump_free(p);
	p = pump_fresh(8, 8, NULL);
	tunnel_pump_eof(p, AB);
	tunnel_pump_reset(p, TUNNEL_A);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_RESET);
	tunnel_pump_free(p);
	/* A sink that takes no more has died. */
	p = pump_fresh(8, 8, NULL);
	pump_put(p, AB, "ab");
	assert_int_equal(tunnel_pump_shut(p, AB), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_lost(p, AB), 2);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_RESET);
	tunnel_pump_free(p);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_pump *p = tunnel_pump_new(a, 5, 6);
	int done = p != NULL;

	(void)ud;
	tunnel_pump_free(p);
	return done;
}

static void
failing_memory(void **state)
{
	(void)state;
	oom_run(starved, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(birth), cmocka_unit_test(bytes),
		cmocka_unit_test(lending), cmocka_unit_test(marks),
		cmocka_unit_test(carried),
		cmocka_unit_test(half_close), cmocka_unit_test(strict),
		cmocka_unit_test(resets), cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
