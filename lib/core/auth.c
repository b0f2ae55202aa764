/* auth.c - which credentials go into the next request
 *
 *              407: choose               407: go on
 *      NONE ---------------> IN USE <--------------+
 *        |  the only one      ^ |  |_______________|
 *        +--------------------+ |
 *                               +-- 407 that says no ---> EAUTH
 *                               +-- any other reply ----> let in
 *
 * RFC 9110 section 11.6.1.  Of what a proxy offers, the first in the order is
 * used for which there are credentials, and no other after that: so no proxy
 * can keep a client going round, and what was rejected is not tried on a weaker
 * scheme, for that would give it away, and lock accounts.  When the order is a
 * single scheme that needs no challenge, it begins at once.
 */
#include "core/auth.h"

#include <string.h>

#include "core/ascii.h"
#include "core/field.h"
#include "core/scheme.h"

enum { SECRET_MAX = 65536 };

static const char usual[] = "digest ntlm basic";

void
tnl_auth_init(struct tnl_auth *u, const struct tunnel_alloc *a)
{
	memset(u, 0, sizeof *u);
	u->a = a;
	tnl_buf_init(&u->secret, a, (size_t)2 * SECRET_MAX);
	tnl_digest_init(&u->digest, a);
	tnl_ntlm_init(&u->ntlm, a);
	tnl_external_init(&u->external, a);
}

/* Other credentials, or another order: all begins again. */
static void
forget(struct tnl_auth *u)
{
	u->scheme = NULL;
	u->sent = u->bound = 0;
	tnl_digest_free(&u->digest);
	tnl_ntlm_free(&u->ntlm);
	tnl_external_end(&u->external);
}

void
tnl_auth_free(struct tnl_auth *u)
{
	forget(u);
	tnl_buf_free(&u->secret);
}

/* ---- what the application says -------------------------------------- */

static int
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((uint8_t)*s < 0x20 || *s == 0x7f)
			return 1;
	return 0;
}

int
tnl_auth_valid(const char *user, const char *password)
{
	return password != NULL && strlen(user) < SECRET_MAX &&
	    strlen(password) < SECRET_MAX && !has_control(user) &&
	    !has_control(password);
}

int
tnl_auth_credentials(struct tnl_auth *u, const char *user,
    const char *password)
{
	struct tnl_buf b;
	int rv;

	tnl_buf_init(&b, u->a, u->secret.max);
	if (user != NULL) {
		if (!tnl_auth_valid(user, password))
			return TUNNEL_EINVAL;
		rv = tnl_buf_add(&b, user, strlen(user) + 1);
		if (rv == 0)
			rv = tnl_buf_add(&b, password, strlen(password) + 1);
		if (rv < 0) {
			tnl_buf_free(&b);
			return rv;
		}
	}
	tnl_buf_free(&u->secret);
	u->secret = b;
	forget(u);
	return 0;
}

const char *
tnl_auth_user(const struct tnl_auth *u)
{
	return u->secret.n > 0 ? tnl_buf_text(&u->secret, 0) : NULL;
}

const char *
tnl_auth_password(const struct tnl_auth *u)
{
	const char *user = tnl_auth_user(u);

	return user != NULL ? user + strlen(user) + 1 : NULL;
}

/* Step through names with blanks between them; NULL at the end. */
static const char *
next_name(const char **list, size_t *n)
{
	const char *at = *list, *end;

	while (*at == ' ')
		at++;
	for (end = at; *end != '\0' && *end != ' '; end++)
		continue;
	*n = (size_t)(end - at);
	*list = end;
	return *n > 0 ? at : NULL;
}

/* What a scheme is called here; the application's own has its own name. */
static const char *
name_of(const struct tnl_auth *u, size_t i)
{
	return *tnl_scheme[i].name != '\0' ? tnl_scheme[i].name :
	    u->external.name;
}

/* Which scheme that is, or TNL_SCHEMES. */
static size_t
find(const struct tnl_auth *u, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < TNL_SCHEMES; i++)
		if (tnl_same_n(name, n, name_of(u, i), strlen(name_of(u, i))))
			break;
	return i;
}

int
tnl_auth_schemes(struct tnl_auth *u, const char *order)
{
	const char *list = order, *name;
	size_t n;

	if (strlen(order) >= sizeof u->order)
		return TUNNEL_EINVAL;
	/* Blanks alone are no order. */
	if (next_name(&list, &n) == NULL)
		order = "";
	for (list = order; (name = next_name(&list, &n)) != NULL;)
		if (find(u, name, n) == TNL_SCHEMES)
			return TUNNEL_EINVAL;
	memcpy(u->order, order, strlen(order) + 1);
	forget(u);
	return 0;
}

int
tnl_auth_token(struct tnl_auth *u, const char *scheme, tunnel_token_fn fn,
    void *ud)
{
	int rv = tnl_external_set(&u->external, scheme, fn, ud);

	if (rv == 0)
		forget(u);
	return rv;
}

/* ---- what the proxy says -------------------------------------------- */

/* The best challenge of a scheme in a reply; 0 when there is none that can be
 * answered. */
static int
best(const struct tnl_auth *u, const struct tnl_scheme *s,
    const struct tnl_head *h, struct tnl_challenge *out)
{
	const char *name = name_of(u, (size_t)(s - tnl_scheme)), *text;
	struct tnl_challenge c;
	int weight, most = 0;
	size_t i;

	for (i = 0; (text = tnl_field_get(h, "proxy-authenticate", i)) != NULL;
	    i++)
		while (tnl_challenge_next(&text, &c)) {
			weight = tnl_challenge_is(&c, name) ? s->weigh(&c) : 0;
			if (weight > most) {
				most = weight;
				*out = c;
			}
		}
	return most;
}

/* The names in order; the application's own scheme comes first unless it is
 * told otherwise, and what it was called when it was told is passed over. */
static const struct tnl_scheme *
next_scheme(const struct tnl_auth *u, const char **list)
{
	const char *name;
	size_t n, i;

	if (*list == NULL) {
		*list = *u->order != '\0' ? u->order : usual;
		if (*u->order == '\0' && u->external.fn != NULL)
			return &tnl_scheme[0];
	}
	while ((name = next_name(list, &n)) != NULL) {
		i = find(u, name, n);
		if (i < TNL_SCHEMES)
			return &tnl_scheme[i];
	}
	return NULL;
}

static void
use(struct tnl_auth *u, const struct tnl_scheme *s)
{
	u->scheme = s;
	u->sent = 0;
}

/* Take the best of what is offered into use. */
static int
choose(struct tnl_auth *u, const struct tnl_head *h)
{
	const struct tnl_scheme *s;
	const char *list = NULL;
	struct tnl_challenge c;
	int rv;

	u->scheme = NULL;
	while ((s = next_scheme(u, &list)) != NULL) {
		if (!s->ready(u) || !best(u, s, h, &c))
			continue;
		use(u, s);
		rv = s->hear(u, &c);
		if (rv != TUNNEL_EAUTH)
			return rv;
		u->scheme = NULL;
	}
	/* Without any, there is nothing that could be rejected. */
	return u->secret.n > 0 || u->external.fn != NULL ? TUNNEL_EOFFER :
	    TUNNEL_EAUTH;
}

int
tnl_auth_challenged(struct tnl_auth *u, const struct tnl_head *h)
{
	struct tnl_challenge c;
	int rv;

	u->bound = 0;
	if (u->scheme == NULL)
		return choose(u, h);
	if (!best(u, u->scheme, h, &c))
		return tnl_field_get(h, "proxy-authenticate", 0) != NULL ?
		    TUNNEL_EOFFER : TUNNEL_EAUTH;
	rv = u->scheme->hear(u, &c);
	u->bound = rv == 0 && c.token.n > 0;
	return rv;
}

int
tnl_auth_answer(struct tnl_auth *u, const char *target, struct tnl_buf *out)
{
	const struct tnl_scheme *s;
	const char *list = NULL;
	int rv;

	if (u->scheme == NULL) {
		s = next_scheme(u, &list);
		if (s != NULL && s->eager && s->ready(u) &&
		    next_scheme(u, &list) == NULL)
			use(u, s);
	}
	if (u->scheme == NULL)
		return 0;
	rv = u->scheme->answer(u, target, out);
	u->sent |= rv == 0;
	return rv;
}

int
tnl_auth_accepted(struct tnl_auth *u, const struct tnl_head *h)
{
	u->bound = 0;
	return u->scheme != NULL ? u->scheme->accepted(u, h) : 0;
}

int
tnl_auth_renewed(struct tnl_auth *u)
{
	int rv = u->scheme != NULL ? u->scheme->renewed(u) : 0;

	u->bound = 0;
	return rv;
}

const char *
tnl_auth_scheme(const struct tnl_auth *u)
{
	return u->scheme == NULL ? "" :
	    name_of(u, (size_t)(u->scheme - tnl_scheme));
}
