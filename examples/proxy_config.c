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

	if (!config_count(value, 0, &n) || n > 256)
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
	case OPT_EXTENSION:
		c->extension = value;
		break;
	case OPT_NO_SANDBOX:
		c->no_sandbox = 1;
		break;
	case OPT_CHECK:
		c->check = 1;
		break;
	case OPT_FORWARD:
		c->forward = 1;
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

	if (config_number(c, id, value, &rv))
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
		return config_seconds(&c->drain_ms, value);
	case OPT_REST:
		return config_seconds(&c->rest_ms, value);
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
			(void)fputs(option_usage_rest, stdout);
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
		if (copy->value == NULL) {
			free(copy);
			return option_no_memory();
		}
		*to->last = copy;
		to->last = &copy->next;
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
	c->time[TUNNEL_TIME_REPLY] = 300000;
	c->drain_ms = 30000;
	c->rest_ms = 300000;
}

int
config_has_rule(const struct config *c)
{
	const struct option *i = c->options.first;

	while (i != NULL && i->id != OPT_ALLOW && i->id != OPT_DENY)
		i = i->next;
	return i != NULL;
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
	/* What is the default for tunnels, and the web. */
	if (rv == 0 && c->forward && !config_has_rule(c))
		rv = config_rule(c, OPT_ALLOW, "*:22,80,443");
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

const struct options *
config_words(void)
{
	return &words;
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
