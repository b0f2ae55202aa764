/* proxy_session.c - one client of tunnel-proxy, from accept to close
 *
 *   ASKED --ASK--> DIALING --connected--> ANSWERING --OPEN--> CARRYING --> over
 *     |               |                        |
 *     +---refused-----+---------> ANSWERING ---+--REFUSED--> LEAVING ----> over
 *
 * LEAVING: a close with bytes unread would become a reset, and a reset can
 * overtake the reply.  So the end is announced, and what the client still sends
 * is thrown away, for a little while.
 */
#include "proxy_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common_net.h"
#include "common_secret.h"
#include "proxy_dial.h"

enum {
	CAPACITY = 65536,
	LEAVE_MS = 2000,
	LEAVE_BYTES = 1048576,
	SECRET_MAX = 1024
};

enum state { ASKED, DIALING, ANSWERING, CARRYING, LEAVING };

struct session {
	const struct config *c;
	struct tunnel_server *server;
	struct tunnel_link *link;
	struct tunnel_pump *pump;
	struct tunnel_relay *relay;
	struct dial dial;
	uint64_t deadline;              /* of leaving */
	size_t thrown;                  /* bytes, while leaving */
	int client, target;             /* descriptors; -1: none */
	int hung_up[2];                 /* poll says so, and that is known */
	int now;                        /* the relay asks to go on at once */
	int state;
	char from[80];
};

struct session *
session_new(const struct config *c, int fd)
{
	struct session *s = calloc(1, sizeof *s);
	struct sockaddr_storage peer;
	socklen_t n = sizeof peer;

	if (s == NULL)
		return NULL;
	s->c = c;
	s->client = s->target = -1;
	dial_init(&s->dial);
	s->server = tunnel_server_new(NULL);
	if (s->server != NULL)
		s->link = tunnel_link_server(NULL, s->server, 0);
	if (s->link == NULL || tunnel_link_fd(s->link, fd) < 0) {
		session_free(s);
		return NULL;
	}
	(void)tunnel_link_timeout(s->link, c->handshake_ms);
	s->client = fd;
	if (getpeername(fd, (struct sockaddr *)(void *)&peer, &n) == 0)
		net_print((struct sockaddr *)(void *)&peer, n, s->from,
		    sizeof s->from);
	return s;
}

void
session_free(struct session *s)
{
	tunnel_relay_free(s->relay);
	tunnel_pump_free(s->pump);
	tunnel_link_free(s->link);
	tunnel_server_free(s->server);
	dial_end(&s->dial);
	if (s->client >= 0)
		(void)close(s->client);
	if (s->target >= 0)
		(void)close(s->target);
	free(s);
}

static void
tell(const struct session *s, const char *outcome)
{
	const char *target = tunnel_server_target(s->server);

	if (s->c->verbose)
		config_say("%s %s %d %llu %llu %s", s->from,
		    target != NULL ? target : "-",
		    tunnel_server_status(s->server), (unsigned long long)
		    (s->pump == NULL ? 0 : tunnel_pump_bytes(s->pump, 0)),
		    (unsigned long long)
		    (s->pump == NULL ? 0 : tunnel_pump_bytes(s->pump, 1)),
		    outcome);
}

/* ---- who, and where to ---------------------------------------------- */

/* Equal, in a time that does not tell where they differ. */
static int
same(const char *given, const char *known)
{
	size_t gn = strlen(given), kn = strlen(known), i;
	unsigned differ = gn != kn;

	for (i = 0; i < gn; i++)
		differ |= (unsigned char)(given[i] ^ known[kn ? i % kn : 0]);
	return differ == 0;
}

static int
is_authentic(const struct session *s)
{
	char user[SECRET_MAX] = "", password[SECRET_MAX] = "";
	int ok;

	if (s->c->user == NULL)
		return 1;
	ok = tunnel_server_basic(s->server, user, sizeof user, password,
	    sizeof password) == 0;
	ok &= same(user, s->c->user) & same(password, s->c->password);
	secret_wipe(user, sizeof user);
	secret_wipe(password, sizeof password);
	return ok;
}

static int
refuse(struct session *s, int error)
{
	if (error == TUNNEL_EAUTH)
		(void)tunnel_server_field(s->server, "Proxy-Authenticate",
		    "Basic realm=\"tunnel-proxy\", charset=\"UTF-8\"");
	s->state = ANSWERING;
	return tunnel_server_fail(s->server, error) >= 0;
}

/* All that a tunnel needs is there before it is promised. */
static int
connected(struct session *s)
{
	s->target = s->dial.fd;
	s->dial.fd = -1;
	dial_end(&s->dial);
	s->pump = tunnel_pump_new(NULL, CAPACITY, CAPACITY);
	if (s->pump != NULL)
		s->relay = tunnel_relay_new(NULL, s->pump);
	if (s->relay == NULL ||
	    tunnel_relay_fd(s->relay, TUNNEL_A, s->client) < 0 ||
	    tunnel_relay_fd(s->relay, TUNNEL_B, s->target) < 0)
		return refuse(s, TUNNEL_ENOMEM);
	(void)tunnel_pump_idle(s->pump, s->c->idle_ms);
	(void)tunnel_pump_linger(s->pump, TUNNEL_AB, s->c->linger_ms);
	(void)tunnel_pump_linger(s->pump, TUNNEL_BA, s->c->linger_ms);
	s->state = ANSWERING;
	return tunnel_server_accept(s->server) >= 0;
}

/* What the dialling has come to. */
static int
dialled(struct session *s, int rv)
{
	if (rv < 0)
		return refuse(s, rv);
	if (rv > 0)
		return connected(s);
	s->state = DIALING;
	return 1;
}

static int
decide(struct session *s)
{
	if (!is_authentic(s))
		return refuse(s, TUNNEL_EAUTH);
	return dialled(s, dial_begin(&s->dial, s->c, s->server));
}

/* ---- the states ----------------------------------------------------- */

static int
step_dialing(struct session *s, const struct pollfd *fds)
{
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		return 0;       /* the client has left */
	return dialled(s, dial_step(&s->dial, s->c, s->server,
	    fds[1].revents != 0));
}

/* The handshake's buffers go; what the client said too early is kept. */
static int
begin_relay(struct session *s)
{
	const void *early;
	size_t n, used;

	early = tunnel_link_surplus(s->link, &n);
	(void)tunnel_pump_put(s->pump, TUNNEL_AB, early, n, &used);
	tunnel_link_free(s->link);
	s->link = NULL;
	s->state = CARRYING;
	return used == n;
}

static int
begin_leaving(struct session *s)
{
	tell(s, tunnel_error_name(tunnel_server_fault(s->server)));
	(void)shutdown(s->client, SHUT_WR);
	s->deadline = net_now() + LEAVE_MS;
	s->state = LEAVING;
	return 1;
}

static int
step_link(struct session *s)
{
	int f = tunnel_link_step(s->link, net_now());

	if (f < 0)
		return 0;
	if (f & TUNNEL_ASK)
		return decide(s);
	if (f & TUNNEL_OPEN)
		return begin_relay(s);
	return f & TUNNEL_DONE ? begin_leaving(s) : 1;
}

/* A reset is seen although nothing is wanted of a side: POLLERR. */
static int
step_relay(struct session *s, const struct pollfd *fds)
{
	int f = 0, side, seen = 0;

	for (side = 0; side < 2; side++) {
		s->hung_up[side] = fds[side].revents & POLLHUP;
		if (fds[side].events == 0 && fds[side].revents & POLLERR) {
			f = tunnel_relay_hangup(s->relay, side, net_now());
			seen = 1;
		}
	}
	if (!seen)
		f = tunnel_relay_step(s->relay, net_now());
	s->now = f >= 0 && f & TUNNEL_NOW;
	if (f >= 0 && !(f & TUNNEL_DONE))
		return 1;
	tell(s, f < 0 ? tunnel_error_name(f) : "ended");
	return 0;
}

static int
step_leaving(struct session *s)
{
	char waste[16384];
	ssize_t n;

	do {
		n = recv(s->client, waste, sizeof waste, MSG_DONTWAIT);
		s->thrown += n > 0 ? (size_t)n : 0;
	} while (n > 0 && s->thrown < LEAVE_BYTES);
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR) && net_now() < s->deadline;
}

int
session_step(struct session *s, const struct pollfd *fds)
{
	static const struct pollfd none[2] = {
		{ -1, 0, 0 }, { -1, 0, 0 }
	};
	int before = s->state, rv = 0;

	switch ((enum state)s->state) {
	case ASKED:
	case ANSWERING:
		rv = step_link(s);
		break;
	case DIALING:
		rv = step_dialing(s, fds);
		break;
	case CARRYING:
		rv = step_relay(s, fds);
		break;
	case LEAVING:
		rv = step_leaving(s);
		break;
	}
	/* Go on with what can go on without waiting. */
	if (rv && s->state != before && s->state != DIALING &&
	    s->state != LEAVING)
		return session_step(s, none);
	return rv;
}

static short
events(int wants)
{
	return (short)((wants & TUNNEL_IN ? POLLIN : 0) |
	    (wants & TUNNEL_OUT ? POLLOUT : 0));
}

uint64_t
session_wants(const struct session *s, struct pollfd *fds)
{
	int side;

	fds[0].fd = s->client;
	fds[1].fd = s->target;
	fds[0].events = fds[1].events = 0;
	fds[0].revents = fds[1].revents = 0;
	switch ((enum state)s->state) {
	case ASKED:
	case ANSWERING:
		fds[1].fd = -1;
		fds[0].events = events(tunnel_link_wants(s->link));
		return tunnel_link_deadline(s->link);
	case DIALING:
		fds[1].fd = s->dial.fd;
		fds[1].events = POLLOUT;
		return s->dial.deadline;
	case CARRYING:
		for (side = 0; side < 2; side++) {
			fds[side].events =
			    events(tunnel_relay_wants(s->relay, side));
			/* Or poll would never wait again. */
			if (s->hung_up[side] && fds[side].events == 0)
				fds[side].fd = -1;
		}
		return s->now ? 0 : tunnel_relay_deadline(s->relay);
	case LEAVING:
		fds[1].fd = -1;
		fds[0].events = POLLIN;
		return s->deadline;
	}
	return UINT64_MAX;
}
