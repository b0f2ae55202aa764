/* proxy_config.c - what tunnel-proxy was asked to do */
#include "proxy_config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common_opt.h"
#include "common_say.h"
#include "common_secret.h"

static const char usage[] =
"Usage: tunnel-proxy [OPTION]...\n"
"An HTTP proxy that carries tunnels: it serves CONNECT and nothing else.\n"
"\n"
"  -l, --listen ADDR:PORT     where to listen (repeat; 127.0.0.1:3128);\n"
"                             port 0 picks one; told on standard output\n"
"      --allow RULE           allow targets; RULE is PATTERN[:PORTS], PATTERN\n"
"      --deny RULE            a name, *.suffix, *, an address or ADDR/BITS,\n"
"                             PORTS like 22,8000-8099 or *; the first that\n"
"                             matches decides, what none matches is denied\n"
"      --user USER:PASSWORD   let in only who knows these (Basic)\n"
"      --handshake-timeout S  seconds for a whole request head (30)\n"
"      --idle-timeout S       end a tunnel after S seconds without a byte\n"
"                             (0: never)\n"
"      --linger-timeout S     end a half-closed tunnel after S seconds\n"
"                             without a byte (300)\n"
"  -v, --verbose              tell of each tunnel on standard error\n"
"  -q, --quiet                say nothing on standard error\n"
"      --version, --help      print the version; print this\n"
"\n"
"Without any RULE: ports 22 and 443 of public addresses.  Private and other\n"
"special addresses need a RULE that is an address.\n";

enum {
	OPT_ALLOW = 256, OPT_DENY, OPT_USER, OPT_HANDSHAKE, OPT_IDLE,
	OPT_LINGER, OPT_VERSION, OPT_HELP
};

static const struct opt table[] = {
	{ "listen", 'l', 1 }, { "allow", OPT_ALLOW, 1 },
	{ "deny", OPT_DENY, 1 }, { "user", OPT_USER, 1 },
	{ "handshake-timeout", OPT_HANDSHAKE, 1 },
	{ "idle-timeout", OPT_IDLE, 1 }, { "linger-timeout", OPT_LINGER, 1 },
	{ "verbose", 'v', 0 }, { "quiet", 'q', 0 },
	{ "version", OPT_VERSION, 0 }, { "help", OPT_HELP, 0 },
	{ NULL, 0, 0 }
};

static int quiet;

void
config_say(const char *format, ...)
{
	va_list ap;

	if (quiet)
		return;
	va_start(ap, format);
	say_line("tunnel-proxy: ", format, ap);
	va_end(ap);
}

static int
misuse(const char *what, const char *word)
{
	config_say("%s%s; see tunnel-proxy --help", what, word);
	return 2;
}

static int
no_memory(void)
{
	config_say("%s", tunnel_strerror(TUNNEL_ENOMEM));
	return 1;
}

void
config_free(struct config *c)
{
	secret_drop(&c->user);
	secret_drop(&c->password);
	tunnel_policy_free(c->policy);
}

/* "USER:PASSWORD", copied and then overwritten, so that ps does not show it. */
static int
set_user(struct config *c, char *word)
{
	size_t n = strcspn(word, ":"), all = strlen(word);

	if (n == all)
		return misuse("--user takes USER:PASSWORD", "");
	secret_drop(&c->user);
	secret_drop(&c->password);
	c->user = secret_copy(word, n);
	c->password = secret_copy(word + n + 1, all - n - 1);
	secret_wipe(word + n + 1, all - n - 1);
	return c->user == NULL || c->password == NULL ? no_memory() : 0;
}

static int
add_rule(struct config *c, const char *word, int allow)
{
	int rv = allow ? tunnel_policy_allow(c->policy, word) :
	    tunnel_policy_deny(c->policy, word);

	if (rv == TUNNEL_ENOMEM)
		return no_memory();
	return rv == 0 ? 0 : misuse("not a rule (PATTERN[:PORTS]): ", word);
}

static int
set_time(unsigned long long *ms, const char *text)
{
	return opt_seconds(text, ms) ? 0 : misuse("not a number of seconds: ",
	    text);
}

/* 0, an exit status, or -1 when all has been said. */
static int
apply(struct config *c, int id, char *value)
{
	switch (id) {
	case 'l':
		if (c->listen_n == LISTEN_MAX)
			return misuse("too many --listen", "");
		c->listen[c->listen_n++] = value;
		return 0;
	case OPT_ALLOW:
	case OPT_DENY:
		return add_rule(c, value, id == OPT_ALLOW);
	case OPT_USER:
		return set_user(c, value);
	case OPT_HANDSHAKE:
		return set_time(&c->handshake_ms, value);
	case OPT_IDLE:
		return set_time(&c->idle_ms, value);
	case OPT_LINGER:
		return set_time(&c->linger_ms, value);
	case 'v':
		c->verbose = 1;
		return 0;
	case 'q':
		quiet = 1;
		return 0;
	case OPT_VERSION:
		(void)printf("tunnel-proxy %u.%u.%u\n", tunnel_version() >> 16,
		    tunnel_version() >> 8 & 255, tunnel_version() & 255);
		return -1;
	}
	(void)fputs(usage, stdout);
	return -1;
}

int
config_read(struct config *c, int argc, char **argv, int *stop)
{
	struct opt_line l;
	int id, rv = 0;

	memset(c, 0, sizeof *c);
	c->handshake_ms = 30000;
	c->linger_ms = 300000;
	*stop = 0;
	c->policy = tunnel_policy_new(NULL);
	if (c->policy == NULL)
		return no_memory();
	opt_begin(&l, argc, argv);
	while (rv == 0 && (id = opt_next(&l, table)) != 0)
		rv = id < 0 ? misuse(l.error, "") : apply(c, id, l.value);
	if (rv == 0 && l.operands > 0)
		rv = misuse("no operand is taken: ", argv[1]);
	if (rv < 0) {
		*stop = 1;
		return 0;
	}
	if (c->listen_n == 0)
		c->listen[c->listen_n++] = "127.0.0.1:3128";
	return rv;
}
