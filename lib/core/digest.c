/* digest.c - Digest, as the client does it
 *
 *                read                answer           verify
 *      nothing ------> challenge (nonce) ---> nc 1, 2, 3 ... ---> rspauth
 *                           ^                  |
 *                           +------------------+
 *                       read, of another nonce: nc begins anew
 *
 * RFC 7616, and RFC 2069 for proxies that offer no qop.  The password is never
 * kept: what a reply has to prove is computed with the answer, so that only
 * this one value stays.  For -sess all answers under a nonce have the cnonce of
 * the first: some servers compute with that one (section 3.4.2), others with
 * the one in the request, and so both are right.
 *
 * What came in quotes is sent in quotes again, escaped anew.  The name of the
 * user goes as UTF-8; a proxy that speaks of charset or userhash knows RFC 7616
 * and gets one beyond ASCII as username* (RFC 8187), others as it is, which is
 * what they compare with.
 */
#include "core/digest.h"

#include <string.h>

#include "core/ascii.h"
#include "core/base64.h"
#include "core/emit.h"
#include "core/field.h"
#include "core/proof.h"

enum {
	VALUE_MAX = 1024,       /* bytes of a realm, nonce or opaque */
	TEXT_MAX = 1 + 3 * VALUE_MAX
};

void
tnl_digest_init(struct tnl_digest *d, const struct tunnel_alloc *a)
{
	memset(d, 0, sizeof *d);
	tnl_buf_init(&d->text, a, TEXT_MAX);
}

void
tnl_digest_free(struct tnl_digest *d)
{
	const struct tunnel_alloc *a = d->text.a;

	tnl_buf_free(&d->text);
	tnl_wipe(d, sizeof *d);
	tnl_digest_init(d, a);
}

/* ---- challenges ----------------------------------------------------- */

/* Does a parameter say so, in any case? */
static int
says(const struct tnl_challenge *c, const char *name, const char *what)
{
	char value[8];

	return tnl_challenge_param(c, name, value, sizeof value) == 1 &&
	    tnl_same(value, what);
}

/* Whether there is qop=auth: 1, 0 when there is no qop, or TUNNEL_EAUTH when it
 * is something else. */
static int
read_qop(const struct tnl_challenge *c)
{
	char value[128];
	const char *list = value, *member;
	size_t n, others = 0;
	int rv = tnl_challenge_param(c, "qop", value, sizeof value);

	if (rv < 0)
		return TUNNEL_EAUTH;
	while (rv == 1 && (member = tnl_field_member(&list, &n)) != NULL) {
		if (tnl_same_n(member, n, "auth", 4))
			return 1;
		others++;
	}
	return others == 0 ? 0 : TUNNEL_EAUTH;
}

static int
read_algorithm(struct tnl_digest *d, const struct tnl_challenge *c)
{
	char name[32];
	int rv = tnl_challenge_param(c, "algorithm", name, sizeof name);

	d->named = rv == 1;
	d->kind = TNL_MD5;
	d->session = 0;
	if (!tnl_challenge_is(c, "digest") || rv < 0 ||
	    (d->named && !tnl_proof_algorithm(name, &d->kind, &d->session)))
		return TUNNEL_EAUTH;
	rv = read_qop(c);
	d->auth = rv == 1;
	/* A session takes a cnonce, which only qop can send. */
	return rv < 0 || (d->session && !d->auth) ? TUNNEL_EAUTH : 0;
}

int
tnl_digest_kind(const struct tnl_challenge *c)
{
	struct tnl_digest d;
	int rv = read_algorithm(&d, c);

	return rv < 0 ? rv : d.kind;
}

/* Keep one value, and where it is; 1, 0 when there is none, or an error. */
static int
keep(struct tnl_digest *d, const struct tnl_challenge *c, const char *name,
    size_t *where)
{
	char value[VALUE_MAX];
	int rv = tnl_challenge_param(c, name, value, sizeof value);

	*where = 0;
	if (rv < 0)
		return TUNNEL_EAUTH;
	if (rv == 0)
		return 0;
	*where = d->text.n;
	rv = tnl_buf_add(&d->text, value, strlen(value) + 1);
	return rv < 0 ? rv : 1;
}

static int
read_all(struct tnl_digest *d, const struct tnl_challenge *c)
{
	int rv = read_algorithm(d, c);

	if (rv == 0)
		rv = tnl_buf_byte(&d->text, '\0');
	if (rv == 0)
		rv = keep(d, c, "realm", &d->realm);
	if (rv >= 0)
		rv = keep(d, c, "nonce", &d->nonce);
	if (rv == 0)
		rv = TUNNEL_EAUTH;
	if (rv >= 0)
		rv = keep(d, c, "opaque", &d->opaque);
	d->stale = says(c, "stale", "true");
	d->userhash = says(c, "userhash", "true");
	d->utf8 = says(c, "userhash", "false") || says(c, "charset", "utf-8");
	return rv < 0 ? rv : 0;
}

static const char *
text(const struct tnl_digest *d, size_t where)
{
	return tnl_buf_text(&d->text, where);
}

int
tnl_digest_read(struct tnl_digest *d, const struct tnl_challenge *c)
{
	struct tnl_digest next;
	int rv;

	tnl_digest_init(&next, d->text.a);
	rv = read_all(&next, c);
	if (rv < 0) {
		tnl_digest_free(&next);
		return rv;
	}
	if (d->nonce != 0 &&
	    strcmp(text(d, d->nonce), text(&next, next.nonce)) == 0) {
		next.nc = d->nc;
		memcpy(next.cnonce, d->cnonce, sizeof next.cnonce);
		memcpy(next.expected, d->expected, sizeof next.expected);
	}
	tnl_digest_free(d);
	*d = next;
	return 0;
}

/* ---- credentials ---------------------------------------------------- */

/* ext-value of RFC 8187 section 3.2. */
static void
put_extended(struct tnl_buf *b, const char *user, int *rv)
{
	static const char digits[] = "0123456789ABCDEF";
	char hex[4] = "%";
	const char *p;
	uint8_t c;

	tnl_emit_text(b, "username*=UTF-8''", rv);
	for (p = user; *p != '\0' && *rv >= 0; p++) {
		c = (uint8_t)*p;
		if (tnl_is(c, TNL_ALPHA | TNL_DIGIT) ||
		    strchr("!#$&+-.^_`|~", *p) != NULL) {
			*rv = tnl_buf_byte(b, c);
		} else {
			hex[1] = digits[c >> 4];
			hex[2] = digits[c & 15];
			tnl_emit_text(b, hex, rv);
		}
	}
}

static int
is_ascii(const char *p)
{
	while (*p != '\0' && (uint8_t)*p < 0x80)
		p++;
	return *p == '\0';
}

/* H(user ":" realm), of RFC 7616 section 3.4.4. */
static void
put_hashed(const struct tnl_digest *d, struct tnl_buf *b, const char *user,
    int *rv)
{
	const char *realm = text(d, d->realm);
	uint8_t digest[TNL_HASH_MAX];
	char hex[TNL_HASH_HEX];
	struct tnl_hash h;

	tnl_hash_init(&h, d->kind);
	tnl_hash_add(&h, user, strlen(user));
	tnl_hash_add(&h, ":", 1);
	tnl_hash_add(&h, realm, strlen(realm));
	tnl_hash_hex(digest, tnl_hash_end(&h, digest), hex);
	tnl_emit_quoted(b, "username=", hex, rv);
}

static void
put_user(const struct tnl_digest *d, struct tnl_buf *b, const char *user,
    int *rv)
{
	if (d->userhash)
		put_hashed(d, b, user, rv);
	else if (d->utf8 && !is_ascii(user))
		put_extended(b, user, rv);
	else
		tnl_emit_quoted(b, "username=", user, rv);
}

static void
put_all(const struct tnl_digest *d, const struct tnl_digest_asked *q,
    uint32_t nc, const char *response, struct tnl_buf *b, int *rv)
{
	char count[TNL_PROOF_NC];

	tnl_emit_text(b, "Digest ", rv);
	put_user(d, b, q->user, rv);
	tnl_emit_quoted(b, ", realm=", text(d, d->realm), rv);
	tnl_emit_quoted(b, ", uri=", q->uri, rv);
	if (d->named) {
		tnl_emit_text(b, ", algorithm=", rv);
		tnl_emit_text(b, tnl_proof_name(d->kind), rv);
		tnl_emit_text(b, d->session ? "-sess" : "", rv);
	}
	tnl_emit_quoted(b, ", nonce=", text(d, d->nonce), rv);
	if (d->auth) {
		tnl_proof_count(nc, count);
		tnl_emit_text(b, ", nc=", rv);
		tnl_emit_text(b, count, rv);
		tnl_emit_quoted(b, ", cnonce=", d->cnonce, rv);
		tnl_emit_text(b, ", qop=auth", rv);
	}
	tnl_emit_quoted(b, ", response=", response, rv);
	if (d->opaque != 0)
		tnl_emit_quoted(b, ", opaque=", text(d, d->opaque), rv);
	if (d->userhash)
		tnl_emit_text(b, ", userhash=true", rv);
}

static int
entry(const struct tnl_digest *d, const struct tnl_digest_asked *q)
{
	const uint8_t *user = (const uint8_t *)q->user;

	if (d->nonce == 0)
		return TUNNEL_ESTATE;
	if (q->random_n == 0 || q->random_n > TNL_DIGEST_RANDOM ||
	    user[tnl_span(user, strlen(q->user), TNL_VALUE)] != '\0')
		return TUNNEL_EINVAL;
	return d->nc == UINT32_MAX ? TUNNEL_EAUTH : 0;
}

int
tnl_digest_answer(struct tnl_digest *d, const struct tnl_digest_asked *q,
    struct tnl_buf *out)
{
	uint8_t secret[TNL_HASH_MAX], digest[TNL_HASH_MAX];
	struct tnl_proof p = { d->kind, d->session, d->auth, 0, NULL, NULL };
	char hex[TNL_HASH_HEX];
	size_t before = out->n;
	int rv = entry(d, q);

	if (rv < 0)
		return rv;
	if (!d->session || d->nc == 0) {
		memset(d->cnonce, 0, sizeof d->cnonce);
		tnl_base64_encode(q->random, q->random_n, d->cnonce);
	}
	p.nc = d->nc + 1;
	p.nonce = text(d, d->nonce);
	p.cnonce = d->cnonce;
	(void)tnl_proof_secret(d->kind, q->user, text(d, d->realm),
	    q->password, secret);
	tnl_hash_hex(digest, tnl_proof_response(&p, secret, q->method, q->uri,
	    digest), hex);
	put_all(d, q, p.nc, hex, out, &rv);
	if (rv >= 0) {
		d->nc = p.nc;
		(void)tnl_proof_response(&p, secret, "", q->uri, d->expected);
	} else {
		out->n = before;
	}
	tnl_wipe(secret, sizeof secret);
	return rv;
}

/* ---- what the proxy proves ------------------------------------------ */

/* A parameter may be left out, but must not be another. */
static int
agrees(const struct tnl_challenge *c, const char *name, const char *value)
{
	char none[1];

	return tnl_challenge_param(c, name, none, sizeof none) == 0 ||
	    tnl_challenge_has(c, name, value);
}

int
tnl_digest_verify(const struct tnl_digest *d, const char *info)
{
	char hex[TNL_HASH_HEX], nc[TNL_PROOF_NC];
	uint8_t digest[TNL_HASH_MAX];
	size_t n = tnl_hash_size(d->kind);
	struct tnl_challenge c;
	int rv;

	if (!tnl_challenge_list(info, &c))
		return TUNNEL_EAUTH;
	rv = tnl_challenge_param(&c, "rspauth", hex, sizeof hex);
	if (rv == 0)
		return 0;
	tnl_proof_count(d->nc, nc);
	if (rv < 0 || d->nc == 0 || !agrees(&c, "qop", "auth") ||
	    !agrees(&c, "cnonce", d->cnonce) || !agrees(&c, "nc", nc) ||
	    !tnl_hash_unhex(hex, strlen(hex), digest, n))
		return TUNNEL_EAUTH;
	return tnl_same_secret(digest, d->expected, n) ? 1 : TUNNEL_EAUTH;
}
