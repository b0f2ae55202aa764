/* test_client_schemes.c - Digest and NTLM as a client uses them */
#include "unit.h"
#include "client_rig.h"
#include "oom.h"

static int
fixed(void *ud, void *out, size_t n)
{
	(void)ud;
	memset(out, 0xaa, n);
	return 0;
}

#define DIGEST(stale) "HTTP/1.1 407 a\r\nProxy-Authenticate: Basic " \
	"realm=\"x\", Digest realm=\"x\", nonce=\"n1\", algorithm=MD5, " \
	"qop=\"auth\"\r\nProxy-Authenticate: Digest realm=\"x\", nonce=\"n2\"" \
	", algorithm=SHA-256, qop=\"auth,auth-int\"" stale "\r\n" CLIENT_NO_BODY

static void
digest(void **state)
{
	struct tunnel_client *c = client_with_login();

	(void)state;
	/* Nobody has said where random bytes come from. */
	client_ask(c);
	assert_int_equal(client_hear(c, DIGEST("")),
	    TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RETRY);
	assert_int_equal(tunnel_client_start(c), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_random(c, fixed, NULL), 0);
	client_ask(c);
	assert_non_null(strstr(client_sent,
	    "\r\nProxy-Authorization: Digest "));
	assert_non_null(strstr(client_sent, "SHA-256"));
	assert_non_null(strstr(client_sent, "\"n2\""));
	assert_non_null(strstr(client_sent, "uri=\"a.example:22\""));
	assert_null(strstr(client_sent, "open sesame"));
	assert_string_equal(tunnel_client_scheme(c), "digest");
	/* Too old a nonce is answered, once. */
	assert_int_equal(client_hear(c, DIGEST(", stale=true")),
	    TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RETRY);
	client_ask(c);
	assert_int_equal(client_hear(c, DIGEST(", stale=true")),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
	tunnel_client_free(c);
}

/* One that has answered a challenge by Digest. */
static struct tunnel_client *
client_with_digest(void)
{
	struct tunnel_client *c = client_with_login();

	tunnel_client_random(c, fixed, NULL);
	client_ask(c);
	client_hear(c, DIGEST(""));
	client_ask(c);
	return c;
}

/* Rejected credentials are not given away to a weaker scheme, also when that is
 * all that is offered then. */
static void
no_downgrade(void **state)
{
	struct tunnel_client *c = client_with_digest();

	(void)state;
	assert_int_equal(client_hear(c, client_offer_basic),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EOFFER);
	tunnel_client_free(c);
}

/* A proxy that takes the password's digest from somebody else. */
static void
false_proxy(void **state)
{
	struct tunnel_client *c = client_with_digest();

	(void)state;
	assert_int_equal(client_hear(c, "HTTP/1.1 200 OK\r\n"
	    "Proxy-Authentication-Info: rspauth=\"00112233445566778899aabbccdd"
	    "eeff00112233445566778899aabbccddeeff\", qop=auth, nc=00000001\r\n"
	    "\r\n"), TUNNEL_EPROOF);
	tunnel_client_free(c);
}

/* And one that only says what comes next, and proves nothing. */
static void
no_proof(void **state)
{
	struct tunnel_client *c = client_with_digest();

	(void)state;
	assert_int_equal(client_hear(c, "HTTP/1.1 200 OK\r\n"
	    "Proxy-Authentication-Info: nextnonce=\"x\"\r\n\r\n"),
	    TUNNEL_OPEN);
	tunnel_client_free(c);
}

/* The challenge is of MS-NLMP, section 4.2.4. */
#define TYPE2 "TlRMTVNTUAACAAAADAAMADgAAAAzgoriASNFZ4mrze8AAAAAAAAAACQAJAB" \
	"EAAAABgBwFwAAAA9TAGUAcgB2AGUAcgACAAwARABvAG0AYQBpAG4AAQAMAFMAZQByAHY" \
	"AZQByAAAAAAA="

static void
ntlm(void **state)
{
	struct tunnel_client *c = client_with_login();
	const char *challenge = "HTTP/1.1 407 a\r\nProxy-Authenticate: NTLM "
	    TYPE2 "\r\nContent-Length: 2\r\n\r\nno";

	(void)state;
	tunnel_client_random(c, fixed, NULL);
	tunnel_client_time(c, 1000000000);
	client_ask(c);
	assert_int_equal(client_hear(c, "HTTP/1.1 407 a\r\nProxy-Authenticate: "
	    "Negotiate, NTLM, Basic realm=x\r\nConnection: close\r\n"
	    CLIENT_NO_BODY), TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RECONNECT);
	client_ask(c);
	assert_non_null(strstr(client_sent, "Proxy-Authorization: NTLM TlRM"));
	assert_non_null(strstr(client_sent, "Proxy-Connection: keep-alive"));
	assert_int_equal(client_hear(c, challenge),
	    TUNNEL_REFUSED | TUNNEL_DONE | TUNNEL_RETRY);
	client_ask(c);
	assert_true(strlen(client_sent) > 300);
	/* Rejected. */
	assert_int_equal(client_hear(c, "HTTP/1.1 407 a\r\n"
	    "Proxy-Authenticate: NTLM\r\n" CLIENT_NO_BODY),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_EAUTH);
	assert_string_equal(tunnel_client_scheme(c), "ntlm");
	tunnel_client_free(c);
}

/* A proxy that closes with the challenge makes it impossible. */
static void
ntlm_cut(void **state)
{
	struct tunnel_client *c = client_with_login();
	const char *challenge = "HTTP/1.1 407 a\r\nProxy-Authenticate: NTLM "
	    TYPE2 "\r\nConnection: close\r\n" CLIENT_NO_BODY;
	int f, i;

	(void)state;
	tunnel_client_random(c, fixed, NULL);
	assert_int_equal(tunnel_client_schemes(c, "ntlm"), 0);
	for (f = TUNNEL_RECONNECT, i = 0; f & TUNNEL_RECONNECT; i++) {
		assert_true(i < 5);
		client_ask(c);
		assert_non_null(strstr(client_sent, "NTLM TlRM"));
		f = client_hear(c, challenge);
	}
	assert_int_equal(f, TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_fault(c), TUNNEL_ECUT);
	tunnel_client_free(c);
}

/* ---- without memory ------------------------------------------------- */

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	const char *const *reply = ud;
	struct tunnel_client *c = client_fresh(a, "");
	size_t used, n;
	int f;

	if (c == NULL)
		return 0;
	f = tunnel_client_credentials(c, "u", "open sesame");
	(void)tunnel_client_random(c, fixed, NULL);
	for (; f >= 0 && *reply != NULL; reply++) {
		f = tunnel_client_start(c);
		if (f < 0)
			break;
		(void)tunnel_client_peek(c, &n);
		(void)tunnel_client_skip(c, n);
		f = tunnel_client_feed(c, *reply, strlen(*reply), &used);
	}
	if (f != TUNNEL_ENOMEM)
		assert_null(*reply);
	tunnel_client_free(c);
	return f != TUNNEL_ENOMEM;
}

static void
failing_memory(void **state)
{
	static const char *const basic[] = { client_offer_basic,
	    client_offer_basic, NULL };
	static const char *const better[] = { DIGEST(""),
	    DIGEST(", stale=true"), DIGEST(""), NULL };
	static const char *const ours[] = {
		"HTTP/1.1 407 a\r\nProxy-Authenticate: NTLM\r\n" CLIENT_NO_BODY,
		"HTTP/1.1 407 a\r\nProxy-Authenticate: NTLM " TYPE2 "\r\n"
		CLIENT_NO_BODY, "HTTP/1.1 200 OK\r\n\r\n", NULL
	};

	(void)state;
	oom_run(starved, (void *)(uintptr_t)basic);
	oom_run(starved, (void *)(uintptr_t)better);
	oom_run(starved, (void *)(uintptr_t)ours);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest),
		cmocka_unit_test(no_downgrade),
		cmocka_unit_test(false_proxy), cmocka_unit_test(no_proof),
		cmocka_unit_test(ntlm),
		cmocka_unit_test(ntlm_cut),
		cmocka_unit_test(failing_memory)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
