/* session.c - one client of a proxy, from accept to close
 *
 *   PREFACE --> ASKED --> DECIDING --> DIALING --> ANSWERING --> CARRYING
 *      |          |          |            |            |            |
 *      |          +-refused--+------------+--> ANSWERING            |
 *      |                                           |                |
 *      |                                        LEAVING             |
 *      +-------------------> OVER <----------------+----------------+
 *
 * PREFACE   the PROXY protocol, where clients must begin with it
 * ASKED     the request arrives (a link with an engine, see speech)
 * DECIDING  stages.c; also while a hook owes its answer
 * PASSING   passing.c: HTTP messages, and then ASKED again
 * LEAVING   a close with bytes unread would become a reset, and a reset can
 *           overtake the reply: so the end is announced, and what the client
 *           still sends is thrown away for a little while
 *
 * A session of tunnel_proxy_forward() has no request: it begins with DECIDING.
 * A client of SOCKS says who it is before its request: it is back at ASKED when
 * that has been decided.
 *
 * A client that closes while its target is looked for has gone, and the search
 * ends at once.  TCP says a close as it says a half-close; what tells them
 * apart is what the client said before: who has sent bytes for the target waits
 * for their reply, who has not can have nothing to wait for.
 */
#include <assert.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/session.h"

uint64_t
tnl_session_time(const struct tunnel_session *s, int which)
{
	return s->w->proxy->time[which];
}

/* When this much time has passed from now; never, if it is 0. */
uint64_t
tnl_session_after(const struct tunnel_session *s, uint64_t ms)
{
	uint64_t now = tunnel_loop_now(s->w->loop);

	return ms == 0 || ms > UINT64_MAX - now ? UINT64_MAX : now + ms;
}

/* ---- carrying ------------------------------------------------------- */

/* Move bytes, having fetched what is needed for that. */
static int
carry(struct tunnel_session *s, int side, int ready)
{
	uint64_t now = tunnel_loop_now(s->w->loop);
	struct tnl_carrier *c = s->carrier;
	const int fd[2] = { s->client, s->target };

	if (c == NULL)
		c = tnl_carrier_resume(&s->w->carriers, &s->rest, fd);
	if (c == NULL)
		return TUNNEL_ENOMEM;
	s->carrier = c;
	/* A reset is seen although nothing is wanted of a side. */
	if (ready & TUNNEL_RESET && tunnel_relay_wants(&c->relay, side) == 0)
		return tunnel_relay_hangup(&c->relay, side, now);
	return tnl_relay_ready(&c->relay, side, ready, now);
}

/* Tell of the bytes that have passed since it was asked. */
static void
report(struct tunnel_session *s, uint64_t up, uint64_t down)
{
	up = tunnel_session_bytes(s, TUNNEL_AB) - up;
	down = tunnel_session_bytes(s, TUNNEL_BA) - down;
	if (up > 0)
		tnl_tally_add(s->w->tally, TUNNEL_COUNT_UP, (int64_t)up);
	if (down > 0)
		tnl_tally_add(s->w->tally, TUNNEL_COUNT_DOWN, (int64_t)down);
}

static void
step_relay(struct tunnel_session *s, int side, int ready)
{
	uint64_t up = tunnel_session_bytes(s, TUNNEL_AB);
	uint64_t down = tunnel_session_bytes(s, TUNNEL_BA);
	int f = carry(s, side, ready);

	report(s, up, down);
	s->again = f >= 0 && f & TUNNEL_NOW;
	if (f < 0)
		tnl_session_over(s, f);
	else if (f & TUNNEL_DONE)
		tnl_session_over(s, 0);
	else if (tnl_pump_stalled(&s->carrier->pump) ||
	    tunnel_loop_now(s->w->loop) >= s->deadline)
		/* Also a reader that takes nothing for so long. */
		tnl_session_cut(s, TUNNEL_ETIMEOUT);
	else if (f == 0 && tnl_carrier_rest(s->carrier, &s->rest)) {
		tnl_carrier_put(&s->w->carriers, s->carrier);
		s->carrier = NULL;
	}
}

/* An error was said by tunnel_session_end(). */
static void
step_killed(struct tunnel_session *s)
{
	int error = s->kill;

	s->kill = 0;
	if (s->state == TNL_ASKED || s->state == TNL_DECIDING ||
	    s->state == TNL_DIALING)
		tnl_session_refuse(s, error);
	else
		tnl_session_cut(s, error);
}

/* ---- waiting -------------------------------------------------------- */

/* What to wait for on both sides of an open tunnel, and until when, as far as
 * its bytes are concerned. */
static uint64_t
interest_open(const struct tunnel_session *s, int wants[2])
{
	const struct tunnel_relay *r;
	uint64_t idle = s->w->carriers.idle;

	if (s->carrier == NULL) {
		wants[0] = wants[1] = TUNNEL_IN;
		return idle == 0 || s->rest.pump.moved > UINT64_MAX - idle ?
		    UINT64_MAX : s->rest.pump.moved + idle;
	}
	r = &s->carrier->relay;
	wants[0] = tunnel_relay_wants(r, TUNNEL_A);
	wants[1] = tunnel_relay_wants(r, TUNNEL_B);
	return tunnel_relay_deadline(r);
}

/* What to wait for on the client's side; on the target's; and until when. */
static uint64_t
interest(const struct tunnel_session *s, int wants[2])
{
	uint64_t at = s->deadline, other;

	wants[0] = TUNNEL_IN;
	/* What is kept for another request may end meanwhile. */
	wants[1] = s->hs != NULL && s->hs->kept != NULL ? TUNNEL_IN : 0;
	switch ((enum tnl_session_state)s->state) {
	case TNL_ASKED:
	case TNL_ANSWERING:
		assert(s->hs != NULL);
		wants[0] = tunnel_link_wants(s->hs->link);
		return tunnel_link_deadline(s->hs->link);
	case TNL_DECIDING:
		assert(s->hs != NULL);
		wants[0] = s->hs->chatty ? 0 : TUNNEL_IN;
		return s->hs->answered ? 0 : at;
	case TNL_DIALING:
		assert(s->hs != NULL);
		wants[0] = s->hs->chatty ? 0 : TUNNEL_IN;
		return UINT64_MAX;
	case TNL_CARRYING:
		other = interest_open(s, wants);
		return s->again ? 0 : other < at ? other : at;
	case TNL_PASSING:
		assert(s->hs != NULL);
		wants[0] = tunnel_link_wants(s->hs->link);
		wants[1] = tunnel_link_wants(s->hs->origin);
		return s->again ? 0 : at;
	case TNL_PREFACE:
	case TNL_LEAVING:
	case TNL_OVER:
		break;
	}
	return at;
}

static void
await(struct tunnel_session *s)
{
	int wants[2];
	uint64_t at = interest(s, wants);

	(void)tunnel_watch_wants(&s->watch[0], wants[0]);
	/* What comes while only writing is waited for is not told of. */
	if (s->state == TNL_ANSWERING)
		s->hs->seen[0] |= TUNNEL_IN;
	if (s->watch[1].all != NULL)
		(void)tunnel_watch_wants(&s->watch[1], wants[1]);
	(void)tunnel_timer_set(&s->timer, s->kill < 0 ? 0 : at);
}

static void
step(struct tunnel_session *s, int side, int ready)
{
	switch ((enum tnl_session_state)s->state) {
	case TNL_PREFACE:
		tnl_session_prefaced(s);
		break;
	case TNL_ASKED:
	case TNL_ANSWERING:
		tnl_session_shake(s);
		break;
	case TNL_DECIDING:
	case TNL_DIALING:
		/* It may be told of a target, too: one that had been kept. */
		tnl_session_deciding(s, side == TUNNEL_A ? ready : 0);
		break;
	case TNL_CARRYING:
		step_relay(s, side, ready);
		break;
	case TNL_PASSING:
		tnl_passing_step(s, side, ready);
		break;
	case TNL_LEAVING:
		tnl_session_leave(s);
		break;
	case TNL_OVER:
		break;
	}
}

/* Go on as far as it goes without waiting. */
void
tnl_session_advance(struct tunnel_session *s, int side, int ready)
{
	int before;

	if (s->kill < 0)
		step_killed(s);
	if (side == TUNNEL_B && s->hs != NULL && s->hs->kept != NULL)
		tnl_passing_forget(s);
	do {
		before = s->state;
		step(s, side, ready);
		/* What was read is read, but an end is told only once. */
		ready &= TUNNEL_RESET | TUNNEL_NOW;
	} while (s->state != before && s->state != TNL_OVER);
	if (s->state == TNL_OVER)
		tnl_session_finish(s);
	else
		await(s);
}

static void
on_client(void *ud, int ready)
{
	struct tunnel_session *s = ud;

	if (s->hs != NULL)
		s->hs->seen[0] |= ready;
	tnl_session_advance(s, TUNNEL_A, ready);
}

void
tnl_session_on_target(void *ud, int ready)
{
	tnl_session_advance(ud, TUNNEL_B, ready);
}

static void
on_timer(void *ud)
{
	tnl_session_advance(ud, TUNNEL_A, 0);
}

/* ---- birth ---------------------------------------------------------- */

static int
prepare_session(struct tunnel_session *s, struct tnl_place *place)
{
	const struct tunnel_alloc *a = &s->w->proxy->a;
	int rv;

	s->hs = tnl_get(a, sizeof *s->hs);
	if (s->hs == NULL)
		return TUNNEL_ENOMEM;
	s->hs->a = *a;
	s->hs->session = s;
	s->hs->way = -1;
	s->hs->place = place;
	rv = tnl_speech_begin(s);
	if (rv < 0)
		return rv;
	if (s->w->proxy->accept_preface) {
		s->hs->said = tnl_get(a, TNL_PREFACE_MAX);
		if (s->hs->said == NULL)
			return TUNNEL_ENOMEM;
	}
	rv = tnl_loop_timer(&s->timer, s->w->loop, on_timer, s);
	if (rv < 0)
		return rv;
	return tnl_watches_add(&s->watch[0], s->w->loop, s->client, on_client,
	    s);
}

static void
count_in(struct tunnel_session *s)
{
	struct tnl_tally *t = s->w->tally;

	s->id = s->w->ids++ * s->w->proxy->threads +
	    (uint64_t)(s->w - s->w->proxy->worker) + 1;
	tnl_chain_add(&s->w->sessions, &s->all);
	tnl_chain_add(&s->w->handshakes, &s->hs->chain);
	s->w->count++;
	tnl_tally_add(t, TUNNEL_COUNT_ACCEPTED, 1);
	tnl_tally_add(t, TUNNEL_COUNT_SESSIONS, 1);
	tnl_tally_add(t, TUNNEL_COUNT_HANDSHAKES, 1);
}

int
tnl_session_new(struct tnl_worker *w, struct tnl_place *place, int fd,
    const struct tnl_endpoint *peer)
{
	struct tunnel_session *s = tnl_get(&w->proxy->a, sizeof *s);
	int rv;

	if (s == NULL) {
		(void)close(fd);
		return TUNNEL_ENOMEM;
	}
	s->w = w;
	s->client = fd;
	s->target = -1;
	s->born = tunnel_loop_now(w->loop);
	s->deadline = tnl_session_after(s,
	    tnl_session_time(s, TUNNEL_TIME_HANDSHAKE));
	s->port = place->port;
	rv = prepare_session(s, place);
	if (rv == 0 && place->port != 0)
		rv = tnl_session_aim(s, place->host, place->port);
	if (rv < 0) {
		tnl_session_discard(s);
		return rv;
	}
	s->peer = *peer;
	count_in(s);
	/* What came with the connection is read at once, and the clock starts:
	 * who says nothing must not stay for ever. */
	if (s->hs->said == NULL)
		tnl_session_enter(s);
	tnl_session_advance(s, TUNNEL_A, 0);
	return 0;
}
