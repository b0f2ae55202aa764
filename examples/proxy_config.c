/* proxy_config.c - what tunnel-proxy was asked to do
 *
 * The command line is kept as a list of options.  To apply it, files that it
 * names are read, users and rules are made of it, and each option finds its
 * place; to read it anew is to apply it again.
 */
#include "proxy_config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_opt.h"
#include "common_secret.h"
#include "proxy_say.h"

void
config_free(struct config *c)
{
	option_free(&c->options);
	tunnel_policy_free(c->policy);
	tunnel_users_free(c->users);
	c->policy = NULL;
	c->users = NULL;
}

/* ---- values --------------------------------------------------------- */

/* "64k", "16M", "1G" or bytes; a plain number has no suffix. */
static int
read_number(const char *text, int is_size, unsigned long long *value)
{
	static const char units[] = "kKmMgG";
	char *end;
	const char *unit;
	int shift;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno != 0 || *value >> 40 != 0)
		return 0;
	if (is_size && *end != '\0' && (unit = strchr(units, *end)) != NULL) {
		shift = 10 * (int)((unit - units) / 2 + 1);
		/* What is too much must not come out as 0, no limit. */
		if (*value > ULLONG_MAX >> shift)
			return 0;
		*value <<= shift;
		end++;
	}
	return *end == '\0';
}

static int
set_seconds(unsigned long long *ms, const char *value)
{
	return opt_seconds(value, ms) ? 0 :
	    option_misuse("not a number of seconds: ", value);
}

static const struct number {
	int id, limit, is_size;
} numbers[] = {
	{ OPT_MAX_TUNNELS, TUNNEL_LIMIT_TUNNELS, 0 },
	{ OPT_MAX_PER_CLIENT, TUNNEL_LIMIT_CLIENT, 0 },
	{ OPT_MAX_HANDSHAKES, TUNNEL_LIMIT_HANDSHAKES, 0 },
	{ OPT_MAX_HEAD, TUNNEL_LIMIT_HEAD, 1 },
	{ OPT_BUFFER, TUNNEL_LIMIT_BUFFER, 1 },
	{ OPT_MEMORY, TUNNEL_LIMIT_MEMORY, 1 },
	{ OPT_RATE, TUNNEL_LIMIT_RATE, 0 },
};

static const struct span {
	int id, time;
} spans[] = {
	{ OPT_HANDSHAKE, TUNNEL_TIME_HANDSHAKE },
	{ OPT_DIAL, TUNNEL_TIME_DIAL },
	{ OPT_IDLE, TUNNEL_TIME_IDLE },
	{ OPT_LINGER, TUNNEL_TIME_LINGER },
	{ OPT_STALL, TUNNEL_TIME_STALL },
	{ OPT_LIFETIME, TUNNEL_TIME_LIFETIME },
};

/* 1 when the option is a limit or a time; *rv is then set. */
static int
apply_number(struct config *c, int id, const char *value, int *rv)
{
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (numbers[i].id != id)
			continue;
		if (!read_number(value, numbers[i].is_size,
		    &c->limit[numbers[i].limit]))
			*rv = option_misuse("not a number: ", value);
		return 1;
	}
	for (i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		if (spans[i].id != id)
			continue;
		*rv = set_seconds(&c->time[spans[i].time], value);
		return 1;
	}
	return 0;
}

/* ---- other options -------------------------------------------------- */

static int
set_preface(struct config *c, const char *value)
{
	if (strcmp(value, "accept") == 0)
		c->accept_preface = 1;
	else if (strcmp(value, "send") == 0 || strcmp(value, "send-v1") == 0)
		c->send_preface = 1;
	else if (strcmp(value, "send-v2") == 0)
		c->send_preface = 2;
	else
		return option_misuse("--proxy-protocol takes accept, send or "
		    "send-v2, not ", value);
	return 0;
}

static int
add_text(const char **list, int *n, const char *value, const char *name)
{
	if (*n == PLACES_MAX)
		return option_misuse("too many ", name);
	list[(*n)++] = value;
	return 0;
}

int
config_is_socks(const struct config *c, const char *where)
{
	int i;

	for (i = 0; i < c->socks_n; i++)
		if (strcmp(c->socks[i], where) == 0)
			return 1;
	return 0;
}

static int
set_threads(struct config *c, const char *value)
{
	unsigned long long n;

	if (!read_number(value, 0, &n) || n > 256)
		return option_misuse("--threads takes 0 to 256, not ", value);
	c->threads = (unsigned)n;
	return 0;
}

static int
set_format(struct config *c, const char *value)
{
	c->json = strcmp(value, "json") == 0;
	return c->json || strcmp(value, "text") == 0 ? 0 :
	    option_misuse("--log-format takes text or json, not ", value);
}

/* A port alone is one of loopback, where only this machine can look. */
static void
set_status(struct config *c, const char *value)
{
	const char *port = value + (*value == ':');

	c->status = value;
	if (*port == '\0' || port[strspn(port, "0123456789")] != '\0')
		return;
	(void)snprintf(c->status_text, sizeof c->status_text,
	    "127.0.0.1:%.20s", port);
	c->status = c->status_text;
}

/* Options that are just kept. */
static int
keep(struct config *c, int id, const char *value)
{
	switch (id) {
	case OPT_BIND:
		c->bind = value;
		break;
	case OPT_STATUS:
		set_status(c, value);
		break;
	case OPT_CREDENTIALS:
		c->credentials = value;
		break;
	case OPT_AUTH:
		c->auth = value;
		break;
	case OPT_ACCESS_LOG:
		c->access_log = value;
		break;
	case OPT_SWITCH:
		c->become = value;
		break;
	case OPT_CHROOT:
		c->chroot = value;
		break;
	case OPT_CHECK:
		c->check = 1;
		break;
	case '4':
	case '6':
		c->family = id - '0';
		break;
	case 'v':
		c->verbose = 1;
		break;
	case 'q':
		c->quiet = 1;
		break;
	}
	return 0;
}

static int
apply(struct config *c, int id, const char *value)
{
	int rv = 0;

	if (apply_number(c, id, value, &rv))
		return rv;
	switch (id) {
	case 'l':
		return add_text(c->listen, &c->listen_n, value, "--listen");
	case OPT_SOCKS:
		return add_text(c->socks, &c->socks_n, value, "--socks");
	case OPT_UPSTREAM:
		return add_text(c->upstream, &c->upstream_n, value,
		    "--upstream");
	case OPT_NO_PROXY:
		return add_text(c->exempt, &c->exempt_n, value, "--no-proxy");
	case OPT_ALLOW:
	case OPT_DENY:
	case OPT_ALLOW_CLIENT:
	case OPT_DENY_CLIENT:
		return config_rule(c, id, value);
	case OPT_USER:
		return config_user(c, value);
	case OPT_AUTH_FILE:
		c->auth_file = value;
		return config_users(c, value);
	case OPT_PREFACE:
		return set_preface(c, value);
	case OPT_THREADS:
		return set_threads(c, value);
	case OPT_LOG_FORMAT:
		return set_format(c, value);
	case OPT_DRAIN:
		return set_seconds(&c->drain_ms, value);
	case OPT_REST:
		return set_seconds(&c->rest_ms, value);
	}
	return keep(c, id, value);
}

/* ---- reading it all ------------------------------------------------- */

/* What stands for itself, or decides about others, wherever it stands. */
static int
look_ahead(struct config *c)
{
	const struct option *i;
	int secret = 0;

	for (i = c->options.first; i != NULL; i = i->next) {
		if (i->id == OPT_HELP) {
			(void)fputs(option_usage, stdout);
			return -1;
		}
		if (i->id == OPT_VERSION) {
			(void)printf("tunnel-proxy %u.%u.%u\n",
			    tunnel_version() >> 16, tunnel_version() >> 8 & 255,
			    tunnel_version() & 255);
			return -1;
		}
		if (i->id == OPT_REALM)
			c->realm = i->value;
		secret |= i->id == OPT_USER || i->id == OPT_AUTH_FILE;
	}
	if (!secret)
		return 0;
	c->users = tunnel_users_new(NULL, c->realm);
	return c->users != NULL ? 0 : option_misuse("--realm takes no quotes, "
	    "colons, backslashes or control characters: ", c->realm);
}

/* Files take the place of the --config that names them. */
static int
expand(struct options *to, const struct options *from)
{
	const struct option *i;
	struct option *copy;
	int rv = 0;

	for (i = from->first; i != NULL && rv == 0; i = i->next) {
		if (i->id == OPT_CONFIG) {
			rv = option_file(to, i->value);
			continue;
		}
		copy = calloc(1, sizeof *copy);
		if (copy == NULL)
			return option_no_memory();
		copy->id = i->id;
		copy->value = secret_copy(i->value, strlen(i->value));
		*to->last = copy;
		to->last = &copy->next;
		if (copy->value == NULL)
			return option_no_memory();
	}
	return rv;
}

static void
begin(struct config *c)
{
	memset(c, 0, sizeof *c);
	option_begin(&c->options);
	c->realm = "tunnel-proxy";
	c->limit[TUNNEL_LIMIT_HANDSHAKES] = 4096;
	c->limit[TUNNEL_LIMIT_HEAD] = 65536;
	c->limit[TUNNEL_LIMIT_BUFFER] = 65536;
	c->time[TUNNEL_TIME_HANDSHAKE] = 30000;
	c->time[TUNNEL_TIME_DIAL] = 30000;
	c->time[TUNNEL_TIME_LINGER] = 300000;
	c->drain_ms = 30000;
	c->rest_ms = 300000;
}

static struct options words;    /* of the command line, for reading anew */

static int
build(struct config *c)
{
	const struct option *i;
	int rv;

	begin(c);
	c->policy = tunnel_policy_new(NULL);
	if (c->policy == NULL)
		return option_no_memory();
	rv = expand(&c->options, &words);
	if (rv == 0)
		rv = look_ahead(c);
	for (i = c->options.first; i != NULL && rv == 0; i = i->next)
		rv = apply(c, i->id, i->value);
	option_blot(&c->options, OPT_USER);
	if (rv == 0 && c->limit[TUNNEL_LIMIT_MEMORY] > 0 &&
	    c->limit[TUNNEL_LIMIT_MEMORY] < 2 * c->limit[TUNNEL_LIMIT_BUFFER])
		rv = option_misuse("--memory is less than one tunnel's two "
		    "--buffer", "");
	return rv;
}

int
config_read(struct config *c, int argc, char **argv)
{
	int rv;

	begin(c);
	option_begin(&words);
	rv = option_line(&words, argc, argv);
	if (rv == 0)
		rv = build(c);
	if (rv == 0 && c->quiet)
		say_nothing();
	return rv;
}

void
config_blot(struct config *c)
{
	option_blot(&c->options, OPT_UPSTREAM);
	option_blot(&words, OPT_UPSTREAM);
}

void
config_forget(void)
{
	option_free(&words);
}

int
config_again(struct config *fresh)
{
	return build(fresh);
}
