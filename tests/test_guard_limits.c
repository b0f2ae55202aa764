/* test_guard_limits.c - logins for requests that are passed on, names that are
 * longer than what they are wanted in, and what is not offered */
#include "unit.h"
#include "digest_rig.h"
#include "oom.h"

#define REALM "here"

static uint64_t now = 1000;
static const char key[] = "sixteen and more";
static char name[64];

/* One that knows u:p. */
static struct tunnel_guard *
fresh(struct tunnel_users **users)
{
	struct tunnel_guard *g = tunnel_guard_new(NULL, REALM);

	*users = tunnel_users_new(NULL, REALM);
	assert_int_equal(tunnel_users_add(*users, "user", "p"), 0);
	assert_int_equal(tunnel_guard_users(g, *users), 0);
	return g;
}

/* A server that was asked that, with one more field. */
static struct tunnel_server *
asked(const char *line, const char *field)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	char head[1000];
	size_t used;

	assert_int_equal(tunnel_server_methods(s, 1), 0);
	snprintf(head, sizeof head, "%s HTTP/1.1\r\nHost: a\r\n%s%s\r\n\r\n",
	    line, *field != '\0' ? "Proxy-Authorization: " : "X: y", field);
	assert_int_equal(tunnel_server_feed(s, head, strlen(head), &used),
	    TUNNEL_ASK);
	return s;
}

static int
check(struct tunnel_guard *g, struct tunnel_server *s, size_t cap)
{
	strcpy(name, "?");
	return tunnel_guard_check(g, s, "one", 3, now, name, cap);
}

/* The i-th challenge of the 407 that s then sends, as a client reads it. */
static void
challenged(struct tunnel_server *s, struct tnl_digest *d)
{
	static char reply[4000];
	char *field, *end;
	size_t n;

	assert_true(tunnel_server_fail(s, TUNNEL_EAUTH) >= 0);
	(void)tunnel_server_drain(s, reply, sizeof reply - 1, &n);
	reply[n] = '\0';
	field = strstr(reply, "\r\nProxy-Authenticate: ");
	assert_non_null(field);
	field += strlen("\r\nProxy-Authenticate: ");
	end = strstr(field, "\r\n");
	*end = '\0';
	assert_int_equal(digest_read(d, field), 0);
}

/* A whole login with another target in its answer than in its request; the last
 * word of the guard. */
static int
logs_in(struct tunnel_guard *g, const char *line, const char *uri, size_t cap)
{
	struct tnl_digest_asked q = { "user", "p", "GET", uri, NULL, 0 };
	struct tunnel_server *s = asked(line, "");
	struct tnl_digest d;
	char answer[600];
	int rv;

	assert_int_equal(check(g, s, cap), TUNNEL_EAUTH);
	tnl_digest_init(&d, plain_alloc());
	challenged(s, &d);
	tunnel_server_free(s);
	assert_true(digest_answer(&d, q, "AAAA", answer, sizeof answer) >= 0);
	s = asked(line, answer);
	rv = check(g, s, cap);
	tunnel_server_free(s);
	tnl_digest_free(&d);
	return rv;
}

/* curl answers for a path where the request has a whole URI. */
static void
path_for_target(void **state)
{
	struct tunnel_users *users;
	struct tunnel_guard *g = fresh(&users);

	(void)state;
	assert_int_equal(tunnel_guard_digest(g, key, sizeof key, 1000, 8), 0);
	assert_int_equal(logs_in(g, "GET http://a/x?y", "http://a/x?y", 64),
	    0);
	assert_string_equal(name, "user");
	assert_int_equal(logs_in(g, "GET http://a/x?y", "/x?y", 64), 0);
	assert_string_equal(name, "user");
	/* another path is of another request */
	assert_int_equal(logs_in(g, "GET http://a/x?y", "/x", 64),
	    TUNNEL_EAUTH);
	assert_int_equal(logs_in(g, "GET http://a/x?y", "/y", 64),
	    TUNNEL_EAUTH);
	assert_string_equal(name, "?");
	/* and nothing stands for a target without one */
	assert_int_equal(logs_in(g, "GET /x", "/y", 64), TUNNEL_EAUTH);
	assert_int_equal(logs_in(g, "GET http://a", "/", 64), TUNNEL_EAUTH);
	assert_int_equal(logs_in(g, "OPTIONS *", "/", 64), TUNNEL_EAUTH);
	assert_int_equal(logs_in(g, "CONNECT a:443", "/", 64), TUNNEL_EAUTH);
	assert_int_equal(logs_in(g, "GET mail:x", "/", 64), TUNNEL_EAUTH);
	tunnel_guard_free(g);
	tunnel_users_free(users);
}

/* Who is let in is told whole or not at all. */
static void
long_names(void **state)
{
	struct tunnel_users *users;
	struct tunnel_guard *g = fresh(&users);
	struct tunnel_server *s;

	(void)state;
	assert_int_equal(tunnel_guard_digest(g, key, sizeof key, 1000, 8), 0);
	assert_int_equal(tunnel_guard_basic(g, 1), 0);
	assert_int_equal(logs_in(g, "GET /x", "/x", 4), TUNNEL_EINVAL);
	assert_string_equal(name, "?");
	assert_int_equal(logs_in(g, "GET /x", "/x", 5), 0);
	assert_string_equal(name, "user");
	s = asked("GET /x", "Basic dXNlcjpw");
	assert_int_equal(check(g, s, 4), TUNNEL_EINVAL);
	assert_string_equal(name, "?");
	assert_int_equal(check(g, s, 5), 0);
	assert_string_equal(name, "user");
	tunnel_server_free(s);
	tunnel_guard_free(g);
	tunnel_users_free(users);
}

/* Basic alone: no other scheme is offered, nor taken; and what is broken is no
 * login. */
static void
basic_alone(void **state)
{
	static const char *const other[] = { "Digest username=\"user\"",
		"Basic dXNlcjpw, Basic dXNlcjpw", "Basic !" };
	struct tunnel_users *users;
	struct tunnel_guard *g = fresh(&users);
	struct tunnel_server *s;
	char reply[2000];
	size_t i, n;

	(void)state;
	assert_int_equal(tunnel_guard_basic(g, 1), 0);
	for (i = 0; i < sizeof other / sizeof other[0]; i++) {
		s = asked("GET /x", other[i]);
		assert_int_equal(check(g, s, 64), TUNNEL_EAUTH);
		tunnel_server_fail(s, TUNNEL_EAUTH);
		(void)tunnel_server_drain(s, reply, sizeof reply - 1, &n);
		reply[n] = '\0';
		assert_non_null(strstr(reply, "Proxy-Authenticate: Basic "));
		assert_null(strstr(reply, "Proxy-Authenticate: Digest "));
		tunnel_server_free(s);
	}
	tunnel_guard_free(g);
	tunnel_users_free(users);
}

/* Only what some user can answer is offered: a file has their MD5 alone. */
static void
hashes_of_a_file(void **state)
{
	static const char line[] =
	    "user:" REALM ":00112233445566778899aabbccddeeff\n";
	struct tunnel_users *users = tunnel_users_new(NULL, REALM);
	struct tunnel_guard *g = tunnel_guard_new(NULL, REALM);
	struct tunnel_server *s = asked("GET /x", "");
	unsigned bad;
	char reply[2000];
	size_t n;

	(void)state;
	assert_int_equal(tunnel_users_read(users, line, strlen(line), &bad),
	    0);
	assert_int_equal(tunnel_guard_users(g, users), 0);
	assert_int_equal(tunnel_guard_digest(g, key, sizeof key, 1000, 8), 0);
	assert_int_equal(check(g, s, 64), TUNNEL_EAUTH);
	tunnel_server_fail(s, TUNNEL_EAUTH);
	(void)tunnel_server_drain(s, reply, sizeof reply - 1, &n);
	reply[n] = '\0';
	assert_non_null(strstr(reply, "algorithm=MD5"));
	assert_null(strstr(reply, "SHA-256"));
	tunnel_server_free(s);
	tunnel_guard_free(g);
	tunnel_users_free(users);
}

/* A whole login: where there is no memory nobody is let in by mistake. */
static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tnl_digest_asked q = { "user", "p", "GET", "/x", NULL, 0 };
	struct tunnel_guard *g = tunnel_guard_new(a, REALM);
	struct tunnel_server *s;
	struct tnl_digest d;
	char answer[600];
	int rv = TUNNEL_ENOMEM;

	if (g != NULL && tunnel_guard_users(g, ud) == 0)
		rv = tunnel_guard_digest(g, key, sizeof key, 1000, 8);
	if (rv == 0) {
		s = asked("GET /x", "");
		rv = check(g, s, sizeof name);
		if (rv == TUNNEL_EAUTH) {
			tnl_digest_init(&d, plain_alloc());
			challenged(s, &d);
			(void)digest_answer(&d, q, "AAAA", answer,
			    sizeof answer);
			tnl_digest_free(&d);
		}
		tunnel_server_free(s);
	}
	if (rv == TUNNEL_EAUTH) {
		s = asked("GET /x", answer);
		rv = check(g, s, sizeof name);
		tunnel_server_free(s);
	}
	assert_true(rv == 0 || rv == TUNNEL_ENOMEM);
	tunnel_guard_free(g);
	return rv == 0;
}

static void
without_memory(void **state)
{
	struct tunnel_users *users = tunnel_users_new(NULL, REALM);

	(void)state;
	assert_int_equal(tunnel_users_add(users, "user", "p"), 0);
	oom_run(starved, users);
	tunnel_users_free(users);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_for_target),
		cmocka_unit_test(long_names), cmocka_unit_test(basic_alone),
		cmocka_unit_test(hashes_of_a_file),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
