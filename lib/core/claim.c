/* claim.c - Digest, as the server does it
 *
 *      challenge ---> read ---> (the user's secret) ---> check ---> info
 *          ^                                               |
 *          +----------- TUNNEL_EAUTH, stale or not --------+
 *
 * RFC 7616.  Who claims to be somebody has to have all of it right: one scheme,
 * nothing twice, our realm, the target of the very request (or an answer for
 * one request would do for another), qop=auth, a count.  A nonce is looked at
 * last.  So stale=true is told to those alone who know the password, and they
 * can try again without asking a person (section 3.3); and only they fill the
 * table of nonces.
 *
 * With userhash (section 3.4.4) a hash stands for the user, whose name the
 * caller has to find; it does no harm where that was not offered, as then there
 * is no such user.  We never offer auth-int, so nobody may use it.
 */
#include "core/claim.h"

#include <string.h>

#include "core/ascii.h"
#include "core/challenge.h"
#include "core/emit.h"
#include "core/proof.h"

/* ---- reading -------------------------------------------------------- */

/* ext-value of RFC 8187 section 3.2, in UTF-8: decoded in place. */
static int
decode_extended(char *text)
{
	char *out = text, *p = strchr(text, '\'');
	uint8_t byte;

	if (p == NULL || !tnl_same_n(text, (size_t)(p - text), "utf-8", 5) ||
	    (p = strchr(p + 1, '\'')) == NULL)
		return 0;
	for (p++; *p != '\0'; p++) {
		if (*p != '%') {
			*out++ = *p;
			continue;
		}
		if (p[1] == '\0' || !tnl_hash_unhex(p + 1, 2, &byte, 1) ||
		    !tnl_is(byte, TNL_VALUE))
			return 0;
		*out++ = (char)byte;
		p += 2;
	}
	*out = '\0';
	return 1;
}

/* Either username or username*, not both; for a hash only the first. */
static int
read_user(struct tnl_claim *c, const struct tnl_challenge *ch)
{
	char extended[3 * TNL_CLAIM_USER];
	int plain = tnl_challenge_param(ch, "username", c->user,
	    sizeof c->user);
	int rv = tnl_challenge_param(ch, "username*", extended,
	    sizeof extended);

	if (rv == 0)
		return plain == 1;
	if (rv < 0 || c->hashed || plain != 0 || !decode_extended(extended) ||
	    strlen(extended) >= sizeof c->user)
		return 0;
	memcpy(c->user, extended, strlen(extended) + 1);
	return 1;
}

static int
read_algorithm(struct tnl_claim *c, const struct tnl_challenge *ch)
{
	char name[32];
	int rv = tnl_challenge_param(ch, "algorithm", name, sizeof name);

	c->kind = TNL_MD5;
	c->session = 0;
	return rv == 0 ||
	    (rv == 1 && tnl_proof_algorithm(name, &c->kind, &c->session));
}

static int
read_count(struct tnl_claim *c, const struct tnl_challenge *ch)
{
	char text[TNL_PROOF_NC];
	uint8_t nc[4];

	if (tnl_challenge_param(ch, "nc", text, sizeof text) != 1 ||
	    !tnl_hash_unhex(text, strlen(text), nc, sizeof nc))
		return 0;
	c->nc = (uint32_t)nc[0] << 24 | (uint32_t)nc[1] << 16 |
	    (uint32_t)nc[2] << 8 | nc[3];
	return 1;
}

static int
read_response(struct tnl_claim *c, const struct tnl_challenge *ch)
{
	char hex[TNL_HASH_HEX];

	return tnl_challenge_param(ch, "response", hex, sizeof hex) == 1 &&
	    tnl_hash_unhex(hex, strlen(hex), c->response,
	    tnl_hash_size(c->kind));
}

/* Absent, true or false. */
static int
read_userhash(struct tnl_claim *c, const struct tnl_challenge *ch)
{
	char value[8];
	int rv = tnl_challenge_param(ch, "userhash", value, sizeof value);

	c->hashed = rv == 1 && tnl_same(value, "true");
	return rv == 0 || c->hashed || (rv == 1 && tnl_same(value, "false"));
}

int
tnl_claim_read(struct tnl_claim *c, const char *value, const char *realm,
    const char *target)
{
	struct tnl_challenge ch;

	memset(c, 0, sizeof *c);
	if (!tnl_challenge_only(value, &ch) ||
	    !tnl_challenge_is(&ch, "digest") ||
	    !tnl_challenge_has(&ch, "realm", realm) ||
	    !tnl_challenge_has(&ch, "uri", target) ||
	    !tnl_challenge_has(&ch, "qop", "auth") ||
	    !read_userhash(c, &ch) || !read_user(c, &ch) ||
	    !read_algorithm(c, &ch) || !read_count(c, &ch) ||
	    tnl_challenge_param(&ch, "nonce", c->nonce, sizeof c->nonce) != 1 ||
	    tnl_challenge_param(&ch, "cnonce", c->cnonce,
	    sizeof c->cnonce) != 1)
		return TUNNEL_EAUTH;
	return read_response(c, &ch) ? 0 : TUNNEL_EAUTH;
}

/* ---- checking ------------------------------------------------------- */

int
tnl_claim_check(struct tnl_claim *c, const struct tnl_claim_facts *f)
{
	struct tnl_proof p = { c->kind, c->session, 1, c->nc, c->nonce,
	    c->cnonce };
	uint8_t response[TNL_HASH_MAX];
	size_t n;
	int right;

	n = tnl_proof_response(&p, f->secret, f->method, f->target, response);
	right = tnl_same_secret(response, c->response, n) & (f->known != 0);
	tnl_wipe(response, sizeof response);
	c->stale = 0;
	if (!right)
		return TUNNEL_EAUTH;
	c->stale = tnl_nonces_use(f->nonces, c->nonce, f->who, f->who_n,
	    c->nc, f->now) != TNL_NONCE_GOOD;
	if (c->stale)
		return TUNNEL_EAUTH;
	c->ageing = tnl_nonces_ageing(f->nonces, c->nonce, f->now);
	(void)tnl_proof_response(&p, f->secret, "", f->target, c->rspauth);
	return 0;
}

/* ---- writing -------------------------------------------------------- */

int
tnl_claim_challenge(struct tnl_buf *out, const char *realm, int kind,
    const char *nonce, int stale, int userhash)
{
	size_t before = out->n;
	int rv = 0;

	tnl_emit_quoted(out, "Digest realm=", realm, &rv);
	tnl_emit_text(out, ", qop=\"auth\", algorithm=", &rv);
	tnl_emit_text(out, tnl_proof_name(kind), &rv);
	tnl_emit_quoted(out, ", nonce=", nonce, &rv);
	tnl_emit_text(out, ", charset=UTF-8", &rv);
	tnl_emit_text(out, userhash ? ", userhash=true" : "", &rv);
	tnl_emit_text(out, stale ? ", stale=true" : "", &rv);
	if (rv < 0)
		out->n = before;
	return rv;
}

int
tnl_claim_info(const struct tnl_claim *c, const char *next,
    struct tnl_buf *out)
{
	char hex[TNL_HASH_HEX], nc[TNL_PROOF_NC];
	size_t before = out->n;
	int rv = 0;

	tnl_hash_hex(c->rspauth, tnl_hash_size(c->kind), hex);
	tnl_proof_count(c->nc, nc);
	tnl_emit_quoted(out, "rspauth=", hex, &rv);
	tnl_emit_quoted(out, ", cnonce=", c->cnonce, &rv);
	tnl_emit_text(out, ", nc=", &rv);
	tnl_emit_text(out, nc, &rv);
	tnl_emit_text(out, ", qop=auth", &rv);
	if (next != NULL)
		tnl_emit_quoted(out, ", nextnonce=", next, &rv);
	if (rv < 0)
		out->n = before;
	return rv;
}
