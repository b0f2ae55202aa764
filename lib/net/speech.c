/* speech.c - what a client of a proxy speaks: HTTP, SOCKS, or nothing
 *
 *      listener of           engine      asks
 *      tunnel_proxy_listen   server      once, with the request; that of a
 *                                        forwarding engine, if messages are
 *                                        passed on: with each request
 *      tunnel_proxy_socks    socks       who may come in, again when it has
 *                                        logged in, and with the request
 *      tunnel_proxy_forward  none        never: the target is the listener's
 *
 * Everything behind this room is the same for all of them.  Who has no engine
 * has no link either, and nothing can be said to him.
 */
#include <string.h>

#include "core/alloc.h"
#include "net/session.h"

enum { CHUNK = 16384, LINE_LEAST = 256 };

/* The server of an engine that passes messages on: 0 or TUNNEL_ENOMEM. */
static int
begin_forward(struct tunnel_session *s)
{
	struct tunnel_forward *f = tunnel_forward_new(&s->hs->a);

	s->hs->forward = f;
	if (f == NULL)
		return TUNNEL_ENOMEM;
	s->hs->server = tunnel_forward_server(f);
	s->hs->link = tnl_link_new(&s->hs->a, &tnl_forward_a, f, CHUNK);
	if (tunnel_forward_via(f, s->w->proxy->name) < 0 ||
	    tunnel_forward_upgrade(f, "websocket") < 0)
		return TUNNEL_ENOMEM;
	return 0;
}

static int
begin_http(struct tunnel_session *s)
{
	struct tunnel_proxy *p = s->w->proxy;
	size_t head = (size_t)p->limit[TUNNEL_LIMIT_HEAD];

	if (p->http && begin_forward(s) < 0)
		return TUNNEL_ENOMEM;
	if (s->hs->server == NULL)
		s->hs->server = tunnel_server_new(&s->hs->a);
	if (s->hs->server == NULL)
		return TUNNEL_ENOMEM;
	(void)tunnel_server_limits(s->hs->server, head / 8 > LINE_LEAST ?
	    head / 8 : LINE_LEAST, head);
	if (s->hs->forward != NULL)
		return 0;
	(void)tunnel_server_methods(s->hs->server,
	    p->hook[TUNNEL_ON_REQUEST].fn != NULL);
	s->hs->link = tunnel_link_server(&s->hs->a, s->hs->server, CHUNK);
	return 0;
}

static int
begin_socks(struct tunnel_session *s)
{
	s->hs->socks = tunnel_socks_new(&s->hs->a);
	if (s->hs->socks == NULL)
		return TUNNEL_ENOMEM;
	s->hs->link = tunnel_link_socks(&s->hs->a, s->hs->socks, CHUNK);
	return 0;
}

int
tnl_speech_begin(struct tunnel_session *s)
{
	const struct tnl_place *place = s->hs->place;
	int rv;

	if (place->port != 0)
		return 0;
	rv = place->socks ? begin_socks(s) : begin_http(s);
	if (rv < 0 || s->hs->link == NULL)
		return TUNNEL_ENOMEM;
	tnl_link_socket(s->hs->link, s->client);
	return 0;
}

void
tnl_speech_end(struct tnl_handshake *hs)
{
	tunnel_link_free(hs->link);
	tunnel_link_free(hs->origin);
	if (hs->forward == NULL)
		tunnel_server_free(hs->server);
	tunnel_forward_free(hs->forward);
	tunnel_socks_free(hs->socks);
	hs->link = hs->origin = NULL;
	hs->forward = NULL;
	hs->server = NULL;
	hs->socks = NULL;
}

/* ---- what was asked for --------------------------------------------- */

/* What a message is for, when it can be passed on: there is no TLS here. */
static const char *
message_host(const struct tunnel_forward *f)
{
	const char *scheme = tunnel_forward_scheme(f);

	return scheme != NULL && strcmp(scheme, "http") == 0 ?
	    tunnel_forward_host(f) : NULL;
}

const char *
tnl_speech_host(const struct tnl_handshake *hs)
{
	if (hs->forward != NULL && tunnel_server_host(hs->server) == NULL)
		return message_host(hs->forward);
	return hs->socks != NULL ? tunnel_socks_host(hs->socks) :
	    tunnel_server_host(hs->server);
}

unsigned
tnl_speech_port(const struct tnl_handshake *hs)
{
	if (hs->forward != NULL && tunnel_server_host(hs->server) == NULL)
		return tunnel_forward_port(hs->forward);
	return hs->socks != NULL ? tunnel_socks_port(hs->socks) :
	    tunnel_server_port(hs->server);
}

/* ---- what is said to it --------------------------------------------- */

int
tnl_speech_accept(struct tnl_handshake *hs)
{
	return hs->socks != NULL ? tunnel_socks_accept(hs->socks) :
	    tunnel_server_accept(hs->server);
}

int
tnl_speech_challenge(struct tnl_handshake *hs)
{
	return hs->socks != NULL ? tunnel_socks_challenge(hs->socks) :
	    TUNNEL_ESTATE;
}

int
tnl_speech_fail(struct tnl_handshake *hs, int error)
{
	if (hs->socks != NULL)
		return tunnel_socks_fail(hs->socks, error);
	if (hs->forward != NULL &&
	    tunnel_forward_fail(hs->forward, error) >= 0)
		return 0;
	return hs->server != NULL ? tunnel_server_fail(hs->server, error) :
	    TUNNEL_ESTATE;
}

int
tnl_speech_fault(const struct tnl_handshake *hs)
{
	if (hs->forward != NULL && tunnel_forward_fault(hs->forward) < 0)
		return tunnel_forward_fault(hs->forward);
	return hs->socks != NULL ? tunnel_socks_fault(hs->socks) :
	    hs->server != NULL ? tunnel_server_fault(hs->server) : 0;
}

/* SOCKS has other numbers; what is looked at is that of HTTP for both. */
int
tnl_speech_status(const struct tnl_handshake *hs)
{
	int fault;

	if (hs->forward != NULL && tunnel_forward_status(hs->forward) != 0)
		return tunnel_forward_status(hs->forward);
	if (hs->socks == NULL)
		return hs->server != NULL ? tunnel_server_status(hs->server) :
		    0;
	fault = tunnel_socks_fault(hs->socks);
	if (fault < 0)
		return tunnel_error_status(fault);
	return tunnel_socks_flags(hs->socks) == TUNNEL_OPEN ? 200 : 0;
}
