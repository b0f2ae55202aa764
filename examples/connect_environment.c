/* connect_environment.c - proxies and exemptions that the environment names
 *
 * As curl reads it: https_proxy, HTTPS_PROXY, all_proxy and ALL_PROXY name a
 * proxy, the first that is not empty, and no_proxy or NO_PROXY the targets that
 * need none, not even the one given with -x.
 */
#include "connect_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_exempt.h"
#include "connect_doctor.h"
#include "connect_hop.h"

static const char *const proxies[] = {
	"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL
};
static const char *const exempts[] = { "no_proxy", "NO_PROXY", NULL };

/* The first variable of these that is set and not empty, and its name. */
static char *
variable(const char *const *names, const char **name)
{
	char *value;

	for (; *names != NULL; names++) {
		value = getenv(*names);
		if (value != NULL && *value != '\0') {
			*name = *names;
			return value;
		}
	}
	return NULL;
}

int
environment_exempt(const char *host, unsigned port, char *why, size_t cap)
{
	const char *name, *value = variable(exempts, &name), *entry = NULL;
	size_t n;

	if (value != NULL)
		entry = exempt_find(host, port, value, &n);
	if (entry != NULL)
		(void)snprintf(why, cap, "%s has '%.*s'", name,
		    n > 255 ? 255 : (int)n, entry);
	return entry != NULL;
}

int
environment_read(struct config *c)
{
	const char *name;
	char *value;

	/* With -L each target is looked at by itself. */
	if (c->forwards_n == 0 &&
	    environment_exempt(c->host, c->port, c->why, sizeof c->why)) {
		c->exempt = 1;
		hop_forget(c);
		return 0;
	}
	if (c->hops_n > 0)
		return 0;
	value = variable(proxies, &name);
	if (value != NULL)
		return hop_add(c, value, name);
	(void)snprintf(c->why, sizeof c->why, "none is set");
	return 0;
}

void
environment_remark(const struct config *c)
{
	static const char *const plain[] = { "http_proxy", "HTTP_PROXY", NULL };
	const char *name;

	if (c->exempt)
		doctor_step(c, STEP_HINT, "proxy", "such an entry counts for "
		    "more than -x and the variables that name a proxy");
	if (c->hops_n > 0 && variable(exempts, &name) != NULL)
		doctor_step(c, STEP_HINT, "proxy", "%s is set, and has no "
		    "entry for %s", name, c->host);
	if (c->hops_n > 0 && variable(proxies, &name) != NULL &&
	    strcmp(c->why + strlen("from "), name) != 0)
		doctor_step(c, STEP_HINT, "proxy", "%s is set, but the command "
		    "line comes first", name);
	if (c->hops_n == 0 && !c->exempt && variable(plain, &name) != NULL)
		doctor_step(c, STEP_HINT, "proxy", "%s is set, but is not for "
		    "tunnels: name the proxy in https_proxy, or with -x", name);
}
