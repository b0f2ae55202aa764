/* connect_caller.c - who started us, and whether he is still there
 *
 * A hang-up shows without anything being read or written.  A regular file has
 * none.
 */
#include "connect_caller.h"

#include <poll.h>

enum { GRACE_MS = 200 };        /* for the caller's second descriptor */

static int
hung_up(int fd, short what, int timeout)
{
	struct pollfd p;

	p.fd = fd;
	p.events = 0;
	p.revents = 0;
	return poll(&p, 1, timeout) > 0 && p.revents & what;
}

int
caller_reads_no_more(void)
{
	return hung_up(1, POLLERR | POLLHUP, 0);
}

/* Who ends closes one descriptor after the other, so a moment is given to the
 * second. */
int
caller_left(void)
{
	return hung_up(0, POLLHUP, GRACE_MS);
}

int
caller_gave_up(const struct config *c)
{
	/* ssh that has just ended closes both: nothing to tell. */
	if (!caller_left())
		config_say(c, "the reader of standard output has gone before "
		    "there was a tunnel to %s port %u%s", c->host, c->port,
		    c->via);
	return EXIT_IO;
}
