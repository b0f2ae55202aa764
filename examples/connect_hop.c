/* connect_hop.c - the proxies on the way, and what they are called
 *
 *      we --- first -x --- second -x --- ... --- target
 *
 * A user given with -u belongs to the -x before it, since credentials are for
 * one proxy and must not be shown to the others.
 */
#include "connect_hop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_secret.h"

/* Overwrite the password in the userinfo of a URL. */
static void
wipe_url(char *url)
{
	char *start = strstr(url, "://"), *at = strrchr(url, '@'), *colon;

	start = start != NULL ? start + 3 : url;
	colon = strchr(start, ':');
	if (at == NULL || colon == NULL || colon > at)
		return;
	while (++colon < at)
		*colon = '*';
}

/* Credentials that the URL has, unless -u gave some. */
static int
take_user(struct config *c, struct hop *h, const struct tunnel_url *u)
{
	const char *user = tunnel_url_user(u);
	const char *password = tunnel_url_password(u);

	if (h->given || user == NULL)
		return 0;
	h->source = "the URL";
	h->user = secret_copy(user, strlen(user));
	if (password != NULL)
		h->password = secret_copy(password, strlen(password));
	return h->user == NULL || (password != NULL && h->password == NULL) ?
	    config_no_memory(c) : 0;
}

static int
take(struct config *c, const struct tunnel_url *u)
{
	struct hop *h = &c->hops[c->hops_n];
	size_t n;

	(void)snprintf(h->host, sizeof h->host, "%s", tunnel_url_host(u));
	h->port = tunnel_url_port(u);
	if (tunnel_authority_print(h->host, h->port, h->where, sizeof h->where,
	    &n) < 0)
		return config_misuse(c, "not the host of a proxy: ", h->host);
	c->hops_n++;
	return take_user(c, h, u);
}

static int
read_url(struct config *c, struct tunnel_url *u, const char *text,
    const char *from)
{
	int rv = tunnel_url_parse(u, text);

	if (rv == TUNNEL_ENOMEM)
		return config_no_memory(c);
	c->hops[c->hops_n].tls = rv == TUNNEL_ESCHEME &&
	    tunnel_url_host(u) != NULL;
	if (rv == TUNNEL_ESCHEME && tunnel_url_host(u) == NULL) {
		config_say(c, "%s names a proxy of the scheme %.40s://; only "
		    "http:// and https:// proxies are supported: has it an "
		    "HTTP port, too?", from, tunnel_url_scheme(u));
		return EXIT_USAGE;
	}
	if (rv < 0 && rv != TUNNEL_ESCHEME) {
		config_say(c, "%s is no proxy URL: write "
		    "http[s]://[USER[:PASSWORD]@]HOST[:PORT], a special "
		    "character in USER or PASSWORD as %%XX", from);
		return EXIT_USAGE;
	}
	if (c->hops[c->hops_n].tls && c->hops_n > 0) {
		config_say(c, "only the first proxy of a chain can be an "
		    "https:// one: this one is reached through another");
		return EXIT_USAGE;
	}
	return take(c, u);
}

int
hop_add(struct config *c, char *url, const char *from)
{
	struct tunnel_url *u;
	int rv;

	if (c->hops_n == HOPS_MAX)
		return config_misuse(c, "too many proxies", "");
	u = tunnel_url_new(NULL);
	if (u == NULL)
		return config_no_memory(c);
	(void)snprintf(c->why, sizeof c->why, "from %s", from);
	rv = read_url(c, u, url, from);
	tunnel_url_free(u);
	wipe_url(url);
	return rv;
}

int
hop_user(struct config *c, char *word)
{
	struct hop *h = &c->hops[c->hops_n > 0 ? c->hops_n - 1 : 0];
	size_t n = strcspn(word, ":"), all = strlen(word);

	secret_drop(&h->user);
	secret_drop(&h->password);
	h->given = 1;
	h->source = "-u";
	h->user = secret_copy(word, n);
	if (n < all) {
		h->password = secret_copy(word + n + 1, all - n - 1);
		secret_wipe(word + n + 1, all - n - 1);
	}
	return h->user == NULL || (n < all && h->password == NULL) ?
	    config_no_memory(c) : 0;
}

void
hop_forget(struct config *c)
{
	int i;

	config_forget(c);
	for (i = 0; i < c->hops_n; i++)
		secret_drop(&c->hops[i].user);
	c->hops_n = 0;
}

/* The connection is there, whatever the proxy is called. */
static int
settle_command(struct config *c)
{
	struct hop *h = &c->hops[0];

	if (c->hops_n == 0 && c->negotiate)
		return config_misuse(c, "negotiate needs the name of the "
		    "proxy, to which tickets are: give it with -x beside "
		    "--proxy-command", "");
	if (c->hops_n == 0) {
		h->unnamed = 1;
		(void)strcpy(h->where, "(of --proxy-command)");
		(void)strcpy(c->why, "which needs no name");
		c->hops_n = 1;
	}
	if (!h->tls)
		return 0;
	config_say(c, "with --proxy-command, write http://%s: whether there "
	    "is TLS on the way is the command's affair", h->where);
	return EXIT_USAGE;
}

/* What they are called, and asked for. */
static void
name(struct config *c)
{
	struct hop *h;
	size_t n;
	int i;

	n = (size_t)snprintf(c->via, sizeof c->via, " through the %s ",
	    c->hops_n > 1 ? "proxies" : "proxy");
	for (i = 0; i < c->hops_n; i++) {
		h = &c->hops[i];
		h->service.host = h->host;
		if (n < sizeof c->via)
			n += (size_t)snprintf(c->via + n, sizeof c->via - n,
			    "%s%s", i > 0 ? ", " : "", h->where);
		if (c->hops_n == 1)
			(void)snprintf(h->name, sizeof h->name, "%s",
			    h->where);
		else
			(void)snprintf(h->name, sizeof h->name, "%s (%d of "
			    "%d)", h->where, i + 1, c->hops_n);
		if (i + 1 < c->hops_n)
			(void)snprintf(h->to, sizeof h->to, "the next proxy, "
			    "%s port %u", h[1].host, h[1].port);
		else
			(void)snprintf(h->to, sizeof h->to, "%s port %u",
			    c->host, c->port);
	}
}

int
hop_settle(struct config *c)
{
	int rv = 0;

	if (c->command != NULL && !c->exempt)
		rv = settle_command(c);
	if (rv == 0 && c->hops_n > 0)
		name(c);
	return rv;
}
