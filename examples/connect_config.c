/* connect_config.c - what tunnel-connect was asked to do
 *
 * Secrets in the arguments are copied and then overwritten there, before
 * anything else is done, so that ps(1) does not show them for long.
 */
#include "connect_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_opt.h"
#include "common_secret.h"

static const char usage[] =
"Usage: tunnel-connect [OPTION]... HOST PORT\n"
"       tunnel-connect [OPTION]... -L [BIND:]PORT:HOST:HOSTPORT...\n"
"       tunnel-connect [OPTION]... -D [BIND:]PORT...\n"
"Connect standard input and output to HOST PORT, or HOST:PORT, through an\n"
"HTTP proxy; or listen, and connect everybody who comes.\n"
"\n"
"  -x, --proxy URL             http://[USER[:PASSWORD]@]PROXY[:PORT]; else\n"
"                              https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY\n"
"  -u, --user USER[:PASSWORD]  for the proxy; without PASSWORD it is in\n"
"                              TUNNEL_PROXY_PASSWORD, or asked for\n"
"  -H, --header 'NAME: VALUE'  one more field of the request (repeat)\n"
"  -L, --forward [BIND:]PORT:HOST:HOSTPORT\n"
"                              listen on PORT (0: any) of BIND (127.0.0.1),\n"
"                              and connect each client to HOST:HOSTPORT\n"
"                              (repeat)\n"
"  -D, --socks [BIND:]PORT     listen for clients that speak SOCKS5, and\n"
"                              connect each to where it likes (repeat)\n"
"  -4, --ipv4                  reach the proxy over IPv4 only\n"
"  -6, --ipv6                  over IPv6 only\n"
"  -t, --connect-timeout S     seconds until the tunnel must be open (30)\n"
"  -i, --idle-timeout S        end after S seconds without a byte (0: never)\n"
"      --linger-timeout S      seconds to wait for a silent standard input\n"
"                              when the remote end has closed (1)\n"
"  -v, --verbose               show on standard error what happens\n"
"  -q, --quiet                 say nothing\n"
"      --version, --help       print the version; print this\n"
"\n"
"Without a proxy, and to targets in no_proxy or NO_PROXY, it goes directly.\n"
"With ssh, in ~/.ssh/config:\n"
"  ProxyCommand tunnel-connect -x http://proxy.example:3128 %h %p\n"
"Exit status: 0 clean end, 1 error in the tunnel, 2 usage, 3 no proxy there,\n"
"4 refused, 5 authentication failed, 6 malformed reply, 7 timed out.\n";

enum { OPT_LINGER = 256, OPT_VERSION, OPT_HELP };

static const struct opt table[] = {
	{ "forward", 'L', 1 }, { "socks", 'D', 1 },
	{ "ipv4", '4', 0 }, { "ipv6", '6', 0 },
	{ "proxy", 'x', 1 }, { "user", 'u', 1 }, { "header", 'H', 1 },
	{ "connect-timeout", 't', 1 }, { "idle-timeout", 'i', 1 },
	{ "linger-timeout", OPT_LINGER, 1 }, { "verbose", 'v', 0 },
	{ "quiet", 'q', 0 }, { "version", OPT_VERSION, 0 },
	{ "help", OPT_HELP, 0 }, { NULL, 0, 0 }
};

static int
misuse(const struct config *c, const char *what, const char *word)
{
	config_say(c, "%s%s; see tunnel-connect --help", what, word);
	return EXIT_USAGE;
}

static int
no_memory(const struct config *c)
{
	config_say(c, "%s", tunnel_strerror(TUNNEL_ENOMEM));
	return EXIT_IO;
}

void
config_forget(struct config *c)
{
	char *value;
	int i;

	for (i = 0; i < c->fields_n; i++) {
		value = c->fields[i] + strcspn(c->fields[i], ":");
		secret_wipe(value, strlen(value));
	}
	secret_drop(&c->password);
}

void
config_free(struct config *c)
{
	while (c->fields_n > 0)
		secret_drop(&c->fields[--c->fields_n]);
	secret_drop(&c->password);
	secret_drop(&c->user);
	tunnel_url_free(c->url);
	c->url = NULL;
}

static int
set_user(struct config *c, char *word)
{
	size_t n = strcspn(word, ":"), all = strlen(word);

	secret_drop(&c->user);
	secret_drop(&c->password);
	c->user = secret_copy(word, n);
	if (n < all) {
		c->password = secret_copy(word + n + 1, all - n - 1);
		secret_wipe(word + n + 1, all - n - 1);
	}
	return c->user == NULL || (n < all && c->password == NULL) ?
	    no_memory(c) : 0;
}

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

int
config_proxy(struct config *c, const char *text, const char *from)
{
	int rv;

	if (c->url == NULL)
		c->url = tunnel_url_new(NULL);
	if (c->url == NULL)
		return no_memory(c);
	rv = tunnel_url_parse(c->url, text);
	(void)snprintf(c->why, sizeof c->why, "from %s", from);
	if (rv == TUNNEL_ENOMEM)
		return no_memory(c);
	if (rv == TUNNEL_ESCHEME) {
		config_say(c, "%s names a proxy of the scheme %.40s://; only "
		    "http:// proxies are supported: use the proxy's plain HTTP "
		    "port, or run a TLS wrapper such as stunnel before it and "
		    "name that", from, tunnel_url_scheme(c->url));
		return EXIT_USAGE;
	}
	if (rv < 0) {
		config_say(c, "%s is no proxy URL: write "
		    "http://[USER[:PASSWORD]@]HOST[:PORT], a special character "
		    "in USER or PASSWORD as %%XX", from);
		return EXIT_USAGE;
	}
	return 0;
}

static int
add_field(struct config *c, char *word)
{
	char *colon = strchr(word, ':'), *value;

	if (colon == NULL)
		return misuse(c, "-H takes 'NAME: VALUE', not ", word);
	if (c->fields_n == FIELDS_MAX)
		return misuse(c, "too many -H", "");
	c->fields[c->fields_n] = secret_copy(word, strlen(word));
	if (c->fields[c->fields_n++] == NULL)
		return no_memory(c);
	/* Any field may hold a secret: only its name stays to be seen. */
	for (value = colon + 1; *value != '\0'; value++)
		*value = ' ';
	return 0;
}

static int
add_forward(struct config *c, int id, const char *word)
{
	if (c->forwards_n == FORWARDS_MAX)
		return misuse(c, "too many -L and -D", "");
	if (!config_place(&c->forwards[c->forwards_n], id == 'D', word))
		return misuse(c, id == 'D' ? "-D takes [BIND:]PORT, not " :
		    "-L takes [BIND:]PORT:HOST:HOSTPORT, not ", word);
	c->forwards_n++;
	return 0;
}

static int
set_time(struct config *c, unsigned long long *ms, const char *text,
    const char *name)
{
	if (opt_seconds(text, ms))
		return 0;
	config_say(c, "%s takes a number of seconds, not '%s'; see "
	    "tunnel-connect --help", name, text);
	return EXIT_USAGE;
}

/* One option: 0, an exit status, or -1 for "said all there is to say". */
static int
apply(struct config *c, int id, char *value)
{
	int rv;

	switch (id) {
	case 'x':
		rv = config_proxy(c, value, "-x");
		wipe_url(value);
		return rv;
	case 'u':
		return set_user(c, value);
	case 'H':
		return add_field(c, value);
	case 'D':
	case 'L':
		return add_forward(c, id, value);
	case '4':
	case '6':
		c->family = id - '0';
		return 0;
	case 't':
		return set_time(c, &c->connect_ms, value, "-t");
	case 'i':
		return set_time(c, &c->idle_ms, value, "-i");
	case OPT_LINGER:
		return set_time(c, &c->linger_ms, value, "--linger-timeout");
	case 'v':
		c->verbose = 1;
		return 0;
	case 'q':
		c->quiet = 1;
		return 0;
	case OPT_VERSION:
		(void)printf("tunnel-connect %u.%u.%u\n",
		    tunnel_version() >> 16, tunnel_version() >> 8 & 255,
		    tunnel_version() & 255);
		return -1;
	}
	(void)fputs(usage, stdout);
	return -1;
}

/* "HOST PORT" or "HOST:PORT". */
static int
set_target(struct config *c, int n, char **words)
{
	char text[TUNNEL_HOST_MAX + 16];
	int bare;

	if (c->forwards_n > 0)
		return n == 0 ? 0 : misuse(c, "with -L or -D there is no "
		    "target besides: ", words[0]);
	if (n < 1 || n > 2)
		return misuse(c, n < 1 ? "HOST and PORT are missing" :
		    "too many operands: ", n < 1 ? "" : words[2]);
	bare = n == 2 && words[0][0] != '[' && strchr(words[0], ':') != NULL;
	n = n == 1 ? snprintf(text, sizeof text, "%s", words[0]) :
	    snprintf(text, sizeof text, bare ? "[%s]:%s" : "%s:%s", words[0],
	    words[1]);
	if (n < 0 || n >= (int)sizeof text || tunnel_authority_parse(text,
	    (size_t)n, c->host, sizeof c->host, &c->port) < 0)
		return misuse(c, "not a target (a host, and a port of 1 to "
		    "65535): ", text);
	return 0;
}

/* Credentials that the URL has, unless -u gave some. */
static int
url_credentials(struct config *c)
{
	const char *user = tunnel_url_user(c->url);
	const char *password = tunnel_url_password(c->url);

	if (c->user != NULL || user == NULL)
		return 0;
	c->user = secret_copy(user, strlen(user));
	if (password != NULL)
		c->password = secret_copy(password, strlen(password));
	return c->user == NULL || (password != NULL && c->password == NULL) ?
	    no_memory(c) : 0;
}

static int
find_password(struct config *c)
{
	char prompt[400], *env = getenv("TUNNEL_PROXY_PASSWORD");

	if (c->user == NULL || c->password != NULL)
		return 0;
	if (env != NULL) {
		c->password = secret_copy(env, strlen(env));
		secret_wipe(env, strlen(env));
		return c->password != NULL ? 0 : no_memory(c);
	}
	(void)snprintf(prompt, sizeof prompt, "Password of %.100s for the "
	    "proxy %.270s: ", c->user, c->proxy);
	c->password = config_ask(prompt);
	return c->password != NULL ? 0 : misuse(c, "a password is needed, and "
	    "no terminal gave one: set TUNNEL_PROXY_PASSWORD", "");
}

/* Take from the URL what is needed, and forget the rest. */
static int
settle_proxy(struct config *c)
{
	size_t n;
	int rv;

	if (c->url == NULL)
		return 0;
	(void)snprintf(c->proxy_host, sizeof c->proxy_host, "%s",
	    tunnel_url_host(c->url));
	c->proxy_port = tunnel_url_port(c->url);
	if (tunnel_authority_print(c->proxy_host, c->proxy_port, c->proxy,
	    sizeof c->proxy, &n) < 0)
		return misuse(c, "not the host of a proxy: ", c->proxy_host);
	rv = url_credentials(c);
	tunnel_url_free(c->url);
	c->url = NULL;
	return rv == 0 ? find_password(c) : rv;
}

int
config_read(struct config *c, int argc, char **argv, int *stop)
{
	struct opt_line l;
	int id, rv = 0;

	c->connect_ms = 30000;
	c->linger_ms = 1000;
	*stop = 0;
	opt_begin(&l, argc, argv);
	while (rv == 0 && (id = opt_next(&l, table)) != 0)
		rv = id < 0 ? misuse(c, l.error, "") : apply(c, id, l.value);
	if (rv < 0) {
		*stop = 1;
		return 0;
	}
	if (rv == 0)
		rv = set_target(c, l.operands, argv + 1);
	if (rv == 0)
		rv = config_environment(c);
	return rv == 0 ? settle_proxy(c) : rv;
}
