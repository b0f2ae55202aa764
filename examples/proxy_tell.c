/* proxy_tell.c - --check: what tunnel-proxy would do */
#include <stdio.h>
#include <string.h>

#include "proxy_config.h"
#include "proxy_upstream.h"

static void
tell_rules(const struct config *c)
{
	const struct option *i;
	int clients = 0;

	for (i = c->options.first; i != NULL; i = i->next) {
		if (i->id == OPT_ALLOW || i->id == OPT_DENY) {
			(void)printf("%s %s\n", i->id == OPT_ALLOW ?
			    "allow" : "deny", i->value);
		} else if (i->id == OPT_ALLOW_CLIENT ||
		    i->id == OPT_DENY_CLIENT) {
			(void)printf("%s %s\n", i->id == OPT_ALLOW_CLIENT ?
			    "allow-client" : "deny-client", i->value);
			clients++;
		}
	}
	(void)printf("%s\n", config_has_rule(c) ? "deny all other targets" :
	    c->forward ? "allow ports 22, 80 and 443 of public addresses" :
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
		"linger-timeout", "stall-timeout", "lifetime",
		"reply-timeout"
	};
	int i;

	for (i = 0; i < LIMITS; i++)
		tell_number(limits[i], c->limit[i], "");
	for (i = 0; i < TIMES; i++)
		tell_number(times[i], c->time[i], " ms");
	tell_number("drain", c->drain_ms, " ms");
}

static void
tell_text(const char *name, const char *text)
{
	(void)printf("%s %s\n", name, text != NULL ? text : "none");
}

static void
tell_places(const struct config *c)
{
	static const char *const send[] = { "no", "v1", "v2" };
	char text[16];
	int i;

	for (i = 0; i < c->inherited; i++) {
		(void)snprintf(text, sizeof text, "fd:%d", 3 + i);
		if (!config_is_socks(c, text))
			(void)printf("listen %s (inherited)\n", text);
	}
	for (i = 0; i < c->listen_n; i++)
		tell_text("listen", c->listen[i]);
	for (i = 0; i < c->socks_n; i++)
		tell_text("socks", c->socks[i]);
	if (c->forward)
		(void)printf("forward yes\n");
	upstream_tell(c);
	(void)printf("bind %s\n", c->bind != NULL ? c->bind : "any address");
	(void)printf("dial %s\n", c->family == 4 ? "IPv4 only" :
	    c->family == 6 ? "IPv6 only" : "IPv4 and IPv6");
	(void)printf("proxy-protocol accept %s, send %s\n",
	    c->accept_preface ? "yes" : "no", send[c->send_preface]);
	if (c->threads > 0)
		(void)printf("threads %u\n", c->threads);
	else
		(void)printf("threads one for each processor\n");
}

void
config_tell(const struct config *c, const struct tunnel_users *users)
{
	tell_places(c);
	tell_rules(c);
	if (users != NULL)
		(void)printf("users %lu, realm %s\n",
		    (unsigned long)tunnel_users_count(users), c->realm);
	else
		(void)printf("users none: no authentication\n");
	tell_numbers(c);
	tell_text("status", c->status);
	tell_text("access-log", c->access_log);
	tell_text("log-format", c->json ? "json" : "text");
	tell_text("user-switch", c->become);
	tell_text("chroot", c->chroot);
	tell_text("sandbox", c->no_sandbox ? "no" : "yes");
	if (c->extension != NULL)
		tell_text("extension", c->extension);
}
