/* test_basic.c - the scheme Basic, written and read */
#include "unit.h"
#include "oom.h"

#include "core/basic.h"

static int
write(const struct tunnel_alloc *a, void *ud)
{
	struct tnl_buf b;
	int rv, done;

	tnl_buf_init(&b, a, 1000);
	rv = tnl_basic_write(&b, "Aladdin", ud != NULL ? ud : "open sesame");
	done = rv == 0;
	if (done && ud == NULL)
		assert_string_equal(tnl_buf_text(&b, 0),
		    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	assert_true(done || rv == TUNNEL_ENOMEM);
	tnl_buf_free(&b);
	return done;
}

/* The example of RFC 7617 section 2, and no name that would be another. */
static void
written(void **state)
{
	struct oom o;
	struct tnl_buf b;

	(void)state;
	oom_init(&o);
	assert_true(write(&o.alloc, NULL));
	tnl_buf_init(&b, &o.alloc, 1000);
	assert_int_equal(tnl_basic_write(&b, "a:b", "c"), TUNNEL_EINVAL);
	assert_int_equal(tnl_basic_write(&b, ":", ""), TUNNEL_EINVAL);
	assert_int_equal(b.n, 0);
	assert_int_equal(tnl_basic_write(&b, "a", "b:c"), 0);
	assert_string_equal(tnl_buf_text(&b, 0), "Basic YTpiOmM=");
	tnl_buf_free(&b);
	assert_int_equal(o.live, 0);
}

static void
without_memory(void **state)
{
	char long_one[400];

	(void)state;
	memset(long_one, 'x', sizeof long_one - 1);
	long_one[sizeof long_one - 1] = '\0';
	oom_run(write, NULL);
	oom_run(write, long_one);
}

static int
read_it(const char *value, char *user, size_t user_cap, char *password,
    size_t password_cap)
{
	memset(user, '?', user_cap);
	memset(password, '?', password_cap);
	return tnl_basic_read(value, user, user_cap, password, password_cap);
}

static void
read_back(void **state)
{
	static const struct { const char *value, *user, *password; } t[] = {
		{ "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin",
		    "open sesame" },
		{ "bAsIc   YTpiOmM=", "a", "b:c" },
		{ "Basic Og==", "", "" },
		{ "Basic dGVzdDoxMjPCow==", "test", "123\xc2\xa3" },
	};
	char user[12], password[12];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		assert_int_equal(read_it(t[i].value, user, 12, password, 12),
		    0);
		assert_string_equal(user, t[i].user);
		assert_string_equal(password, t[i].password);
	}
}

static void
not_read(void **state)
{
	static const char *const bad[] = {
		"", "Basic", "Basic ", "Basic   ", "Basi YTpi", "Basicx YTpi",
		"Digest YTpi",
		"Basic YTpi YTpi", "Basic YTpi=", "Basic YT*i",
		"Basic YWI=",           /* no colon */
		"Basic YQA6Yg==",       /* a NUL in the user */
		"Basic YTpiAGM=",       /* and in the password */
	};
	static char much[5000];
	char user[12], password[12];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(read_it(bad[i], user, 12, password, 12),
		    TUNNEL_EAUTH);
	/* What does not fit is not cut off. */
	assert_int_equal(read_it("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", user, 7,
	    password, 12), TUNNEL_EINVAL);
	assert_int_equal(read_it("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", user, 8,
	    password, 11), TUNNEL_EINVAL);
	strcpy(much, "Basic ");
	memset(much + 6, 'A', sizeof much - 7);
	assert_int_equal(read_it(much, user, 12, password, 12),
	    TUNNEL_EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written), cmocka_unit_test(without_memory),
		cmocka_unit_test(read_back), cmocka_unit_test(not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
