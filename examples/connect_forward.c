/* connect_forward.c - listen, and connect everybody who comes
 *
 * A proxy of the library whose clients speak no HTTP: a listener has a fixed
 * target (-L), or its clients name theirs by SOCKS (-D).  Whether it needs the
 * proxy is looked at for each.
 */
#include "connect_forward.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common_net.h"
#include "common_secret.h"
#include "connect_brood.h"
#include "connect_environment.h"
#include "connect_login.h"
#include "connect_report.h"
#include "connect_way.h"

enum { URL_MAX = 4000 };

struct forwarder {
	struct config *c;
	struct tunnel_proxy *proxy;
	struct brood *brood;            /* NULL: the first proxy is dialled */
	int over;                       /* we end, and so do all sessions */
};

static struct tunnel_loop *loop;

/* What a URL may hold as it is (RFC 3986, section 2.3). */
static int
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
}

static void
add_encoded(char *url, size_t cap, const char *text)
{
	size_t n = strlen(url);

	for (; *text != '\0' && n + 4 < cap; text++) {
		if (is_unreserved((unsigned char)*text))
			(void)snprintf(url + n, cap - n, "%c", *text);
		else
			(void)snprintf(url + n, cap - n, "%%%02X",
			    (unsigned char)*text);
		n += strlen(url + n);
	}
}

/* One of the proxies as a URL again, which the library takes.  How the first is
 * reached is not its affair. */
static int
add_proxy(const struct config *c, struct hop *h, struct tunnel_proxy *p)
{
	char url[URL_MAX] = "http://";
	size_t n;
	int rv;

	if (h->user != NULL) {
		add_encoded(url, sizeof url - sizeof h->where - 4, h->user);
		if (h->password != NULL) {
			(void)strcat(url, ":");
			add_encoded(url, sizeof url - sizeof h->where - 2,
			    h->password);
		}
		(void)strcat(url, "@");
	}
	n = strlen(url);
	(void)snprintf(url + n, sizeof url - n, "%s", h->unnamed ?
	    "proxy-command.invalid" : h->where);
	rv = tunnel_proxy_via(p, url);
	secret_wipe(url, sizeof url);
	if (rv == 0 && c->negotiate)
		rv = tunnel_proxy_token(p, GSS_SCHEME, gss_token, &h->service);
	if (rv == 0 && c->auth != NULL)
		rv = tunnel_proxy_schemes(p, c->auth);
	return rv;
}

static int
add_fields(const struct config *c, struct tunnel_proxy *p)
{
	const char *value;
	char name[300];
	int i, rv = 0;
	size_t n;

	for (i = 0; i < c->fields_n && rv == 0; i++) {
		n = strcspn(c->fields[i], ":");
		(void)snprintf(name, sizeof name, "%.*s", (int)n,
		    c->fields[i]);
		value = c->fields[i] + n + 1;
		value += strspn(value, " \t");
		rv = tunnel_proxy_field(p, name, value);
		if (rv == TUNNEL_EINVAL)
			config_say(c, "the field '%s' given with -H cannot be "
			    "sent", name);
	}
	return rv;
}

/* ---- hooks ---------------------------------------------------------- */

/* Does this one need no proxy, and why? */
static int
is_exempt(const struct config *c, const struct tunnel_session *s, char *why,
    size_t cap)
{
	const char *target = tunnel_session_target(s);
	char host[TUNNEL_HOST_MAX];
	unsigned port;

	return c->hops_n > 0 && tunnel_authority_parse(target, strlen(target),
	    host, sizeof host, &port) == 0 &&
	    environment_exempt(host, port, why, cap);
}

/* With -D each target is known only now. */
static int
on_request(void *ud, struct tunnel_session *s)
{
	const struct forwarder *f = ud;
	char why[300];

	if (!is_exempt(f->c, s, why, sizeof why))
		return 0;
	config_trace(f->c, "* %s: no proxy for %s: %s",
	    tunnel_session_client(s), tunnel_session_target(s), why);
	return tunnel_session_direct(s);
}

static int
on_dial(void *ud, struct tunnel_session *s)
{
	struct forwarder *f = ud;
	char why[300];

	return is_exempt(f->c, s, why, sizeof why) ? 0 :
	    brood_hatch(f->brood, s);
}

/* There is no tunnel: why. */
static void
complain(const struct config *c, const struct tunnel_session *s, int error)
{
	const char *report = tunnel_session_report(s);
	int status = tunnel_session_upstream_status(s);
	int hop = tunnel_session_upstream_hop(s);
	const char *to = hop >= 0 && hop + 1 < c->hops_n ? c->hops[hop].to :
	    tunnel_session_target(s);

	if (hop >= 0 && login_complain(c, &c->hops[hop],
	    tunnel_session_client(s), to, status, error))
		return;
	if (status != 0)
		config_say(c, "%s was not connected: the proxy %s refused a "
		    "tunnel to %s: %d; %s", tunnel_session_client(s),
		    c->hops[hop].name, to, status, report_advice(status));
	else if (hop >= 0)
		config_say(c, "%s was not connected: the proxy %s gave no "
		    "usable reply (%s) for %s: %s", tunnel_session_client(s),
		    c->hops[hop].name, tunnel_strerror(error), to,
		    report_hint(error));
	else
		config_say(c, "%s was not connected%s%s: %s%s%.*s",
		    tunnel_session_client(s), *to != '\0' ? " to " : "", to,
		    tunnel_strerror(error),
		    *report != '\0' ? ": " : "", (int)strcspn(report, "\n"),
		    report);
}

static int
on_close(void *ud, struct tunnel_session *s)
{
	struct forwarder *f = ud;
	const struct config *c = f->c;
	int error = tunnel_session_error(s);
	int said = f->brood != NULL && brood_leave(f->brood, s);

	if (tunnel_session_open(s))
		config_trace(c, "* %s: %llu bytes sent, %llu bytes received",
		    tunnel_session_client(s), (unsigned long long)
		    tunnel_session_bytes(s, TUNNEL_AB), (unsigned long long)
		    tunnel_session_bytes(s, TUNNEL_BA));
	else if (!said && !f->over && error < 0 && (error != TUNNEL_EEOF ||
	    tunnel_session_upstream_hop(s) >= 0))
		complain(c, s, error);
	return 0;
}

/* ---- setting up ----------------------------------------------------- */

/* Where targets are not reached directly: through whom. */
static int
set_proxies(struct forwarder *f, struct tunnel_proxy *p)
{
	int i, rv = 0;

	for (i = 0; i < f->c->hops_n && rv == 0; i++)
		rv = add_proxy(f->c, &f->c->hops[i], p);
	if (rv == 0 && i > 0)
		rv = add_fields(f->c, p);
	if (f->brood != NULL)
		(void)tunnel_proxy_hook(p, TUNNEL_ON_DIAL, on_dial, f);
	return rv;
}

/* Whoever can come in may go anywhere, as with the proxy itself. */
static int
allow_all(struct tunnel_proxy *p)
{
	static const char *const all[] = { "*", "0.0.0.0/0", "[::/0]" };
	struct tunnel_policy *policy = tunnel_policy_new(NULL);
	int rv = policy != NULL ? 0 : TUNNEL_ENOMEM;
	size_t i;

	for (i = 0; i < sizeof all / sizeof all[0] && rv == 0; i++)
		rv = tunnel_policy_allow(policy, all[i]);
	if (rv == 0)
		rv = tunnel_proxy_policy(p, policy);
	if (rv < 0)
		tunnel_policy_free(policy);
	return rv;
}

/* All of -L, then all of -D; how many those are. */
static int
listen_all(const struct config *c, struct tunnel_proxy *p, int *socks)
{
	const struct forward *f;
	int i, dynamic, rv = 0;

	*socks = 0;
	for (dynamic = 0; dynamic < 2; dynamic++)
		for (i = 0; i < c->forwards_n && rv == 0; i++) {
			f = &c->forwards[i];
			if ((f->port == 0) != dynamic)
				continue;
			*socks += dynamic;
			rv = dynamic ? tunnel_proxy_socks(p, f->where) :
			    tunnel_proxy_forward(p, f->where, f->host,
			    f->port);
			if (rv < 0)
				config_say(c, "%s: cannot listen on '%s': "
				    "write [BIND:]PORT with an address as BIND",
				    dynamic ? "-D" : "-L", f->where);
		}
	return rv;
}

static int
prepare(struct forwarder *f, struct tunnel_proxy *p, int *socks)
{
	struct config *c = f->c;
	int rv = allow_all(p);

	(void)tunnel_proxy_hook(p, TUNNEL_ON_REQUEST, on_request, f);
	(void)tunnel_proxy_hook(p, TUNNEL_ON_CLOSE, on_close, f);
	if (c->keepalive >= 0)
		(void)tunnel_proxy_keepalive(p, (unsigned)c->keepalive);
	(void)tunnel_proxy_time(p, TUNNEL_TIME_DIAL, c->connect_ms);
	(void)tunnel_proxy_time(p, TUNNEL_TIME_IDLE, c->idle_ms);
	(void)tunnel_proxy_family(p, c->family);
	if (rv == 0)
		rv = set_proxies(f, p);
	if (rv == 0)
		rv = listen_all(c, p, socks);
	return rv == 0 ? 0 : rv == TUNNEL_ENOMEM ? EXIT_IO : EXIT_USAGE;
}

static int
start(struct forwarder *f)
{
	int socks, status = prepare(f, f->proxy, &socks);

	if (status == 0 && tunnel_proxy_start(f->proxy) < 0) {
		config_say(f->c, "%s", tunnel_proxy_reason(f->proxy));
		status = EXIT_IO;
	}
	if (status == 0)
		net_announce(f->proxy, socks);
	return status;
}

static void
on_signal(int sig)
{
	(void)sig;
	tunnel_loop_stop(loop);
}

static void
listen_to_signals(void)
{
	struct sigaction act, old;

	memset(&act, 0, sizeof act);
	act.sa_handler = on_signal;
	/* What was ignored when we came stays so. */
	if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		(void)sigaction(SIGINT, &act, NULL);
	if (sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		(void)sigaction(SIGHUP, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
}

static int
make(struct forwarder *f)
{
	loop = tunnel_loop_new(NULL, NULL);
	if (loop == NULL)
		return 0;
	f->proxy = tunnel_proxy_new(NULL, loop);
	if (way_is_helped(f->c))
		f->brood = brood_new(f->c, loop);
	return f->proxy != NULL && (!way_is_helped(f->c) || f->brood != NULL);
}

int
forward(struct config *c)
{
	struct forwarder f = { NULL, NULL, NULL, 0 };
	int status = 0;

	f.c = c;
	if (!make(&f))
		status = config_no_memory(c);
	if (status == 0)
		status = start(&f);
	config_forget(c);
	if (status == 0) {
		listen_to_signals();
		if (tunnel_loop_run(loop) < 0)
			status = EXIT_IO;
	}
	f.over = 1;
	tunnel_proxy_free(f.proxy);
	brood_free(f.brood);
	tunnel_loop_free(loop);
	return status;
}
