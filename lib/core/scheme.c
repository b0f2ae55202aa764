/* scheme.c - the schemes of authentication, one like the other
 *
 * Each is a row of functions over what the application has given; what they
 * compute is in a room of its own.  The first row is the application's scheme,
 * whose name is the application's, too.
 */
#include "core/scheme.h"

#include <string.h>

#include "core/basic.h"
#include "core/field.h"

static int
any(const struct tnl_challenge *c)
{
	(void)c;
	return 1;
}

static int
trusted(struct tnl_auth *u, const struct tnl_head *h)
{
	(void)u;
	(void)h;
	return 0;
}

static int
unbound(struct tnl_auth *u)
{
	(void)u;
	return 0;
}

static int
draw(struct tnl_auth *u, void *out, size_t n)
{
	int rv = TUNNEL_ESTATE;

	if (u->random != NULL)
		rv = u->random(u->random_ud, out, n);
	return rv > 0 ? TUNNEL_EINVAL : rv;
}

/* ---- the application's ---------------------------------------------- */

static int
external_ready(const struct tnl_auth *u)
{
	return u->external.fn != NULL;
}

static int
external_hear(struct tnl_auth *u, const struct tnl_challenge *c)
{
	return tnl_external_hear(&u->external, c);
}

static int
external_answer(struct tnl_auth *u, const char *target, struct tnl_buf *out)
{
	(void)target;
	return tnl_external_write(&u->external, out);
}

/* An exchange of several rounds that is cut off would be so again. */
static int
external_renewed(struct tnl_auth *u)
{
	int cut = u->external.rounds > 0 && u->bound;

	tnl_external_end(&u->external);
	return cut ? TUNNEL_ECUT : 0;
}

/* ---- Digest --------------------------------------------------------- */

static int
has_login(const struct tnl_auth *u)
{
	return u->secret.n > 0;
}

/* By the strength of its hash. */
static int
digest_weigh(const struct tnl_challenge *c)
{
	int kind = tnl_digest_kind(c);

	return kind < 0 ? 0 : kind + 1;
}

/* A nonce that has become too old says nothing of the password, once. */
static int
digest_hear(struct tnl_auth *u, const struct tnl_challenge *c)
{
	int again = u->sent, was_stale = u->digest.stale;
	int rv = tnl_digest_read(&u->digest, c);

	if (rv == 0 && again && (!u->digest.stale || was_stale))
		rv = TUNNEL_EAUTH;
	return rv;
}

static int
digest_answer(struct tnl_auth *u, const char *target, struct tnl_buf *out)
{
	uint8_t random[24];
	struct tnl_digest_asked q = { 0 };
	int rv = draw(u, random, sizeof random);

	q.user = tnl_auth_user(u);
	q.password = tnl_auth_password(u);
	q.method = "CONNECT";
	q.uri = target;
	q.random = random;
	q.random_n = sizeof random;
	if (rv == 0)
		rv = tnl_digest_answer(&u->digest, &q, out);
	if (rv == 0)
		rv = tnl_buf_byte(out, '\0');
	tnl_wipe(random, sizeof random);
	return rv;
}

static int
digest_accepted(struct tnl_auth *u, const struct tnl_head *h)
{
	const char *info = tnl_field_get(h, "proxy-authentication-info", 0);

	u->digest.stale = 0;
	return info != NULL && tnl_digest_verify(&u->digest, info) < 0 ?
	    TUNNEL_EPROOF : 0;
}

/* ---- NTLM ----------------------------------------------------------- */

static int
ntlm_hear(struct tnl_auth *u, const struct tnl_challenge *c)
{
	int rv = tnl_ntlm_read(&u->ntlm, c->token.p, c->token.n);

	return rv == TUNNEL_ESYNTAX ? TUNNEL_EAUTH : rv;
}

static int
ntlm_answer(struct tnl_auth *u, const char *target, struct tnl_buf *out)
{
	struct tnl_ntlm_login l = { 0 };
	int rv = draw(u, l.nonce, sizeof l.nonce);

	(void)target;
	l.user = tnl_auth_user(u);
	l.password = tnl_auth_password(u);
	l.now = u->now;
	if (rv == 0)
		rv = tnl_ntlm_write(&u->ntlm, &l, out);
	return rv;
}

static int
ntlm_accepted(struct tnl_auth *u, const struct tnl_head *h)
{
	(void)h;
	tnl_ntlm_accepted(&u->ntlm);
	return 0;
}

static int
ntlm_renewed(struct tnl_auth *u)
{
	int rv = tnl_ntlm_reconnected(&u->ntlm);

	return rv == TUNNEL_EEOF ? TUNNEL_ECUT : rv;
}

/* ---- Basic ---------------------------------------------------------- */

static int
basic_ready(const struct tnl_auth *u)
{
	return has_login(u) && strchr(tnl_auth_user(u), ':') == NULL;
}

static int
basic_hear(struct tnl_auth *u, const struct tnl_challenge *c)
{
	(void)c;
	return u->sent ? TUNNEL_EAUTH : 0;
}

static int
basic_answer(struct tnl_auth *u, const char *target, struct tnl_buf *out)
{
	(void)target;
	return tnl_basic_write(out, tnl_auth_user(u), tnl_auth_password(u));
}

const struct tnl_scheme tnl_scheme[TNL_SCHEMES] = {
	{ "", 1, external_ready, any, external_hear, external_answer, trusted,
	    external_renewed },
	{ "digest", 0, has_login, digest_weigh, digest_hear, digest_answer,
	    digest_accepted, unbound },
	{ "ntlm", 1, has_login, any, ntlm_hear, ntlm_answer, ntlm_accepted,
	    ntlm_renewed },
	{ "basic", 1, basic_ready, any, basic_hear, basic_answer, trusted,
	    unbound }
};
