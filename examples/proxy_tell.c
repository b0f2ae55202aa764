/* proxy_tell.c - --check: what tunnel-proxy would do */
#include <stdio.h>

#include "proxy_config.h"

static void
tell_rules(const struct config *c)
{
	const struct option *i;
	int targets = 0, clients = 0;

	for (i = c->options.first; i != NULL; i = i->next) {
		if (i->id == OPT_ALLOW || i->id == OPT_DENY) {
			(void)printf("%s %s\n", i->id == OPT_ALLOW ?
			    "allow" : "deny", i->value);
			targets++;
		} else if (i->id == OPT_ALLOW_CLIENT ||
		    i->id == OPT_DENY_CLIENT) {
			(void)printf("%s %s\n", i->id == OPT_ALLOW_CLIENT ?
			    "allow-client" : "deny-client", i->value);
			clients++;
		}
	}
	(void)printf("%s\n", targets > 0 ? "deny all other targets" :
	    "allow ports 22 and 443 of public addresses");
	(void)printf("%s\n", clients > 0 ? "deny all other clients" :
	    "allow all clients");
}

static void
tell_number(const char *name, unsigned long long n, const char *unit)
{
	if (n > 0)
		(void)printf("%s %llu%s\n", name, n, unit);
	else
		(void)printf("%s none\n", name);
}

static void
tell_numbers(const struct config *c)
{
	static const char *const limits[] = {
		"max-tunnels", "max-per-client", "max-handshakes", "max-head",
		"buffer", "memory", "accept-rate"
	};
	static const char *const times[] = {
		"handshake-timeout", "dial-timeout", "idle-timeout",
		"linger-timeout", "stall-timeout", "lifetime"
	};
	int i;

	for (i = 0; i < LIMITS; i++)
		tell_number(limits[i], c->limit[i], "");
	for (i = 0; i < TIMES; i++)
		tell_number(times[i], c->time[i], " ms");
	tell_number("drain", c->drain_ms, " ms");
}

void
config_tell(const struct config *c, const struct tunnel_users *users)
{
	int i;

	for (i = 0; i < c->listen_n; i++)
		(void)printf("listen %s\n", c->listen[i]);
	(void)printf("upstream proxies %d\n", c->upstream_n);
	tell_rules(c);
	if (users != NULL)
		(void)printf("users %lu, realm %s\n",
		    (unsigned long)tunnel_users_count(users), c->realm);
	else
		(void)printf("users none: no authentication\n");
	tell_numbers(c);
	(void)printf("status %s\n", c->status != NULL ? c->status : "none");
	(void)printf("access-log %s\n",
	    c->access_log != NULL ? c->access_log : "none");
}
