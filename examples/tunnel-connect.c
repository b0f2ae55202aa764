/* tunnel-connect.c - standard input and output, through an HTTP proxy
 *
 *      dial, or start a program -> ask the proxies (client, link)
 *          -> carry (pump, relay) -> exit status
 *
 * Written on the public headers alone; an example of how to use them with
 * poll(2), and what ssh(1) wants as its ProxyCommand.
 */
#include <signal.h>
#include <unistd.h>

#include "common_net.h"
#include "connect_ask.h"
#include "connect_config.h"
#include "connect_dial.h"
#include "connect_doctor.h"
#include "connect_forward.h"
#include "connect_greeting.h"
#include "connect_tunnel.h"
#include "connect_way.h"
#include "sandbox.h"

/* Reach the first proxy, or the target: a connected socket, or -1 and an exit
 * status. */
static int
reach(const struct config *c, struct helper *h, uint64_t deadline, int *status)
{
	if (c->hops_n == 0) {
		config_trace(c, "* no proxy: %s", c->why);
		return dial(c, "target", c->host, c->port, deadline, status);
	}
	config_trace(c, "*%s, %s", c->via, c->why);
	if (!way_is_helped(c))
		return dial(c, "proxy", c->hops[0].host, c->hops[0].port,
		    deadline, status);
	*status = way_probe(c, deadline);
	if (*status == 0)
		*status = way_open(c, h);
	helper_guard(h);
	way_await(c, h, deadline);
	return h->fd;
}

/* The connection is not needed any more. */
static void
leave(struct helper *h, int fd, int status)
{
	if (h->pid == 0) {
		(void)close(fd);
		return;
	}
	/* What is cut short must not look like a good end. */
	helper_end(h, status == EXIT_CLEAN);
}

static int
run(struct config *c)
{
	static const struct helper none = { 0, -1, -1, 0, 0, "", 0 };
	struct helper h = none;
	uint64_t deadline = UINT64_MAX;
	struct ask a;
	int fd = -1, status = ask_prepare(&a, c);

	if (c->connect_ms > 0)
		deadline = net_now() + c->connect_ms;
	if (status == 0)
		fd = reach(c, &h, deadline, &status);
	if (fd >= 0 && c->hops_n > 0)
		status = ask_all(&a, c, fd, &h, deadline);
	while (status == ASK_AGAIN) {
		config_trace(c, "* once more, as the proxy has closed");
		leave(&h, fd, EXIT_IO);
		h = none;
		status = 0;
		fd = reach(c, &h, deadline, &status);
		if (fd >= 0)
			status = ask_all(&a, c, fd, &h, deadline);
	}
	/* Nothing of the handshake, and no secret, outlives it. */
	ask_free(&a);
	if (fd >= 0) {
		if (status == 0 && c->doctor != NULL)
			status = greeting(c, fd, &h, a.early, a.early_n);
		else if (status == 0)
			status = tunnel(c, fd, &h, a.early, a.early_n);
		/* Nothing is under way that would need time for its end. */
		leave(&h, fd, c->doctor != NULL ? EXIT_IO : status);
	}
	return status;
}

/* Are standard input and output there?  A descriptor that was closed when we
 * came would become the next socket, and a message would go to the proxy. */
static int
check_stdio(const struct config *c)
{
	if (!(net_guard_stdio() & 3) || c->forwards_n > 0 || c->examine)
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
	int stop, status = config_read(&c, argc, argv, &stop);

	if (status == 0 && !stop) {
		/* Nobody may be reading standard error any more. */
		(void)signal(SIGPIPE, SIG_IGN);
		status = check_stdio(&c);
	}
	/* A command of the user's may be one that has rights of its own. */
	if (status == 0 && !stop && c.command == NULL)
		(void)sandbox_begin();
	if (status == 0 && !stop && c.examine)
		doctor_begin(&c);
	if (status == 0 && !stop)
		status = c.forwards_n > 0 ? forward(&c) : run(&c);
	doctor_verdict(&c, status);
	config_free(&c);
	return status;
}
