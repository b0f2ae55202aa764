/* connect_dial.c - reach the proxy, or the target itself
 *
 * Each address in turn, and all of them within one deadline: an address that
 * does not answer gets its share of the time, not all of it.  getaddrinfo(3)
 * has no deadline, so an alarm ends the program in its stead.
 */
#include "connect_dial.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common_net.h"

static char slow[256];          /* what the alarm says */

static void
on_alarm(int sig)
{
	ssize_t n = write(2, slow, strlen(slow));

	(void)sig;
	(void)n;
	_exit(EXIT_TIMEOUT);
}

static struct addrinfo *
resolve(const struct config *c, const char *what, const char *host,
    unsigned port, uint64_t deadline)
{
	struct sigaction act, old;
	struct addrinfo *list;
	uint64_t now = net_now();
	int error;

	if (!c->quiet)
		(void)snprintf(slow, sizeof slow, "tunnel-connect: the name of "
		    "the %s, %.150s, was not resolved in time\n", what, host);
	memset(&act, 0, sizeof act);
	act.sa_handler = on_alarm;
	(void)sigaction(SIGALRM, &act, &old);
	if (deadline != UINT64_MAX)
		(void)alarm(deadline > now ?
		    (unsigned)((deadline - now + 999) / 1000) : 1);
	list = net_resolve(host, port, 0, &error);
	(void)alarm(0);
	(void)sigaction(SIGALRM, &old, NULL);
	if (list == NULL)
		config_say(c, "the name of the %s, %s, cannot be resolved: %s; "
		    "check the name", what, host, gai_strerror(error));
	return list;
}

/* Wait for a connection that was begun: 0 or an errno. */
static int
await(int fd, uint64_t deadline)
{
	struct pollfd p;
	int n;

	p.fd = fd;
	p.events = POLLOUT;
	do
		n = poll(&p, 1, net_wait(deadline, net_now()));
	while ((n < 0 && errno == EINTR) ||
	    (n == 0 && net_now() < deadline));
	return n == 0 ? ETIMEDOUT : n < 0 ? errno : net_connected(fd);
}

static int
try(const struct config *c, const struct addrinfo *ai, uint64_t deadline,
    int *error)
{
	char text[80];
	int done, fd;

	net_print(ai->ai_addr, ai->ai_addrlen, text, sizeof text);
	fd = net_connect(ai, &done);
	*error = fd < 0 ? errno : done ? 0 : await(fd, deadline);
	config_trace(c, "* %s: %s", text,
	    *error == 0 ? "connected" : strerror(*error));
	if (*error == 0 || fd < 0)
		return fd;
	(void)close(fd);
	return -1;
}

static int
complain(const struct config *c, const char *what, const char *host,
    unsigned port, int error)
{
	if (error == ETIMEDOUT) {
		config_say(c, "the %s %s:%u did not answer in time: check host "
		    "and port, or allow more time with -t", what, host, port);
		return EXIT_TIMEOUT;
	}
	config_say(c, "the %s %s:%u cannot be reached: %s; %s", what, host,
	    port, strerror(error), c->proxy_port != 0 ? "is it running, and is "
	    "the address right?" : "if a proxy is needed, name it with -x");
	return EXIT_UNREACHABLE;
}

int
dial(const struct config *c, const char *what, const char *host,
    unsigned port, uint64_t deadline, int *status)
{
	struct addrinfo *list = resolve(c, what, host, port, deadline), *ai;
	int fd = -1, error, first = 0;
	uint64_t left, share;
	unsigned n = 0;

	*status = list == NULL ? EXIT_UNREACHABLE : 0;
	if (list == NULL)
		return -1;
	for (ai = list; ai != NULL; ai = ai->ai_next)
		n++;
	for (ai = list; ai != NULL && fd < 0; ai = ai->ai_next, n--) {
		share = deadline;
		if (deadline != UINT64_MAX) {
			left = deadline > net_now() ? deadline - net_now() : 0;
			share = net_now() + left / n;
		}
		fd = try(c, ai, share, &error);
		/* The best address comes first, and its failure tells most:
		 * the last is often IPv6 without a route. */
		first = first == 0 ? error : first;
	}
	freeaddrinfo(list);
	if (fd < 0)
		*status = complain(c, what, host, port, first);
	return fd;
}
