/* proxy_login.c - users and passwords for the proxies behind tunnel-proxy
 *
 * A URL may say both, or the user alone, whose password is then in the file; or
 * neither.  What a URL says in full the library knows, and the file is not
 * asked; all else is here, under a lock, as a file is read anew while sessions
 * log in.
 */
#include "proxy_login.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_account.h"
#include "common_secret.h"
#include "proxy_config.h"
#include "proxy_say.h"

struct login {
	char host[TUNNEL_HOST_MAX];
	char where[TUNNEL_HOST_MAX + 8];
	unsigned port;
	char *named;                    /* the user in the URL, or NULL */
	int whole;                      /* with a password beside him */
	char *user, *password;          /* of the file; NULL: none */
};

static struct login logins[PLACES_MAX];
static int logins_n;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What a URL was may be a password. */
static int
refuse(int error)
{
	if (error == TUNNEL_ENOMEM)
		return option_no_memory();
	return error == TUNNEL_ESCHEME ?
	    option_misuse("--upstream takes http:// URLs alone", "") :
	    option_misuse("--upstream takes http://[USER:PASSWORD@]HOST[:PORT]"
	    ", with special characters in USER and PASSWORD as %XX", "");
}

static int
take(struct login *l, const struct tunnel_url *u)
{
	const char *user = tunnel_url_user(u);
	size_t n;

	(void)snprintf(l->host, sizeof l->host, "%s", tunnel_url_host(u));
	l->port = tunnel_url_port(u);
	if (tunnel_authority_print(l->host, l->port, l->where, sizeof l->where,
	    &n) < 0)
		return option_misuse("--upstream: not the host of a proxy: ",
		    l->host);
	l->whole = tunnel_url_password(u) != NULL;
	if (user != NULL)
		l->named = secret_copy(user, strlen(user));
	return user != NULL && l->named == NULL ? option_no_memory() : 0;
}

int
login_add(const char *url)
{
	struct tunnel_url *u = tunnel_url_new(NULL);
	int rv = u != NULL ? tunnel_url_parse(u, url) : TUNNEL_ENOMEM;

	rv = rv < 0 ? refuse(rv) : take(&logins[logins_n++], u);
	tunnel_url_free(u);
	return rv;
}

/* ---- the file ------------------------------------------------------- */

static void
drop(struct login *l)
{
	secret_drop(&l->user);
	secret_drop(&l->password);
}

/* What a file says of one of them, into out: 0 or an exit status. */
static int
find(const struct private_file *f, int hop, struct login *out)
{
	const struct login *l = &logins[hop];
	struct account a;

	memset(&a, 0, sizeof a);
	a.host = l->host;
	a.port = l->port;
	a.user = l->named;
	a.bare = hop == 0;
	if (f->text == NULL || l->whole ||
	    account_in_file(&a, f->text, f->n) <= 0)
		return 0;
	out->user = secret_copy(a.found_user, a.user_n);
	out->password = secret_copy(a.found_password, a.password_n);
	return out->user != NULL && out->password != NULL ? 0 :
	    option_no_memory();
}

static void
adopt(struct login *fresh)
{
	struct login old;
	int i;

	(void)pthread_mutex_lock(&lock);
	for (i = 0; i < logins_n; i++) {
		old = logins[i];
		logins[i].user = fresh[i].user;
		logins[i].password = fresh[i].password;
		fresh[i].user = old.user;
		fresh[i].password = old.password;
	}
	(void)pthread_mutex_unlock(&lock);
}

static int
read_all(const struct private_file *f, const char *path)
{
	static struct login fresh[PLACES_MAX];
	int i, found = 0, rv = 0;

	for (i = 0; i < logins_n && rv == 0; i++) {
		rv = find(f, i, &fresh[i]);
		found |= fresh[i].user != NULL;
	}
	if (rv == 0 && path != NULL && !found)
		say("%s: no line of it is for the proxy %s", path,
		    login_where(0));
	if (rv == 0)
		adopt(fresh);
	for (i = 0; i < logins_n; i++)
		drop(&fresh[i]);
	return rv;
}

int
login_read(const char *path)
{
	char why[2 * TUNNEL_HOST_MAX + 8192];
	struct private_file f;
	int rv = 0;

	memset(&f, 0, sizeof f);
	if (path != NULL && account_file(&f, path, why, sizeof why) < 0) {
		say("%s", why);
		rv = 2;
	}
	if (rv == 0)
		rv = read_all(&f, path);
	private_drop(&f);
	return rv;
}

/* ---- for sessions --------------------------------------------------- */

int
login_give(struct tunnel_session *s)
{
	const struct login *l;
	int i, rv = 0;

	(void)pthread_mutex_lock(&lock);
	for (i = 0; i < logins_n && rv == 0; i++) {
		l = &logins[i];
		if (l->user != NULL)
			rv = tunnel_session_credentials(s, i, l->user,
			    l->password);
	}
	(void)pthread_mutex_unlock(&lock);
	return rv;
}

int
login_known(int hop)
{
	int known;

	(void)pthread_mutex_lock(&lock);
	known = logins[hop].whole || logins[hop].user != NULL;
	(void)pthread_mutex_unlock(&lock);
	return known;
}

int
login_any(void)
{
	int i;

	for (i = 0; i < logins_n; i++)
		if (login_known(i))
			return 1;
	return 0;
}

const char *
login_where(int hop)
{
	return logins[hop].where;
}

char *
login_host(int hop)
{
	return logins[hop].host;
}

void
login_user(int hop, char *out, size_t cap)
{
	const struct login *l = &logins[hop];
	const char *user;

	(void)pthread_mutex_lock(&lock);
	user = l->user != NULL ? l->user : l->whole ? l->named : "";
	(void)snprintf(out, cap, "%s", user);
	(void)pthread_mutex_unlock(&lock);
}

void
login_forget(void)
{
	int i;

	for (i = 0; i < logins_n; i++) {
		drop(&logins[i]);
		secret_drop(&logins[i].named);
	}
	logins_n = 0;
}
