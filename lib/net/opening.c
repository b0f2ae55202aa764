/* opening.c - a session's way from its request to its tunnel
 *
 *      decide --> (a hook owes its answer) --> dial --> connected --> carry
 *       ^ |                  |                  |           |
 *       | +------------------+---- refuse ------+-----------+
 *       +-- (the request itself is to come)
 *
 * What a tunnel needs, its buffers and its relay, is there before it is
 * promised: a 200 is never taken back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/bypass.h"
#include "net/session.h"
#include "net/upstream.h"

/* ---- refusing ------------------------------------------------------- */

void
tnl_session_refuse(struct tunnel_session *s, int error)
{
	tnl_session_give_back(s);
	if (s->error == 0)
		s->error = error;
	if (tnl_speech_fail(s->hs, error) < 0) {
		/* There is no way to say it but by a reset. */
		tnl_socket_abort(s->client);
		tnl_session_over(s, error);
		return;
	}
	s->state = TNL_ANSWERING;
}

/* ---- the tunnel ----------------------------------------------------- */

/* All that a tunnel needs is there before it is promised. */
static int
prepare(struct tunnel_session *s)
{
	struct tnl_handshake *hs = s->hs;
	struct tunnel_relay *r;

	/* Asked here, in the thread that it is about. */
	if (!s->w->asked && tnl_bypass_able())
		s->w->carriers.pipes = &s->w->pipes;
	s->w->asked = 1;
	s->carrier = tnl_carrier_get(&s->w->carriers);
	if (s->carrier == NULL)
		return TUNNEL_ENOMEM;
	r = &s->carrier->relay;
	tnl_relay_socket(r, TUNNEL_A, s->client,
	    hs->seen[0] | (hs->chatty ? TUNNEL_IN : 0));
	if (hs->dial != NULL)
		tnl_relay_socket(r, TUNNEL_B, s->target, hs->seen[1]);
	/* What a hook has brought may be anything. */
	else if (tunnel_relay_fd(r, TUNNEL_B, s->target) < 0)
		return TUNNEL_EIO;
	return 0;
}

/* Put bytes in front of a way: 0 when there is no room. */
static int
seed(struct tunnel_session *s, int way, const void *p, size_t n)
{
	size_t used;

	return n == 0 ||
	    (tunnel_pump_put(&s->carrier->pump, way, p, n, &used) >= 0 &&
	    used == n);
}

/* In whose name the tunnel begins, for a target that wants to know. */
static int
seed_preface(struct tunnel_session *s)
{
	uint8_t out[TNL_PREFACE_SENT_MAX];
	struct tnl_preface p;
	int version = s->w->proxy->send_preface;

	if (version == 0)
		return 1;
	if (s->hs->local.n == 0)
		tnl_socket_name(s->client, &s->hs->local);
	memset(&p, 0, sizeof p);
	p.known = s->peer.n > 0 && s->peer.n == s->hs->local.n;
	p.addr_n = s->peer.n;
	memcpy(p.src, s->peer.addr, s->peer.n);
	memcpy(p.dst, s->hs->local.addr, s->hs->local.n);
	p.sport = s->peer.port;
	p.dport = s->hs->local.port;
	return seed(s, TUNNEL_AB, out, tnl_preface_write(&p, version, out));
}

/* What came from a proxy on the way behind its reply. */
static int
seed_surplus(struct tunnel_session *s)
{
	const void *p = NULL;
	size_t n = 0;

	if (s->hs->dial != NULL)
		p = tunnel_dial_surplus(s->hs->dial, &n);
	return seed(s, TUNNEL_BA, p, n);
}

/* The tunnel is open: the handshake's buffers go, and what the client said too
 * early is kept. */
void
tnl_session_carry(struct tunnel_session *s)
{
	const void *early = NULL;
	size_t n = 0;

	if (s->hs->link != NULL)
		early = tunnel_link_surplus(s->hs->link, &n);
	if ((s->watch[1].all == NULL && tnl_watches_add(&s->watch[1],
	    s->w->loop, s->target, tnl_session_on_target, s) < 0) ||
	    !seed(s, TUNNEL_AB, early, n)) {
		tnl_socket_abort(s->client);
		tnl_session_over(s, TUNNEL_ENOMEM);
		return;
	}
	s->status = tnl_speech_status(s->hs);
	tnl_session_shaken(s);
	s->opened = 1;
	s->deadline = tnl_session_after(s,
	    tnl_session_time(s, TUNNEL_TIME_LIFETIME));
	s->state = TNL_CARRYING;
	tnl_tally_add(s->w->tally, TUNNEL_COUNT_OPENED, 1);
	(void)tnl_stages_hook(s, TUNNEL_ON_OPEN);
}

/* All that came of what is passed on belongs to a tunnel from here on. */
void
tnl_session_switch(struct tunnel_session *s)
{
	const void *p;
	size_t n;
	int rv = prepare(s);

	p = tunnel_link_surplus(s->hs->origin, &n);
	if (rv == 0 && seed(s, TUNNEL_BA, p, n)) {
		tnl_session_carry(s);
		return;
	}
	tnl_socket_abort(s->client);
	tnl_session_over(s, rv < 0 ? rv : TUNNEL_EBUSY);
}

/* There is the origin of a message. */
static void
connected_origin(struct tunnel_session *s)
{
	if (s->hs->dial != NULL) {
		(void)tnl_dial_watch(s->hs->dial, &s->watch[1],
		    tnl_session_on_target, s);
	} else {
		/* A hook has brought it, for this request. */
		s->hs->personal = 1;
		s->hs->absolute = 0;
	}
	tunnel_dial_free(s->hs->dial);
	s->hs->dial = NULL;
	tnl_passing_begin(s, 0);
}

/* There is a target: say so. */
static void
connected(struct tunnel_session *s, int fd)
{
	int rv;

	s->target = fd;
	if (tnl_passing_asked(s)) {
		connected_origin(s);
		return;
	}
	if (s->hs->dial != NULL)
		s->hs->seen[1] = tnl_dial_watch(s->hs->dial, &s->watch[1],
		    tnl_session_on_target, s);
	rv = prepare(s);
	if (rv == 0 && (!seed_preface(s) || !seed_surplus(s)))
		rv = TUNNEL_EBUSY;
	tunnel_dial_free(s->hs->dial);
	s->hs->dial = NULL;
	if (rv < 0)
		tnl_session_refuse(s, rv);
	else if (s->hs->link == NULL)
		tnl_session_carry(s);
	else if (tnl_speech_accept(s->hs) < 0)
		tnl_session_over(s, TUNNEL_ENOMEM);
	else
		s->state = TNL_ANSWERING;
}

/* ---- deciding and dialling ------------------------------------------ */

/* There is no tunnel.  A hook may say so in its own words. */
static void
failed(struct tunnel_session *s, int error)
{
	int rv;

	s->hs->failing = error;
	rv = tnl_stages_hook(s, TUNNEL_ON_FAIL);
	s->hs->failing = 0;
	/* A proxy of ours may want credentials: that is between us. */
	if (error == TUNNEL_EAUTH)
		error = TUNNEL_EREFUSED;
	if (rv == TUNNEL_DONE && tnl_speech_fault(s->hs) < 0) {
		tnl_session_give_back(s);
		s->error = error;
		s->state = TNL_ANSWERING;
	} else {
		tnl_session_refuse(s, rv < 0 ? rv : error);
	}
}

void
tnl_session_dialled(void *ud, struct tunnel_dial *d, int result, int fd)
{
	struct tunnel_session *s = ud;

	s->address = *tnl_dial_peer(d);
	if (result == 0)
		connected(s, fd);
	else
		failed(s, result);
	tnl_session_advance(s, TUNNEL_A, 0);
}

/* The stages have said something, or a hook its answer. */
static void
decided(struct tunnel_session *s, int rv)
{
	if (rv == 0)
		rv = s->hs->answered ? tnl_stages(s) : 0;
	s->hs->answered = 0;
	if (rv == TUNNEL_EAUTH && tnl_speech_challenge(s->hs) >= 0)
		rv = TUNNEL_IN;
	if (s->hs->taken) {
		tnl_session_over(s, 0);
	} else if (rv == TUNNEL_IN) {
		s->hs->stage = 0;
		s->state = TNL_ASKED;
	} else if (rv == TUNNEL_ASK) {
		s->owed = 1;
		s->deadline = tnl_session_after(s,
		    tnl_session_time(s, TUNNEL_TIME_DIAL));
	} else if (rv == TUNNEL_DONE) {
		tnl_session_give_back(s);
		s->error = tnl_speech_fault(s->hs);
		s->state = TNL_ANSWERING;
	} else if (rv < 0) {
		tnl_session_refuse(s, rv);
	} else if (tnl_passing_ready(s)) {
		return;
	} else if (s->target >= 0) {
		connected(s, s->target);
	} else {
		rv = tnl_session_dial(s);
		if (rv < 0)
			tnl_session_refuse(s, rv);
	}
}

void
tnl_session_decide(struct tunnel_session *s)
{
	size_t n;

	s->state = TNL_DECIDING;
	if (s->hs->link != NULL) {
		(void)tunnel_link_surplus(s->hs->link, &n);
		s->hs->chatty = n > 0;
	}
	decided(s, tnl_stages(s));
}

/* Has the client closed, having nothing to wait for?  What it has said already
 * stays in the socket. */
static int
has_left(struct tunnel_session *s, int ready)
{
	char byte;
	ssize_t n;

	if (ready & TUNNEL_RESET)
		return 1;
	if (s->hs->chatty || ready == 0)
		return 0;
	n = recv(s->client, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	s->hs->chatty = n > 0;
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
	    errno != EINTR);
}

void
tnl_session_deciding(struct tunnel_session *s, int ready)
{
	int rv;

	if (has_left(s, ready)) {
		tnl_session_over(s, TUNNEL_EEOF);
	} else if (s->hs->answered) {
		rv = s->hs->verdict;
		decided(s, rv);
	} else if (s->state == TNL_DECIDING &&
	    tunnel_loop_now(s->w->loop) >= s->deadline) {
		tnl_session_refuse(s, TUNNEL_ETIMEOUT);
	}
}
