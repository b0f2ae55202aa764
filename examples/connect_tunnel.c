/* connect_tunnel.c - standard input and output, and a socket, both ways
 *
 * A relay of the library's, and poll(2) for the waiting.
 */
#include "connect_tunnel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common_net.h"
#include "connect_caller.h"
#include "connect_way.h"

enum { IN, OUT, NET, FDS };

enum { CAPACITY = 57344 };      /* of each way */

enum { SILENCE_MS = 1000 };     /* worth to be spoken of */

/* How it went. */
struct trip {
	int alone;              /* whoever wrote to standard input had gone */
	uint64_t moved;         /* bytes, both ways */
	uint64_t at;            /* and when the last of them were */
};

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

/* Does standard input say nothing more? */
static int
is_silent(const struct tunnel_pump *p)
{
	return !(tunnel_pump_flags(p, TUNNEL_AB) & TUNNEL_IN) &&
	    tunnel_pump_held(p, TUNNEL_AB) == 0;
}

/* Go on after a poll: the relay's answer. */
static int
proceed(struct tunnel_relay *r, const struct pollfd *fds)
{
	if (fds[OUT].fd >= 0 && fds[OUT].events == 0 &&
	    fds[OUT].revents & (POLLERR | POLLHUP))
		return tunnel_relay_hangup(r, TUNNEL_A, net_now());
	if (fds[NET].fd >= 0 && fds[NET].events == 0 &&
	    fds[NET].revents & POLLERR)
		return tunnel_relay_hangup(r, TUNNEL_B, net_now());
	return tunnel_relay_step(r, net_now());
}

/* Take down how far it has come. */
static void
log_trip(struct trip *t, const struct tunnel_pump *p)
{
	uint64_t moved = tunnel_pump_bytes(p, TUNNEL_AB) +
	    tunnel_pump_bytes(p, TUNNEL_BA);

	if (moved != t->moved)
		t->at = net_now();
	t->moved = moved;
}

/* Move bytes until all is said: the relay's last answer. */
static int
carry(struct tunnel_relay *r, const struct tunnel_pump *p, int fd,
    struct trip *t)
{
	struct pollfd fds[FDS];
	int f, hung_up = 0;

	fds[NET].fd = fd;
	f = tunnel_relay_step(r, net_now());
	while (f >= 0 && !(f & TUNNEL_DONE)) {
		log_trip(t, p);
		interest(r, p, fds, hung_up);
		if (poll(fds, FDS, f & TUNNEL_NOW ? 0 :
		    net_wait(tunnel_relay_deadline(r), net_now())) < 0) {
			if (errno != EINTR)
				return TUNNEL_EIO;
			continue;
		}
		hung_up = fds[NET].fd >= 0 && fds[NET].revents & POLLHUP;
		/* Afterwards a reset would have ended that way, too. */
		if (fds[OUT].fd >= 0 && fds[OUT].revents & (POLLERR | POLLHUP))
			t->alone = is_silent(p);
		f = proceed(r, fds);
	}
	return f;
}

void
tunnel_broke(const struct config *c, const char *why,
    unsigned long long silence)
{
	char after[60] = "";

	if (silence >= SILENCE_MS)
		(void)snprintf(after, sizeof after, " after %llu second%s of "
		    "silence", silence / 1000, silence < 2000 ? "" : "s");
	config_say(c, "the connection to %s port %u%s broke%s: %s; %s",
	    c->host, c->port, c->via, after, why,
	    *after != '\0' && c->keepalive < 0 ? "if somebody on the way cuts "
	    "off who is idle, --keepalive may help" :
	    "check the network, and try again");
}

/* Say how the tunnel ended: the exit status. */
static int
conclude(const struct config *c, const struct tunnel_relay *r,
    const struct tunnel_pump *p, int f, const struct trip *t,
    struct helper *h)
{
	uint64_t lost = tunnel_pump_lost(p, TUNNEL_AB) +
	    tunnel_pump_lost(p, TUNNEL_BA);

	if (f == TUNNEL_DONE && lost == 0)
		return way_broke(c, h, WAY_SOON_MS) ? EXIT_IO : EXIT_CLEAN;
	if (f == TUNNEL_DONE) {
		config_say(c, "the tunnel to %s port %u%s ended before %llu "
		    "bytes were delivered: they are lost", c->host, c->port,
		    c->via, (unsigned long long)lost);
		return EXIT_IO;
	}
	if (f == TUNNEL_ETIMEOUT) {
		config_say(c, "the tunnel to %s port %u%s was given up, as -i "
		    "has it: no byte in either direction for %.3g seconds",
		    c->host, c->port, c->via, (double)c->idle_ms / 1000);
		return EXIT_TIMEOUT;
	}
	if (tunnel_relay_error(r, TUNNEL_A) < 0) {
		/* ssh that has just ended closes both: nothing to tell. */
		if (!t->alone && !caller_left())
			config_say(c, "standard input or output failed: %s; "
			    "the tunnel to %s port %u%s was given up",
			    strerror(tunnel_relay_errno(r, TUNNEL_A)), c->host,
			    c->port, c->via);
		return EXIT_IO;
	}
	if (way_broke(c, h, WAY_SOON_MS))
		return EXIT_IO;
	tunnel_broke(c, tunnel_relay_errno(r, TUNNEL_B) != 0 ?
	    strerror(tunnel_relay_errno(r, TUNNEL_B)) : tunnel_strerror(f),
	    net_now() - t->at);
	return EXIT_IO;
}

static int
run(const struct config *c, struct tunnel_relay *r, struct tunnel_pump *p,
    int fd, struct helper *h)
{
	uint64_t start = net_now();
	struct trip t = { 0, 0, net_now() };
	int f = tunnel_relay_fd(r, TUNNEL_B, fd);

	if (f == 0)
		f = tunnel_relay_fds(r, TUNNEL_A, 0, 1);
	if (f < 0) {
		config_say(c, "%s", tunnel_strerror(f));
		return EXIT_IO;
	}
	(void)tunnel_pump_idle(p, c->idle_ms);
	(void)tunnel_pump_linger(p, TUNNEL_AB, c->linger_ms);
	(void)tunnel_pump_linger(p, TUNNEL_BA, 0);
	(void)tunnel_relay_close_at_fin(r, TUNNEL_A, 1);
	/* Without memory for that it is just slower. */
	(void)tunnel_relay_splice(r, 1);
	f = carry(r, p, fd, &t);
	config_trace(c, "* %llu bytes sent, %llu bytes received in %.3f s",
	    (unsigned long long)tunnel_pump_bytes(p, TUNNEL_AB),
	    (unsigned long long)tunnel_pump_bytes(p, TUNNEL_BA),
	    (double)(net_now() - start) / 1000);
	return conclude(c, r, p, f, &t, h);
}

int
tunnel(const struct config *c, int fd, struct helper *h, const void *early,
    size_t n)
{
	struct tunnel_pump *p = tunnel_pump_new(NULL, CAPACITY, CAPACITY);
	struct tunnel_relay *r = tunnel_relay_new(NULL, p);
	int status;

	if (r != NULL) {
		(void)tunnel_pump_put(p, TUNNEL_BA, early, n, &n);
		status = run(c, r, p, fd, h);
	} else {
		status = config_no_memory(c);
	}
	tunnel_relay_free(r);
	tunnel_pump_free(p);
	return status;
}
