/* fuzz_auth.c - any text as the fields of HTTP authentication: what is read of
 * it is so when written again, and a challenge that can be answered is answered
 * so that a server believes it */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

#include "core/claim.h"
#include "core/digest.h"
#include "core/emit.h"
#include "core/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char target[] = "a.example:443", user[] = "u\xc3\xa4";

static void
must(int truth)
{
	if (!truth)
		abort();
}

static const struct tunnel_alloc *
memory(void)
{
	static struct tunnel_alloc a;

	tnl_alloc_init(&a, NULL);
	return &a;
}

/* A value, and the same when it is quoted and read again. */
static void
look(const struct tnl_challenge *c, const char *name)
{
	char value[200], again[200];
	struct tnl_challenge one;
	struct tnl_buf b;
	int rv = tnl_challenge_param(c, name, value, sizeof value);

	must(rv == 1 || value[0] == '\0');
	if (rv != 1)
		return;
	must(tnl_challenge_has(c, name, value));
	tnl_buf_init(&b, memory(), 1000);
	rv = 0;
	tnl_emit_quoted(&b, "a=", value, &rv);
	must(rv == 0 && tnl_buf_byte(&b, '\0') == 0);
	must(tnl_challenge_list(tnl_buf_text(&b, 0), &one));
	must(tnl_challenge_param(&one, "a", again, sizeof again) == 1);
	must(strcmp(value, again) == 0);
	tnl_buf_free(&b);
}

/* A server that made no such nonce: it is right, but stale. */
static void
believe(const struct tnl_digest *d, const char *credentials)
{
	static const uint8_t key[16] = { 0 };
	const char *realm = tnl_buf_text(&d->text, d->realm);
	const char *nonce = tnl_buf_text(&d->text, d->nonce);
	uint8_t secret[TNL_HASH_MAX];
	struct tnl_claim_facts f;
	struct tnl_nonces nonces;
	struct tnl_claim c;
	int rv = tnl_claim_read(&c, credentials, realm, target);

	must((rv == 0) == (d->auth && strlen(nonce) < TNL_CLAIM_NONCE));
	if (rv < 0)
		return;
	must(c.hashed == d->userhash && c.kind == d->kind);
	must(strcmp(c.user, user) == 0 || c.hashed);
	must(tnl_nonces_init(&nonces, memory(), 1, 1, key, 16) == 0);
	(void)tnl_proof_secret(c.kind, user, realm, "p", secret);
	memset(&f, 0, sizeof f);
	f.method = "CONNECT";
	f.target = target;
	f.secret = secret;
	f.known = 1;
	f.nonces = &nonces;
	f.who = "";
	must(tnl_claim_check(&c, &f) == TUNNEL_EAUTH && c.stale);
	tnl_nonces_free(&nonces);
}

static void
answer(const struct tnl_challenge *c)
{
	struct tnl_digest_asked q = { user, "p", "CONNECT", target, "abc", 3 };
	struct tnl_digest d;
	struct tnl_buf b;

	tnl_digest_init(&d, memory());
	if (tnl_digest_read(&d, c) == 0) {
		must(tnl_digest_kind(c) == d.kind);
		tnl_buf_init(&b, memory(), 8192);
		must(tnl_digest_answer(&d, &q, &b) == 0);
		must(tnl_buf_byte(&b, '\0') == 0);
		must(tnl_emit_valid("x", tnl_buf_text(&b, 0)));
		believe(&d, tnl_buf_text(&b, 0));
		must(tnl_digest_verify(&d, tnl_buf_text(&b, 0)) < 0);
		tnl_buf_free(&b);
	}
	tnl_digest_free(&d);
}

static void
challenges(const char *text, size_t n)
{
	const char *p = text, *before = text;
	struct tnl_challenge c;
	size_t count = 0;

	while (tnl_challenge_next(&p, &c)) {
		must(p > before && p <= text + n && c.scheme.n > 0);
		must(++count <= n);
		before = p;
		look(&c, "realm");
		look(&c, "nonce");
		look(&c, "a");
		answer(&c);
	}
	must(p == text + n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);
	struct tnl_challenge c;
	struct tnl_digest d;
	struct tnl_claim claim;

	memcpy(text, data, n);
	text[n] = '\0';
	n = strlen(text);
	challenges(text, n);
	if (tnl_challenge_list(text, &c))
		look(&c, "rspauth");
	if (tnl_challenge_only(text, &c))
		must(!c.broken && c.scheme.p == text);
	if (tnl_claim_read(&claim, text, "r", "/") == 0)
		must(tnl_challenge_is(&c, "digest"));
	tnl_digest_init(&d, memory());
	must(tnl_digest_verify(&d, text) <= 0);
	free(text);
	return 0;
}
