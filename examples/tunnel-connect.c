/* tunnel-connect.c - standard input and output, through an HTTP proxy
 *
 *      dial -> handshake (client, link) -> carry (pump, relay) -> exit status
 *
 * Written on the public headers alone; an example of how to use them with
 * poll(2), and what ssh(1) wants as its ProxyCommand.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common_net.h"
#include "connect_caller.h"
#include "connect_config.h"
#include "connect_dial.h"
#include "connect_forward.h"
#include "connect_report.h"
#include "connect_tunnel.h"

enum {
	CAPACITY = 65536,
	BODY_MS = 1000          /* for the body of a refusal */
};

/* ---- the handshake -------------------------------------------------- */

/* Blanks at the end of a field are no part of its value. */
static void
trim(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		s[--n] = '\0';
}

/* The fields given with -H, and a User-Agent unless one is among them. */
static int
add_fields(struct config *c, struct tunnel_client *cl)
{
	unsigned v = tunnel_version();
	char agent[64], *colon;
	int i, rv = 0, own = 0;

	for (i = 0; rv == 0 && i < c->fields_n; i++) {
		colon = strchr(c->fields[i], ':');
		*colon = '\0';
		own |= strcasecmp(c->fields[i], "User-Agent") == 0;
		trim(colon + 1);
		rv = tunnel_client_field(cl, c->fields[i],
		    colon + 1 + strspn(colon + 1, " \t"));
		if (rv == TUNNEL_EINVAL)
			config_say(c, "the field '%s' given with -H cannot be "
			    "sent: its name is no HTTP token or one of those "
			    "sent anyway, or its value has control characters",
			    c->fields[i]);
		/* Whole again, to be wiped to its end. */
		*colon = ':';
	}
	(void)snprintf(agent, sizeof agent, "tunnel-connect/%u.%u.%u",
	    v >> 16, v >> 8 & 255, v & 255);
	return rv == 0 && !own ? tunnel_client_field(cl, "User-Agent", agent) :
	    rv;
}

/* Put target, fields and credentials into the client: 0 or an exit status. */
static int
prepare(struct config *c, struct tunnel_client *cl)
{
	int rv = tunnel_client_target(cl, c->host, c->port);

	if (rv == 0 && c->user != NULL) {
		rv = tunnel_client_basic(cl, c->user, c->password);
		if (rv == TUNNEL_EINVAL)
			config_say(c, "these credentials cannot be sent: no "
			    "colon in the user's name and no control "
			    "characters, please");
	}
	if (rv == 0)
		rv = add_fields(c, cl);
	if (rv == 0)
		rv = tunnel_client_start(cl);
	if (rv >= 0)
		return 0;
	if (rv != TUNNEL_EINVAL)
		config_say(c, "%s", tunnel_strerror(rv));
	return rv == TUNNEL_ENOMEM ? EXIT_IO : EXIT_USAGE;
}

/* Wait for the proxy; a reader of standard output who goes away shows at once,
 * too. */
static void
wait_for(int fd, int wants, uint64_t deadline)
{
	struct pollfd p[2];

	p[0].fd = fd;
	p[0].events = (short)((wants & TUNNEL_IN ? POLLIN : 0) |
	    (wants & TUNNEL_OUT ? POLLOUT : 0));
	p[1].fd = 1;
	p[1].events = 0;
	(void)poll(p, 2, net_wait(deadline, net_now()));
}

/* Step until the proxy has decided, or nobody waits for that any more: the
 * flags or an error.  A refusal's body is nice to have for the message, so some
 * time is given to it, but not all. */
static int
negotiate(struct tunnel_link *l, int fd)
{
	uint64_t patience = UINT64_MAX, at;
	int f;

	for (;;) {
		f = tunnel_link_step(l, net_now());
		if (f < 0 || f & (TUNNEL_OPEN | TUNNEL_DONE))
			return f;
		if (f & TUNNEL_REFUSED && patience == UINT64_MAX)
			patience = net_now() + BODY_MS;
		if (net_now() >= patience || caller_reads_no_more())
			return f;
		at = tunnel_link_deadline(l);
		wait_for(fd, tunnel_link_wants(l), at < patience ? at :
		    patience);
	}
}

/* Ask for the tunnel over a connected socket; 0 when it is open, else an exit
 * status.  What came behind the reply is put into the pump. */
static int
handshake(struct config *c, struct tunnel_client *cl, struct tunnel_link *l,
    struct tunnel_pump *p, int fd, uint64_t deadline)
{
	const char *head, *surplus;
	uint64_t now = net_now();
	size_t n;
	int f;

	(void)tunnel_link_fd(l, fd);
	if (deadline != UINT64_MAX)
		(void)tunnel_link_timeout(l, deadline > now ?
		    deadline - now : 1);
	head = tunnel_client_peek(cl, &n);
	report_request(c, head, n);
	f = negotiate(l, fd);
	report_reply(c, cl);
	if (f >= 0 && !(f & (TUNNEL_OPEN | TUNNEL_REFUSED | TUNNEL_DONE)))
		return caller_gave_up(c);
	surplus = tunnel_link_surplus(l, &n);
	/* A refusal whose body does not come to an end is a refusal. */
	if (f < 0 && tunnel_client_status(cl) == 0)
		return report_failure(c, cl, f, surplus, n);
	if (!(tunnel_client_flags(cl) & TUNNEL_OPEN))
		return report_failure(c, cl, 0, surplus, n);
	(void)tunnel_pump_put(p, TUNNEL_BA, surplus, n, &n);
	return 0;
}

/* ---- one after the other ---------------------------------------------- */

/* Ask the proxy over a connected socket; nothing of the handshake, and no
 * secret, outlives it. */
static int
through_proxy(struct config *c, struct tunnel_pump *p, uint64_t deadline,
    int *fd)
{
	struct tunnel_client *cl = tunnel_client_new(NULL);
	struct tunnel_link *l = cl == NULL ? NULL :
	    tunnel_link_client(NULL, cl, 0);
	int status = EXIT_IO;

	if (l != NULL)
		status = prepare(c, cl);
	else
		config_say(c, "%s", tunnel_strerror(TUNNEL_ENOMEM));
	config_forget(c);
	if (status == 0) {
		*fd = dial(c, "proxy", c->proxy_host, c->proxy_port, deadline,
		    &status);
		if (*fd >= 0)
			status = handshake(c, cl, l, p, *fd, deadline);
	}
	tunnel_link_free(l);
	tunnel_client_free(cl);
	return status;
}

static int
run(struct config *c, struct tunnel_pump *p)
{
	uint64_t deadline = UINT64_MAX;
	int fd = -1, status = 0;

	if (c->connect_ms > 0)
		deadline = net_now() + c->connect_ms;
	if (c->proxy_port != 0) {
		config_trace(c, "* proxy %s, %s", c->proxy, c->why);
		status = through_proxy(c, p, deadline, &fd);
	} else {
		config_trace(c, "* no proxy: %s", c->why);
		fd = dial(c, "target", c->host, c->port, deadline, &status);
	}
	if (fd < 0)
		return status;
	if (status == 0)
		status = tunnel(c, p, fd);
	(void)close(fd);
	return status;
}

/* Are standard input and output there?  A descriptor that was closed when we
 * came would become the next socket, and a message would go to the proxy. */
static int
check_stdio(const struct config *c)
{
	if (!(net_guard_stdio() & 3) || c->forwards_n > 0)
		return 0;
	config_say(c, "standard input or output is closed; to send or to keep "
	    "nothing, use /dev/null");
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	/* Large, and most of it not touched: it need not be there. */
	static struct config c;
	struct tunnel_pump *p;
	int stop, status = config_read(&c, argc, argv, &stop);

	if (status == 0 && !stop) {
		/* Nobody may be reading standard error any more. */
		(void)signal(SIGPIPE, SIG_IGN);
		status = check_stdio(&c);
	}
	if (status == 0 && !stop && c.forwards_n > 0) {
		status = forward(&c);
	} else if (status == 0 && !stop) {
		p = tunnel_pump_new(NULL, CAPACITY, CAPACITY);
		if (p == NULL)
			config_say(&c, "%s", tunnel_strerror(TUNNEL_ENOMEM));
		status = p == NULL ? EXIT_IO : run(&c, p);
		tunnel_pump_free(p);
	}
	config_free(&c);
	return status;
}
