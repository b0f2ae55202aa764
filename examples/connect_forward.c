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

enum { URL_MAX = 4000 };

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

/* The proxy as a URL again, which the library takes. */
static int
set_proxy(const struct config *c, struct tunnel_proxy *p)
{
	char url[URL_MAX] = "http://";
	size_t n;
	int rv;

	if (c->user != NULL) {
		add_encoded(url, sizeof url - sizeof c->proxy - 4, c->user);
		if (c->password != NULL) {
			(void)strcat(url, ":");
			add_encoded(url, sizeof url - sizeof c->proxy - 2,
			    c->password);
		}
		(void)strcat(url, "@");
	}
	n = strlen(url);
	(void)snprintf(url + n, sizeof url - n, "%s", c->proxy);
	rv = tunnel_proxy_via(p, url);
	secret_wipe(url, sizeof url);
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

/* Targets that need no proxy; with -D each is known only now. */
static int
on_request(void *ud, struct tunnel_session *s)
{
	const struct config *c = ud;
	const char *target = tunnel_session_target(s);
	char host[TUNNEL_HOST_MAX], why[300];
	unsigned port;

	if (c->proxy_port == 0 || tunnel_authority_parse(target, strlen(target),
	    host, sizeof host, &port) < 0 ||
	    !config_exempt(host, port, why, sizeof why))
		return 0;
	config_trace(c, "* %s: no proxy for %s: %s", tunnel_session_client(s),
	    target, why);
	return tunnel_session_direct(s);
}

static int
on_close(void *ud, struct tunnel_session *s)
{
	const struct config *c = ud;
	const char *report = tunnel_session_report(s);
	const char *target = tunnel_session_target(s);
	int error = tunnel_session_error(s);

	if (tunnel_session_open(s))
		config_trace(c, "* %s: %llu bytes sent, %llu bytes received",
		    tunnel_session_client(s), (unsigned long long)
		    tunnel_session_bytes(s, TUNNEL_AB), (unsigned long long)
		    tunnel_session_bytes(s, TUNNEL_BA));
	else if (error < 0 && error != TUNNEL_EEOF)
		config_say(c, "%s was not connected%s%s: %s%s%.*s",
		    tunnel_session_client(s), *target != '\0' ? " to " : "",
		    target, tunnel_strerror(error),
		    *report != '\0' ? ": " : "", (int)strcspn(report, "\n"),
		    report);
	return 0;
}

/* ---- setting up ----------------------------------------------------- */

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
prepare(struct config *c, struct tunnel_proxy *p, int *socks)
{
	int rv = allow_all(p);

	(void)tunnel_proxy_hook(p, TUNNEL_ON_REQUEST, on_request, c);
	(void)tunnel_proxy_hook(p, TUNNEL_ON_CLOSE, on_close, c);
	(void)tunnel_proxy_time(p, TUNNEL_TIME_DIAL, c->connect_ms);
	(void)tunnel_proxy_time(p, TUNNEL_TIME_IDLE, c->idle_ms);
	(void)tunnel_proxy_family(p, c->family);
	if (rv == 0 && c->proxy_port != 0)
		rv = set_proxy(c, p);
	if (rv == 0 && c->proxy_port != 0)
		rv = add_fields(c, p);
	if (rv == 0)
		rv = listen_all(c, p, socks);
	return rv == 0 ? 0 : rv == TUNNEL_ENOMEM ? EXIT_IO : EXIT_USAGE;
}

static int
start(struct config *c, struct tunnel_proxy *p)
{
	int socks, status = prepare(c, p, &socks);

	if (status == 0 && tunnel_proxy_start(p) < 0) {
		config_say(c, "%s", tunnel_proxy_reason(p));
		status = EXIT_IO;
	}
	if (status == 0)
		net_announce(p, socks);
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
	(void)sigaction(SIGTERM, &act, NULL);
}

int
forward(struct config *c)
{
	struct tunnel_proxy *p = NULL;
	int status = EXIT_IO;

	loop = tunnel_loop_new(NULL, NULL);
	if (loop != NULL)
		p = tunnel_proxy_new(NULL, loop);
	if (p == NULL)
		config_say(c, "%s", tunnel_strerror(TUNNEL_ENOMEM));
	else
		status = start(c, p);
	config_forget(c);
	if (status == 0) {
		listen_to_signals();
		if (tunnel_loop_run(loop) < 0)
			status = EXIT_IO;
	}
	tunnel_proxy_free(p);
	tunnel_loop_free(loop);
	return status;
}
