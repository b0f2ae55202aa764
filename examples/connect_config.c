/* connect_config.c - what tunnel-connect was asked to do
 *
 * Secrets in the arguments and in the environment are copied and then
 * overwritten there, before anything else is done, so that ps(1) does not show
 * them for long.
 */
#include "connect_config.h"

#include <string.h>
#include <strings.h>

#include "common_opt.h"
#include "common_secret.h"
#include "connect_credentials.h"
#include "connect_environment.h"
#include "connect_hop.h"
#include "connect_option.h"
#include "connect_target.h"
#include "connect_way.h"

int
config_misuse(const struct config *c, const char *what, const char *word)
{
	config_say(c, "%s%s; see tunnel-connect --help", what, word);
	return EXIT_USAGE;
}

int
config_no_memory(const struct config *c)
{
	config_say(c, "%s", tunnel_strerror(TUNNEL_ENOMEM));
	return EXIT_IO;
}

int
config_gave(const struct config *c, const char *name, size_t n)
{
	int i;

	for (i = 0; i < c->fields_n; i++)
		if (strcspn(c->fields[i], ":") == n &&
		    strncasecmp(c->fields[i], name, n) == 0)
			return 1;
	return 0;
}

/* How many proxies may have credentials: the first also before it is named,
 * by -u. */
static int
hops_touched(const struct config *c)
{
	return c->hops_n > 0 ? c->hops_n : 1;
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
	for (i = 0; i < hops_touched(c); i++)
		secret_drop(&c->hops[i].password);
}

void
config_free(struct config *c)
{
	int i;

	while (c->fields_n > 0)
		secret_drop(&c->fields[--c->fields_n]);
	for (i = 0; i < hops_touched(c); i++) {
		secret_drop(&c->hops[i].password);
		secret_drop(&c->hops[i].user);
	}
}

int
config_read(struct config *c, int argc, char **argv, int *stop)
{
	struct opt_line l;
	int id, rv = 0;

	c->connect_ms = 30000;
	c->linger_ms = 1000;
	c->keepalive = -1;
	*stop = 0;
	opt_begin(&l, argc, argv);
	while (rv == 0 && (id = opt_next(&l, option_table)) != 0)
		rv = id < 0 ? config_misuse(c, l.error, "") :
		    option_apply(c, id, l.value);
	if (rv < 0) {
		*stop = 1;
		return 0;
	}
	if (rv == 0)
		rv = option_default(c);
	if (rv == 0)
		rv = target_set(c, l.operands, argv + 1);
	if (rv == 0)
		rv = environment_read(c);
	if (rv == 0)
		rv = hop_settle(c);
	if (rv == 0)
		rv = way_check(c);
	return rv == 0 ? credentials_find(c) : rv;
}
