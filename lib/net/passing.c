/* passing.c - a session that passes HTTP messages on, one after the other
 *
 *   ASKED --> DECIDING --> (DIALING) --> PASSING --> ASKED, of the next request
 *                             ^             |
 *                             +-------------+  the kept connection had gone
 *
 * What a message means is the forwarding engine's to know (core/forward); here
 * it gets its two streams, its time, and an end.  Each request is decided on
 * anew, with its own credentials, and told of as if it were a session.
 *
 * A connection to an origin is kept for the same client alone: whoever logs in
 * to an origin by connection must not find himself in another's.
 */
#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "net/session.h"
#include "net/upstream.h"

enum { ROUNDS = 8 };            /* before others have their turn */

int
tnl_passing_asked(const struct tunnel_session *s)
{
	return s->hs->forward != NULL &&
	    tunnel_forward_host(s->hs->forward) != NULL;
}

/* ---- the connection to the origin ----------------------------------- */

static const char *
name_of(const char *block)
{
	return block + strlen(block) + 1;
}

static void
drop_name(struct tunnel_session *s)
{
	char *kept = s->hs->kept;

	if (kept != NULL)
		tnl_put(&s->hs->a, kept, strlen(kept) + strlen(name_of(kept)) +
		    2);
	s->hs->kept = NULL;
}

void
tnl_passing_forget(struct tunnel_session *s)
{
	drop_name(s);
	tunnel_link_free(s->hs->origin);
	s->hs->origin = NULL;
	tnl_session_close(s, TUNNEL_B);
}

static int
is_straight(const struct tunnel_session *s)
{
	return s->w->proxy->via == NULL || s->hs->direct;
}

/* Note where the connection leads: the request that it was for is still to be
 * told of, and the next one may be for elsewhere and refused.  0: it is not to
 * be kept, or there is no memory. */
static int
keep(struct tunnel_session *s)
{
	size_t n = strlen(s->host) + strlen(tnl_session_target(s)) + 2;

	if (s->hs->personal)
		return 0;
	s->hs->straight = is_straight(s);
	s->hs->kept = tnl_get(&s->hs->a, n);
	if (s->hs->kept != NULL)
		memcpy(s->hs->kept, s->host, n);
	s->hs->reached = s->address;
	return s->hs->kept != NULL;
}

/* The engine needs it no more.  Bytes that nobody has asked for make it worth
 * nothing. */
static void
release(struct tunnel_session *s, int flags)
{
	size_t n;

	(void)tunnel_link_surplus(s->hs->origin, &n);
	if (flags & TUNNEL_RESET)
		tnl_socket_abort(s->target);
	if (!(flags & TUNNEL_REUSE) || n > 0 || !keep(s)) {
		tnl_passing_forget(s);
		return;
	}
	tunnel_link_free(s->hs->origin);
	s->hs->origin = NULL;
}

/* Does what was kept lead where this request is to go, by the same way, and may
 * it be gone today?  The rules may have changed since it was dialled. */
static int
leads_there(struct tunnel_session *s, int was_absolute)
{
	const struct tnl_endpoint *to = &s->hs->reached;

	return strcmp(name_of(s->hs->kept), tnl_session_target(s)) == 0 &&
	    s->hs->straight == is_straight(s) &&
	    s->hs->absolute == was_absolute && (!s->hs->straight ||
	    tnl_stages_judge(s, s->host, to->addr, to->n, s->port) == 0);
}

/* Is the connection that was kept the one that is needed, and still there?  An
 * end that has come shows as something to be read.  1, 0 or an error. */
static int
is_kept(struct tunnel_session *s)
{
	int was = s->hs->absolute, rv;
	struct tnl_last last;
	char byte;

	if (s->hs->kept == NULL)
		return 0;
	rv = tnl_session_whereto(s, &last);
	tnl_buf_free(&last.login);
	if (rv == 0 && leads_there(s, was) &&
	    recv(s->target, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	    (errno == EAGAIN || errno == EWOULDBLOCK)) {
		drop_name(s);
		s->address = s->hs->reached;
		return 1;
	}
	tnl_passing_forget(s);
	return rv;
}

int
tnl_passing_ready(struct tunnel_session *s)
{
	int rv;

	if (!tnl_passing_asked(s)) {
		if (s->hs->kept != NULL)
			tnl_passing_forget(s);
		return 0;
	}
	if (tunnel_forward_own(s->hs->forward)) {
		if (tunnel_forward_pass(s->hs->forward, 0) < 0)
			tnl_session_over(s, TUNNEL_ENOMEM);
		else
			s->state = TNL_ANSWERING;
		return 1;
	}
	rv = is_kept(s);
	if (rv < 0)
		tnl_session_refuse(s, rv);
	else if (rv > 0)
		tnl_passing_begin(s, 1);
	return rv != 0;
}

/* What a proxy of ours is told besides: 0 or an error.  When it is asked once
 * more, the request has that already. */
static int
tell_proxy(struct tunnel_session *s)
{
	struct tunnel_forward *f = s->hs->forward;
	const struct tnl_line *l = s->w->proxy->fields;
	struct tnl_last last;
	int rv = tnl_session_whereto(s, &last);

	if (rv == 0 && last.login.n > 0)
		rv = tunnel_forward_field(f, TUNNEL_B, "Proxy-Authorization",
		    tnl_buf_text(&last.login, 0));
	tnl_buf_free(&last.login);
	for (; l != NULL && rv == 0; l = l->next)
		rv = tunnel_forward_field(f, TUNNEL_B, l->text,
		    l->text + strlen(l->text) + 1);
	return rv == TUNNEL_ESTATE ? 0 : rv;
}

void
tnl_passing_begin(struct tunnel_session *s, int reused)
{
	struct tnl_handshake *hs = s->hs;
	int rv = TUNNEL_ENOMEM;

	hs->origin = tnl_link_new(&hs->a, &tnl_forward_b, hs->forward, 0);
	if (hs->origin != NULL)
		rv = tunnel_link_fd(hs->origin, s->target);
	if (rv == 0 && s->watch[1].all == NULL)
		rv = tnl_watches_add(&s->watch[1], s->w->loop, s->target,
		    tnl_session_on_target, s);
	(void)tunnel_forward_absolute(hs->forward, hs->absolute);
	(void)tunnel_forward_review(hs->forward, hs->absolute);
	if (rv == 0 && hs->absolute)
		rv = tell_proxy(s);
	if (rv == 0)
		rv = tunnel_forward_pass(hs->forward, reused);
	if (rv < 0) {
		tnl_passing_forget(s);
		tnl_session_refuse(s, rv);
		return;
	}
	s->deadline = tnl_session_after(s,
	    tnl_session_time(s, TUNNEL_TIME_REPLY));
	s->state = TNL_PASSING;
}

/* ---- an exchange ---------------------------------------------------- */

/* What belongs to one request goes, and the next may come. */
void
tnl_passing_next(struct tunnel_session *s)
{
	struct tnl_handshake *hs = s->hs;
	struct tnl_tally *t = s->w->tally;
	uint64_t wait = tnl_session_time(s, TUNNEL_TIME_HANDSHAKE);

	s->status = tunnel_session_status(s);
	(void)tnl_stages_hook(s, TUNNEL_ON_CLOSE);
	tnl_tally_add(t, hs->passed ? TUNNEL_COUNT_PASSED :
	    TUNNEL_COUNT_REFUSED, 1);
	tnl_tally_add(t, TUNNEL_COUNT_UP,
	    (int64_t)tunnel_session_bytes(s, TUNNEL_AB));
	tnl_tally_add(t, TUNNEL_COUNT_DOWN,
	    (int64_t)tunnel_session_bytes(s, TUNNEL_BA));
	tnl_session_give_back(s);
	tnl_session_anonymous(s);
	tunnel_dial_free(hs->dial);
	hs->dial = NULL;
	tnl_login_free(&hs->logins);
	s->mine = NULL;
	s->status = s->error = 0;
	s->port = 0;
	s->address.n = 0;
	s->born = tunnel_loop_now(s->w->loop);
	s->deadline = tnl_session_after(s, wait);
	hs->stage = hs->direct = hs->chatty = hs->passed = 0;
	hs->between = 1;
	(void)tunnel_link_timeout(hs->link, wait);
	s->state = s->w->draining ? TNL_OVER : TNL_ASKED;
}

/* The origin's connection that was kept had gone: another one. */
static void
dial_again(struct tunnel_session *s)
{
	int rv;

	tnl_passing_forget(s);
	rv = tnl_session_dial(s);
	if (rv < 0)
		tnl_session_refuse(s, rv);
}

/* It comes to nothing. */
static void
fail(struct tunnel_session *s, int error)
{
	s->error = error;
	(void)tunnel_forward_fail(s->hs->forward, error);
	tnl_passing_forget(s);
}

/* That a proxy of ours wants credentials is between us and it. */
static void
review(struct tunnel_session *s)
{
	struct tunnel_forward *f = s->hs->forward;

	if (tunnel_forward_status(f) == 407)
		fail(s, TUNNEL_EREFUSED);
	else
		(void)tunnel_forward_deliver(f);
	s->again = 1;
}

/* What both sides have come to. */
static void
judge(struct tunnel_session *s)
{
	struct tunnel_forward *f = s->hs->forward;
	int a = tunnel_forward_flags(f, TUNNEL_A);
	int b = tunnel_forward_flags(f, TUNNEL_B);

	s->hs->passed |= tunnel_forward_version(f) != 0;
	if (b >= 0 && b & TUNNEL_ASK) {
		review(s);
		a = tunnel_forward_flags(f, TUNNEL_A);
		b = tunnel_forward_flags(f, TUNNEL_B);
	}
	if (a < 0 || b < 0) {
		tnl_session_over(s, a < 0 ? a : b);
	} else if (b & TUNNEL_RECONNECT) {
		dial_again(s);
	} else if (a & TUNNEL_OPEN) {
		tnl_session_switch(s);
	} else if (a & TUNNEL_RESET) {
		tnl_socket_abort(s->client);
		tnl_session_over(s, tunnel_forward_fault(f));
	} else {
		if (b & TUNNEL_DONE && s->hs->origin != NULL)
			release(s, b);
		if (tunnel_forward_idle(f)) {
			tnl_passing_next(s);
		} else if (s->hs->origin == NULL) {
			(void)tunnel_link_timeout(s->hs->link,
			    tnl_session_time(s, TUNNEL_TIME_REPLY));
			s->state = TNL_ANSWERING;
		}
	}
}

/* Does the client's side still have its say? */
static void
hear_client(struct tunnel_session *s, int side, int ready)
{
	struct tunnel_forward *f = s->hs->forward;

	/* It may have died while nothing is wanted of it. */
	if (side == TUNNEL_A && ready & TUNNEL_RESET &&
	    !(tunnel_forward_flags(f, TUNNEL_A) & TUNNEL_IN))
		(void)tunnel_forward_reset(f, TUNNEL_A);
}

void
tnl_passing_step(struct tunnel_session *s, int side, int ready)
{
	int i, moved = 1, any = 0;

	hear_client(s, side, ready);
	if (tunnel_loop_now(s->w->loop) >= s->deadline)
		fail(s, TUNNEL_ETIMEOUT);
	/* Not beyond the end of this exchange: the next is another matter. */
	for (i = 0; moved && i < ROUNDS &&
	    !tunnel_forward_idle(s->hs->forward); i++) {
		moved = s->hs->origin != NULL && tnl_link_move(s->hs->origin);
		moved |= tnl_link_move(s->hs->link);
		any |= moved;
	}
	s->again = moved != 0;
	if (any)
		s->deadline = tnl_session_after(s,
		    tnl_session_time(s, TUNNEL_TIME_REPLY));
	judge(s);
}
