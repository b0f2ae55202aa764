/* test_foreign.c - constants by name, and random bytes */
#include "unit.h"

static int
value_of(const char *name)
{
	int value = 424242;

	assert_int_equal(tunnel_constant(name, &value), 0);
	return value;
}

static void
by_name(void **state)
{
	(void)state;
	assert_int_equal(value_of("TUNNEL_IN"), TUNNEL_IN);
	assert_int_equal(value_of("TUNNEL_RECONNECT"), TUNNEL_RECONNECT);
	assert_int_equal(value_of("TUNNEL_ENOMEM"), TUNNEL_ENOMEM);
	assert_int_equal(value_of("TUNNEL_ENOTSOCKS"), TUNNEL_ENOTSOCKS);
	assert_int_equal(value_of("TUNNEL_A"), TUNNEL_A);
	assert_int_equal(value_of("TUNNEL_BA"), TUNNEL_BA);
	assert_int_equal(value_of("TUNNEL_BY_TIME"), TUNNEL_BY_TIME);
	assert_int_equal(value_of("TUNNEL_COUNT_DOWN"), TUNNEL_COUNT_DOWN);
}

static void
strangers(void **state)
{
	static const char *const name[] = { "", "IN", "TUNNEL_", "TUNNEL_I",
	    "TUNNEL_INN", "tunnel_in", "A", "~", "TUNNEL_AA", "TUNNEL_ZZ" };
	size_t i;
	int value = 42;

	(void)state;
	for (i = 0; i < sizeof name / sizeof name[0]; i++)
		assert_int_equal(tunnel_constant(name[i], &value),
		    TUNNEL_EINVAL);
	assert_int_equal(tunnel_constant(NULL, &value), TUNNEL_EINVAL);
	assert_int_equal(tunnel_constant("TUNNEL_IN", NULL), TUNNEL_EINVAL);
	assert_int_equal(value, 42);
}

/* Sorted, each once, and each is found: so the search reaches all of them. */
static void
in_order(void **state)
{
	const char *name, *before = "";
	size_t i;
	int value;

	(void)state;
	for (i = 0; (name = tunnel_constant_at(i, &value)) != NULL; i++) {
		assert_true(strcmp(before, name) < 0);
		assert_int_equal(value_of(name), value);
		if (strncmp(name, "TUNNEL_E", 8) == 0)
			assert_string_equal(tunnel_error_name(value), name);
		assert_string_equal(tunnel_constant_at(i, NULL), name);
		before = name;
	}
	assert_true(i > 60);
	value = 42;
	assert_null(tunnel_constant_at(i, &value));
	assert_null(tunnel_constant_at(SIZE_MAX, &value));
	assert_int_equal(value, 42);
}

/* Every byte is written, also behind what the device gives at once, and none
 * beyond: one that is the same eight times by chance is one in 2^64. */
static void
random_bytes(void **state)
{
	static unsigned char out[1000], all[sizeof out];
	size_t i, round;

	(void)state;
	for (round = 0; round < 8; round++) {
		memset(out, 0, sizeof out);
		assert_int_equal(tunnel_random(NULL, out, sizeof out - 1), 0);
		for (i = 0; i < sizeof out; i++)
			all[i] |= out[i];
	}
	for (i = 0; i < sizeof out - 1; i++)
		assert_true(all[i] != 0);
	assert_int_equal(all[i], 0);
	assert_int_equal(tunnel_random(NULL, NULL, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name), cmocka_unit_test(strangers),
		cmocka_unit_test(in_order), cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
