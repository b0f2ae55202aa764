/* tunnel-connect.c - standard input and output, through an HTTP proxy
 *
 *      dial -> handshake (client, link) -> carry (pump, relay) -> exit status
 *
 * Written on the public headers alone; an example of how to use them with
 * poll(2), and what ssh(1) wants as its ProxyCommand.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common_net.h"
#include "connect_config.h"
#include "connect_dial.h"
#include "connect_report.h"

enum { CAPACITY = 65536 };

/* ---- the handshake -------------------------------------------------- */

/* Put target, fields and credentials into the client: 0 or an exit status. */
static int
prepare(struct config *c, struct tunnel_client *cl)
{
	char agent[64], *value;
	int i, rv, own_agent = 0;

	rv = tunnel_client_target(cl, c->host, c->port);
	if (rv == 0 && c->user != NULL)
		rv = tunnel_client_basic(cl, c->user, c->password);
	if (rv == TUNNEL_EINVAL)
		config_say(c, "these credentials cannot be sent: no colon in "
		    "the user's name and no control characters, please");
	for (i = 0; rv == 0 && i < c->fields_n; i++) {
		value = strchr(c->fields[i], ':');
		*value++ = '\0';
		value += strspn(value, " \t");
		rv = tunnel_client_field(cl, c->fields[i], value);
		own_agent |= strcmp(c->fields[i], "User-Agent") == 0;
		if (rv == TUNNEL_EINVAL)
			config_say(c, "the field '%s' given with -H cannot be "
			    "sent", c->fields[i]);
	}
	(void)snprintf(agent, sizeof agent, "tunnel-connect/%u.%u",
	    tunnel_version() >> 16, tunnel_version() >> 8 & 255);
	if (rv == 0 && !own_agent)
		rv = tunnel_client_field(cl, "User-Agent", agent);
	if (rv == 0)
		rv = tunnel_client_start(cl);
	if (rv >= 0)
		return 0;
	if (rv != TUNNEL_EINVAL)
		config_say(c, "%s", tunnel_strerror(rv));
	return EXIT_USAGE;
}

static void
wait_for(int fd, int wants, uint64_t deadline)
{
	struct pollfd p;

	p.fd = fd;
	p.events = (short)((wants & TUNNEL_IN ? POLLIN : 0) |
	    (wants & TUNNEL_OUT ? POLLOUT : 0));
	(void)poll(&p, 1, net_wait(deadline, net_now()));
}

/* Step until the proxy has decided: its flags or an error. */
static int
negotiate(struct tunnel_link *l, int fd)
{
	int f;

	for (;;) {
		f = tunnel_link_step(l, net_now());
		if (f < 0 || f & (TUNNEL_OPEN | TUNNEL_DONE))
			return f;
		wait_for(fd, tunnel_link_wants(l), tunnel_link_deadline(l));
	}
}

/* Ask for the tunnel over a connected socket; 0 when it is open, else an exit
 * status.  What came behind the reply is put into the pump. */
static int
handshake(struct config *c, struct tunnel_client *cl, struct tunnel_link *l,
    struct tunnel_pump *p, int fd, uint64_t deadline)
{
	char name[TUNNEL_HOST_MAX + 8];
	const char *head, *surplus;
	uint64_t now = net_now();
	size_t n;
	int f;

	if (tunnel_authority_print(tunnel_url_host(c->proxy),
	    tunnel_url_port(c->proxy), name, sizeof name, &n) < 0 ||
	    tunnel_link_fd(l, fd) < 0)
		return EXIT_IO;
	if (deadline != UINT64_MAX)
		(void)tunnel_link_timeout(l, deadline > now ?
		    deadline - now : 1);
	head = tunnel_client_peek(cl, &n);
	report_request(c, head, n);
	f = negotiate(l, fd);
	report_reply(c, cl);
	surplus = tunnel_link_surplus(l, &n);
	/* A refusal whose body does not come to an end is a refusal. */
	if (f < 0 && tunnel_client_status(cl) == 0)
		return report_failure(c, cl, name, f, surplus, n);
	if (!(tunnel_client_flags(cl) & TUNNEL_OPEN))
		return report_failure(c, cl, name, 0, surplus, n);
	(void)tunnel_pump_put(p, TUNNEL_BA, surplus, n, &n);
	return 0;
}

/* ---- the tunnel ----------------------------------------------------- */

enum { IN, OUT, NET, FDS };

/* What to watch.  Standard output is watched even when nothing is to be
 * written: a reader that goes away says so only there.  The socket is watched
 * for a reset.  A descriptor of which nothing can be learnt any more is left
 * out, since its hang-up would keep poll from waiting. */
static void
interest(const struct tunnel_relay *r, const struct tunnel_pump *p,
    struct pollfd *fds, int hung_up)
{
	int local = tunnel_relay_wants(r, TUNNEL_A);
	int remote = tunnel_relay_wants(r, TUNNEL_B);

	fds[IN].fd = local & TUNNEL_IN ? 0 : -1;
	fds[IN].events = POLLIN;
	fds[OUT].fd = tunnel_pump_flags(p, TUNNEL_BA) & TUNNEL_DONE ? -1 : 1;
	fds[OUT].events = local & TUNNEL_OUT ? POLLOUT : 0;
	fds[NET].events = (short)((remote & TUNNEL_IN ? POLLIN : 0) |
	    (remote & TUNNEL_OUT ? POLLOUT : 0));
	if (fds[NET].fd < 0)
		fds[NET].fd = -1 - fds[NET].fd;
	if (hung_up && fds[NET].events == 0)
		fds[NET].fd = -1 - fds[NET].fd;
}

/* Has whoever started us gone: is nobody writing to standard input? */
static int
left_alone(const struct tunnel_pump *p)
{
	struct pollfd in;

	in.fd = 0;
	in.events = POLLIN;
	in.revents = 0;
	return tunnel_pump_flags(p, TUNNEL_AB) & TUNNEL_DONE ||
	    (poll(&in, 1, 0) > 0 && in.revents & POLLHUP);
}

/* Move bytes until all is said: the relay's last answer. */
static int
carry(struct tunnel_relay *r, const struct tunnel_pump *p, int fd)
{
	struct pollfd fds[FDS];
	int f, hung_up = 0;

	fds[NET].fd = fd;
	f = tunnel_relay_step(r, net_now());
	while (f >= 0 && !(f & TUNNEL_DONE)) {
		interest(r, p, fds, hung_up);
		if (poll(fds, FDS, f & TUNNEL_NOW ? 0 :
		    net_wait(tunnel_relay_deadline(r), net_now())) < 0 &&
		    errno != EINTR)
			return TUNNEL_EIO;
		hung_up = fds[NET].fd >= 0 && fds[NET].revents & POLLHUP;
		if (fds[OUT].fd >= 0 && fds[OUT].events == 0 &&
		    fds[OUT].revents & (POLLERR | POLLHUP))
			f = tunnel_relay_hangup(r, TUNNEL_A, net_now());
		else if (fds[NET].fd >= 0 && fds[NET].events == 0 &&
		    fds[NET].revents & POLLERR)
			f = tunnel_relay_hangup(r, TUNNEL_B, net_now());
		else
			f = tunnel_relay_step(r, net_now());
	}
	return f;
}

/* Say how the tunnel ended: the exit status. */
static int
conclude(const struct config *c, const struct tunnel_relay *r,
    const struct tunnel_pump *p, int f)
{
	int alone = left_alone(p);

	config_trace(c, "* %llu bytes sent, %llu bytes received",
	    (unsigned long long)tunnel_pump_bytes(p, TUNNEL_AB),
	    (unsigned long long)tunnel_pump_bytes(p, TUNNEL_BA));
	if (f == TUNNEL_DONE)
		return EXIT_CLEAN;
	if (f == TUNNEL_ETIMEOUT) {
		config_say(c, "no byte in either direction for %.3g seconds, "
		    "as -i has it", (double)c->idle_ms / 1000);
		return EXIT_TIMEOUT;
	}
	if (tunnel_relay_error(r, TUNNEL_A) < 0) {
		/* ssh that has just ended closes both: nothing to tell. */
		if (!alone)
			config_say(c, "standard input or output failed: %s",
			    strerror(tunnel_relay_errno(r, TUNNEL_A)));
		return EXIT_IO;
	}
	config_say(c, "the connection to %s port %u broke: %s", c->host,
	    c->port, tunnel_relay_errno(r, TUNNEL_B) != 0 ?
	    strerror(tunnel_relay_errno(r, TUNNEL_B)) : tunnel_strerror(f));
	return EXIT_IO;
}

static int
tunnel(const struct config *c, struct tunnel_pump *p, int fd)
{
	struct tunnel_relay *r = tunnel_relay_new(NULL, p);
	int f = TUNNEL_ENOMEM, status;

	(void)tunnel_pump_idle(p, c->idle_ms);
	(void)tunnel_pump_linger(p, TUNNEL_AB, c->linger_ms);
	(void)tunnel_pump_linger(p, TUNNEL_BA, 0);
	if (r != NULL)
		f = tunnel_relay_fd(r, TUNNEL_B, fd);
	if (f == 0 && tunnel_relay_fds(r, TUNNEL_A, 0, 1) < 0) {
		config_say(c, "standard input or output is not open");
		tunnel_relay_free(r);
		return EXIT_IO;
	}
	if (f == 0) {
		(void)tunnel_relay_close_at_fin(r, TUNNEL_A, 1);
		f = carry(r, p, fd);
		status = conclude(c, r, p, f);
	} else {
		config_say(c, "%s", tunnel_strerror(f));
		status = EXIT_IO;
	}
	tunnel_relay_free(r);
	return status;
}

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
		*fd = dial(c, "proxy", tunnel_url_host(c->proxy),
		    tunnel_url_port(c->proxy), deadline, &status);
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
	if (c->proxy != NULL) {
		config_trace(c, "* proxy %s:%u, %s", tunnel_url_host(c->proxy),
		    tunnel_url_port(c->proxy), c->why);
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

int
main(int argc, char **argv)
{
	struct tunnel_pump *p = NULL;
	struct config c;
	int stop, status = config_read(&c, argc, argv, &stop);

	if (status == 0 && !stop) {
		p = tunnel_pump_new(NULL, CAPACITY, CAPACITY);
		if (p != NULL)
			status = run(&c, p);
		else
			config_say(&c, "%s", tunnel_strerror(TUNNEL_ENOMEM));
		if (p == NULL)
			status = EXIT_IO;
	}
	tunnel_pump_free(p);
	config_free(&c);
	return status;
}
