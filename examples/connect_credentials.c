/* connect_credentials.c - users and passwords, found where people keep them
 *
 *      -u, or the URL --> file --> environment --> netrc --> terminal
 *
 * Each is asked for what is still missing, the user or his password, and the
 * terminal for a password alone.  Nothing is sent to a proxy that was not meant
 * for it: what names no proxy is for the first one on the way, or for the user
 * whom the URL or -u names.  No copy is kept but the one in the hop.
 */
#include "connect_credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_account.h"
#include "common_secret.h"
#include "connect_netrc.h"

enum { PATH_BYTES = 4096 };

struct sources {
	struct private_file file, netrc;
	char *user, *password;          /* of the environment */
	const char *path;               /* of netrc, as people write it */
	int warned;
};

/* Take a copy of a variable and leave nothing in its place: 0 when there is no
 * memory. */
static int
take_variable(const char *name, char **out)
{
	char *value = getenv(name);

	*out = NULL;
	if (value == NULL)
		return 1;
	*out = secret_copy(value, strlen(value));
	secret_wipe(value, strlen(value));
	return *out != NULL;
}

static int
take_environment(struct config *c, struct sources *s)
{
	if (!take_variable("TUNNEL_PROXY_USER", &s->user) ||
	    !take_variable("TUNNEL_PROXY_PASSWORD", &s->password))
		return config_no_memory(c);
	if (s->user != NULL && *s->user == '\0')
		secret_drop(&s->user);
	return 0;
}

/* The file that an option names: it is there and well, or that is a mistake. */
static int
read_file(struct config *c, struct sources *s)
{
	/* A stack that is not touched need not be there. */
	static char why[2 * PATH_BYTES + 200];

	if (c->credentials == NULL ||
	    account_file(&s->file, c->credentials, why, sizeof why) == 0)
		return 0;
	config_say(c, "%s", why);
	return EXIT_USAGE;
}

static void
read_at_home(struct private_file *f, const char *home)
{
	size_t n = strlen(home) + sizeof "/.netrc";
	char *path = malloc(n);

	if (path == NULL) {
		f->error = ENOMEM;
		return;
	}
	(void)snprintf(path, n, "%s/.netrc", home);
	private_read(f, path);
	free(path);
}

/* It is there or not; who named it wants to know when it cannot be read. */
static void
read_netrc(struct config *c, struct sources *s)
{
	const char *named = getenv("NETRC"), *home = getenv("HOME");

	if (c->no_netrc)
		return;
	if (named != NULL && *named != '\0') {
		s->path = named;
		private_read(&s->netrc, named);
	} else if (home != NULL && *home != '\0') {
		s->path = "~/.netrc";
		read_at_home(&s->netrc, home);
	}
	if (s->netrc.error != 0 && s->netrc.error != ENOENT)
		config_say(c, "%s cannot be read: %s", s->path,
		    strerror(s->netrc.error));
}

/* Keep what was found, as far as it was missing: 0 or an exit status. */
static int
keep(struct config *c, struct hop *h, const struct account *a,
    const char *source)
{
	h->source = source;
	if (h->user == NULL) {
		h->user = secret_copy(a->found_user, a->user_n);
		if (h->user == NULL)
			return config_no_memory(c);
	}
	if (a->found_password != NULL) {
		h->password = secret_copy(a->found_password, a->password_n);
		if (h->password == NULL)
			return config_no_memory(c);
	}
	return 0;
}

static void
look_for(struct account *a, const struct config *c, const struct hop *h)
{
	memset(a, 0, sizeof *a);
	a->host = h->host;
	a->port = h->port;
	a->user = h->user;
	a->bare = h == c->hops;
}

static int
from_file(struct config *c, struct hop *h, struct sources *s)
{
	struct account a;

	look_for(&a, c, h);
	return s->file.text == NULL || h->password != NULL ||
	    account_in_file(&a, s->file.text, s->file.n) <= 0 ? 0 :
	    keep(c, h, &a, c->credentials);
}

/* A password without a user is for whoever is named without one. */
static int
from_environment(struct config *c, struct hop *h, const struct sources *s)
{
	struct account a;

	if (h->password != NULL || (h->user == NULL && (s->user == NULL ||
	    h != c->hops)) || (h->user != NULL && s->user != NULL &&
	    strcmp(h->user, s->user) != 0))
		return 0;
	look_for(&a, c, h);
	a.found_user = s->user;
	a.user_n = s->user != NULL ? strlen(s->user) : 0;
	a.found_password = s->password;
	a.password_n = s->password != NULL ? strlen(s->password) : 0;
	return keep(c, h, &a, s->password != NULL ? "TUNNEL_PROXY_PASSWORD" :
	    "TUNNEL_PROXY_USER");
}

/* Read it anew for each proxy, as its tokens are undone in place. */
static int
from_netrc(struct config *c, struct hop *h, struct sources *s)
{
	struct account a;
	int rv = 0;

	if (h->password != NULL)
		return 0;
	look_for(&a, c, h);
	read_netrc(c, s);
	if (s->netrc.text != NULL && account_in_netrc(&a, s->netrc.text)) {
		if (!s->netrc.shown)
			rv = keep(c, h, &a, s->path);
		else if (!s->warned++)
			config_say(c, "%s is not used, as others can get at "
			    "it: chmod 600 %s", s->path, s->path);
	}
	private_drop(&s->netrc);
	return rv;
}

static int
from_terminal(struct config *c, struct hop *h)
{
	char prompt[400];

	if (h->user == NULL || h->password != NULL)
		return 0;
	(void)snprintf(prompt, sizeof prompt, "Password of %.100s for the "
	    "proxy %.270s: ", h->user, h->name);
	h->source = "the terminal";
	h->password = config_ask(prompt);
	return h->password != NULL ? 0 : config_misuse(c, "a password is "
	    "needed, and no terminal gave one: set TUNNEL_PROXY_PASSWORD, or "
	    "name a --credentials-file", "");
}

int
credentials_find(struct config *c)
{
	struct sources s;
	int i, rv;

	memset(&s, 0, sizeof s);
	rv = take_environment(c, &s);
	if (rv == 0 && c->hops_n > 0)
		rv = read_file(c, &s);
	for (i = 0; i < c->hops_n && rv == 0; i++)
		rv = from_file(c, &c->hops[i], &s);
	private_drop(&s.file);
	for (i = 0; i < c->hops_n && rv == 0; i++) {
		rv = from_environment(c, &c->hops[i], &s);
		if (rv == 0)
			rv = from_netrc(c, &c->hops[i], &s);
	}
	secret_drop(&s.user);
	secret_drop(&s.password);
	for (i = 0; i < c->hops_n && rv == 0; i++)
		rv = from_terminal(c, &c->hops[i]);
	return rv;
}
