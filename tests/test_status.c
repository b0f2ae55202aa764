/* test_status.c - the one table of failures */
#include "unit.h"

#include "core/status.h"

static void
table(void **state)
{
	int e;

	(void)state;
	for (e = TUNNEL_ENOMEM; e >= TUNNEL_ENOTSOCKS; e--) {
		assert_memory_equal(tunnel_error_name(e), "TUNNEL_E", 8);
		assert_true(strlen(tunnel_strerror(e)) > 5);
		assert_in_range(tunnel_error_blame(e), TUNNEL_BY_CALLER,
		    TUNNEL_BY_TIME);
		assert_in_range(tunnel_error_status(e), 400, 599);
		/* 0 is success, and RFC 1928 ends at 8. */
		assert_in_range(tunnel_error_socks(e), 1, 8);
		/* Each status that the table uses has a reason phrase. */
		assert_true(*tnl_reason(tunnel_error_status(e)) != '\0');
		assert_int_equal(strspn(tunnel_error_token(e),
		    "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(tunnel_error_token(e)));
	}
	assert_string_equal(tunnel_error_name(TUNNEL_EHEAD), "TUNNEL_EHEAD");
	assert_int_equal(tunnel_error_status(TUNNEL_EHEAD), 431);
	assert_int_equal(tunnel_error_status(TUNNEL_ELINE), 414);
	assert_int_equal(tunnel_error_status(TUNNEL_EVERSION), 505);
	assert_int_equal(tunnel_error_socks(TUNNEL_EDENIED), 2);
	assert_int_equal(tunnel_error_socks(TUNNEL_EUNREACH), 3);
	assert_int_equal(tunnel_error_socks(TUNNEL_ERESOLVE), 4);
	assert_int_equal(tunnel_error_socks(TUNNEL_ECONNECT), 5);
	assert_int_equal(tunnel_error_socks(TUNNEL_ETIMEOUT), 6);
	assert_int_equal(tunnel_error_socks(TUNNEL_EMETHOD), 7);
	assert_int_equal(tunnel_error_socks(TUNNEL_ETARGET), 8);
	assert_int_equal(tunnel_error_socks(TUNNEL_EBUSY), 1);
	assert_string_equal(tunnel_error_token(TUNNEL_ECONNECT),
	    "connection_refused");
	assert_string_equal(tunnel_error_token(TUNNEL_ELOOKUP),
	    "dns_timeout");
}

static void
strangers(void **state)
{
	static const int e[] = { 1, 42, TUNNEL_EREPLY - 1, -1000000,
	    INT32_MIN };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof e / sizeof e[0]; i++) {
		assert_string_equal(tunnel_error_name(e[i]), "TUNNEL_UNKNOWN");
		assert_string_equal(tunnel_strerror(e[i]), "unknown error");
		assert_int_equal(tunnel_error_status(e[i]), 500);
		assert_int_equal(tunnel_error_socks(e[i]), 1);
		assert_int_equal(tunnel_error_blame(e[i]), 0);
	}
	assert_string_equal(tunnel_strerror(0), "no error");
	assert_string_equal(tnl_reason(299), "");
	assert_true(tunnel_version() >= 1 << 8);
}

/* Those of IANA's registry that have a name here, and no other. */
static void
reasons(void **state)
{
	static const int known[] = {
		100, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 300, 301,
		302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 407, 408,
		409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 426,
		429, 431, 451, 500, 501, 502, 503, 504, 505, 507
	};
	size_t i = 0;
	int status;

	(void)state;
	for (status = 0; status < 1000; status++)
		if (i < sizeof known / sizeof known[0] && known[i] == status) {
			assert_true(*tnl_reason(status) != '\0');
			i++;
		} else {
			assert_string_equal(tnl_reason(status), "");
		}
	assert_int_equal(i, sizeof known / sizeof known[0]);
	assert_string_equal(tnl_reason(207), "Multi-Status");
	assert_string_equal(tnl_reason(451), "Unavailable For Legal Reasons");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table), cmocka_unit_test(strangers),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
