/* gateway_request.c - a client's bytes, and what they are to the gateway
 *
 *      socket --> rest --> feed    asked, content --> gateway
 *      socket <-- peek, skip       room <------------ put
 *
 * Nothing else calls the gateway, so that it is never called from inside a call
 * of its own.
 */
#include "gateway_client.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
request_flags(const struct serve_client *c)
{
	return tunnel_forward_flags(c->forward, TUNNEL_A);
}

/* ---- the request ---------------------------------------------------- */

/* The end of a target, behind the userinfo of its authority, and how much there
 * is in front of that: a password is not for a log, nor is one where there must
 * be none. */
static const char *
without_userinfo(const char *target, int *before)
{
	const char *scheme = strstr(target, "://");
	const char *from = scheme != NULL ? scheme + 3 : target;
	size_t n = strcspn(from, "/?");

	*before = 0;
	while (n > 0 && from[n - 1] != '@')
		n--;
	if (n == 0)
		return target;
	*before = (int)(from - target);
	return from + n;
}

/* What peers have chosen comes last, and may be cut. */
static void
tell(const struct serve_client *c, int error)
{
	struct tunnel_forward *f = c->forward;
	const struct tunnel_server *q = tunnel_forward_server(f);
	const char *method = tunnel_server_method(q);
	const char *target = tunnel_server_target(q);
	unsigned long long ms = client_now(c) - c->began;
	int before = 0;
	const char *rest = target != NULL ?
	    without_userinfo(target, &before) : "-";

	serve_say("%s %d %llu %llu %llu.%03llu %s %s %.*s%s", c->peer.address,
	    tunnel_forward_status(f),
	    (unsigned long long)tunnel_forward_bytes(f, TUNNEL_A),
	    (unsigned long long)c->sent, ms / 1000, ms % 1000,
	    error == 0 ? "ok" : tunnel_error_name(error),
	    method != NULL ? method : "-", before,
	    target != NULL ? target : "", rest);
}

static void
over(struct serve_client *c, int error)
{
	if (!c->busy)
		return;
	c->busy = 0;
	c->serve->gateway.over(c->serve->ud, c, error);
	c->mine = NULL;
}

void
request_finish(struct serve_client *c, int error)
{
	over(c, error);
	if (c->exchange && c->serve->set.verbose)
		tell(c, error);
	if (c->exchange)
		client_is_idle(c);
	c->exchange = 0;
}

static void
begin(struct serve_client *c)
{
	const char *method;

	c->exchange = 1;
	c->probed = c->ahead = 0;
	c->sent = 0;
	c->began = c->head_since;
	method = tunnel_server_method(tunnel_forward_server(c->forward));
	if (strcmp(method, "CONNECT") == 0) {
		(void)tunnel_forward_fail(c->forward, TUNNEL_EMETHOD);
		return;
	}
	c->busy = 1;
	c->mine = NULL;
	c->serve->gateway.asked(c->serve->ud, c);
	if (c->busy)
		c->serve->gateway.content(c->serve->ud, c);
}

/* Has the request come to an end, by what has just happened? */
void
request_look(struct serve_client *c)
{
	int flags = request_flags(c), fault = tunnel_forward_fault(c->forward);

	if (fault < 0) {
		/* The engine itself refuses what it cannot read. */
		if (!c->exchange && flags >= 0 && flags & TUNNEL_OUT) {
			c->exchange = 1;
			c->sent = 0;
			c->began = c->head_since;
		}
		over(c, fault);
	}
	if (flags < 0 || flags & (TUNNEL_FIN | TUNNEL_DONE) ||
	    tunnel_forward_idle(c->forward))
		request_finish(c, flags < 0 ? flags : fault);
}

/* ---- bytes ---------------------------------------------------------- */

/* Keep what was not taken: it is at most a buffer's, since no more is read
 * before all of it was. */
static int
keep(struct serve_client *c, const unsigned char *p, size_t n)
{
	if (n == 0 || c->rest != NULL) {
		c->rest_n = n;
		if (n == 0) {
			free(c->rest);
			c->rest = NULL;
			c->rest_at = 0;
		} else {
			c->rest_at = (size_t)(p - c->rest);
		}
		return 0;
	}
	c->rest = malloc(n);
	if (c->rest == NULL)
		return TUNNEL_ENOMEM;
	memcpy(c->rest, p, n);
	c->rest_at = 0;
	c->rest_n = n;
	return 0;
}

static int
feed(struct serve_client *c, const unsigned char *p, size_t n)
{
	size_t used;
	int rv;

	if (tunnel_forward_idle(c->forward))
		c->head_since = client_now(c);
	rv = tunnel_forward_feed(c->forward, TUNNEL_A, p, n, &used);
	if (rv >= 0)
		rv = keep(c, p + used, n - used);
	if (rv < 0)
		return rv;
	c->active = client_now(c);
	if (!c->exchange && request_flags(c) & TUNNEL_ASK)
		begin(c);
	else if (c->busy && used > 0)
		c->serve->gateway.content(c->serve->ud, c);
	return used > 0;
}

/* 1: something has moved, 0, or an error. */
static int
receive(struct serve_client *c)
{
	ssize_t n;

	if (c->rest != NULL)
		return feed(c, c->rest + c->rest_at, c->rest_n);
	if (c->eof)
		return 0;
	n = recv(c->fd, c->serve->buffer, c->serve->set.buffer, 0);
	if (n > 0)
		return feed(c, c->serve->buffer, (size_t)n);
	if (n == 0) {
		c->eof = c->hung_up = 1;
		(void)tunnel_forward_eof(c->forward, TUNNEL_A);
		return 1;
	}
	if (errno == EINTR)
		return 1;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return TUNNEL_ERESET;
	c->wants |= TUNNEL_IN;
	return 0;
}

static int
transmit(struct serve_client *c)
{
	size_t n;
	const void *p = tunnel_forward_peek(c->forward, TUNNEL_A, &n);
	ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);

	if (sent < 0) {
		if (errno == EINTR)
			return 1;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return TUNNEL_ERESET;
		c->wants |= TUNNEL_OUT;
		return 0;
	}
	c->sent += (size_t)sent;
	c->active = client_now(c);
	(void)tunnel_forward_skip(c->forward, TUNNEL_A, (size_t)sent);
	request_look(c);
	if (c->busy)
		c->serve->gateway.room(c->serve->ud, c);
	return 1;
}

int
request_move(struct serve_client *c)
{
	int flags, moved = 0, rv = 0;

	/* A gateway may have ended it since. */
	request_look(c);
	flags = request_flags(c);
	if (flags > 0 && flags & TUNNEL_IN)
		moved = receive(c);
	if (moved < 0)
		return moved;
	request_look(c);
	flags = request_flags(c);
	if (flags > 0 && flags & TUNNEL_OUT)
		rv = transmit(c);
	return rv < 0 ? rv : moved || rv;
}
