/* test_digest.c - Digest, as the client does it */
#include "unit.h"
#include "digest_rig.h"
#include "oom.h"

#include "core/proof.h"

#define BASE "Digest realm=\"r\", nonce=\"n\", "

static void
refused(void **state)
{
	static const char *const bad[] = {
		"Basic realm=\"r\", nonce=\"n\", qop=\"auth\"",
		BASE "qop=\"auth-int\"", BASE "qop=\"auth-int, x-auth\"",
		BASE "qop=\"auth\", algorithm=MD4",
		BASE "qop=\"auth\", algorithm=\"\"",
		BASE "qop=\"auth\", algorithm=SHA-512-256-SESSION-AND-MORE",
		BASE "algorithm=MD5-sess", BASE "qop=\"\", algorithm=MD5-sess",
		BASE "qop=auth, qop=auth", BASE "nonce=n", BASE "realm=r",
		BASE "opaque=1, opaque=2", BASE "algorithm=MD5, algorithm=MD5",
		"Digest realm=\"r\", qop=\"auth\"", "Digest", "Digest abc",
	};
	struct tnl_digest_asked q = { "u", "p", "M", "u", NULL, 0 };
	char big[4000], out[512], again[512];
	struct tnl_challenge c;
	struct tnl_digest d;
	const char *p;
	size_t i;

	(void)state;
	tnl_digest_init(&d, plain_alloc());
	assert_int_equal(digest_answer(&d, q, "AAAA", out, 512),
	    TUNNEL_ESTATE);
	assert_int_equal(digest_read(&d, BASE "opaque=\"o\", qop=auth"), 0);
	assert_int_equal(digest_answer(&d, q, "AAAA", out, sizeof out), 0);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		print_message("%s\n", bad[i]);
		assert_int_equal(digest_read(&d, bad[i]), TUNNEL_EAUTH);
	}
	/* As long as the bound, and one more. */
	for (i = 1023; i <= 1024; i++) {
		struct tnl_digest e;

		memset(big, 'x', sizeof big);
		memcpy(big, "Digest realm=r, nonce=", 22);
		strcpy(big + 22 + i, ", qop=auth");
		tnl_digest_init(&e, plain_alloc());
		assert_int_equal(digest_read(&e, big),
		    i == 1023 ? 0 : TUNNEL_EAUTH);
		tnl_digest_free(&e);
	}
	/* Nothing of it changed the one that was read. */
	assert_int_equal(digest_answer(&d, q, "AAAA", again, sizeof again), 0);
	assert_non_null(strstr(again, "nc=00000002"));
	assert_non_null(strstr(again, "opaque=\"o\""));
	tnl_digest_free(&d);
	p = BASE "qop=auth, algorithm=sha-256";
	assert_true(tnl_challenge_next(&p, &c));
	assert_int_equal(tnl_digest_kind(&c), TNL_SHA256);
	p = BASE "qop=auth-int, algorithm=sha-256";
	assert_true(tnl_challenge_next(&p, &c));
	assert_int_equal(tnl_digest_kind(&c), TUNNEL_EAUTH);
	assert_true(TNL_MD5 < TNL_SHA256 && TNL_SHA256 < TNL_SHA512_256);
}

static const struct tnl_digest_asked ask = {
	"u", "p", "CONNECT", "h:1", NULL, 0
};

/* A nonce is counted, another one anew; stale is told. */
static void
counts(void **state)
{
	static const char *const want[] = {
		"nc=00000001", "nc=00000002", "nc=00000003"
	};
	struct tnl_digest d;
	char out[512];
	size_t i;

	(void)state;
	tnl_digest_init(&d, plain_alloc());
	assert_int_equal(digest_read(&d, BASE "qop=auth"), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(digest_answer(&d, ask, "AAAA", out, 512), 0);
		assert_non_null(strstr(out, want[i]));
		/* The same once more is no new one. */
		assert_int_equal(digest_read(&d, BASE "qop=auth"), 0);
	}
	assert_int_equal(digest_read(&d, "Digest realm=r, nonce=m, qop=auth, "
	    "stale=TRUE"), 0);
	assert_true(d.stale);
	assert_int_equal(digest_answer(&d, ask, "AAAA", out, 512), 0);
	assert_non_null(strstr(out, "nonce=\"m\", nc=00000001"));
	assert_int_equal(digest_read(&d, BASE "qop=auth, stale=\"truely\""), 0);
	assert_false(d.stale);
	d.nc = UINT32_MAX;
	assert_int_equal(digest_answer(&d, ask, "AAAA", out, 512),
	    TUNNEL_EAUTH);
	assert_string_equal(out, "");
	tnl_digest_free(&d);
}

/* A cnonce is new for each answer, but in a session. */
static void
sessions(void **state)
{
	struct tnl_digest d;
	char out[512];

	(void)state;
	tnl_digest_init(&d, plain_alloc());
	assert_int_equal(digest_read(&d, BASE "qop=auth"), 0);
	assert_int_equal(digest_answer(&d, ask, "AAAA", out, 512), 0);
	assert_int_equal(digest_answer(&d, ask, "BBBB", out, 512), 0);
	assert_non_null(strstr(out, "cnonce=\"BBBB\""));
	assert_int_equal(digest_read(&d,
	    "Digest realm=r, nonce=m, qop=auth, algorithm=MD5-sess"), 0);
	assert_int_equal(digest_answer(&d, ask, "CCCCCCCC", out, 512), 0);
	assert_int_equal(digest_answer(&d, ask, "DDDD", out, 512), 0);
	assert_non_null(strstr(out, "nc=00000002, cnonce=\"CCCCCCCC\""));
	assert_non_null(strstr(out, "algorithm=MD5-sess"));
	assert_int_equal(digest_read(&d,
	    "Digest realm=r, nonce=k, qop=auth, algorithm=MD5-sess"), 0);
	assert_int_equal(digest_answer(&d, ask, "DDDD", out, 512), 0);
	assert_non_null(strstr(out, "nc=00000001, cnonce=\"DDDD\""));
	tnl_digest_free(&d);
}

/* What was escaped is so again, and computed with as it is. */
static void
escapes(void **state)
{
	struct tnl_digest_asked q = ask;
	struct tnl_challenge c;
	struct tnl_digest d;
	char out[600], value[64];

	(void)state;
	q.user = "a\"b\\c,d+e\xc3\xa4";
	tnl_digest_init(&d, plain_alloc());
	assert_int_equal(digest_read(&d, "Digest realm=\"\\r\\\"\\\\, x\", "
	    "nonce=\"\\\\\", opaque=\"\", qop=auth"), 0);
	assert_int_equal(digest_answer(&d, q, "AAAA", out, sizeof out), 0);
	assert_non_null(strstr(out, "realm=\"r\\\"\\\\, x\""));
	assert_non_null(strstr(out, "nonce=\"\\\\\""));
	assert_non_null(strstr(out, "opaque=\"\""));
	assert_true(tnl_challenge_only(out, &c));
	assert_int_equal(tnl_challenge_param(&c, "username", value, 64), 1);
	assert_string_equal(value, q.user);
	assert_int_equal(digest_read(&d, BASE "charset=\"utf-8\""), 0);
	assert_int_equal(digest_answer(&d, q, "AAAA", out, sizeof out), 0);
	assert_non_null(strstr(out,
	    " username*=UTF-8''a%22b%5Cc%2Cd+e%C3%A4, "));
	assert_int_equal(digest_read(&d, BASE "charset=latin1"), 0);
	assert_int_equal(digest_answer(&d, q, "AAAA", out, sizeof out), 0);
	assert_non_null(strstr(out, " username=\"a"));
	/* Bytes that end a header, or could. */
	q.user = "a\nb";
	assert_int_equal(digest_answer(&d, q, "AAAA", out, 600), TUNNEL_EINVAL);
	q.user = "u";
	q.uri = "h:1\r\nx: y";
	assert_int_equal(digest_answer(&d, q, "AAAA", out, 600), TUNNEL_EINVAL);
	assert_string_equal(out, "");
	tnl_digest_free(&d);
}

static void
random_bytes(void **state)
{
	struct tnl_digest_asked q = ask;
	uint8_t random[TNL_DIGEST_RANDOM + 1] = { 0 };
	struct tnl_digest d;
	struct tnl_buf b;
	size_t n;

	(void)state;
	tnl_digest_init(&d, plain_alloc());
	tnl_buf_init(&b, plain_alloc(), 1000);
	assert_int_equal(digest_read(&d, BASE "qop=auth"), 0);
	q.random = random;
	for (n = 0; n <= sizeof random; n++) {
		q.random_n = n;
		assert_int_equal(tnl_digest_answer(&d, &q, &b),
		    n == 0 || n == sizeof random ? TUNNEL_EINVAL : 0);
		if (n > 0 && n < sizeof random)
			assert_int_equal(strlen(d.cnonce), (n + 2) / 3 * 4);
		tnl_buf_clear(&b);
	}
	/* No room: nothing is appended, and nothing counts as sent. */
	tnl_buf_free(&b);
	q.random_n = 1;
	d.nc = 0;
	for (n = 0; n < 130; n++) {
		tnl_buf_init(&b, plain_alloc(), n);
		if (n > 0)
			assert_int_equal(tnl_buf_byte(&b, 'z'), 0);
		assert_int_equal(tnl_digest_answer(&d, &q, &b), TUNNEL_EHEAD);
		assert_int_equal(b.n, n > 0);
		assert_int_equal(d.nc, 0);
		tnl_buf_free(&b);
	}
	tnl_digest_free(&d);
}

/* rspauth for an answer, computed apart. */
static void
prove(const struct tnl_digest *d, char *hex)
{
	struct tnl_proof p = { d->kind, d->session, d->auth, d->nc, "n",
	    "AAAA" };
	uint8_t secret[TNL_HASH_MAX], out[TNL_HASH_MAX];

	(void)tnl_proof_secret(d->kind, ask.user, "r", ask.password, secret);
	tnl_hash_hex(out, tnl_proof_response(&p, secret, "", ask.uri, out),
	    hex);
}

static void
verified(struct tnl_digest *d, const char *format, const char *hex, int want)
{
	char info[300];

	snprintf(info, sizeof info, format, hex);
	print_message("%s\n", info);
	assert_int_equal(tnl_digest_verify(d, info), want);
}

static void
false_proxies(void **state)
{
	static const char *const challenges[] = {
		BASE "qop=auth", BASE "qop=auth, algorithm=SHA-256",
		BASE "qop=auth, algorithm=SHA-512-256-sess", BASE "x=y",
	};
	static const char *const good[] = {
		"rspauth=\"%s\"", "rspauth=%s", "RSPAUTH = \"%s\" , qop=auth",
		"qop=\"auth\", cnonce=\"AAAA\", nc=00000002, rspauth=\"%s\"",
	};
	static const char *const bad[] = {
		"rspauth=\"%s0\"", "rspauth=\"0%s\"", "rspauth=\"%.31s\"",
		"rspauth=\"%.31sg\"", "rspauth=\"\"", "rspauth=\"%s",
		"rspauth=\"%s\", qop=auth-int", "rspauth=\"%s\", nc=00000001",
		"rspauth=\"%s\", cnonce=AAAB", "rspauth=\"%s\", rspauth=x",
		"rspauth=\"%s\", x", "rspauth=\"%s\", nc=",
	};
	char hex[TNL_HASH_HEX], out[512];
	struct tnl_digest d;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
		tnl_digest_init(&d, plain_alloc());
		assert_int_equal(digest_read(&d, challenges[i]), 0);
		assert_int_equal(digest_answer(&d, ask, "AAAA", out, 512), 0);
		prove(&d, hex);
		assert_int_equal(digest_answer(&d, ask, "AAAA", out, 512), 0);
		/* What was good for the first is not for the second. */
		if (d.auth)
			verified(&d, good[0], hex, TUNNEL_EAUTH);
		prove(&d, hex);
		for (j = 0; j < sizeof good / sizeof good[0]; j++)
			verified(&d, good[j], hex, 1);
		for (j = 0; j < sizeof bad / sizeof bad[0]; j++)
			verified(&d, bad[j], hex, TUNNEL_EAUTH);
		/* The same challenge again does not make it forget. */
		assert_int_equal(digest_read(&d, challenges[i]), 0);
		verified(&d, good[0], hex, 1);
		hex[0] = hex[0] == '0' ? '1' : '0';
		verified(&d, good[0], hex, TUNNEL_EAUTH);
		assert_int_equal(tnl_digest_verify(&d, ""), 0);
		assert_int_equal(tnl_digest_verify(&d, "nextnonce=\"x\""), 0);
		tnl_digest_free(&d);
		verified(&d, good[0], "00000000000000000000000000000000",
		    TUNNEL_EAUTH);
	}
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tnl_digest_asked q = ask;
	struct tnl_digest d;
	struct tnl_buf b;
	int rv;

	(void)ud;
	q.random = "xyz";
	q.random_n = 3;
	tnl_digest_init(&d, a);
	tnl_buf_init(&b, a, 1000);
	rv = digest_read(&d, BASE "opaque=\"o\", qop=auth");
	if (rv == 0)
		rv = tnl_digest_answer(&d, &q, &b);
	if (rv < 0) {
		assert_int_equal(rv, TUNNEL_ENOMEM);
		assert_int_equal(b.n, 0);
	}
	tnl_buf_free(&b);
	tnl_digest_free(&d);
	return rv == 0;
}

static void
failing_memory(void **state)
{
	(void)state;
	oom_run(starved, NULL);
}

/* What a challenge and an answer leave is wiped, also when another challenge
 * comes. */
static void
wiped(void **state)
{
	uint8_t zero[TNL_HASH_MAX] = { 0 };
	struct tnl_digest d;
	char out[512];
	struct oom o;

	(void)state;
	oom_init(&o);
	o.secret = "a nonce";
	tnl_digest_init(&d, &o.alloc);
	assert_int_equal(digest_read(&d,
	    "Digest realm=r, nonce=\"a nonce\", qop=auth"), 0);
	assert_int_equal(digest_answer(&d, ask, "AAAA", out, 512), 0);
	assert_memory_not_equal(d.expected, zero, sizeof zero);
	assert_int_equal(digest_read(&d, BASE "qop=auth"), 0);
	assert_memory_equal(d.expected, zero, sizeof zero);
	assert_int_equal(digest_read(&d,
	    "Digest realm=r, nonce=\"a nonce\", qop=auth"), 0);
	tnl_digest_free(&d);
	assert_int_equal(o.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused), cmocka_unit_test(counts),
		cmocka_unit_test(sessions), cmocka_unit_test(escapes),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(false_proxies),
		cmocka_unit_test(failing_memory), cmocka_unit_test(wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
