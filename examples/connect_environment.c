/* connect_environment.c - proxies and exemptions that the environment names
 *
 * As curl reads it: https_proxy, HTTPS_PROXY, all_proxy and ALL_PROXY name a
 * proxy, the first that is not empty, and no_proxy or NO_PROXY the targets that
 * need none, not even the one given with -x.  An entry stands for itself and
 * for what is below it, with or without a dot in front; addresses, blocks of
 * them and "*" serve as well.
 */
#include "connect_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Does this entry of no_proxy mean the target? */
static int
covers(const char *host, unsigned port, const char *entry, size_t n)
{
	struct tunnel_policy *p;
	char rule[TUNNEL_HOST_MAX + 8];
	int rv;

	if (n > 0 && *entry == '.') {
		entry++;
		n--;
	}
	if (n == 0 || n > TUNNEL_HOST_MAX)
		return 0;
	p = tunnel_policy_new(NULL);
	if (p == NULL)
		return 0;
	/* Of these two, what is no rule is refused, and does no harm. */
	(void)snprintf(rule, sizeof rule, "*.%.*s", (int)n, entry);
	(void)tunnel_policy_allow(p, rule);
	(void)tunnel_policy_allow(p, rule + 2);
	/* Without any rule at all, a policy has a default of its own. */
	rv = tunnel_policy_deny(p, "*");
	if (rv == 0)
		rv = tunnel_policy_judge(p, host, NULL, 0, port);
	tunnel_policy_free(p);
	return rv == 0;
}

/* The entry that means the target, n bytes of it, or NULL.  "*" is looked at
 * here, since to a policy it does not mean special addresses. */
static const char *
exemption(const char *host, unsigned port, const char *list, size_t *n)
{
	for (list += strspn(list, ", \t"); *list != '\0';
	    list += strspn(list, ", \t")) {
		*n = strcspn(list, ", \t");
		if ((*n == 1 && *list == '*') || covers(host, port, list, *n))
			return list;
		list += *n;
	}
	return NULL;
}

int
environment_exempt(const char *host, unsigned port, char *why, size_t cap)
{
	const char *name, *value = variable(exempts, &name), *entry = NULL;
	size_t n;

	if (value != NULL)
		entry = exemption(host, port, value, &n);
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
