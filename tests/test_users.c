/* test_users.c - who may come in */
#include "unit.h"
#include "oom.h"

static int
load(struct tunnel_users *u, const char *text, unsigned *line)
{
	return tunnel_users_read(u, text, strlen(text), line);
}

/* The first is RFC 7616's: Mufasa, "Circle of Life", whose digest RFC 2617
 * section 3.5 computes from. */
static void
files(void **state)
{
	static const char text[] =
	    "# people\n"
	    "\n"
	    "Mufasa:testrealm@host.com:939e7578ed9e3c518a452acee763bce9\r\n"
	    "Scar:elsewhere:939e7578ed9e3c518a452acee763bce9\n"
	    "Nala:testrealm@host.com:00000000000000000000000000000000";
	static const char *const bad[] = {
		"x", "x:y", "x:y:", "x:y:0",
		"x:y:0000000000000000000000000000000",
		"x:y:g0000000000000000000000000000000",
		"x:y:00000000000000000000000000000000 ",
	};
	struct tunnel_users *u = tunnel_users_new(NULL, "testrealm@host.com");
	unsigned line;
	size_t i;

	(void)state;
	assert_int_equal(load(u, text, &line), 0);
	assert_int_equal(tunnel_users_count(u), 2);
	assert_string_equal(tunnel_users_realm(u), "testrealm@host.com");
	assert_int_equal(tunnel_users_check(u, "Mufasa", "Circle Of Life"), 0);
	assert_int_equal(tunnel_users_check(u, "Mufasa", "Circle of Life"),
	    TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_check(u, "Scar", "Circle Of Life"),
	    TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_check(u, "Nala", ""), TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_check(u, "", ""), TUNNEL_EAUTH);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(load(u, "#\n", &line), 0);
		assert_int_equal(load(u, bad[i], &line), TUNNEL_EINVAL);
		assert_int_equal(line, 1);
	}
	assert_int_equal(load(u, "\n\nx\n", &line), TUNNEL_EINVAL);
	assert_int_equal(line, 3);
	assert_int_equal(tunnel_users_count(u), 2);
	tunnel_users_free(u);
}

static void
passwords(void **state)
{
	struct tunnel_users *u = tunnel_users_new(NULL, "");

	(void)state;
	assert_null(tunnel_users_new(NULL, "a:b"));
	assert_null(tunnel_users_new(NULL, "a\"b"));
	assert_null(tunnel_users_new(NULL, "a\nb"));
	assert_int_equal(tunnel_users_check(u, "", ""), TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_add(u, "a:b", "c"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_users_add(u, "a\r", "c"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_users_add(u, "a", "c\n"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_users_add(u, "a", "b:c"), 0);
	assert_int_equal(tunnel_users_check(u, "a", "b:c"), 0);
	assert_int_equal(tunnel_users_check(u, "a", "b:"), TUNNEL_EAUTH);
	/* Another password takes the place of the first. */
	assert_int_equal(tunnel_users_add(u, "a", ""), 0);
	assert_int_equal(tunnel_users_count(u), 1);
	assert_int_equal(tunnel_users_check(u, "a", "b:c"), TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_check(u, "a", ""), 0);
	tunnel_users_free(u);
	tunnel_users_free(NULL);
}

/* So many that looking at all of them would take long: a table in few blocks,
 * which loses nobody when it grows. */
static void
many(void **state)
{
	enum { N = 20000 };
	struct tunnel_users *u;
	char name[24], password[32];
	struct oom o;
	int i, round;

	(void)state;
	oom_init(&o);
	u = tunnel_users_new(&o.alloc, "r");
	for (round = 0; round < 2; round++) {
		for (i = 0; i < N; i++) {
			snprintf(name, sizeof name, "user%d", i);
			snprintf(password, sizeof password, "%d.%d", i, round);
			assert_int_equal(tunnel_users_add(u, name, password),
			    0);
		}
		assert_int_equal(tunnel_users_count(u), N);
		assert_true(o.calls < 32);
		for (i = 0; i < N; i++) {
			snprintf(name, sizeof name, "user%d", i);
			snprintf(password, sizeof password, "%d.%d", i, round);
			assert_int_equal(tunnel_users_check(u, name, password),
			    0);
			password[0]++;
			assert_int_equal(tunnel_users_check(u, name, password),
			    TUNNEL_EAUTH);
			name[0]++;
			assert_int_equal(tunnel_users_check(u, name, password),
			    TUNNEL_EAUTH);
		}
	}
	tunnel_users_free(u);
	assert_int_equal(o.live, 0);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_users *u = tunnel_users_new(a, "r");
	char name[2] = "";
	unsigned line;
	int done, i;

	(void)ud;
	if (u == NULL)
		return 0;
	done = tunnel_users_add(u, "a", "b") == 0 && load(u,
	    "x:r:00000000000000000000000000000000\n", &line) == 0;
	/* More than the first table takes. */
	for (i = 0; i < 20 && done; i++) {
		name[0] = (char)('b' + i);
		done = tunnel_users_add(u, name, "") == 0;
	}
	if (done)
		assert_int_equal(tunnel_users_check(u, "a", "b"), 0);
	tunnel_users_free(u);
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
		cmocka_unit_test(files), cmocka_unit_test(passwords),
		cmocka_unit_test(many), cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
