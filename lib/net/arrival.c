/* arrival.c - a session's beginning: the PROXY protocol, and the request's head
 *
 * The preface is read in steps that cannot reach beyond it, so that nothing has
 * to be handed back; the head by a link.
 */
#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "net/session.h"

enum { LEAVE_MS = 2000 };

/* ---- the handshake -------------------------------------------------- */

const char *
tnl_session_target(const struct tunnel_session *s)
{
	return s->host != NULL ? s->host + strlen(s->host) + 1 : NULL;
}

int
tnl_session_aim(struct tunnel_session *s, const char *host, unsigned port)
{
	char text[TUNNEL_HOST_MAX + 8], *block;
	size_t n, h = strlen(host) + 1;

	if (tunnel_authority_print(host, port, text, sizeof text, &n) < 0)
		return TUNNEL_ETARGET;
	block = tnl_get(&s->hs->a, h + n + 1);
	if (block == NULL)
		return TUNNEL_ENOMEM;
	memcpy(block, host, h);
	memcpy(block + h, text, n + 1);
	tnl_session_unaim(s, &s->hs->a);
	s->host = block;
	s->port = port;
	return 0;
}

void
tnl_session_unaim(struct tunnel_session *s, const struct tunnel_alloc *a)
{
	size_t n;

	if (s->host != NULL) {
		n = strlen(s->host) + 1;
		tnl_put(a, s->host, n + strlen(s->host + n) + 1);
	}
	s->host = NULL;
}

/* A sound request has come: what it asks for, unless a hook knew better when it
 * was asked who the client is. */
static int
asked(struct tunnel_session *s)
{
	const char *host = tnl_speech_host(s->hs);

	return host == NULL || s->host != NULL ? 0 :
	    tnl_session_aim(s, host, tnl_speech_port(s->hs));
}

static void
begin_leaving(struct tunnel_session *s)
{
	(void)shutdown(s->client, SHUT_WR);
	s->deadline = tnl_session_after(s, LEAVE_MS);
	s->state = TNL_LEAVING;
}

/* It is neither asked nor open: where it stands with one whose messages are
 * passed on, who may ask again behind a reply. */
static void
shake_forward(struct tunnel_session *s, int f)
{
	int idle = tunnel_forward_idle(s->hs->forward);

	if (s->error == 0 && !idle)
		s->error = tnl_speech_fault(s->hs);
	if (f & TUNNEL_RESET) {
		tnl_socket_abort(s->client);
		tnl_session_over(s, tnl_speech_fault(s->hs));
	} else if (f & TUNNEL_FIN) {
		begin_leaving(s);
	} else if (f & TUNNEL_DONE) {
		tnl_session_over(s, 0);
	} else if (idle && s->state == TNL_ANSWERING) {
		tnl_passing_next(s);
	} else if (f & TUNNEL_OUT) {
		s->hs->between = 0;
		s->state = TNL_ANSWERING;
	}
}

void
tnl_session_shake(struct tunnel_session *s)
{
	int f;

	/* What has ended is told of before the next request is read. */
	if (s->state == TNL_ANSWERING && s->hs->forward != NULL &&
	    tunnel_forward_idle(s->hs->forward)) {
		tnl_passing_next(s);
		return;
	}
	f = tunnel_link_step(s->hs->link, tunnel_loop_now(s->w->loop));
	if (f < 0) {
		tnl_session_over(s, f);
	} else if (f & TUNNEL_ASK) {
		s->hs->between = 0;
		f = asked(s);
		if (f < 0)
			tnl_session_refuse(s, f);
		else
			tnl_session_decide(s);
		/* Let in, and not asked for a target so far. */
		if (s->state == TNL_ASKED)
			tnl_session_shake(s);
	} else if (f & TUNNEL_OPEN) {
		tnl_session_carry(s);
	} else if (s->hs->forward != NULL) {
		shake_forward(s, f);
	} else {
		/* The engine itself may have: a broken head, or too slow. */
		if (f & TUNNEL_REFUSED && s->error == 0)
			s->error = tnl_speech_fault(s->hs);
		if (f & TUNNEL_DONE)
			begin_leaving(s);
		else if (f & TUNNEL_REFUSED)
			s->state = TNL_ANSWERING;
	}
}

/* Who the client is has become known. */
void
tnl_session_enter(struct tunnel_session *s)
{
	uint64_t now = tunnel_loop_now(s->w->loop);
	int rv = tnl_stages_enter(s);

	s->state = TNL_ASKED;
	if (s->hs->link != NULL && s->deadline != UINT64_MAX)
		(void)tunnel_link_timeout(s->hs->link, s->deadline > now ?
		    s->deadline - now : 1);
	if (rv < 0)
		tnl_session_refuse(s, rv);
	else if (s->hs->place->port != 0)
		tnl_session_decide(s);
}

static void
adopt_preface(struct tunnel_session *s, const struct tnl_preface *p)
{
	if (!p->known)
		return;
	s->peer.n = s->hs->local.n = p->addr_n;
	s->peer.scope = s->hs->local.scope = 0;
	memcpy(s->peer.addr, p->src, p->addr_n);
	memcpy(s->hs->local.addr, p->dst, p->addr_n);
	s->peer.port = p->sport;
	s->hs->local.port = p->dport;
}

void
tnl_session_prefaced(struct tunnel_session *s)
{
	struct tnl_handshake *hs = s->hs;
	struct tnl_preface p;
	ssize_t n = 1;
	int more = 0;

	while (n > 0 &&
	    (more = tnl_preface_more(&p, hs->said, hs->said_n)) > 0) {
		n = recv(s->client, hs->said + hs->said_n, (size_t)more,
		    MSG_DONTWAIT);
		if (n > 0)
			hs->said_n += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (more < 0) {
		tnl_socket_abort(s->client);
		tnl_session_over(s, TUNNEL_ESYNTAX);
	} else if (more == 0) {
		adopt_preface(s, &p);
		tnl_put(&hs->a, hs->said, TNL_PREFACE_MAX);
		hs->said = NULL;
		tnl_session_enter(s);
	} else if (n == 0) {
		tnl_session_over(s, TUNNEL_EEOF);
	} else if (errno != EAGAIN && errno != EWOULDBLOCK) {
		tnl_session_over(s, TUNNEL_ERESET);
	} else if (tunnel_loop_now(s->w->loop) >= s->deadline) {
		tnl_session_over(s, TUNNEL_ESLOW);
	}
}
