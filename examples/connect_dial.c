/* connect_dial.c - reach the proxy, or the target itself
 *
 * The library's dialler on a loop of its own, until one address has answered:
 * Happy Eyeballs (RFC 8305), and a resolver that does not hold up the deadline.
 */
#include "connect_dial.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "common_net.h"
#include "connect_caller.h"
#include "connect_doctor.h"

struct outcome {
	const struct config *c;
	int done, result, fd;
	int alone;              /* nobody waits for it any more */
	int told;               /* the doctor knows the addresses */
	size_t addresses_n;
	char addresses[300];    /* of the name, for the doctor */
	char peer[80];
	char report[2000];
};

static void
on_dialled(void *ud, struct tunnel_dial *d, int result, int fd)
{
	struct outcome *o = ud;
	int shown = o->c->verbose || o->c->doctor != NULL;

	o->done = 1;
	o->result = result;
	o->fd = fd;
	if (fd < 0 || shown)
		(void)snprintf(o->report, sizeof o->report, "%s",
		    tunnel_dial_report(d));
	if (shown)
		(void)snprintf(o->peer, sizeof o->peer, "%s",
		    tunnel_dial_peer(d));
}

static void
on_output(void *ud, int ready)
{
	struct outcome *o = ud;

	(void)ready;
	o->alone = caller_reads_no_more();
}

/* When the name has been resolved, all are asked about in one go. */
static int
on_address(void *ud, const char *host, const void *addr, size_t n,
    unsigned port)
{
	struct outcome *o = ud;
	char text[INET6_ADDRSTRLEN] = "";

	(void)host;
	(void)port;
	(void)inet_ntop(n == 4 ? AF_INET : AF_INET6, addr, text, sizeof text);
	if (o->addresses_n < sizeof o->addresses)
		o->addresses_n += (size_t)snprintf(o->addresses +
		    o->addresses_n, sizeof o->addresses - o->addresses_n,
		    "%s%s", o->addresses_n > 0 ? ", " : "", text);
	return 0;
}

/* An address is no name. */
static void
show_name(struct outcome *o, const char *host)
{
	if (o->told || o->addresses_n == 0)
		return;
	o->told = 1;
	if (strcmp(o->addresses, host) != 0)
		doctor_step(o->c, STEP_OK, "name", "%s is %s", host,
		    o->addresses);
}

static int
wait_for(struct outcome *o, struct tunnel_dial *d, struct tunnel_loop *l,
    const char *host, unsigned port, uint64_t deadline)
{
	/* NULL for a file, of which nobody goes away. */
	struct tunnel_watch *output = tunnel_watch_new(l, 1, on_output, o);
	uint64_t now = net_now();
	int rv;

	if (deadline == UINT64_MAX)
		(void)tunnel_dial_timeout(d, 0);
	else
		(void)tunnel_dial_timeout(d, deadline > now ?
		    deadline - now : 1);
	(void)tunnel_dial_family(d, o->c->family);
	if (o->c->keepalive >= 0)
		(void)tunnel_dial_keepalive(d, (unsigned)o->c->keepalive);
	if (o->c->doctor != NULL)
		(void)tunnel_dial_judge(d, on_address, o);
	rv = tunnel_dial_start(d, host, port, on_dialled, o);
	while (rv == 0 && !o->done && !o->alone) {
		rv = tunnel_loop_step(l, -1);
		show_name(o, host);
	}
	tunnel_watch_free(output);
	return rv;
}

static int
run(struct outcome *o, const char *host, unsigned port, uint64_t deadline)
{
	/* One connection: poll(2) has nothing to set up and to take down. */
	struct tunnel_loop *l = tunnel_loop_new(NULL, "poll");
	struct tunnel_resolver *r = NULL;
	struct tunnel_dial *d = NULL;
	int rv = TUNNEL_ENOMEM;

	if (l != NULL)
		r = tunnel_resolver_new(NULL, l, 1);
	if (r != NULL)
		d = tunnel_dial_new(NULL, l, r);
	if (d != NULL)
		rv = wait_for(o, d, l, host, port, deadline);
	tunnel_dial_free(d);
	tunnel_resolver_free(r);
	tunnel_loop_free(l);
	return rv < 0 ? rv : o->result;
}

/* The attempts as one line: "a: refused, b: no answer". */
static void
join(char *report)
{
	size_t n = strlen(report);
	char *p;

	if (n > 0 && report[n - 1] == '\n')
		report[n - 1] = '\0';
	for (p = report; (p = strchr(p, '\n')) != NULL;)
		*p = ';';
}

static void
trace(const struct outcome *o)
{
	const char *p = o->report;
	size_t n;

	for (; *p != '\0'; p += n + (p[n] != '\0')) {
		n = strcspn(p, "\n");
		config_trace(o->c, "* %.*s", (int)n, p);
		if (o->fd >= 0)
			doctor_step(o->c, STEP_HINT, "TCP", "%.*s", (int)n, p);
	}
	if (o->fd >= 0) {
		config_trace(o->c, "* %s: connected", o->peer);
		doctor_step(o->c, STEP_OK, "TCP", "connected to %s", o->peer);
	}
}

static int
complain(struct outcome *o, const char *what, const char *host, unsigned port,
    int error)
{
	const struct config *c = o->c;
	const char *advice = c->hops_n > 0 ? "" : c->exempt ? "if a proxy is "
	    "needed, take the target out of no_proxy" :
	    "if a proxy is needed, name it with -x";
	char where[TUNNEL_HOST_MAX + 8];
	size_t n;

	join(o->report);
	doctor_step(c, STEP_FAIL, error == TUNNEL_ERESOLVE ||
	    error == TUNNEL_ELOOKUP ? "name" : "TCP", "%s",
	    *o->report != '\0' ? o->report : tunnel_strerror(error));
	if (tunnel_authority_print(host, port, where, sizeof where, &n) < 0)
		(void)snprintf(where, sizeof where, "%s", host);
	if (error == TUNNEL_ERESOLVE) {
		config_say(c, "the name of the %s, %s, cannot be resolved: %s; "
		    "check the name%s%s", what, host, o->report,
		    *advice != '\0' ? "; " : "", advice);
		return EXIT_UNREACHABLE;
	}
	if (error == TUNNEL_ETIMEOUT || error == TUNNEL_ELOOKUP) {
		config_say(c, "the %s %s did not answer in time (%s): check "
		    "host and port, or allow more time with -t", what, where,
		    o->report);
		return EXIT_TIMEOUT;
	}
	config_say(c, "the %s %s cannot be reached: %s; %s", what, where,
	    *o->report != '\0' ? o->report : tunnel_strerror(error),
	    *advice != '\0' ? advice :
	    "is it running, and is the address right?");
	return EXIT_UNREACHABLE;
}

int
dial(const struct config *c, const char *what, const char *host,
    unsigned port, uint64_t deadline, int *status)
{
	struct outcome o;
	int rv;

	memset(&o, 0, sizeof o);
	o.c = c;
	o.fd = -1;
	rv = run(&o, host, port, deadline);
	trace(&o);
	if (!o.done && o.alone)
		*status = caller_gave_up(c);
	else
		*status = rv < 0 ? complain(&o, what, host, port, rv) : 0;
	return o.fd;
}
