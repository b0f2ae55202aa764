/* common_exempt.c - which targets need no proxy
 *
 * A list like those in no_proxy: an entry stands for itself and for what is
 * below it, with or without a dot in front; addresses, blocks of them and "*"
 * serve as well.
 */
#include "common_exempt.h"

#include <stdio.h>
#include <string.h>

#include <tunnel.h>

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

/* "*" is looked at here, since to a policy it does not mean special
 * addresses. */
const char *
exempt_find(const char *host, unsigned port, const char *list, size_t *n)
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
