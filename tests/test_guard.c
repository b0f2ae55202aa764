/* test_guard.c - the guard, held against the client */
#include "unit.h"
#include "oom.h"

#define REALM "here"

static uint64_t now;
static struct tunnel_guard *guard;
static struct tunnel_users *users;
static const char key[] = "sixteen and more";

static int
count_up(void *ud, void *out, size_t n)
{
	static uint8_t v;

	(void)ud;
	memset(out, ++v, n);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	now = 1000;
	guard = tunnel_guard_new(NULL, REALM);
	users = tunnel_users_new(NULL, REALM);
	assert_non_null(guard);
	assert_int_equal(tunnel_users_add(users, "u", "p"), 0);
	assert_int_equal(tunnel_guard_users(guard, users), 0);
	assert_int_equal(tunnel_guard_digest(guard, key, sizeof key, 1000, 4),
	    0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tunnel_guard_free(guard);
	tunnel_users_free(users);
	return 0;
}

static struct tunnel_client *
client(const char *user, const char *password)
{
	struct tunnel_client *c = tunnel_client_new(NULL);

	assert_int_equal(tunnel_client_target(c, "a.example", 22), 0);
	assert_int_equal(tunnel_client_credentials(c, user, password), 0);
	assert_int_equal(tunnel_client_random(c, count_up, NULL), 0);
	return c;
}

static char request[3000], name[256];

/* One request to a server of its own, which decides by the guard and answers;
 * what the guard said. */
static int
serve(const char *head, const char *who, struct tunnel_client *c)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	const void *p;
	size_t n, used;
	int rv;

	name[0] = '\0';
	assert_int_equal(tunnel_server_feed(s, head, strlen(head), &used),
	    TUNNEL_ASK);
	rv = tunnel_guard_check(guard, s, who, strlen(who), now, name,
	    sizeof name);
	assert_true((rv < 0 ? tunnel_server_fail(s, rv) :
	    tunnel_server_accept(s)) >= 0);
	p = tunnel_server_peek(s, &n);
	if (c != NULL)
		(void)tunnel_client_feed(c, p, n, &used);
	tunnel_server_free(s);
	return rv;
}

/* The client's next request, to the guard, and its answer to the client. */
static int
ask(struct tunnel_client *c, const char *who)
{
	size_t n;

	assert_true(tunnel_client_start(c) > 0);
	(void)tunnel_client_drain(c, request, sizeof request - 1, &n);
	request[n] = '\0';
	return serve(request, who, c);
}

static void
login(void **state)
{
	struct tunnel_client *c = client("u", "p");

	(void)state;
	assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
	assert_int_equal(tunnel_client_flags(c), TUNNEL_REFUSED |
	    TUNNEL_DONE | TUNNEL_RECONNECT);
	/* The strongest comes last, and is taken. */
	assert_non_null(strstr(tunnel_client_reply(c, "Proxy-Authenticate",
	    0), "MD5"));
	assert_non_null(strstr(tunnel_client_reply(c, "Proxy-Authenticate",
	    1), "SHA-256"));
	assert_null(tunnel_client_reply(c, "Proxy-Authenticate", 2));
	assert_int_equal(ask(c, "one"), 0);
	assert_non_null(strstr(request, "algorithm=SHA-256"));
	assert_string_equal(name, "u");
	assert_int_equal(tunnel_client_flags(c), TUNNEL_OPEN);
	assert_non_null(strstr(tunnel_client_reply(c,
	    "Proxy-Authentication-Info", 0), "rspauth"));
	/* The nonce is good for more. */
	assert_int_equal(tunnel_client_renew(c), 0);
	assert_int_equal(ask(c, "one"), 0);
	/* But the same request is not, nor too late, nor from elsewhere. */
	assert_int_equal(serve(request, "one", NULL), TUNNEL_EAUTH);
	now += 1001;
	assert_int_equal(tunnel_client_renew(c), 0);
	assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
	assert_non_null(strstr(tunnel_client_reply(c, "Proxy-Authenticate",
	    0), "stale=true"));
	/* A stale one is answered without bothering anybody. */
	assert_true(tunnel_client_flags(c) & TUNNEL_RECONNECT);
	assert_int_equal(ask(c, "one"), 0);
	assert_int_equal(tunnel_client_flags(c), TUNNEL_OPEN);
	assert_int_equal(tunnel_client_renew(c), 0);
	assert_int_equal(ask(c, "two"), TUNNEL_EAUTH);
	assert_int_equal(ask(c, "two"), 0);
	tunnel_client_free(c);
}

static void
rejected(void **state)
{
	static const char *const who[][2] = { { "u", "q" }, { "v", "p" } };
	struct tunnel_client *c;
	size_t i;

	(void)state;
	assert_int_equal(tunnel_guard_basic(guard, 1), 0);
	for (i = 0; i < 4; i++) {
		c = client(who[i / 2][0], who[i / 2][1]);
		assert_int_equal(tunnel_client_schemes(c, i % 2 ? "basic" :
		    "digest"), 0);
		if (i % 2 == 0)
			assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
		assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
		assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
		assert_string_equal(name, "");
		tunnel_client_free(c);
	}
}

static void
basic(void **state)
{
	struct tunnel_client *c = client("u", "p");

	(void)state;
	assert_int_equal(tunnel_client_schemes(c, "basic"), 0);
	/* Not asked for, it is not taken. */
	assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EOFFER);
	assert_int_equal(tunnel_guard_basic(guard, 1), 0);
	assert_int_equal(ask(c, "one"), 0);
	assert_string_equal(name, "u");
	tunnel_client_free(c);
	assert_int_equal(serve("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
	    "Proxy-Authorization: Basic dTpw\r\n"
	    "Proxy-Authorization: Basic dTpw\r\n\r\n", "one", NULL),
	    TUNNEL_EAUTH);
	assert_int_equal(serve("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
	    "Proxy-Authorization: Telepathy dTpw\r\n\r\n", "one", NULL),
	    TUNNEL_EAUTH);
}

static int
look_up(void *ud, const char *user, char *password, size_t cap)
{
	assert_true(cap == 1024);
	(*(int *)ud)++;
	if (strcmp(user, "hook") != 0)
		return TUNNEL_EAUTH;
	strcpy(password, "line");
	return 0;
}

static void
passwords(void **state)
{
	static const char *const schemes[] = { "digest", "basic" };
	struct tunnel_client *c;
	int calls = 0;
	size_t i;

	(void)state;
	assert_int_equal(tunnel_guard_basic(guard, 1), 0);
	assert_int_equal(tunnel_guard_users(guard, NULL), 0);
	assert_int_equal(tunnel_guard_passwords(guard, look_up, &calls), 0);
	for (i = 0; i < 2; i++) {
		c = client("hook", "line");
		(void)tunnel_client_schemes(c, schemes[i]);
		if (i == 0)
			assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
		assert_int_equal(ask(c, "one"), 0);
		assert_string_equal(name, "hook");
		tunnel_client_free(c);
		c = client("u", "p");
		(void)tunnel_client_schemes(c, schemes[i]);
		(void)ask(c, "one");
		assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
		tunnel_client_free(c);
		c = client("hook", "lime");
		(void)tunnel_client_schemes(c, schemes[i]);
		(void)ask(c, "one");
		assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
		tunnel_client_free(c);
	}
	assert_true(calls >= 4);
}

/* Who answers twice has not been understood, however right that is. */
static void
twice(void **state)
{
	struct tunnel_client *c = client("u", "p");
	char both[2 * sizeof request];
	const char *field, *end;
	size_t n;

	(void)state;
	assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
	assert_true(tunnel_client_start(c) > 0);
	(void)tunnel_client_drain(c, request, sizeof request - 1, &n);
	request[n] = '\0';
	field = strstr(request, "Proxy-Authorization: Digest ");
	assert_non_null(field);
	end = strstr(field, "\r\n") + 2;
	(void)snprintf(both, sizeof both, "%.*s%.*s%s", (int)(end - request),
	    request, (int)(end - field), field, end);
	assert_int_equal(serve(both, "one", NULL), TUNNEL_EAUTH);
	assert_int_equal(serve(request, "one", NULL), 0);
	tunnel_client_free(c);
}

/* Names go as hashes where all are known, and only there. */
static void
hashed_names(void **state)
{
	struct tunnel_client *c = client("u", "p");
	int calls = 0;

	(void)state;
	assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
	assert_non_null(strstr(tunnel_client_reply(c, "Proxy-Authenticate",
	    0), "userhash=true"));
	assert_int_equal(ask(c, "one"), 0);
	assert_string_equal(name, "u");
	assert_non_null(strstr(request, ", userhash=true"));
	assert_null(strstr(request, "username=\"u\""));
	/* From now on nobody can be found by a hash. */
	assert_int_equal(tunnel_guard_passwords(guard, look_up, &calls), 0);
	assert_int_equal(tunnel_client_renew(c), 0);
	assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
	assert_null(strstr(tunnel_client_reply(c, "Proxy-Authenticate", 0),
	    "userhash"));
	tunnel_client_free(c);
}

/* The next nonce, as the client has heard of it: 0, or 1 and it is in out. */
static int
next_nonce(const struct tunnel_client *c, char *out, size_t cap)
{
	const char *at = strstr(tunnel_client_reply(c,
	    "Proxy-Authentication-Info", 0), "nextnonce=\"");

	if (at == NULL)
		return 0;
	at += strlen("nextnonce=\"");
	snprintf(out, cap, "%.*s", (int)strcspn(at, "\""), at);
	return 1;
}

/* A nonce that will not last is followed by one that does, for the same
 * client. */
static void
succession(void **state)
{
	struct tunnel_client *c = client("u", "p");
	char nonce[80], text[300];
	size_t used;

	(void)state;
	assert_int_equal(ask(c, "one"), TUNNEL_EAUTH);
	now += 749;
	assert_int_equal(ask(c, "one"), 0);
	assert_false(next_nonce(c, nonce, sizeof nonce));
	now++;
	assert_int_equal(tunnel_client_renew(c), 0);
	assert_int_equal(ask(c, "one"), 0);
	assert_true(next_nonce(c, nonce, sizeof nonce));
	tunnel_client_free(c);
	now += 999;
	c = client("u", "p");
	assert_true(tunnel_client_start(c) > 0);
	(void)tunnel_client_drain(c, text, sizeof text, &used);
	snprintf(text, sizeof text, "HTTP/1.1 407 \r\nContent-Length: 0\r\n"
	    "Proxy-Authenticate: Digest realm=" REALM ", qop=\"auth\", "
	    "nonce=\"%s\"\r\n\r\n", nonce);
	assert_true(tunnel_client_feed(c, text, strlen(text), &used) > 0);
	assert_int_equal(ask(c, "one"), 0);
	tunnel_client_free(c);
}

static void
settings(void **state)
{
	struct tunnel_users *other = tunnel_users_new(NULL, "there");
	struct tunnel_server *s = tunnel_server_new(NULL);

	(void)state;
	assert_null(tunnel_guard_new(NULL, "a\"b"));
	assert_int_equal(tunnel_guard_users(guard, other), TUNNEL_EINVAL);
	assert_int_equal(tunnel_guard_digest(guard, key, 15, 1000, 4),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_guard_digest(guard, key, 16, 0, 4),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_guard_digest(guard, key, 16, 1000, 0),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_guard_check(guard, s, "", 0, now, name,
	    sizeof name), TUNNEL_ESTATE);
	tunnel_guard_free(NULL);
	tunnel_server_free(s);
	tunnel_users_free(other);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_guard *g = tunnel_guard_new(a, REALM);
	struct tunnel_server *s = tunnel_server_new(a);
	size_t used;
	int rv = TUNNEL_ENOMEM;

	(void)ud;
	if (g != NULL && s != NULL) {
		(void)tunnel_guard_users(g, users);
		(void)tunnel_guard_basic(g, 1);
		rv = tunnel_guard_digest(g, key, sizeof key, 1000, 4);
	}
	if (rv == 0)
		rv = tunnel_server_feed(s, "CONNECT a:1 HTTP/1.1\r\n"
		    "Host: a:1\r\n\r\n", 35, &used);
	if (rv == TUNNEL_ASK) {
		rv = tunnel_guard_check(g, s, "", 0, now, name, sizeof name);
		assert_true(rv == TUNNEL_ENOMEM || rv == TUNNEL_EAUTH);
	}
	tunnel_server_free(s);
	tunnel_guard_free(g);
	return rv != TUNNEL_ENOMEM;
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
		cmocka_unit_test_setup_teardown(login, setup, teardown),
		cmocka_unit_test_setup_teardown(rejected, setup, teardown),
		cmocka_unit_test_setup_teardown(basic, setup, teardown),
		cmocka_unit_test_setup_teardown(twice, setup, teardown),
		cmocka_unit_test_setup_teardown(passwords, setup, teardown),
		cmocka_unit_test_setup_teardown(hashed_names, setup, teardown),
		cmocka_unit_test_setup_teardown(succession, setup, teardown),
		cmocka_unit_test_setup_teardown(settings, setup, teardown),
		cmocka_unit_test_setup_teardown(failing_memory, setup,
		    teardown)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
