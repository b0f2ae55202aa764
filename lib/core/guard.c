/* guard.c - let those in who can log in
 *
 *      credentials --> Digest? --> claim, nonces --> 0, Authentication-Info
 *           |     `--> Basic? ---> users ----------> 0
 *           +--------- anything else --------------> EAUTH, challenges
 *
 * RFC 9110 section 11.7.  For somebody unknown the same is computed as for
 * somebody known, so that the time does not tell.
 */
#include <tunnel/guard.h>

#include <string.h>

#include "core/ascii.h"
#include "core/challenge.h"
#include "core/claim.h"
#include "core/emit.h"
#include "core/proof.h"
#include "core/server.h"
#include "core/users.h"

enum { FIELD_MAX = 8192, PASSWORD_MAX = 1024 };

struct tunnel_guard {
	struct tunnel_alloc a;
	const struct tunnel_users *users;
	struct tunnel_users *nobody;    /* whose realm it is */
	tunnel_password_fn fn;
	void *ud;
	struct tnl_nonces nonces;
	int basic, digest;
};

/* A request, and who has sent it. */
struct asking {
	struct tunnel_server *server;
	const void *who;
	size_t who_n;
	uint64_t now;
	int stale;
};

struct tunnel_guard *
tunnel_guard_new(const struct tunnel_alloc *a, const char *realm)
{
	struct tunnel_alloc own;
	struct tunnel_guard *g;

	tnl_alloc_init(&own, a);
	g = tnl_get(&own, sizeof *g);
	if (g == NULL)
		return NULL;
	g->a = own;
	g->nobody = tunnel_users_new(&own, realm);
	if (g->nobody == NULL) {
		tnl_put(&own, g, sizeof *g);
		return NULL;
	}
	g->users = g->nobody;
	return g;
}

void
tunnel_guard_free(struct tunnel_guard *g)
{
	struct tunnel_alloc a;

	if (g == NULL)
		return;
	a = g->a;
	tnl_nonces_free(&g->nonces);
	tunnel_users_free(g->nobody);
	tnl_wipe(g, sizeof *g);
	tnl_put(&a, g, sizeof *g);
}

static const char *
realm(const struct tunnel_guard *g)
{
	return tunnel_users_realm(g->nobody);
}

int
tunnel_guard_users(struct tunnel_guard *g, const struct tunnel_users *u)
{
	if (u != NULL && strcmp(tunnel_users_realm(u), realm(g)) != 0)
		return TUNNEL_EINVAL;
	g->users = u != NULL ? u : g->nobody;
	return 0;
}

int
tunnel_guard_passwords(struct tunnel_guard *g, tunnel_password_fn fn, void *ud)
{
	g->fn = fn;
	g->ud = ud;
	return 0;
}

int
tunnel_guard_basic(struct tunnel_guard *g, int on)
{
	g->basic = on != 0;
	return 0;
}

int
tunnel_guard_digest(struct tunnel_guard *g, const void *key, size_t n,
    uint64_t life, size_t cap)
{
	struct tnl_nonces fresh;
	int rv;

	if (life == 0)
		return TUNNEL_EINVAL;
	memset(&fresh, 0, sizeof fresh);
	rv = tnl_nonces_init(&fresh, &g->a, cap, life, key, n);
	if (rv < 0)
		return rv;
	tnl_nonces_free(&g->nonces);
	g->nonces = fresh;
	g->digest = 1;
	return 0;
}

/* ---- who is it ------------------------------------------------------ */

/* What is known of a user for that hash: 1, or 0 when there is nobody. */
static int
secret_of(const struct tunnel_guard *g, const char *user, int kind,
    uint8_t out[TNL_HASH_MAX])
{
	char password[PASSWORD_MAX];
	int known;

	if (g->fn == NULL)
		return tnl_users_secret(g->users, user, kind, out);
	memset(password, 0, sizeof password);
	known = g->fn(g->ud, user, password, sizeof password) == 0;
	password[sizeof password - 1] = '\0';
	(void)tnl_proof_secret(kind, user, realm(g), password, out);
	tnl_wipe(password, sizeof password);
	return known;
}

/* Names can be hashed where all are known. */
static int
takes_hashes(const struct tunnel_guard *g)
{
	return g->fn == NULL;
}

/* Put the name into the claim that a hash in it stands for: 1, or 0 when there
 * is nobody of that. */
static int
find_name(const struct tunnel_guard *g, struct tnl_claim *c)
{
	char hex[TNL_CLAIM_USER];

	if (!c->hashed)
		return 1;
	memcpy(hex, c->user, sizeof hex);
	return tnl_users_name(takes_hashes(g) ? g->users : g->nobody, hex,
	    c->kind, c->user, sizeof c->user);
}

/* The path in a URI, or NULL.  Of a request that is passed on, curl puts that
 * into its answer, where RFC 7616 section 3.4.6 has the whole target. */
static const char *
path_of(const char *target)
{
	const char *colon = strchr(target, ':');

	return *target != '/' && colon != NULL &&
	    strncmp(colon, "://", 3) == 0 ? strchr(colon + 3, '/') : NULL;
}

/* By the whole claim: 0 and its name, or EAUTH. */
static int
by_digest(struct tunnel_guard *g, struct asking *q, const char *value,
    struct tnl_claim *c)
{
	const char *target = tunnel_server_target(q->server);
	uint8_t secret[TNL_HASH_MAX];
	struct tnl_claim_facts f;
	int rv = tnl_claim_read(c, value, realm(g), target), named;

	if (rv < 0 && path_of(target) != NULL) {
		target = path_of(target);
		rv = tnl_claim_read(c, value, realm(g), target);
	}
	if (rv < 0)
		return rv;
	named = find_name(g, c);
	f.method = tunnel_server_method(q->server);
	f.target = target;
	f.known = secret_of(g, c->user, c->kind, secret) & named;
	f.secret = secret;
	f.nonces = &g->nonces;
	f.who = q->who;
	f.who_n = q->who_n;
	f.now = q->now;
	rv = tnl_claim_check(c, &f);
	tnl_wipe(secret, sizeof secret);
	q->stale = c->stale;
	return rv;
}

static int
by_basic(struct tunnel_guard *g, struct asking *q, char *user, size_t cap)
{
	char name[TNL_CLAIM_USER] = "", password[PASSWORD_MAX] = "";
	uint8_t mine[TNL_HASH_MAX] = { 0 }, theirs[TNL_HASH_MAX] = { 0 };
	int rv = tunnel_server_basic(q->server, name, sizeof name, password,
	    sizeof password);
	int known;

	if (g->fn == NULL) {
		known = tunnel_users_check(g->users, name, password) == 0;
	} else {
		known = secret_of(g, name, TNL_SHA256, mine);
		(void)tnl_proof_secret(TNL_SHA256, name, realm(g), password,
		    theirs);
		known &= tnl_same_secret(mine, theirs, sizeof mine);
	}
	tnl_wipe(password, sizeof password);
	tnl_wipe(mine, sizeof mine);
	tnl_wipe(theirs, sizeof theirs);
	if (rv < 0 || !known)
		return TUNNEL_EAUTH;
	if (strlen(name) >= cap)
		return TUNNEL_EINVAL;
	memcpy(user, name, strlen(name) + 1);
	return 0;
}

/* ---- what the reply says -------------------------------------------- */

/* Put a field into the reply whose value was written with that result. */
static int
put_field(struct asking *q, const char *name, struct tnl_buf *value, int rv)
{
	if (rv == 0)
		rv = tnl_buf_byte(value, '\0');
	if (rv == 0)
		rv = tunnel_server_field(q->server, name,
		    tnl_buf_text(value, 0));
	tnl_buf_free(value);
	return rv;
}

static int
put_info(struct tunnel_guard *g, struct asking *q, const struct tnl_claim *c)
{
	char nonce[TNL_NONCE_TEXT];
	struct tnl_buf b;
	int rv;

	/* In time for the next request not to be turned away as stale. */
	if (c->ageing)
		tnl_nonces_make(&g->nonces, q->who, q->who_n, q->now, nonce);
	tnl_buf_init(&b, &g->a, FIELD_MAX);
	rv = tnl_claim_info(c, c->ageing ? nonce : NULL, &b);
	return put_field(q, "Proxy-Authentication-Info", &b, rv);
}

static int
challenge_digest(struct tunnel_guard *g, struct asking *q, int kind)
{
	char nonce[TNL_NONCE_TEXT];
	struct tnl_buf b;
	int rv;

	if (g->fn == NULL && tnl_users_with(g->users, kind) == 0)
		return 0;
	tnl_nonces_make(&g->nonces, q->who, q->who_n, q->now, nonce);
	tnl_buf_init(&b, &g->a, FIELD_MAX);
	rv = tnl_claim_challenge(&b, realm(g), kind, nonce, q->stale,
	    takes_hashes(g));
	return put_field(q, "Proxy-Authenticate", &b, rv);
}

static int
challenge_basic(const struct tunnel_guard *g, struct asking *q)
{
	struct tnl_buf b;
	int rv = 0;

	tnl_buf_init(&b, &g->a, FIELD_MAX);
	tnl_emit_quoted(&b, "Basic realm=", realm(g), &rv);
	tnl_emit_text(&b, ", charset=\"UTF-8\"", &rv);
	return put_field(q, "Proxy-Authenticate", &b, rv);
}

/* All that may be answered.  MD5 comes before SHA-256, although RFC 7616
 * section 3.7 would have it the other way: ncat gives up at an algorithm that
 * it does not know, and who looks for the strongest finds it anywhere. */
static int
challenge(struct tunnel_guard *g, struct asking *q)
{
	int rv = 0;

	if (g->digest)
		rv = challenge_digest(g, q, TNL_MD5);
	if (rv == 0 && g->digest)
		rv = challenge_digest(g, q, TNL_SHA256);
	if (rv == 0 && g->basic)
		rv = challenge_basic(g, q);
	return rv < 0 ? rv : TUNNEL_EAUTH;
}

/* ---- both ------------------------------------------------------------ */

static int
identify(struct tunnel_guard *g, struct asking *q, char *user, size_t cap)
{
	const char *value = tunnel_server_request(q->server,
	    "Proxy-Authorization", 0);
	struct tnl_challenge c;
	struct tnl_claim claim;
	int rv = TUNNEL_EAUTH;

	if (value == NULL || tunnel_server_request(q->server,
	    "Proxy-Authorization", 1) != NULL || !tnl_challenge_only(value, &c))
		return TUNNEL_EAUTH;
	if (g->basic && tnl_challenge_is(&c, "basic"))
		return by_basic(g, q, user, cap);
	if (!g->digest || !tnl_challenge_is(&c, "digest"))
		return TUNNEL_EAUTH;
	memset(&claim, 0, sizeof claim);
	rv = by_digest(g, q, value, &claim);
	if (rv == 0 && strlen(claim.user) >= cap)
		rv = TUNNEL_EINVAL;
	if (rv == 0) {
		memcpy(user, claim.user, strlen(claim.user) + 1);
		rv = put_info(g, q, &claim);
	}
	tnl_wipe(&claim, sizeof claim);
	return rv;
}

int
tunnel_guard_check(struct tunnel_guard *g, struct tunnel_server *s,
    const void *who, size_t n, uint64_t now, char *user, size_t cap)
{
	struct asking q;
	int rv;

	if (!(tunnel_server_flags(s) & TUNNEL_ASK))
		return TUNNEL_ESTATE;
	q.server = s;
	q.who = who;
	q.who_n = n;
	q.now = now;
	q.stale = 0;
	rv = identify(g, &q, user, cap);
	return rv == TUNNEL_EAUTH ? challenge(g, &q) : rv;
}
