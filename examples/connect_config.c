/* connect_config.c - what tunnel-connect was asked to do
 *
 * The environment is read as curl reads it: https_proxy, HTTPS_PROXY, all_proxy,
 * ALL_PROXY name a proxy, no_proxy and NO_PROXY the targets that need none.
 * Secrets in the arguments are copied and then overwritten there, before
 * anything else is done, so that ps(1) does not show them for long.
 */
#include "connect_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_opt.h"

static const char usage[] =
"Usage: tunnel-connect [OPTION]... HOST PORT\n"
"       tunnel-connect [OPTION]... HOST:PORT\n"
"Connect standard input and output to HOST:PORT through an HTTP proxy.\n"
"\n"
"  -x, --proxy URL            the proxy: [http://][USER[:PASSWORD]@]HOST[:PORT]\n"
"                             (else https_proxy, HTTPS_PROXY, all_proxy or\n"
"                             ALL_PROXY; no_proxy, NO_PROXY: targets to reach\n"
"                             directly; with no proxy at all: directly)\n"
"  -u, --user USER[:PASSWORD] credentials for the proxy; without PASSWORD it is\n"
"                             taken from TUNNEL_PROXY_PASSWORD, or asked for\n"
"  -H, --header 'NAME: VALUE' one more field in the request (repeat)\n"
"  -t, --connect-timeout S    seconds until the tunnel must be open (30)\n"
"  -i, --idle-timeout S       end after S seconds without a byte (0: never)\n"
"      --linger-timeout S     after the remote end has closed, end when standard\n"
"                             input is silent for S seconds (1)\n"
"  -v, --verbose              show on standard error what happens\n"
"  -q, --quiet                say nothing\n"
"      --version              print the version\n"
"      --help                 print this\n"
"\n"
"With ssh, in ~/.ssh/config:\n"
"  ProxyCommand tunnel-connect -x http://proxy.example:3128 %h %p\n"
"\n"
"Exit status: 0 the tunnel ended cleanly, 1 error in the tunnel, 2 usage,\n"
"3 proxy unreachable, 4 refused by the proxy, 5 authentication failed,\n"
"6 malformed reply, 7 timed out.\n";

enum { OPT_LINGER = 256, OPT_VERSION, OPT_HELP };

static const struct opt table[] = {
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

static char *
copy(const char *p, size_t n)
{
	char *s = malloc(n + 1);

	if (s != NULL) {
		memcpy(s, p, n);
		s[n] = '\0';
	}
	return s;
}

static void
wipe(char *s)
{
	volatile char *p = s;

	while (s != NULL && *p != '\0')
		*p++ = '\0';
}

static void
drop(char **s)
{
	wipe(*s);
	free(*s);
	*s = NULL;
}

void
config_forget(struct config *c)
{
	while (c->fields_n > 0)
		drop(&c->fields[--c->fields_n]);
	drop(&c->password);
}

void
config_free(struct config *c)
{
	config_forget(c);
	drop(&c->user);
	tunnel_url_free(c->proxy);
	c->proxy = NULL;
}

static int
set_user(struct config *c, char *word)
{
	char *colon = strchr(word, ':');
	size_t n = colon != NULL ? (size_t)(colon - word) : strlen(word);

	drop(&c->user);
	drop(&c->password);
	c->user = copy(word, n);
	if (colon != NULL) {
		c->password = copy(colon + 1, strlen(colon + 1));
		wipe(colon + 1);
	}
	return 0;
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

static int
set_proxy(struct config *c, const char *text, const char *from)
{
	int rv;

	if (c->proxy == NULL)
		c->proxy = tunnel_url_new(NULL);
	if (c->proxy == NULL)
		return misuse(c, "out of memory", "");
	rv = tunnel_url_parse(c->proxy, text);
	(void)snprintf(c->why, sizeof c->why, "from %s", from);
	if (rv == TUNNEL_ESCHEME) {
		config_say(c, "%s names a proxy of the scheme %.40s://; only "
		    "http:// proxies are supported: use the proxy's plain HTTP "
		    "port, or run a TLS wrapper such as stunnel before it and "
		    "name that", from, tunnel_url_scheme(c->proxy));
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
		return misuse(c, "-H takes 'Name: value', not ", word);
	if (c->fields_n == FIELDS_MAX)
		return misuse(c, "too many -H", "");
	c->fields[c->fields_n] = copy(word, strlen(word));
	if (c->fields[c->fields_n++] == NULL)
		return misuse(c, "out of memory", "");
	/* Any field may hold a secret: only its name stays to be seen. */
	for (value = colon + 1; *value != '\0'; value++)
		*value = ' ';
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
		rv = set_proxy(c, value, "-x");
		wipe_url(value);
		return rv;
	case 'u':
		return set_user(c, value);
	case 'H':
		return add_field(c, value);
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

/* One entry of no_proxy, as rules: itself and what is below it. */
static void
exempt(struct tunnel_policy *p, const char *entry, size_t n)
{
	char rule[TUNNEL_HOST_MAX + 8];

	if (n > 0 && *entry == '.') {
		entry++;
		n--;
	}
	if (n == 0 || n > TUNNEL_HOST_MAX)
		return;
	(void)snprintf(rule, sizeof rule, "*.%.*s", (int)n, entry);
	(void)tunnel_policy_allow(p, rule);
	(void)tunnel_policy_allow(p, rule + 2);
}

static int
is_exempt(const struct config *c, const char *list)
{
	struct tunnel_policy *p = tunnel_policy_new(NULL);
	int rv;

	if (p == NULL)
		return 0;
	/* Rules, so that the default of a policy without any does not count. */
	(void)tunnel_policy_deny(p, "192.0.2.0");
	while (*list != '\0') {
		size_t n = strcspn(list, ", \t");

		exempt(p, list, n);
		list += n;
		list += strspn(list, ", \t");
	}
	rv = tunnel_policy_judge(p, c->host, NULL, 0, c->port);
	tunnel_policy_free(p);
	/* A "*" meets special addresses too. */
	return rv == 0 || rv == TUNNEL_EADDRESS;
}

static const char *
variable(const char *const *names, const char **name)
{
	const char *value;

	for (; *names != NULL; names++) {
		value = getenv(*names);
		if (value != NULL && *value != '\0') {
			*name = *names;
			return value;
		}
	}
	return NULL;
}

static int
choose_proxy(struct config *c)
{
	static const char *const proxies[] = {
		"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL
	};
	static const char *const exempts[] = { "no_proxy", "NO_PROXY", NULL };
	const char *name, *value = variable(exempts, &name);
	int rv = 0;

	if (value != NULL && is_exempt(c, value)) {
		tunnel_url_free(c->proxy);
		c->proxy = NULL;
		(void)snprintf(c->why, sizeof c->why, "%s says so", name);
		return 0;
	}
	if (c->proxy != NULL)
		return 0;
	value = variable(proxies, &name);
	if (value != NULL)
		rv = set_proxy(c, value, name);
	else
		(void)snprintf(c->why, sizeof c->why, "no proxy is set");
	return rv;
}

static int
find_password(struct config *c)
{
	char prompt[400], *env = getenv("TUNNEL_PROXY_PASSWORD");
	const char *user;

	if (c->proxy == NULL)
		return 0;
	user = tunnel_url_user(c->proxy);
	if (c->user == NULL && user != NULL) {
		c->user = copy(user, strlen(user));
		user = tunnel_url_password(c->proxy);
		if (user != NULL)
			c->password = copy(user, strlen(user));
	}
	if (c->user == NULL || c->password != NULL)
		return 0;
	if (env != NULL) {
		c->password = copy(env, strlen(env));
		wipe(env);
		return 0;
	}
	(void)snprintf(prompt, sizeof prompt, "Password of %.100s for the "
	    "proxy %.200s: ", c->user, tunnel_url_host(c->proxy));
	c->password = config_ask(prompt);
	return c->password != NULL ? 0 : misuse(c, "a password is needed, and "
	    "there is no terminal to ask on: set TUNNEL_PROXY_PASSWORD", "");
}

int
config_read(struct config *c, int argc, char **argv, int *stop)
{
	struct opt_line l;
	int id, rv = 0;

	memset(c, 0, sizeof *c);
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
		rv = choose_proxy(c);
	return rv == 0 ? find_password(c) : rv;
}
