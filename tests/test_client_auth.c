/* test_client_auth.c - a 407, and what a client makes of it */
#include "unit.h"
#include "client_rig.h"

/* The example of RFC 7617, section 2. */
#define ALADDIN "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="

static void
basic_when_asked(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	client_ask(c);
	client_asked_without();
	assert_string_equal(tunnel_client_scheme(c), "");
	assert_int_equal(client_hear(c, client_offer_basic),
	    TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RETRY);
	assert_int_equal(tunnel_client_fault(c), 0);
	assert_int_equal(tunnel_client_status(c), 407);
	assert_true(tunnel_client_reusable(c));
	client_ask(c);
	client_asked_with(ALADDIN);
	assert_string_equal(tunnel_client_scheme(c), "basic");
	assert_int_equal(client_hear(c, "HTTP/1.1 200 OK\r\n\r\n"),
	    TUNNEL_OPEN);
	/* The next connection need not be asked. */
	assert_int_equal(tunnel_client_renew(c), 0);
	assert_int_equal(tunnel_client_flags(c), 0);
	assert_int_equal(tunnel_client_status(c), 0);
	client_ask(c);
	client_asked_with(ALADDIN);
	tunnel_client_free(c);
}

static void
rejected(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	client_ask(c);
	client_hear(c, client_offer_basic);
	client_ask(c);
	assert_int_equal(client_hear(c, client_offer_basic),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
	assert_string_equal(tunnel_client_scheme(c), "basic");
	/* Others may be better. */
	assert_int_equal(tunnel_client_credentials(c, "Ali", "Baba"), 0);
	client_ask(c);
	client_asked_without();
	assert_int_equal(client_hear(c, client_offer_basic),
	    TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RETRY);
	client_ask(c);
	client_asked_with("Basic QWxpOkJhYmE=");
	tunnel_client_free(c);
}

/* 407s for which there is no answer, and why. */
static void
unanswerable(void **state)
{
	static const struct {
		int login;
		const char *order, *reply;
		int fault;
	} cases[] = {
		{ 0, "", "HTTP/1.1 407 a\r\nProxy-Authenticate: Basic "
		    "realm=x\r\n" CLIENT_NO_BODY, TUNNEL_EAUTH },
		{ 1, "", "HTTP/1.1 407 a\r\n" CLIENT_NO_BODY, TUNNEL_EOFFER },
		{ 1, "", "HTTP/1.1 407 a\r\nProxy-Authenticate: Negotiate, "
		    "Bearer realm=x\r\n" CLIENT_NO_BODY, TUNNEL_EOFFER },
		{ 1, "digest", "HTTP/1.1 407 a\r\nProxy-Authenticate: Basic "
		    "realm=x\r\n" CLIENT_NO_BODY, TUNNEL_EOFFER },
		/* Told to begin with it, so it has been said already. */
		{ 1, "basic", "HTTP/1.1 407 a\r\n" CLIENT_NO_BODY,
		    TUNNEL_EAUTH },
		{ 1, "basic", "HTTP/1.1 407 a\r\nProxy-Authenticate: basic\r\n"
		    CLIENT_NO_BODY, TUNNEL_EAUTH },
		{ 1, "basic", "HTTP/1.1 407 a\r\nProxy-Authenticate: Digest "
		    "realm=a,nonce=b\r\n" CLIENT_NO_BODY, TUNNEL_EOFFER },
		{ 1, "", "HTTP/1.1 401 a\r\nProxy-Authenticate: Basic\r\n"
		    CLIENT_NO_BODY, TUNNEL_EREFUSED },
		/* Said to who has logged in, it is about that. */
		{ 1, "basic", "HTTP/1.0 401 a\r\nWWW-Authenticate: Basic\r\n"
		    CLIENT_NO_BODY, TUNNEL_EAUTH },
	};
	struct tunnel_client *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		c = cases[i].login ? client_with_login() :
		    client_fresh(NULL, "");
		assert_int_equal(tunnel_client_schemes(c, cases[i].order), 0);
		client_ask(c);
		assert_int_equal(client_hear(c, cases[i].reply),
		    TUNNEL_REFUSED | TUNNEL_DONE);
		assert_int_equal(tunnel_client_fault(c), cases[i].fault);
		tunnel_client_free(c);
	}
}

/* The application's own field is all that is sent, and all that can be
 * done. */
static void
own_field(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	assert_int_equal(tunnel_client_field(c, "Proxy-Authorization", "X y"),
	    0);
	client_ask(c);
	client_asked_with("X y");
	assert_int_equal(client_hear(c, client_offer_basic),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
	client_ask(c);
	client_hear(c, "HTTP/1.1 401 a\r\n" CLIENT_NO_BODY);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
	tunnel_client_free(c);
}

/* Which connection the answer is for. */
static void
where_to_answer(void **state)
{
	static const struct {
		const char *reply;
		int eof, flag;
	} cases[] = {
		{ "HTTP/1.1 407 a\r\nProxy-Authenticate: Basic\r\n"
		    CLIENT_NO_BODY, 0,
		    TUNNEL_RETRY },
		{ "HTTP/1.1 407 a\r\nProxy-Authenticate: Basic\r\n"
		    CLIENT_NO_BODY, 1,
		    TUNNEL_RECONNECT },
		{ "HTTP/1.1 407 a\r\nConnection: close\r\nProxy-Authenticate: "
		    "Basic\r\n" CLIENT_NO_BODY, 0, TUNNEL_RECONNECT },
		{ "HTTP/1.1 407 a\r\nProxy-Connection: close\r\n"
		    "Proxy-Authenticate: Basic\r\n" CLIENT_NO_BODY, 0,
		    TUNNEL_RECONNECT },
		/* Only a close could end the page, and nobody waits for it. */
		{ "HTTP/1.0 407 a\r\nProxy-Authenticate: Basic\r\n\r\n", 0,
		    TUNNEL_RECONNECT },
		{ "HTTP/1.1 407 a\r\nConnection: close\r\nContent-Length: "
		    "9\r\nProxy-Authenticate: Basic\r\n\r\n", 0,
		    TUNNEL_RECONNECT },
		{ "HTTP/1.0 407 a\r\nProxy-Connection: keep-alive\r\n"
		    "Proxy-Authenticate: Basic\r\n" CLIENT_NO_BODY, 0,
		    TUNNEL_RETRY },
		{ "HTTP/1.1 407 a\r\nTransfer-Encoding: chunked\r\n"
		    "Proxy-Authenticate: Basic\r\n\r\n2\r\nno\r\n0\r\n\r\n", 0,
		    TUNNEL_RETRY },
		{ "HTTP/1.1 407 a\nProxy-Authenticate: Basic\n"
		    "Content-Length: 3\n\nnot", 0, TUNNEL_RETRY }
	};
	struct tunnel_client *c;
	size_t i;
	int f;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		c = client_with_login();
		client_ask(c);
		f = client_hear(c, cases[i].reply);
		if (cases[i].eof)
			f = tunnel_client_eof(c);
		assert_int_equal(f, TUNNEL_REFUSED | TUNNEL_DONE |
		    cases[i].flag);
		client_ask(c);
		client_asked_with(ALADDIN);
		tunnel_client_free(c);
	}
}

/* A kept connection that is closed when it is used again: once more, and only
 * once. */
static void
closed_when_used_again(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	client_ask(c);
	client_hear(c, client_offer_basic);
	client_ask(c);
	assert_int_equal(tunnel_client_eof(c),
	    TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RECONNECT);
	assert_int_equal(tunnel_client_status(c), 0);
	client_ask(c);
	client_asked_with(ALADDIN);
	assert_int_equal(tunnel_client_eof(c), TUNNEL_EEOF);
	tunnel_client_free(c);
	/* With a byte of a reply it is broken. */
	c = client_with_login();
	client_ask(c);
	client_hear(c, client_offer_basic);
	client_ask(c);
	client_hear(c, "H");
	assert_int_equal(tunnel_client_eof(c), TUNNEL_EEOF);
	tunnel_client_free(c);
}

/* ---- the application's scheme ---------------------------------------- */

static int freed;

static int
token(void *ud, void **state, const char *challenge, char *out, size_t cap)
{
	static int round;

	assert_ptr_equal(ud, &freed);
	if (out == NULL) {
		assert_ptr_equal(*state, &round);
		freed++;
		return 0;
	}
	assert_true(cap == 65536);
	if (*state == NULL)
		round = 0;
	*state = &round;
	if (strcmp(challenge, "give=up") == 0)
		return TUNNEL_EAUTH;
	snprintf(out, cap, "%d%s=", ++round, challenge);
	return 0;
}

static void
rounds(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");
	const char *go_on = "HTTP/1.1 407 a\r\nProxy-Authenticate: "
	    "NEGOTIATE more==\r\n" CLIENT_NO_BODY;

	(void)state;
	freed = 0;
	assert_int_equal(tunnel_client_token(c, "Negotiate", token, &freed),
	    0);
	client_ask(c);
	client_asked_without();
	assert_int_equal(client_hear(c, "HTTP/1.1 407 a\r\nProxy-Authenticate: "
	    "Basic\r\nProxy-Authenticate: Negotiate\r\n" CLIENT_NO_BODY),
	    TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RETRY);
	client_ask(c);
	client_asked_with("Negotiate 1=");
	assert_int_equal(client_hear(c, go_on),
	    TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RETRY);
	client_ask(c);
	client_asked_with("Negotiate 2more===");
	assert_int_equal(freed, 0);
	assert_int_equal(client_hear(c, "HTTP/1.1 200 OK\r\n\r\n"),
	    TUNNEL_OPEN);
	/* On another connection it begins again. */
	assert_int_equal(tunnel_client_renew(c), 0);
	assert_int_equal(freed, 1);
	client_ask(c);
	client_asked_with("Negotiate 1=");
	/* Where it is cut off it cannot be. */
	assert_int_equal(client_hear(c, "HTTP/1.1 407 a\r\nProxy-Authenticate: "
	    "Negotiate more==\r\nConnection: close\r\n" CLIENT_NO_BODY),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_ECUT);
	tunnel_client_free(c);
	assert_int_equal(freed, 2);
}

static void
rounds_end(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");
	int f, i;

	(void)state;
	freed = 0;
	assert_int_equal(tunnel_client_token(c, "Bearer", token, &freed), 0);
	assert_int_equal(tunnel_client_schemes(c, "bearer"), 0);
	for (f = TUNNEL_RETRY, i = 0; f & TUNNEL_RETRY; i++) {
		assert_true(i < 100);
		client_ask(c);
		f = client_hear(c, "HTTP/1.1 407 a\r\n"
		    "Proxy-Authenticate: Bearer more==\r\n" CLIENT_NO_BODY);
	}
	assert_true(i > 2);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
	/* The application may give up, too. */
	assert_int_equal(tunnel_client_token(c, "Bearer", token, &freed), 0);
	assert_int_equal(freed, 1);
	client_ask(c);
	client_asked_with("Bearer 1=");
	assert_int_equal(client_hear(c, "HTTP/1.1 407 a\r\n"
	    "Proxy-Authenticate: Bearer give=up\r\n" CLIENT_NO_BODY),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
	tunnel_client_free(c);
	assert_int_equal(freed, 2);
}

static int
neither(void *ud, void **state, const char *challenge, char *out, size_t cap)
{
	(void)ud;
	(void)state;
	(void)challenge;
	(void)out;
	(void)cap;
	return 1;
}

/* What is no error is no success either, and nothing leaves. */
static void
hook_that_breaks_the_rule(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");

	(void)state;
	assert_int_equal(tunnel_client_token(c, "Bearer", neither, NULL), 0);
	assert_int_equal(tunnel_client_schemes(c, "bearer"), 0);
	assert_int_equal(tunnel_client_start(c), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_flags(c), 0);
	tunnel_client_free(c);
}

static void
settings(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");

	(void)state;
	assert_int_equal(tunnel_client_schemes(c, "basic telepathy"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_schemes(c, "negotiate"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_token(c, "", token, NULL),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_token(c, "a b", token, NULL),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_token(c, "Negotiate", NULL, NULL),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_token(c, "Negotiate", token, &freed),
	    0);
	assert_int_equal(tunnel_client_schemes(c, " BASIC  negotiate "), 0);
	assert_int_equal(tunnel_client_credentials(c, "a\n", "b"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_credentials(c, "a", NULL),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_credentials(c, NULL, NULL), 0);
	client_ask(c);
	assert_int_equal(tunnel_client_credentials(c, "a", "b"),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_schemes(c, ""), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_token(c, "X", token, NULL),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_random(c, NULL, NULL), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_time(c, 1), TUNNEL_ESTATE);
	tunnel_client_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(basic_when_asked),
		cmocka_unit_test(rejected),
		cmocka_unit_test(unanswerable),
		cmocka_unit_test(own_field),
		cmocka_unit_test(where_to_answer),
		cmocka_unit_test(closed_when_used_again),
		cmocka_unit_test(rounds),
		cmocka_unit_test(rounds_end),
		cmocka_unit_test(hook_that_breaks_the_rule),
		cmocka_unit_test(settings)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
