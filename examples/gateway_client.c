/* gateway_client.c - a client's connection, and its time
 *
 * A turn goes round as long as something moves, but for a share of the time
 * that leaves others theirs; it is caused by the socket, by the gateway, or by
 * a deadline.
 *
 * A client that has closed its side may still read, and one that has gone does
 * not say so: who sends no more while its reply is late is sent a 102 (RFC 2518
 * section 10.1), which finds out.
 */
#include "gateway_client.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	ROUNDS = 16,            /* of a turn */
	PROBE_MS = 1000,
	/* for a client to read its last reply, and while it still talks */
	LINGER_MS = 2000,
	LINGER_MAX_MS = 30000
};

static void turn(struct serve_client *c);

uint64_t
client_now(const struct serve_client *c)
{
	return tunnel_loop_now(c->serve->loop);
}

int
client_idle(const struct serve_client *c)
{
	return tunnel_forward_idle(c->forward) && c->rest_n == 0;
}

/* ---- time ----------------------------------------------------------- */

static uint64_t
after(uint64_t since, uint64_t ms)
{
	return ms == 0 || ms > UINT64_MAX - since ? UINT64_MAX : since + ms;
}

/* May the client have gone without our being told? */
static int
may_be_gone(const struct serve_client *c)
{
	return c->busy && c->hung_up && !c->probed &&
	    tunnel_forward_status(c->forward) == 0;
}

static uint64_t
deadline(const struct serve_client *c)
{
	const struct serve_settings *s = &c->serve->set;
	int flags = request_flags(c);

	if (c->due)
		return 0;
	if (flags & TUNNEL_FIN)
		return c->active - c->shut_at > LINGER_MAX_MS - LINGER_MS ?
		    after(c->shut_at, LINGER_MAX_MS) :
		    after(c->active, LINGER_MS);
	if (!c->exchange && !tunnel_forward_idle(c->forward))
		return after(c->head_since, s->head_ms);
	if (may_be_gone(c))
		return after(c->active, PROBE_MS);
	return flags & (TUNNEL_IN | TUNNEL_OUT) ?
	    after(c->active, s->idle_ms) : UINT64_MAX;
}

/* The time has passed: 0, or an error that ends it. */
static int
late(struct serve_client *c)
{
	int flags = request_flags(c);

	if (flags & TUNNEL_FIN || tunnel_forward_idle(c->forward))
		return TUNNEL_ETIMEOUT;
	if (may_be_gone(c)) {
		c->probed = 1;
		(void)tunnel_forward_respond(c->forward, 102);
		return 0;
	}
	/* A reply would not leave either. */
	if (flags & TUNNEL_OUT)
		return TUNNEL_ETIMEOUT;
	(void)tunnel_forward_fail(c->forward, TUNNEL_ESLOW);
	c->active = client_now(c);
	return 0;
}

static void
on_timer(void *ud)
{
	struct serve_client *c = ud;
	int rv = 0;

	if (!c->due && deadline(c) <= client_now(c))
		rv = late(c);
	c->due = 0;
	if (rv < 0)
		client_end(c, rv);
	else
		turn(c);
}

/* Does it send no more?  Where the loop cannot tell, an end is looked for as
 * long as there is no byte in front of it. */
static int
hangs_up(struct serve_client *c, int ready)
{
	char byte;
	ssize_t n;

	if (c->hung_up || ready & TUNNEL_NOW)
		return !c->hung_up;
	if (!c->busy || !(ready & TUNNEL_IN) ||
	    request_flags(c) & TUNNEL_IN)
		return 0;
	n = recv(c->fd, &byte, 1, MSG_PEEK);
	c->ahead = n > 0;
	return n == 0;
}

static void
on_ready(void *ud, int ready)
{
	struct serve_client *c = ud;

	if (hangs_up(c, ready)) {
		c->hung_up = 1;
		c->active = client_now(c);
	}
	if (ready & TUNNEL_RESET)
		client_end(c, TUNNEL_ERESET);
	else
		turn(c);
}

/* ---- turns ---------------------------------------------------------- */

/* What it waits for, or its end. */
static void
settle(struct serve_client *c)
{
	int flags = request_flags(c);

	if (flags < 0 || flags & TUNNEL_DONE ||
	    (c->serve->draining && client_idle(c))) {
		client_end(c, flags < 0 ? flags : flags & TUNNEL_RESET ?
		    TUNNEL_ERESET : 0);
		return;
	}
	if (flags & TUNNEL_FIN && !c->shut) {
		c->shut = 1;
		c->active = c->shut_at = client_now(c);
		(void)shutdown(c->fd, SHUT_WR);
	}
	if (c->busy && !c->hung_up && !c->ahead)
		c->wants |= TUNNEL_IN;
	(void)tunnel_watch_wants(c->watch, c->wants);
	(void)tunnel_timer_set(c->timer, deadline(c));
}

static void
turn(struct serve_client *c)
{
	int i, moved = 1;

	c->wants = 0;
	for (i = 0; i < ROUNDS && moved > 0; i++) {
		if (request_flags(c) < 0)
			break;
		moved = request_move(c);
		request_look(c);
	}
	if (moved < 0) {
		client_end(c, moved);
		return;
	}
	c->due |= moved > 0;
	settle(c);
}

void
serve_moved(struct serve_client *c)
{
	c->due = 1;
	(void)tunnel_timer_set(c->timer, 0);
}

/* ---- birth and death ------------------------------------------------ */

static void
name_end(int fd, struct client_end *e,
    int (*ask)(int, struct sockaddr *, socklen_t *))
{
	union {
		struct sockaddr sa;
		struct sockaddr_storage room;
	} u;
	socklen_t n = sizeof u;
	char port[8] = "0";

	e->address[0] = '\0';
	if (ask(fd, &u.sa, &n) < 0 || getnameinfo(&u.sa, n, e->address,
	    sizeof e->address, port, sizeof port,
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		(void)strcpy(e->address, "?");
	e->port = (unsigned)strtoul(port, NULL, 10);
}

static void
link_in(struct serve_client *c)
{
	struct serve *s = c->serve;

	c->prev = s->last;
	c->next = NULL;
	*(s->last != NULL ? &s->last->next : &s->first) = c;
	s->last = c;
	s->clients++;
}

static void
unlink_from(struct serve_client *c)
{
	struct serve *s = c->serve;

	*(c->prev != NULL ? &c->prev->next : &s->first) = c->next;
	*(c->next != NULL ? &c->next->prev : &s->last) = c->prev;
	s->clients--;
}

void
client_is_idle(struct serve_client *c)
{
	unlink_from(c);
	link_in(c);
}

static void
discard(struct serve_client *c)
{
	tunnel_timer_free(c->timer);
	tunnel_watch_free(c->watch);
	tunnel_forward_free(c->forward);
	free(c->rest);
	(void)close(c->fd);
	free(c);
}

int
client_new(struct serve *s, int fd)
{
	struct serve_client *c = calloc(1, sizeof *c);
	int one = 1;

	if (c == NULL) {
		(void)close(fd);
		return -1;
	}
	c->serve = s;
	c->fd = fd;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	name_end(fd, &c->peer, getpeername);
	name_end(fd, &c->local, getsockname);
	c->forward = tunnel_forward_new(NULL);
	c->watch = tunnel_watch_new(s->loop, fd, on_ready, c);
	c->timer = tunnel_timer_new(s->loop, on_timer, c);
	if (c->forward == NULL || c->watch == NULL || c->timer == NULL) {
		discard(c);
		return -1;
	}
	(void)tunnel_forward_buffers(c->forward, s->set.buffer, s->set.buffer);
	c->active = c->head_since = client_now(c);
	link_in(c);
	turn(c);
	return 0;
}

void
client_end(struct serve_client *c, int error)
{
	struct serve *s = c->serve;
	struct linger hard = { 1, 0 };
	int fault = tunnel_forward_fault(c->forward);

	/* What was cut off must not look like an end; all else has one. */
	if (error < 0 && !c->shut && !tunnel_forward_idle(c->forward))
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard,
		    sizeof hard);
	request_finish(c, fault < 0 ? fault : error);
	unlink_from(c);
	discard(c);
	serve_gone(s);
}

/* ---- what a gateway asks -------------------------------------------- */

struct tunnel_forward *
serve_forward(const struct serve_client *c)
{
	return c->forward;
}

void
serve_date(struct serve_client *c)
{
	static const char *const day[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
	    "Fri", "Sat" };
	static const char *const month[] = { "Jan", "Feb", "Mar", "Apr",
	    "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm t;
	char text[64];

	if (gmtime_r(&now, &t) == NULL)
		return;
	(void)snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT",
	    day[t.tm_wday], t.tm_mday, month[t.tm_mon], t.tm_year + 1900,
	    t.tm_hour, t.tm_min, t.tm_sec);
	(void)tunnel_forward_field(c->forward, TUNNEL_A, "Date", text);
}

void
serve_set_mine(struct serve_client *c, void *mine)
{
	c->mine = mine;
}

void *
serve_mine(const struct serve_client *c)
{
	return c->mine;
}

const char *
serve_peer(const struct serve_client *c, unsigned *port)
{
	*port = c->peer.port;
	return c->peer.address;
}

const char *
serve_local(const struct serve_client *c, unsigned *port)
{
	*port = c->local.port;
	return c->local.address;
}
