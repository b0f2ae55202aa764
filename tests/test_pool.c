/* test_pool.c - blocks that are lent while bytes wait in them */
#include "unit.h"
#include "oom.h"

#include "core/alloc.h"
#include "core/pool.h"
#include "core/pump.h"

enum { SIZE = 1000, MANY = 40 };

static unsigned calls, held;

static void *
counted_get(void *ud, size_t n)
{
	(void)ud;
	calls++;
	held++;
	return malloc(n);
}

static void
counted_put(void *ud, void *p, size_t n)
{
	(void)ud;
	(void)n;
	calls++;
	held--;
	free(p);
}

static const struct tunnel_alloc counted = { counted_get, counted_put, NULL };

static void
lends(void **state)
{
	struct tnl_pool p;
	uint8_t *b[MANY], *again;
	int i;

	(void)state;
	calls = held = 0;
	tnl_pool_init(&p, &counted, SIZE);
	for (i = 0; i < MANY; i++) {
		b[i] = tnl_pool_get(&p);
		memset(b[i], i, SIZE);
	}
	assert_int_equal(held, MANY);
	for (i = 0; i < MANY; i++)
		assert_int_equal(b[i][SIZE - 1], i);
	for (i = 0; i < MANY; i++)
		tnl_pool_put(&p, b[i]);
	/* Some are kept, most are not. */
	assert_in_range(held, 1, MANY / 2);
	calls = 0;
	for (i = 0; i < 1000; i++) {
		again = tnl_pool_get(&p);
		tnl_pool_put(&p, again);
	}
	assert_int_equal(calls, 0);
	tnl_pool_free(&p);
	assert_int_equal(held, 0);
}

/* Pumps hold a block only while bytes wait, and moving bytes allocates
 * nothing. */
static void
pumps(void **state)
{
	struct tnl_pool pool;
	struct tunnel_pump p[MANY];
	char out[SIZE];
	size_t got;
	int i, round;

	(void)state;
	calls = held = 0;
	tnl_pool_init(&pool, &counted, SIZE);
	memset(p, 0, sizeof p);
	for (i = 0; i < MANY; i++)
		tnl_pump_init(&p[i], &pool);
	assert_int_equal(held, 0);
	for (round = 0; round < 100; round++)
		for (i = 0; i < MANY; i++) {
			tunnel_pump_put(&p[i], round % 2, "abc", 3, &got);
			assert_int_equal(got, 3);
			assert_int_equal(pool.lent, 1);
			tunnel_pump_take(&p[i], round % 2, out, SIZE, &got);
			assert_int_equal(got, 3);
			assert_memory_equal(out, "abc", 3);
			assert_int_equal(pool.lent, 0);
		}
	assert_int_equal(calls, 1);
	/* A room that nothing came into goes back, too. */
	assert_non_null(tunnel_pump_room(&p[0], TUNNEL_AB, &got));
	assert_int_equal(got, SIZE);
	tunnel_pump_commit(&p[0], TUNNEL_AB, 0);
	assert_int_equal(pool.lent, 0);
	assert_int_equal(tunnel_pump_commit(&p[0], TUNNEL_AB, 1),
	    TUNNEL_EINVAL);
	/* What is dropped gives its block back. */
	tunnel_pump_put(&p[0], TUNNEL_AB, "abc", 3, &got);
	tunnel_pump_put(&p[0], TUNNEL_BA, "abc", 3, &got);
	assert_int_equal(pool.lent, 2);
	tunnel_pump_reset(&p[0], TUNNEL_B);
	assert_int_equal(pool.lent, 1);
	for (i = 0; i < MANY; i++)
		tnl_pump_end(&p[i]);
	assert_int_equal(pool.lent, 0);
	tnl_pool_free(&pool);
	assert_int_equal(held, 0);
}

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_alloc own;
	struct tunnel_pump p;
	struct tnl_pool pool;
	size_t n;
	int ok;

	(void)ud;
	tnl_alloc_init(&own, a);
	tnl_pool_init(&pool, &own, SIZE);
	memset(&p, 0, sizeof p);
	tnl_pump_init(&p, &pool);
	ok = tunnel_pump_room(&p, TUNNEL_AB, &n) != NULL;
	if (!ok) {
		/* It says so, and nothing is lost by it. */
		assert_int_equal(n, 0);
		assert_true(tunnel_pump_flags(&p, TUNNEL_AB) & TUNNEL_IN);
	}
	tnl_pump_end(&p);
	tnl_pool_free(&pool);
	return ok;
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
		cmocka_unit_test(lends), cmocka_unit_test(pumps),
		cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
