/* connect_greeting.c - the first bytes from the other end of a tunnel
 *
 * Of many services it is the server who speaks first, and what it says shows
 * that it is the one that was meant.  Of others, as HTTP and TLS are, it is the
 * client, and silence proves nothing.
 */
#include "connect_greeting.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common_net.h"
#include "connect_caller.h"
#include "connect_doctor.h"
#include "connect_page.h"
#include "connect_tunnel.h"
#include "connect_way.h"

enum { PATIENCE_MS = 3000, FIRST_BYTES = 512 };

static const char label[] = "target";

/* How many bytes came: 0 at the end, -1 and errno when none do, which is EAGAIN
 * for silence. */
static ssize_t
await(int fd, char *out, size_t cap)
{
	uint64_t until = net_now() + PATIENCE_MS;
	struct pollfd p[2];
	ssize_t r;

	do {
		p[0].fd = fd;
		p[0].events = POLLIN;
		p[1].fd = 1;
		p[1].events = 0;
		(void)poll(p, 2, net_wait(until, net_now()));
		r = recv(fd, out, cap, MSG_DONTWAIT);
	} while (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR) && !caller_reads_no_more() && net_now() < until);
	return r;
}

static int
heard(const struct config *c, const char *first, size_t n)
{
	const char *who = page_speaker(first, n);
	char words[80];

	page_words(first, n, words, sizeof words);
	if (who != NULL)
		doctor_step(c, STEP_OK, label, "it speaks %s%s", who, words);
	else
		doctor_step(c, STEP_OK, label, "it sent %lu bytes%s",
		    (unsigned long)n, words);
	return EXIT_CLEAN;
}

static int
silent(const struct config *c)
{
	doctor_step(c, STEP_NOTE, label, "nothing came from it");
	config_say(c, "%s port %u can be reached%s; that it says nothing in %d "
	    "seconds is as it should be where the client speaks first (HTTP, "
	    "TLS), but not with SSH or mail", c->host, c->port, c->via,
	    PATIENCE_MS / 1000);
	return EXIT_CLEAN;
}

static int
closed(const struct config *c, struct helper *h)
{
	if (way_broke(c, h, WAY_SOON_MS)) {
		doctor_step(c, STEP_FAIL, label, "the connection broke");
		return EXIT_IO;
	}
	doctor_step(c, STEP_NOTE, label, "it closed without a word");
	config_say(c, "the way to %s port %u%s opens, and the other end closes "
	    "it at once: it may not let %s in, or something else may answer in "
	    "its place; ask who runs it", c->host, c->port, c->via,
	    c->hops_n > 0 ? "the proxy" : "this machine");
	return EXIT_CLEAN;
}

int
greeting(const struct config *c, int fd, struct helper *h, const char *early,
    size_t n)
{
	char own[FIRST_BYTES];
	ssize_t r;
	int e;

	if (n > 0)
		return heard(c, early, n);
	r = await(fd, own, sizeof own);
	e = errno;
	if (r > 0)
		return heard(c, own, (size_t)r);
	if (r == 0)
		return closed(c, h);
	if (e == EAGAIN || e == EWOULDBLOCK || e == EINTR)
		return caller_reads_no_more() ? EXIT_IO : silent(c);
	if (!way_broke(c, h, WAY_SOON_MS))
		tunnel_broke(c, strerror(e), 0);
	doctor_step(c, STEP_FAIL, label, "%s", strerror(e));
	return EXIT_IO;
}
