/* test_claim.c - Digest, as the server does it, held against the client */
#include "unit.h"
#include "digest_rig.h"
#include "oom.h"

#include "core/claim.h"
#include "core/proof.h"
#include "core/users.h"

#define REALM "a \"b\" \\c"
#define TARGET "example.org:443"

static const uint8_t key[16] = "0123456789abcde";

/* A server of one user, and what it last said. */
struct rig {
	struct tnl_nonces nonces;
	struct tnl_claim claim;
	uint8_t secret[TNL_HASH_MAX];
	int known;
	uint64_t now;
	const char *user, *method, *target, *who;
	char text[700];                 /* of the server */
	char credentials[700];          /* of the client */
	struct tnl_digest digest;
};

static const struct tnl_digest_asked ask = {
	"u", "p", "CONNECT", TARGET, NULL, 0
};

static void
begin(struct rig *r, int kind, const char *user)
{
	memset(r, 0, sizeof *r);
	assert_int_equal(tnl_nonces_init(&r->nonces, plain_alloc(), 4, 1000,
	    key, sizeof key), 0);
	tnl_digest_init(&r->digest, plain_alloc());
	(void)tnl_proof_secret(kind, user, REALM, "p", r->secret);
	r->user = user;
	r->known = 1;
	r->method = "CONNECT";
	r->target = TARGET;
	r->who = "192.0.2.1";
}

static void
end(struct rig *r)
{
	tnl_nonces_free(&r->nonces);
	tnl_digest_free(&r->digest);
}

static void
take(struct rig *r, struct tnl_buf *b)
{
	assert_true(b->n < sizeof r->text);
	if (b->n > 0)
		memcpy(r->text, b->p, b->n);
	r->text[b->n] = '\0';
	tnl_buf_free(b);
}

/* A challenge, with "-sess" put into it where it is wanted. */
static void
challenge(struct rig *r, int kind, int session)
{
	char nonce[TNL_NONCE_TEXT], *at;
	struct tnl_buf b;

	tnl_nonces_make(&r->nonces, r->who, strlen(r->who), r->now, nonce);
	tnl_buf_init(&b, plain_alloc(), 600);
	assert_int_equal(tnl_claim_challenge(&b, REALM, kind, nonce,
	    r->claim.stale, 0), 0);
	take(r, &b);
	at = strstr(r->text, ", nonce=");
	assert_non_null(at);
	if (session) {
		memmove(at + 5, at, strlen(at) + 1);
		memcpy(at, "-sess", 5);
	}
	assert_int_equal(digest_read(&r->digest, r->text), 0);
	assert_int_equal(r->digest.kind, kind);
	assert_int_equal(r->digest.stale, r->claim.stale);
}

static void
answer(struct rig *r, struct tnl_digest_asked q)
{
	assert_int_equal(digest_answer(&r->digest, q, "AbCd", r->credentials,
	    sizeof r->credentials), 0);
}

/* Does the server believe it? */
static int
check(struct rig *r)
{
	struct tnl_claim_facts f = { NULL, NULL, NULL, 0, NULL, NULL, 0, 0 };
	int rv = tnl_claim_read(&r->claim, r->credentials, REALM, r->target);

	f.method = r->method;
	f.target = r->target;
	f.secret = r->secret;
	f.known = r->known && strcmp(r->claim.user, r->user) == 0;
	f.nonces = &r->nonces;
	f.who = r->who;
	f.who_n = strlen(r->who);
	f.now = r->now;
	return rv < 0 ? rv : tnl_claim_check(&r->claim, &f);
}

/* Does the client believe the server then? */
static int
verify(struct rig *r)
{
	struct tnl_buf b;

	tnl_buf_init(&b, plain_alloc(), 600);
	assert_int_equal(tnl_claim_info(&r->claim, NULL, &b), 0);
	take(r, &b);
	return tnl_digest_verify(&r->digest, r->text);
}

static void
round_trips(void **state)
{
	static const char *const users[] = {
		"u", "with \"quotes\" and \\", "J\xc3\xa4s\xc3\xb8n %41'"
	};
	static const int kinds[] = { TNL_MD5, TNL_SHA256, TNL_SHA512_256 };
	struct tnl_digest_asked q = ask;
	struct rig r;
	int i, j;

	(void)state;
	for (i = 0; i < 18; i++) {
		int kind = kinds[i / 2 % 3];

		q.user = users[i / 6];
		begin(&r, kind, q.user);
		challenge(&r, kind, i % 2);
		for (j = 0; j < 3; j++) {
			answer(&r, q);
			assert_int_equal(check(&r), 0);
			assert_string_equal(r.claim.user, q.user);
			assert_int_equal(r.claim.kind, kind);
			assert_int_equal(r.claim.session, i % 2);
			assert_int_equal(verify(&r), 1);
			r.claim.rspauth[5] ^= 1;
			assert_int_equal(verify(&r), TUNNEL_EAUTH);
		}
		end(&r);
	}
}

/* Wrong is not stale, and stale is right but for the nonce. */
static void
wrong_or_stale(void **state)
{
	struct tnl_digest_asked q = ask;
	char before[700];
	struct rig r;

	(void)state;
	begin(&r, TNL_SHA256, "u");
	challenge(&r, TNL_SHA256, 0);
	q.password = "P";
	answer(&r, q);
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	assert_false(r.claim.stale);
	r.known = 0;
	answer(&r, ask);
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	assert_false(r.claim.stale);
	r.known = 1;
	assert_int_equal(check(&r), 0);
	/* Once more */
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	assert_true(r.claim.stale);
	memcpy(before, r.credentials, sizeof before);
	challenge(&r, TNL_SHA256, 0);
	assert_non_null(strstr(r.text, ", stale=true"));
	answer(&r, ask);
	assert_int_equal(check(&r), 0);
	/* The old one is still a replay. */
	memcpy(r.credentials, before, sizeof before);
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	/* Too late, and then also wrong */
	challenge(&r, TNL_SHA256, 0);
	answer(&r, ask);
	r.now += 1000;
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	assert_true(r.claim.stale);
	answer(&r, q);
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	assert_false(r.claim.stale);
	/* Made for another */
	challenge(&r, TNL_SHA256, 0);
	answer(&r, ask);
	r.who = "192.0.2.2";
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	assert_true(r.claim.stale);
	r.who = "192.0.2.1";
	assert_int_equal(check(&r), 0);
	end(&r);
}

/* For one request alone, byte for byte. */
static void
tampering(void **state)
{
	struct rig r;
	size_t i, n;

	(void)state;
	begin(&r, TNL_SHA256, "u");
	challenge(&r, TNL_SHA256, 0);
	answer(&r, ask);
	r.target = "example.org:22";
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	r.target = TARGET;
	r.method = "GET";
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	r.method = "CONNECT";
	r.secret[0] ^= 1;
	assert_int_equal(check(&r), TUNNEL_EAUTH);
	r.secret[0] ^= 1;
	n = strlen(r.credentials);
	for (i = 0; i < n; i++) {
		char was = r.credentials[i];

		r.credentials[i] = '\0';
		assert_int_equal(check(&r), TUNNEL_EAUTH);
		r.credentials[i] = was == 'x' ? 'y' : 'x';
		assert_int_equal(check(&r), TUNNEL_EAUTH);
		assert_false(r.claim.stale);
		r.credentials[i] = was;
	}
	assert_int_equal(check(&r), 0);
	end(&r);
}

#define HASH "00112233445566778899aabbccddeeff"
#define REST ", realm=r, uri=\"/\", nonce=n, nc=a1b2C3d4, cnonce=c, " \
	"qop=auth, response=" HASH
#define WHOLE "Digest username=u" REST

static void
readings(void **state)
{
	static const char *const bad[] = {
		"", "Basic dTpw", "Digest", "Digest abc", WHOLE ", x",
		WHOLE ", Basic", WHOLE ", nc=00000001", WHOLE ", username=u",
		WHOLE ", username*=utf-8''u",
		WHOLE ", userhash=trueorfalse", WHOLE ", algorithm=SHA-256",
		WHOLE ", algorithm=MD4", WHOLE "0", ", " WHOLE,
		"Digest username=u, realm=R, uri=\"/\", nonce=n, nc=00000001, "
		"cnonce=c, qop=auth, response=" HASH,
		"Digest username=u, realm=r, uri=\"/x\", nonce=n, nc=00000001, "
		"cnonce=c, qop=auth, response=" HASH,
		"Digest username=u, realm=r, uri=\"/\", nonce=n, "
		"response=" HASH,
		"Digest username=u, realm=r, uri=\"/\", nonce=n, nc=1, "
		"cnonce=c, qop=auth, response=" HASH,
		"Digest username=u, realm=r, uri=\"/\", nonce=n, nc=00000001, "
		"cnonce=c, qop=auth-int, response=" HASH,
		"Digest username=u, realm=r, uri=\"/\", nonce=n, nc=0000000g, "
		"cnonce=c, qop=auth, response=" HASH,
		"Digest realm=r, uri=\"/\", nonce=n, nc=00000001, "
		"cnonce=c, qop=auth, response=" HASH,
		"Digest username*=utf-8''u, userhash=true" REST,
	};
	static const char *const good[] = {
		WHOLE, WHOLE ", userhash=false", WHOLE ", userhash=true",
		WHOLE ", algorithm=md5-SESS",
		WHOLE ", opaque=\"\", unknown=1, ,",
	};
	struct tnl_claim c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		print_message("%s\n", bad[i]);
		assert_int_equal(tnl_claim_read(&c, bad[i], "r", "/"),
		    TUNNEL_EAUTH);
	}
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(tnl_claim_read(&c, good[i], "r", "/"), 0);
		assert_string_equal(c.user, "u");
		assert_int_equal(c.hashed, i == 2);
		assert_int_equal(c.nc, 0xa1b2c3d4);
		assert_int_equal(c.kind, TNL_MD5);
		assert_memory_equal(c.response, "\0\x11\x22\x33", 4);
	}
}

static void
extended_names(void **state)
{
	static const struct {
		const char *text, *user;
	} t[] = {
		{ "UTF-8''J%c3%A4s", "J\xc3\xa4s" }, { "utf-8'de'a", "a" },
		{ "utf-8''", "" }, { "utf-8''%25", "%" },
		{ "ISO-8859-1''a", NULL }, { "utf-8'a", NULL },
		{ "utf-8", NULL }, { "", NULL }, { "utf-8''%", NULL },
		{ "utf-8''%2", NULL }, { "utf-8''%2g", NULL },
		{ "utf-8''%00", NULL }, { "utf-8''%0a", NULL },
	};
	char text[2000], name[801];
	struct tnl_claim c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		snprintf(text, sizeof text, "Digest username*=%s" REST,
		    t[i].text);
		assert_int_equal(tnl_claim_read(&c, text, "r", "/"),
		    t[i].user != NULL ? 0 : TUNNEL_EAUTH);
		if (t[i].user != NULL)
			assert_string_equal(c.user, t[i].user);
	}
	/* Too long for one, and for the other. */
	for (i = 250; i <= 800; i += 5) {
		memset(name, 'a', sizeof name);
		name[i] = '\0';
		snprintf(text, sizeof text, "Digest username=%s" REST, name);
		assert_int_equal(tnl_claim_read(&c, text, "r", "/"),
		    i < TNL_CLAIM_USER ? 0 : TUNNEL_EAUTH);
		snprintf(text, sizeof text, "Digest username*=utf-8''%s" REST,
		    name);
		assert_int_equal(tnl_claim_read(&c, text, "r", "/"),
		    i < TNL_CLAIM_USER ? 0 : TUNNEL_EAUTH);
	}
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tnl_claim c;
	struct tnl_buf b;
	int rv;

	(void)ud;
	memset(&c, 0, sizeof c);
	tnl_buf_init(&b, a, 600);
	rv = tnl_claim_challenge(&b, "r", TNL_SHA256, "n", 1, 1);
	if (rv == 0) {
		assert_memory_equal(b.p, "Digest realm=\"r\", qop=\"auth\", "
		    "algorithm=SHA-256, nonce=\"n\", charset=UTF-8, "
		    "userhash=true, stale=true", b.n);
		tnl_buf_clear(&b);
		rv = tnl_claim_info(&c, "m\"", &b);
	}
	if (rv < 0)
		assert_int_equal(b.n, 0);
	else
		assert_memory_equal(b.p + b.n - 15, "nextnonce=\"m\\\"\"", 15);
	tnl_buf_free(&b);
	return rv == 0;
}

static void
writing(void **state)
{
	struct tnl_claim c;
	struct tnl_buf b;
	size_t n;

	(void)state;
	oom_run(starved, NULL);
	memset(&c, 0, sizeof c);
	for (n = 0; n < 65; n++) {
		tnl_buf_init(&b, plain_alloc(), n);
		assert_int_equal(tnl_claim_challenge(&b, "r", TNL_MD5, "n",
		    0, 0), TUNNEL_EHEAD);
		assert_int_equal(tnl_claim_info(&c, NULL, &b), TUNNEL_EHEAD);
		assert_int_equal(b.n, 0);
		tnl_buf_free(&b);
	}
	tnl_buf_init(&b, plain_alloc(), 600);
	assert_int_equal(tnl_claim_challenge(&b, "a\nb", TNL_MD5, "n", 0,
	    0), TUNNEL_EINVAL);
	assert_int_equal(b.n, 0);
	tnl_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(wrong_or_stale), cmocka_unit_test(tampering),
		cmocka_unit_test(readings), cmocka_unit_test(extended_names),
		cmocka_unit_test(writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
