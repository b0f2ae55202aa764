/* proxy_upstream.c - the proxies behind tunnel-proxy, for clients without a
 * login there
 *
 *      request hook   a target that needs no proxy: directly, and none of what
 *                     follows matters
 *      dial hook      may credentials be sent now (trial)?  then the session
 *                     gets them (login)
 *      fail hook      rejected or missing: the client is told, not only that
 *                     there is no tunnel
 */
#include "proxy_upstream.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common_auth.h"
#include "common_exempt.h"
#include "common_gss.h"
#include "proxy_extension.h"
#include "proxy_login.h"
#include "proxy_negotiate.h"
#include "proxy_say.h"
#include "proxy_trial.h"

enum { ORDER_MAX = 64 };

static const char resting[] = "The proxy behind this one has rejected the "
    "credentials that it logs in with.\nThey are not sent again for a while, "
    "so that the account is not locked; the\nmessages of tunnel-proxy say more."
    "\n";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *exempt;                    /* targets that need no proxy */
static unsigned told;                   /* what was said once */
static int negotiates;
static char direct;                     /* marks a session that is */

/* ---- which targets need none ---------------------------------------- */

static int
is_exempt(const char *target)
{
	char host[TUNNEL_HOST_MAX];
	unsigned port;
	size_t n;
	int rv;

	if (tunnel_authority_parse(target, strlen(target), host, sizeof host,
	    &port) < 0)
		return 0;
	(void)pthread_mutex_lock(&lock);
	rv = exempt != NULL && exempt_find(host, port, exempt, &n) != NULL;
	(void)pthread_mutex_unlock(&lock);
	return rv;
}

static int
on_request(void *ud, struct tunnel_session *s)
{
	(void)ud;
	if (!is_exempt(tunnel_session_target(s)))
		return 0;
	tunnel_session_set(s, &direct);
	return tunnel_session_direct(s);
}

/* All the lists as one. */
static int
adopt_exempt(const struct config *c)
{
	size_t n = 1;
	char *all, *old;
	int i;

	for (i = 0; i < c->exempt_n; i++)
		n += strlen(c->exempt[i]) + 1;
	all = malloc(n);
	if (all == NULL)
		return option_no_memory();
	*all = '\0';
	for (i = 0; i < c->exempt_n; i++) {
		(void)strcat(all, c->exempt[i]);
		(void)strcat(all, ",");
	}
	(void)pthread_mutex_lock(&lock);
	old = exempt;
	exempt = all;
	(void)pthread_mutex_unlock(&lock);
	free(old);
	return 0;
}

/* ---- logging in ----------------------------------------------------- */

/* Say no in words; a client of SOCKS has no ear for them. */
static int
reply(struct tunnel_session *s, const char *text, int otherwise)
{
	return tunnel_session_reply(s, 502, "text/plain", text,
	    strlen(text)) == 0 ? TUNNEL_DONE : otherwise;
}

static int
go(struct tunnel_session *s, int may)
{
	return may ? login_give(s) : reply(s, resting, TUNNEL_EREFUSED);
}

static int
on_dial(void *ud, struct tunnel_session *s)
{
	(void)ud;
	return tunnel_session_get(s) == &direct || !login_any() ? 0 :
	    trial_ask(s, go);
}

static int
on_open(void *ud, struct tunnel_session *s)
{
	(void)ud;
	if (tunnel_session_get(s) != &direct)
		trial_opened(s);
	return 0;
}

void
upstream_closed(struct tunnel_session *s)
{
	if (tunnel_session_get(s) != &direct)
		trial_closed(s);
}

/* ---- there is no tunnel --------------------------------------------- */

static int
rejected(struct tunnel_session *s, int hop, const char *scheme)
{
	unsigned long long ms;
	char user[300];

	login_user(hop, user, sizeof user);
	if (trial_rejected(s, &ms))
		say("the proxy %s rejected the credentials of '%s' (%d, %s): "
		    "they are not sent again for %g s, so that the account is "
		    "not locked; correct them and send SIGHUP",
		    login_where(hop), user, tunnel_session_upstream_status(s),
		    scheme, (double)ms / 1000);
	return reply(s, resting, 0);
}

/* What can be put right only here is said here, once. */
static int
tell(struct tunnel_session *s, unsigned kind, const char *where,
    const char *what)
{
	char text[TUNNEL_HOST_MAX + 400];
	int news;

	(void)pthread_mutex_lock(&lock);
	news = !(told & 1U << kind);
	told |= 1U << kind;
	(void)pthread_mutex_unlock(&lock);
	(void)snprintf(text, sizeof text, "the proxy %s %s\n", where, what);
	if (news)
		say("the proxy %s %s", where, what);
	return reply(s, text, 0);
}

static int
not_logged_in(struct tunnel_session *s, int error, int hop)
{
	const char *scheme = tunnel_session_upstream_scheme(s);
	const char *where = login_where(hop);

	if (error == TUNNEL_ECUT)
		return tell(s, 0, where, "closes the connection that its "
		    "login needs: ask its administrator for keep-alive, or for "
		    "another scheme");
	if (strcasecmp(scheme, GSS_SCHEME) == 0)
		return tell(s, 1, where, "got no " GSS_SCHEME " ticket that "
		    "it takes: klist shows what there is");
	if (login_known(hop) || negotiates)
		return tell(s, 2, where, "wants credentials of a kind that is "
		    "not supported, or not in --upstream-auth");
	return tell(s, 3, where, "wants credentials: name a file of them with "
	    "--upstream-credentials");
}

static int
on_fail(void *ud, struct tunnel_session *s)
{
	int error = tunnel_session_error(s);
	int status = tunnel_session_upstream_status(s);
	int hop = tunnel_session_upstream_hop(s);
	const char *scheme = tunnel_session_upstream_scheme(s);

	(void)ud;
	if (tunnel_session_get(s) == &direct)
		return 0;
	/* A 401 is tinyproxy's word for it. */
	if (hop >= 0 && (status == 407 || status == 401) && *scheme != '\0' &&
	    strcasecmp(scheme, GSS_SCHEME) != 0 &&
	    (error == TUNNEL_EAUTH || error == TUNNEL_EOFFER))
		return rejected(s, hop, scheme);
	trial_failed(s);
	return hop >= 0 && (error == TUNNEL_EAUTH || error == TUNNEL_EOFFER ||
	    error == TUNNEL_ECUT) ? not_logged_in(s, error, hop) : 0;
}

/* ---- setting up ----------------------------------------------------- */

/* How to log in at the proxy that was named last. */
static int
set_auth(struct tunnel_proxy *p, int hop, const char *list)
{
	char order[ORDER_MAX];
	int rv = TUNNEL_EINVAL, negotiate = 0;

	/* All that we have something for: without a user that is a ticket. */
	if (strcmp(list, "any") == 0)
		list = login_known(hop) ? "digest,ntlm,basic" : "negotiate";
	if (strlen(list) < sizeof order) {
		(void)strcpy(order, list);
		rv = auth_read(order, &negotiate);
	}
	if (rv == 0 && negotiate)
		rv = negotiate_upstream(p, login_host(hop));
	if (rv == 0)
		rv = tunnel_proxy_schemes(p, order);
	negotiates |= negotiate;
	if (rv == TUNNEL_ENOMEM)
		return option_no_memory();
	return rv == 0 ? 0 : option_misuse("--upstream-auth takes any, or "
	    "negotiate, digest, ntlm and basic with commas between, not ",
	    list);
}

static int
set_proxies(struct tunnel_proxy *p, const struct config *c)
{
	int i, rv = 0;

	for (i = 0; i < c->upstream_n && rv == 0; i++) {
		if (tunnel_proxy_via(p, c->upstream[i]) < 0)
			rv = option_no_memory();
		else if (c->auth != NULL)
			rv = set_auth(p, i, c->auth);
	}
	return rv;
}

int
upstream_set(struct tunnel_proxy *p, const struct config *c)
{
	int i, rv = 0;

	if (c->upstream_n == 0)
		return c->credentials == NULL && c->auth == NULL &&
		    c->exempt_n == 0 ? 0 : option_misuse("--no-proxy and "
		    "--upstream-... need an --upstream", "");
	for (i = 0; i < c->upstream_n && rv == 0; i++)
		rv = login_add(c->upstream[i]);
	if (rv == 0)
		rv = login_read(c->credentials);
	if (rv == 0)
		rv = adopt_exempt(c);
	if (rv == 0)
		rv = set_proxies(p, c);
	if (rv != 0)
		return rv;
	trial_longest(c->rest_ms);
	extension_hook(p, TUNNEL_ON_REQUEST, on_request, NULL);
	extension_hook(p, TUNNEL_ON_DIAL, on_dial, NULL);
	extension_hook(p, TUNNEL_ON_FAIL, on_fail, NULL);
	extension_hook(p, TUNNEL_ON_OPEN, on_open, NULL);
	return 0;
}

int
upstream_again(const struct config *fresh)
{
	int rv = login_read(fresh->credentials);

	if (rv == 0)
		rv = adopt_exempt(fresh);
	if (rv != 0)
		return rv;
	trial_afresh();
	(void)pthread_mutex_lock(&lock);
	told = 0;
	(void)pthread_mutex_unlock(&lock);
	return 0;
}

int
upstream_logs_in(void)
{
	return negotiates || login_any();
}

int
upstream_takes_tickets(void)
{
	return negotiates;
}

void
upstream_tell(const struct config *c)
{
	char user[300];
	int i;

	for (i = 0; i < c->upstream_n; i++) {
		login_user(i, user, sizeof user);
		(void)printf("upstream %s, %s%s\n", login_where(i),
		    *user != '\0' ? "as " : negotiates ? "with a ticket" :
		    "no login", user);
	}
	if (c->upstream_n == 0) {
		(void)printf("upstream none\n");
		return;
	}
	(void)printf("upstream-auth %s\n", c->auth != NULL ? c->auth :
	    "digest,ntlm,basic");
	(void)printf("upstream-rest %llu ms\n", c->rest_ms);
	for (i = 0; i < c->exempt_n; i++)
		(void)printf("no-proxy %s\n", c->exempt[i]);
}

void
upstream_end(void)
{
	trial_end();
	login_forget();
	free(exempt);
	exempt = NULL;
}
