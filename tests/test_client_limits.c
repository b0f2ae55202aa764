/* test_client_limits.c - a client's settings at their ends, and what it does
 * with challenges that nobody would send */
#include "unit.h"
#include "client_rig.h"
#include "oom.h"

#define ALADDIN "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
#define OFFER(challenge) "HTTP/1.1 407 a\r\nProxy-Authenticate: " challenge \
	"\r\n" CLIENT_NO_BODY

enum { ENDED = TUNNEL_REFUSED | TUNNEL_DONE, AGAIN = ENDED | TUNNEL_RETRY };

static int
fixed(void *ud, void *out, size_t n)
{
	(void)ud;
	memset(out, 0xaa, n);
	return 0;
}

static int
token(void *ud, void **state, const char *challenge, char *out, size_t cap)
{
	static int begun;

	(void)ud;
	*state = out != NULL ? &begun : NULL;
	if (out != NULL)
		snprintf(out, cap, "%.20s", challenge);
	return 0;
}

static void
too_long(void **state)
{
	static char text[70000];
	struct tunnel_client *c = client_with_login();

	(void)state;
	assert_int_equal(tunnel_client_limit(c, (size_t)1 << 31),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_limit(c, 63), TUNNEL_EINVAL);
	memset(text, ' ', 200);
	assert_int_equal(tunnel_client_schemes(c, text), TUNNEL_EINVAL);
	memset(text, 'a', 200);
	assert_int_equal(tunnel_client_token(c, text, token, NULL),
	    TUNNEL_EINVAL);
	memset(text, 'a', sizeof text - 1);
	assert_int_equal(tunnel_client_credentials(c, text, "b"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_credentials(c, "a", text),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_credentials(c, "a", "b\x7f"),
	    TUNNEL_EINVAL);
	/* The login is what it was. */
	client_ask(c);
	assert_int_equal(client_hear(c, client_offer_basic), AGAIN);
	client_ask(c);
	client_asked_with(ALADDIN);
	tunnel_client_free(c);
}

/* An order without a name in it is the usual one. */
static void
blank_order(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	assert_int_equal(tunnel_client_schemes(c, "basic"), 0);
	assert_int_equal(tunnel_client_schemes(c, "  "), 0);
	client_ask(c);
	client_asked_without();
	assert_int_equal(client_hear(c, client_offer_basic), AGAIN);
	client_ask(c);
	client_asked_with(ALADDIN);
	tunnel_client_free(c);
}

/* What says nothing before there is a reply. */
static void
no_reply_yet(void **state)
{
	struct tunnel_client *c = client_with_login();
	const char *value;
	char out[10];
	size_t n;

	(void)state;
	assert_int_equal(tunnel_client_drain(c, out, sizeof out, &n), 0);
	assert_int_equal(n, 0);
	client_ask(c);
	assert_int_equal(tunnel_client_version(c), 0);
	assert_string_equal(tunnel_client_reason(c), "");
	assert_null(tunnel_client_reply(c, "a", 0));
	assert_null(tunnel_client_reply_at(c, 0, &value));
	client_hear(c, "HTTP/1.0 404 No\r\nA: b\r\n\r\n");
	assert_int_equal(tunnel_client_version(c), 10);
	assert_string_equal(tunnel_client_reason(c), "No");
	assert_string_equal(tunnel_client_reply_at(c, 0, &value), "A");
	assert_string_equal(value, "b");
	tunnel_client_free(c);
}

/* One that cannot be answered is passed over; what is left may do. */
static void
passed_over(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	assert_int_equal(tunnel_client_random(c, fixed, NULL), 0);
	client_ask(c);
	assert_int_equal(client_hear(c, OFFER("Digest realm=\"a\", qop=auth, "
	    "Basic realm=\"a\"")), AGAIN);
	assert_string_equal(tunnel_client_scheme(c), "basic");
	client_ask(c);
	client_asked_with(ALADDIN);
	tunnel_client_free(c);
	/* A colon in the name is not for Basic (RFC 7617 section 2). */
	c = client_fresh(NULL, "");
	assert_int_equal(tunnel_client_credentials(c, "a:b", "c"), 0);
	client_ask(c);
	assert_int_equal(client_hear(c, client_offer_basic), ENDED);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EOFFER);
	tunnel_client_free(c);
	/* There is something to offer, but not for that. */
	c = client_fresh(NULL, "");
	assert_int_equal(tunnel_client_token(c, "Bearer", token, NULL), 0);
	client_ask(c);
	assert_int_equal(client_hear(c, client_offer_basic), ENDED);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EOFFER);
	tunnel_client_free(c);
}

/* An order may name a scheme that is called something else by then. */
static void
order_outlived(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	assert_int_equal(tunnel_client_token(c, "Bearer", token, NULL), 0);
	assert_int_equal(tunnel_client_schemes(c, "bearer"), 0);
	assert_int_equal(tunnel_client_token(c, "Negotiate", token, NULL), 0);
	client_ask(c);
	client_asked_without();
	assert_int_equal(client_hear(c, OFFER("Bearer, Negotiate")), ENDED);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EOFFER);
	tunnel_client_free(c);
	/* What is left of it is one that needs no challenge. */
	c = client_with_login();
	assert_int_equal(tunnel_client_token(c, "Bearer", token, NULL), 0);
	assert_int_equal(tunnel_client_schemes(c, "bearer basic"), 0);
	assert_int_equal(tunnel_client_token(c, "Negotiate", token, NULL), 0);
	client_ask(c);
	client_asked_with(ALADDIN);
	tunnel_client_free(c);
}

/* A parameter that says more than there is room for is no answer's base. */
static void
long_challenges(void **state)
{
	static char reply[70000];
	struct tunnel_client *c = client_fresh(NULL, "");
	size_t n;

	(void)state;
	assert_int_equal(tunnel_client_token(c, "Bearer", token, NULL), 0);
	client_ask(c);
	strcpy(reply, "HTTP/1.1 407 a\r\nProxy-Authenticate: Bearer ");
	n = strlen(reply);
	memset(reply + n, 'a', 66000);
	strcpy(reply + n + 66000, "\r\n" CLIENT_NO_BODY);
	assert_int_equal(client_hear(c, reply), ENDED);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EOFFER);
	/* One that is shorter would do. */
	client_ask(c);
	assert_int_equal(client_hear(c, OFFER("Bearer abc")), AGAIN);
	client_ask(c);
	client_asked_with("Bearer abc");
	tunnel_client_free(c);
}

/* What was asked stays what it was: an open tunnel is told nothing. */
static void
open_is_settled(void **state)
{
	struct tunnel_client *c = client_with_login();
	size_t n;

	(void)state;
	client_ask(c);
	assert_int_equal(client_hear(c, "HTTP/1.1 200 OK\r\n\r\n"),
	    TUNNEL_OPEN);
	assert_int_equal(tunnel_client_limit(c, 64), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_bare_lf(c, 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_target(c, "b", 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_credentials(c, "a", "b"),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_basic(c, "a", "b"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_field(c, "a", "b"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_status(c), 200);
	assert_string_equal(tunnel_client_reason(c), "OK");
	assert_null(tunnel_client_peek(c, &n));
	assert_int_equal(tunnel_client_skip(c, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_eof(c), TUNNEL_OPEN);
	tunnel_client_free(c);
}

/* Rounds that an answer is awaited for do not go on elsewhere. */
static void
renewed_between_rounds(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");

	(void)state;
	assert_int_equal(tunnel_client_token(c, "Bearer", token, NULL), 0);
	client_ask(c);
	assert_int_equal(client_hear(c, OFFER("Bearer")), AGAIN);
	client_ask(c);
	assert_int_equal(client_hear(c, OFFER("Bearer bW9yZQ==")), AGAIN);
	assert_int_equal(tunnel_client_renew(c), TUNNEL_ECUT);
	/* It begins anew. */
	assert_int_equal(tunnel_client_renew(c), 0);
	assert_int_equal(tunnel_client_flags(c), 0);
	client_ask(c);
	assert_int_equal(client_hear(c, "HTTP/1.1 200 OK\r\n\r\n"),
	    TUNNEL_OPEN);
	tunnel_client_free(c);
}

/* With a field of its own it is the application who logs in. */
static void
own_login_is_refused(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	assert_int_equal(tunnel_client_field(c, "Proxy-Authorization",
	    "Basic eDp5"), 0);
	client_ask(c);
	client_asked_with("Basic eDp5");
	assert_int_equal(client_hear(c, client_offer_basic), ENDED);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
	tunnel_client_free(c);
}

static int
exchange(const struct tunnel_alloc *a, void *ud)
{
	static const char reply[] = OFFER("Bearer");
	struct tunnel_client *c = client_fresh(a, "");
	size_t used;
	int rv;

	(void)ud;
	if (c == NULL)
		return 0;
	rv = tunnel_client_token(c, "Bearer", token, NULL);
	if (rv == 0)
		rv = tunnel_client_start(c);
	if (rv > 0)
		rv = client_send_all(c);
	if (rv > 0)
		rv = tunnel_client_feed(c, reply, strlen(reply), &used);
	if (rv > 0)
		rv = tunnel_client_start(c);
	assert_true(rv > 0 || rv == TUNNEL_ENOMEM);
	tunnel_client_free(c);
	return rv > 0;
}

static void
without_memory(void **state)
{
	(void)state;
	oom_run(exchange, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_long),
		cmocka_unit_test(blank_order),
		cmocka_unit_test(no_reply_yet),
		cmocka_unit_test(passed_over),
		cmocka_unit_test(order_outlived),
		cmocka_unit_test(long_challenges),
		cmocka_unit_test(open_is_settled),
		cmocka_unit_test(renewed_between_rounds),
		cmocka_unit_test(own_login_is_refused),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
