/* test_census.c - who is there, when they are many */
#include "unit.h"
#include "oom.h"

#include "net/census.h"

enum { MANY = 5000 };

static struct tnl_endpoint
number(unsigned i)
{
	struct tnl_endpoint e;

	memset(&e, 0, sizeof e);
	e.n = i % 2 == 0 ? 4 : 16;
	e.addr[0] = (uint8_t)i;
	e.addr[1] = (uint8_t)(i >> 8);
	e.port = 1 + i % 7;             /* says nothing of who it is */
	return e;
}

/* Each has its own count, among as many as there are. */
static void
quotas_of_many(void **state)
{
	struct tnl_census c;
	struct tnl_endpoint e, nobody = { { 0 }, 0, 0, 0 };
	struct oom o;
	size_t before;
	unsigned i;

	(void)state;
	oom_init(&o);
	memset(&c, 0, sizeof c);
	assert_int_equal(tnl_census_init(&c, &o.alloc), 0);
	before = o.live;
	for (i = 0; i < MANY; i++) {
		e = number(i);
		assert_int_equal(tnl_census_enter(&c, &e, 1), 0);
	}
	for (i = 0; i < MANY; i++) {
		e = number(i);
		e.port++;
		assert_int_equal(tnl_census_enter(&c, &e, 1), TUNNEL_EQUOTA);
		assert_int_equal(tnl_census_enter(&c, &e, 2), 0);
		assert_int_equal(tnl_census_enter(&c, &e, 2), TUNNEL_EQUOTA);
	}
	/* Who has no address is not counted. */
	assert_int_equal(tnl_census_enter(&c, &nobody, 1), 0);
	assert_int_equal(tnl_census_enter(&c, &nobody, 1), 0);
	tnl_census_leave(&c, &nobody);
	for (i = 0; i < MANY; i++) {
		e = number(i);
		tnl_census_leave(&c, &e);
		assert_int_equal(tnl_census_enter(&c, &e, 2), 0);
		tnl_census_leave(&c, &e);
		tnl_census_leave(&c, &e);
	}
	/* and nobody who has left is remembered */
	assert_int_equal(o.live, before);
	tnl_census_free(&c);
	assert_int_equal(o.live, 0);
}

static int
crowd(const struct tunnel_alloc *a, void *ud)
{
	struct tnl_census c;
	struct tnl_endpoint e;
	unsigned i, in = 0;

	(void)ud;
	memset(&c, 0, sizeof c);
	if (tnl_census_init(&c, a) < 0)
		return 0;
	for (i = 0; i < 300; i++, in++) {
		e = number(i);
		if (tnl_census_enter(&c, &e, 0) < 0)
			break;
	}
	while (in > 0) {
		e = number(--in);
		tnl_census_leave(&c, &e);
	}
	tnl_census_free(&c);
	return i == 300;
}

/* A client that cannot be counted is not there; more room that cannot be had is
 * done without. */
static void
without_memory(void **state)
{
	struct oom o;
	size_t n;

	(void)state;
	for (n = 1; n < 320; n++) {
		oom_init(&o);
		o.fail_at = n;
		(void)crowd(&o.alloc, NULL);
		assert_int_equal(o.live, 0);
	}
	oom_init(&o);
	assert_true(crowd(&o.alloc, NULL));
}

static void
tunnels_at_once(void **state)
{
	struct tnl_census c;
	struct oom o;

	(void)state;
	oom_init(&o);
	memset(&c, 0, sizeof c);
	tnl_census_free(&c);            /* before its birth */
	assert_int_equal(tnl_census_init(&c, &o.alloc), 0);
	assert_int_equal(tnl_census_open(&c, 2), 0);
	assert_int_equal(tnl_census_reserve(&c, 2), 0);
	assert_int_equal(tnl_census_reserve(&c, 2), 0);
	assert_int_equal(tnl_census_reserve(&c, 2), TUNNEL_EBUSY);
	assert_int_equal(tnl_census_reserve(&c, 0), 0);
	assert_int_equal(tnl_census_get(&c, TUNNEL_COUNT_TUNNELS), 3);
	tnl_census_release(&c);
	assert_int_equal(tnl_census_get(&c, TUNNEL_COUNT_TUNNELS), 2);
	tnl_tally_add(&c.tally[0], TUNNEL_COUNT_SESSIONS, 5);
	tnl_tally_add(&c.tally[1], TUNNEL_COUNT_SESSIONS, -2);
	assert_int_equal(tnl_census_get(&c, TUNNEL_COUNT_SESSIONS), 3);
	tnl_census_free(&c);
	assert_int_equal(o.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotas_of_many),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(tunnels_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
