/* speech.c - what a client of a proxy speaks: HTTP, SOCKS, or nothing
 *
 *      listener of           engine      asks
 *      tunnel_proxy_listen   server      once, with the request
 *      tunnel_proxy_socks    socks       who may come in, again when it has
 *                                        logged in, and with the request
 *      tunnel_proxy_forward  none        never: the target is the listener's
 *
 * Everything behind this room is the same for all of them.  Who has no engine
 * has no link either, and nothing can be said to him.
 */
#include "core/alloc.h"
#include "net/session.h"

enum { CHUNK = 16384, LINE_LEAST = 256 };

static int
begin_http(struct tunnel_session *s)
{
	struct tunnel_proxy *p = s->w->proxy;
	size_t head = (size_t)p->limit[TUNNEL_LIMIT_HEAD];

	s->hs->server = tunnel_server_new(&s->hs->a);
	if (s->hs->server == NULL)
		return TUNNEL_ENOMEM;
	(void)tunnel_server_limits(s->hs->server, head / 8 > LINE_LEAST ?
	    head / 8 : LINE_LEAST, head);
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
	tunnel_server_free(hs->server);
	tunnel_socks_free(hs->socks);
	hs->link = NULL;
	hs->server = NULL;
	hs->socks = NULL;
}

/* ---- what was asked for --------------------------------------------- */

const char *
tnl_speech_host(const struct tnl_handshake *hs)
{
	return hs->socks != NULL ? tunnel_socks_host(hs->socks) :
	    tunnel_server_host(hs->server);
}

unsigned
tnl_speech_port(const struct tnl_handshake *hs)
{
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
	return hs->server != NULL ? tunnel_server_fail(hs->server, error) :
	    TUNNEL_ESTATE;
}

int
tnl_speech_fault(const struct tnl_handshake *hs)
{
	return hs->socks != NULL ? tunnel_socks_fault(hs->socks) :
	    hs->server != NULL ? tunnel_server_fault(hs->server) : 0;
}

/* SOCKS has other numbers; what is looked at is that of HTTP for both. */
int
tnl_speech_status(const struct tnl_handshake *hs)
{
	int fault;

	if (hs->socks == NULL)
		return hs->server != NULL ? tunnel_server_status(hs->server) :
		    0;
	fault = tunnel_socks_fault(hs->socks);
	if (fault < 0)
		return tunnel_error_status(fault);
	return tunnel_socks_flags(hs->socks) == TUNNEL_OPEN ? 200 : 0;
}
