/* proof.c - what Digest computes
 *
 *      secret   = H(user ":" realm ":" password)
 *      H(A1)    = secret, or H(secret ":" nonce ":" cnonce) for -sess
 *      H(A2)    = H(method ":" uri)
 *      response = H(H(A1) ":" nonce ":" nc ":" cnonce ":auth:" H(A2))
 *                 H(H(A1) ":" nonce ":" H(A2))                  RFC 2069
 *
 * RFC 7616 section 3.4.1 to 3.4.4; each hash goes into the next one as hex in
 * lower case.  Client and server compute the same, so it is here once.
 */
#include "core/proof.h"

#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"

static const struct {
	const char *name;
	int kind;
} algorithms[] = {
	{ "MD5", TNL_MD5 }, { "SHA-256", TNL_SHA256 },
	{ "SHA-512-256", TNL_SHA512_256 }
};

enum { COUNT = sizeof algorithms / sizeof algorithms[0] };

int
tnl_proof_algorithm(const char *name, int *kind, int *session)
{
	size_t n = strlen(name), i;

	*session = n > 5 && tnl_same(name + n - 5, "-sess");
	if (*session)
		n -= 5;
	for (i = 0; i < COUNT; i++) {
		*kind = algorithms[i].kind;
		if (tnl_same_n(name, n, algorithms[i].name,
		    strlen(algorithms[i].name)))
			return 1;
	}
	return 0;
}

const char *
tnl_proof_name(int kind)
{
	size_t i = 0;

	while (i < COUNT - 1 && algorithms[i].kind != kind)
		i++;
	return algorithms[i].name;
}

void
tnl_proof_count(uint32_t nc, char out[TNL_PROOF_NC])
{
	uint8_t bytes[4];
	int i;

	for (i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(nc >> (24 - 8 * i));
	tnl_hash_hex(bytes, sizeof bytes, out);
}

/* One more part, with a colon before all but the first. */
static void
join(struct tnl_hash *h, const char *text)
{
	if (h->n > 0)
		tnl_hash_add(h, ":", 1);
	tnl_hash_add(h, text, strlen(text));
}

static void
join_hash(struct tnl_hash *h, const uint8_t *digest, size_t n)
{
	char hex[TNL_HASH_HEX];

	tnl_hash_hex(digest, n, hex);
	join(h, hex);
	tnl_wipe(hex, sizeof hex);
}

/* Two parts with a colon between them, also where the first is empty. */
static void
join_pair(struct tnl_hash *h, const char *a, const char *b)
{
	tnl_hash_add(h, a, strlen(a));
	tnl_hash_add(h, ":", 1);
	tnl_hash_add(h, b, strlen(b));
}

size_t
tnl_proof_secret(int kind, const char *user, const char *realm,
    const char *password, uint8_t *out)
{
	struct tnl_hash h;

	tnl_hash_init(&h, kind);
	join_pair(&h, user, realm);
	join(&h, password);
	return tnl_hash_end(&h, out);
}

static void
put_a1(const struct tnl_proof *p, struct tnl_hash *h, const uint8_t *secret)
{
	size_t n = tnl_hash_size(p->kind);
	uint8_t a1[TNL_HASH_MAX];
	struct tnl_hash inner;

	if (!p->session) {
		join_hash(h, secret, n);
		return;
	}
	tnl_hash_init(&inner, p->kind);
	join_hash(&inner, secret, n);
	join(&inner, p->nonce);
	join(&inner, p->cnonce);
	(void)tnl_hash_end(&inner, a1);
	join_hash(h, a1, n);
	tnl_wipe(a1, sizeof a1);
}

static void
put_a2(const struct tnl_proof *p, struct tnl_hash *h, const char *method,
    const char *uri)
{
	uint8_t a2[TNL_HASH_MAX];
	struct tnl_hash inner;

	tnl_hash_init(&inner, p->kind);
	join_pair(&inner, method, uri);
	join_hash(h, a2, tnl_hash_end(&inner, a2));
}

size_t
tnl_proof_response(const struct tnl_proof *p, const uint8_t *secret,
    const char *method, const char *uri, uint8_t *out)
{
	char nc[TNL_PROOF_NC];
	struct tnl_hash h;

	tnl_hash_init(&h, p->kind);
	put_a1(p, &h, secret);
	join(&h, p->nonce);
	if (p->auth) {
		tnl_proof_count(p->nc, nc);
		join(&h, nc);
		join(&h, p->cnonce);
		join(&h, "auth");
	}
	put_a2(p, &h, method, uri);
	return tnl_hash_end(&h, out);
}
