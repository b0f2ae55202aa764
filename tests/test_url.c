/* test_url.c - proxy URLs */
#include "unit.h"
#include "oom.h"
#include "vectors.h"

#include "core/ascii.h"

static const char *
shown(const char *part)
{
	return part == NULL ? "-" : *part == '\0' ? "''" : part;
}

static void
one(const struct vector *v)
{
	struct tunnel_url *u = tunnel_url_new(NULL);
	char got[300];
	int rv;

	/* What was read before leaves nothing behind. */
	assert_int_equal(tunnel_url_parse(u, "http://old:older@oldest:9"), 0);
	rv = tunnel_url_parse(u, (const char *)v->input);
	if (rv < 0 && tunnel_url_host(u) == NULL) {
		assert_string_equal(tunnel_error_name(rv), v->expect);
		assert_null(tunnel_url_host(u));
		assert_null(tunnel_url_user(u));
		assert_null(tunnel_url_password(u));
		assert_int_equal(tunnel_url_port(u), 0);
		assert_int_equal(tunnel_url_scheme(u) != NULL,
		    rv == TUNNEL_ESCHEME);
	} else {
		assert_int_equal(rv, tnl_same(tunnel_url_scheme(u), "https") ?
		    TUNNEL_ESCHEME : 0);
		snprintf(got, sizeof got, "%s,%s,%u,%s,%s",
		    tunnel_url_scheme(u), tunnel_url_host(u),
		    tunnel_url_port(u), shown(tunnel_url_user(u)),
		    shown(tunnel_url_password(u)));
		assert_string_equal(got, v->expect);
	}
	tunnel_url_free(u);
}

static void
vectors(void **state)
{
	(void)state;
	assert_true(vectors_run("urls.txt", one) > 50);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_url *u = tunnel_url_new(a);
	int rv;

	if (u == NULL)
		return 0;
	rv = tunnel_url_parse(u, ud);
	/* What it is for https when there is memory. */
	if (rv == TUNNEL_ESCHEME)
		rv = 0;
	if (rv < 0) {
		assert_int_equal(rv, TUNNEL_ENOMEM);
		assert_null(tunnel_url_host(u));
	}
	tunnel_url_free(u);
	return rv == 0;
}

static void
failing_memory(void **state)
{
	char big[2048] = "http://user:";

	(void)state;
	oom_run(starved, (char[]){ "http://u:p@h:1" });
	oom_run(starved, (char[]){ "https://u:p@h" });
	memset(big + 12, 'p', 1900);
	strcpy(big + 1912, "@host:99");
	oom_run(starved, big);
}

static void
too_long(void **state)
{
	struct tunnel_url *u = tunnel_url_new(NULL);
	char *big = calloc(1, 10000);

	(void)state;
	memset(big, 'a', 9999);
	assert_int_equal(tunnel_url_parse(u, big), TUNNEL_EURL);
	tunnel_url_free(u);
	tunnel_url_free(NULL);
	free(big);
}

static void
secrets_are_wiped(void **state)
{
	struct tunnel_url *u;
	struct oom o;

	(void)state;
	oom_init(&o);
	o.secret = "open sesame";
	u = tunnel_url_new(&o.alloc);
	assert_int_equal(tunnel_url_parse(u, "http://u:open%20sesame@h"), 0);
	assert_string_equal(tunnel_url_password(u), "open sesame");
	tunnel_url_free(u);
	assert_int_equal(o.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors), cmocka_unit_test(failing_memory),
		cmocka_unit_test(too_long),
		cmocka_unit_test(secrets_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
