/* upstream.c - the proxies behind a proxy, and how it logs in to them
 *
 * Settings like the others: made before the threads are there, and read by all
 * of them when they dial.  A login is a session's own, and only until it dials.
 */
#include "net/upstream.h"

#include <string.h>

#include <tunnel/url.h>

#include "core/auth.h"
#include "core/basic.h"
#include "net/proxy.h"

enum { URL_MAX = 4096, LOGIN_MAX = 131072 };

struct tnl_upstream {
	struct tnl_upstream *next;
	struct tnl_buf url;             /* strings */
	struct tnl_buf login;           /* "user\0password\0", or empty */
	struct tnl_buf schemes;
	struct tnl_buf scheme;          /* whose answers fn computes */
	tunnel_token_fn fn;
	void *ud;
	struct tunnel_client *probe;    /* says whether it can be told so */
};

struct tnl_login {
	struct tnl_login *next;
	int hop;
	struct tnl_buf text;            /* "user\0password\0", or empty */
};

void
tnl_upstream_free(const struct tunnel_alloc *a, struct tnl_upstream *u)
{
	struct tnl_upstream *next;

	for (; u != NULL; u = next) {
		next = u->next;
		tnl_buf_free(&u->url);
		tnl_buf_free(&u->login);
		tnl_buf_free(&u->schemes);
		tnl_buf_free(&u->scheme);
		tunnel_client_free(u->probe);
		tnl_put(a, u, sizeof *u);
	}
}

static int
log_in(struct tunnel_dial *d, const struct tnl_buf *login)
{
	const char *user = login->n > 0 ? tnl_buf_text(login, 0) : NULL;

	return tunnel_dial_credentials(d, user, user != NULL ?
	    user + strlen(user) + 1 : NULL);
}

static int
route(const struct tnl_upstream *u, const struct tnl_login *l, int hop,
    struct tunnel_dial *d)
{
	int rv = tunnel_dial_via(d, tnl_buf_text(&u->url, 0));

	while (l != NULL && l->hop != hop)
		l = l->next;
	if (rv == 0 && l != NULL)
		rv = log_in(d, &l->text);
	else if (rv == 0 && u->login.n > 0)
		rv = log_in(d, &u->login);
	if (rv == 0 && u->fn != NULL)
		rv = tunnel_dial_token(d, tnl_buf_text(&u->scheme, 0), u->fn,
		    u->ud);
	if (rv == 0 && u->schemes.n > 0)
		rv = tunnel_dial_schemes(d, tnl_buf_text(&u->schemes, 0));
	return rv;
}

int
tnl_upstream_route(const struct tnl_upstream *u,
    const struct tnl_login *logins, struct tunnel_dial *d, int but_last)
{
	int hop, rv = 0;

	for (hop = 0; u != NULL && rv == 0 && (u->next != NULL || !but_last);
	    u = u->next)
		rv = route(u, logins, hop++, d);
	return rv;
}

/* As whom to log in, or NULL. */
static const char *
user_of(const struct tnl_upstream *u, const struct tnl_login *l, int hop,
    const struct tunnel_url *url, const char **password)
{
	const struct tnl_buf *text = &u->login;
	const char *user;

	while (l != NULL && l->hop != hop)
		l = l->next;
	if (l != NULL)
		text = &l->text;
	if (l == NULL && text->n == 0) {
		*password = tunnel_url_password(url);
		return tunnel_url_user(url);
	}
	user = text->n > 0 ? tnl_buf_text(text, 0) : NULL;
	*password = user != NULL ? user + strlen(user) + 1 : NULL;
	return user;
}

static int
find_last(const struct tnl_upstream *u, const struct tnl_login *logins,
    int hop, const struct tunnel_url *url, struct tnl_last *out)
{
	const char *password, *user = user_of(u, logins, hop, url, &password);
	const char *schemes = u->schemes.n > 0 ? tnl_buf_text(&u->schemes, 0) :
	    "";

	if ((user != NULL || u->fn != NULL) && strcmp(schemes, "basic") != 0)
		return TUNNEL_ESTATE;
	(void)strcpy(out->host, tunnel_url_host(url));
	out->port = tunnel_url_port(url);
	return user == NULL ? 0 : tnl_basic_write(&out->login, user,
	    password != NULL ? password : "");
}

int
tnl_upstream_last(const struct tnl_upstream *u, const struct tnl_login *logins,
    const struct tunnel_alloc *a, struct tnl_last *out)
{
	struct tunnel_url *url = tunnel_url_new(a);
	int hop = 0, rv;

	tnl_buf_init(&out->login, a, (size_t)2 * LOGIN_MAX);
	for (; u->next != NULL; u = u->next)
		hop++;
	rv = url == NULL ? TUNNEL_ENOMEM :
	    tunnel_url_parse(url, tnl_buf_text(&u->url, 0));
	if (rv == 0)
		rv = find_last(u, logins, hop, url, out);
	tunnel_url_free(url);
	return rv;
}

/* Replace what is kept. */
static int
keep(struct tnl_buf *b, const char *text)
{
	int rv;

	tnl_buf_free(b);
	rv = tnl_buf_add(b, text, strlen(text) + 1);
	return rv == TUNNEL_EHEAD ? TUNNEL_EINVAL : rv;
}

/* ---- logins of a session ---------------------------------------------- */

void
tnl_login_free(struct tnl_login **logins)
{
	struct tnl_login *l;

	while ((l = *logins) != NULL) {
		*logins = l->next;
		tnl_buf_free(&l->text);
		tnl_put(l->text.a, l, sizeof *l);
	}
}

int
tnl_login_add(struct tnl_login **logins, const struct tunnel_alloc *a,
    const struct tnl_upstream *u, int hop, const char *user,
    const char *password)
{
	struct tnl_login *l;
	int i, rv = 0;

	for (i = 0; u != NULL && i < hop; i++)
		u = u->next;
	if (u == NULL || hop < 0 ||
	    (user != NULL && !tnl_auth_valid(user, password)))
		return TUNNEL_EINVAL;
	l = tnl_get(a, sizeof *l);
	if (l == NULL)
		return TUNNEL_ENOMEM;
	l->hop = hop;
	l->next = *logins;
	tnl_buf_init(&l->text, a, LOGIN_MAX);
	if (user != NULL)
		rv = keep(&l->text, user);
	if (rv == 0 && user != NULL)
		rv = tnl_buf_add(&l->text, password, strlen(password) + 1);
	if (rv == 0) {
		*logins = l;
		return 0;
	}
	tnl_buf_free(&l->text);
	tnl_put(a, l, sizeof *l);
	return rv;
}

/* ---- settings --------------------------------------------------------- */

static int
check_url(const struct tunnel_alloc *a, const char *url)
{
	struct tunnel_url *u = tunnel_url_new(a);
	int rv = u != NULL ? tunnel_url_parse(u, url) : TUNNEL_ENOMEM;

	tunnel_url_free(u);
	return rv;
}

int
tunnel_proxy_via(struct tunnel_proxy *p, const char *url)
{
	struct tnl_upstream *u;
	int rv;

	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	rv = check_url(&p->a, url);
	if (rv < 0)
		return rv;
	u = tnl_get(&p->a, sizeof *u);
	if (u == NULL)
		return TUNNEL_ENOMEM;
	tnl_buf_init(&u->url, &p->a, URL_MAX);
	tnl_buf_init(&u->login, &p->a, LOGIN_MAX);
	tnl_buf_init(&u->schemes, &p->a, URL_MAX);
	tnl_buf_init(&u->scheme, &p->a, URL_MAX);
	u->probe = tunnel_client_new(&p->a);
	rv = u->probe != NULL ? keep(&u->url, url) : TUNNEL_ENOMEM;
	if (rv < 0) {
		tnl_upstream_free(&p->a, u);
		return rv == TUNNEL_EINVAL ? TUNNEL_EURL : rv;
	}
	*p->last_via = u;
	p->last_via = &u->next;
	return 0;
}

/* The one that was named last, or NULL when it cannot be told anything. */
static struct tnl_upstream *
last(const struct tunnel_proxy *p)
{
	struct tnl_upstream *u = p->state == TNL_PROXY_NEW ? p->via : NULL;

	while (u != NULL && u->next != NULL)
		u = u->next;
	return u;
}

int
tunnel_proxy_credentials(struct tunnel_proxy *p, const char *user,
    const char *password)
{
	struct tnl_upstream *u = last(p);
	int rv;

	if (u == NULL)
		return TUNNEL_ESTATE;
	rv = tunnel_client_credentials(u->probe, user, password);
	if (rv < 0)
		return rv;
	tnl_buf_free(&u->login);
	if (user == NULL)
		return 0;
	rv = keep(&u->login, user);
	return rv < 0 ? rv : tnl_buf_add(&u->login, password,
	    strlen(password) + 1);
}

int
tunnel_proxy_schemes(struct tunnel_proxy *p, const char *order)
{
	struct tnl_upstream *u = last(p);
	int rv = u == NULL ? TUNNEL_ESTATE :
	    tunnel_client_schemes(u->probe, order);

	return rv < 0 ? rv : keep(&u->schemes, order);
}

int
tunnel_proxy_token(struct tunnel_proxy *p, const char *scheme,
    tunnel_token_fn fn, void *ud)
{
	struct tnl_upstream *u = last(p);
	int rv = u == NULL ? TUNNEL_ESTATE :
	    tunnel_client_token(u->probe, scheme, fn, ud);

	if (rv == 0)
		rv = keep(&u->scheme, scheme);
	if (rv < 0)
		return rv;
	u->fn = fn;
	u->ud = ud;
	return 0;
}
