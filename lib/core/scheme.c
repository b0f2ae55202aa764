/* scheme.c - the schemes of authentication, one like the other
 *
 * Each is a row of functions over what the application has given; what they
 * compute is in a room of its own.  The first row is the application's scheme,
 * whose name is the application's, too.
 */
#include "core/scheme.h"

#include <string.h>

#include "core/basic.h"

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

/* ---- Basic ---------------------------------------------------------- */

static int
basic_ready(const struct tnl_auth *u)
{
	return u->secret.n > 0 && strchr(tnl_auth_user(u), ':') == NULL;
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
	{ "basic", 1, basic_ready, any, basic_hear, basic_answer, trusted,
	    unbound }
};
