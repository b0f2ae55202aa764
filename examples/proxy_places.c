/* proxy_places.c - where tunnel-proxy listens
 *
 * Who logs in upstream for others is careful whom that is: without a word on
 * who may come in, only this machine.
 */
#include "proxy_places.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy_say.h"
#include "proxy_system.h"

/* ---- loopback ------------------------------------------------------- */

static int
is_loopback4(const void *addr)
{
	return *(const unsigned char *)addr == 127;
}

static int
is_loopback6(const struct in6_addr *addr)
{
	return IN6_IS_ADDR_LOOPBACK(addr) || (IN6_IS_ADDR_V4MAPPED(addr) &&
	    is_loopback4(addr->s6_addr + 12));
}

/* A socket that somebody else has opened; what is none will be told later. */
static int
is_inner_socket(int fd)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;
	const void *p = &sa;

	memset(&sa, 0, sizeof sa);
	if (getsockname(fd, (struct sockaddr *)(void *)&sa, &n) < 0)
		return 1;
	switch (sa.ss_family) {
	case AF_INET:
		return is_loopback4(
		    &((const struct sockaddr_in *)p)->sin_addr);
	case AF_INET6:
		return is_loopback6(
		    &((const struct sockaddr_in6 *)p)->sin6_addr);
	}
	return sa.ss_family == AF_UNIX;
}

/* Can only this machine reach it? */
static int
is_inner(const char *where)
{
	const char *colon = strrchr(where, ':');
	char host[80];
	struct in6_addr six;
	struct in_addr four;
	size_t n = colon != NULL ? (size_t)(colon - where) : 0;

	if (strncmp(where, "unix:", 5) == 0)
		return 1;
	if (strncmp(where, "fd:", 3) == 0)
		return is_inner_socket((int)strtol(where + 3, NULL, 10));
	if (n > 2 && *where == '[') {
		where++;
		n -= 2;
	}
	if (n >= sizeof host)
		return 0;
	memcpy(host, where, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, &four) == 1)
		return is_loopback4(&four);
	return strcmp(host, "localhost") == 0 ||
	    (inet_pton(AF_INET6, host, &six) == 1 && is_loopback6(&six));
}

static int
says_who(const struct config *c)
{
	const struct option *i;

	for (i = c->options.first; i != NULL; i = i->next)
		if (i->id == OPT_ALLOW_CLIENT || i->id == OPT_DENY_CLIENT ||
		    i->id == OPT_USER || i->id == OPT_AUTH_FILE)
			return 1;
	return 0;
}

/* The first place that other machines reach, and the option that it is of; text
 * has room for it.  NULL: there is none. */
static const char *
outer(const struct config *c, const char **option, char *text, size_t cap)
{
	int i;

	*option = "LISTEN_FDS";
	for (i = 0; i < c->inherited; i++) {
		(void)snprintf(text, cap, "fd:%d", 3 + i);
		if (!is_inner(text))
			return text;
	}
	*option = "--listen";
	for (i = 0; i < c->listen_n; i++)
		if (!is_inner(c->listen[i]))
			return c->listen[i];
	*option = "--socks";
	for (i = 0; i < c->socks_n; i++)
		if (!is_inner(c->socks[i]))
			return c->socks[i];
	return NULL;
}

int
places_guarded(const struct config *places, const struct config *who)
{
	const char *option, *where;
	char text[16];

	where = says_who(who) ? NULL :
	    outer(places, &option, text, sizeof text);
	if (where == NULL)
		return 0;
	say("%s %s: whoever reaches that would use the login of --upstream; "
	    "say with --allow-client, --user or --auth-file who may, or listen "
	    "on 127.0.0.1", option, where);
	return 2;
}

int
places_are_inner(const struct config *c)
{
	const char *option;
	char text[16];

	return outer(c, &option, text, sizeof text) == NULL;
}

/* ---- listening ------------------------------------------------------ */

static int
check(int rv, const char *option, const char *where)
{
	if (rv == TUNNEL_ENOMEM)
		return option_no_memory();
	if (rv >= 0)
		return 0;
	say("%s takes ADDR:PORT, unix:PATH or fd:N, not '%s'; see tunnel-proxy "
	    "--help", option, where);
	return 2;
}

int
places_set(struct tunnel_proxy *p, struct config *c)
{
	char text[16];
	int i, rv = 0;

	c->inherited = system_sockets();
	if (c->listen_n == 0 && c->socks_n == 0 && c->inherited == 0)
		c->listen[c->listen_n++] = "127.0.0.1:3128";
	for (i = 0; i < c->inherited && rv == 0; i++) {
		(void)snprintf(text, sizeof text, "fd:%d", 3 + i);
		if (config_is_socks(c, text))
			continue;
		rv = check(tunnel_proxy_listen(p, text), "LISTEN_FDS", text);
	}
	for (i = 0; i < c->listen_n && rv == 0; i++)
		rv = check(tunnel_proxy_listen(p, c->listen[i]), "--listen",
		    c->listen[i]);
	for (i = 0; i < c->socks_n && rv == 0; i++)
		rv = check(tunnel_proxy_socks(p, c->socks[i]), "--socks",
		    c->socks[i]);
	return rv;
}
