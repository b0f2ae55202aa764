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
 * ASKED     the request's head arrives (a link with a server engine)
 * DECIDING  stages.c; also while a hook owes its answer
 * LEAVING   a close with bytes unread would become a reset, and a reset can
 *           overtake the reply: so the end is announced, and what the client
 *           still sends is thrown away for a little while
 *
 * A session of tunnel_proxy_forward() has no request: it begins with DECIDING.
 *
 * A client that closes while its target is looked for has gone, and the search
 * ends at once.  TCP says a close as it says a half-close; what tells them
 * apart is what the client said before: who has sent bytes for the target waits
 * for their reply, who has not can have nothing to wait for.
 */
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

static void
step_relay(struct tunnel_session *s, int side, int ready)
{
	uint64_t now = tunnel_loop_now(s->w->loop);
	int f;

	/* A reset is seen although nothing is wanted of a side. */
	if (ready & TUNNEL_RESET && tunnel_relay_wants(s->relay, side) == 0)
		f = tunnel_relay_hangup(s->relay, side, now);
	else
		f = tnl_relay_ready(s->relay, side, ready, now);
	tnl_session_report(s);
	s->again = f >= 0 && f & TUNNEL_NOW;
	if (f < 0)
		tnl_session_over(s, f);
	else if (f & TUNNEL_DONE)
		tnl_session_over(s, 0);
	else if (now >= s->deadline)
		tnl_session_cut(s, TUNNEL_ETIMEOUT);
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

/* What to wait for on the client's side; on the target's; and until when. */
static uint64_t
interest(const struct tunnel_session *s, int wants[2])
{
	uint64_t at = s->deadline, other;

	wants[0] = TUNNEL_IN;
	wants[1] = 0;
	switch ((enum tnl_session_state)s->state) {
	case TNL_ASKED:
	case TNL_ANSWERING:
		wants[0] = tunnel_link_wants(s->link);
		return tunnel_link_deadline(s->link);
	case TNL_DECIDING:
		wants[0] = s->chatty ? 0 : TUNNEL_IN;
		return s->answered ? 0 : at;
	case TNL_DIALING:
		wants[0] = s->chatty ? 0 : TUNNEL_IN;
		return UINT64_MAX;
	case TNL_CARRYING:
		wants[0] = tunnel_relay_wants(s->relay, TUNNEL_A);
		wants[1] = tunnel_relay_wants(s->relay, TUNNEL_B);
		other = tunnel_relay_deadline(s->relay);
		return s->again ? 0 : other < at ? other : at;
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

	(void)tunnel_watch_wants(s->watch[0], wants[0]);
	/* What comes while only writing is waited for is not told of. */
	if (s->state == TNL_ANSWERING)
		s->seen[0] |= TUNNEL_IN;
	if (s->watch[1] != NULL)
		(void)tunnel_watch_wants(s->watch[1], wants[1]);
	(void)tunnel_timer_set(s->timer, s->kill < 0 ? 0 : at);
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
		tnl_session_deciding(s, ready);
		break;
	case TNL_CARRYING:
		step_relay(s, side, ready);
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

	s->seen[0] |= ready;
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
prepare_session(struct tunnel_session *s)
{
	int rv = tnl_session_prepare(s);

	if (rv < 0)
		return rv;
	if (s->w->proxy->accept_preface) {
		s->said = tnl_get(&s->a, TNL_PREFACE_MAX);
		if (s->said == NULL)
			return TUNNEL_ENOMEM;
	}
	s->timer = tunnel_timer_new(s->w->loop, on_timer, s);
	s->watch[0] = tunnel_watch_new(s->w->loop, s->client, on_client, s);
	return s->timer != NULL && s->watch[0] != NULL ? 0 : TUNNEL_ENOMEM;
}

static void
count_in(struct tunnel_session *s)
{
	struct tnl_census *c = &s->w->proxy->census;

	s->id = s->w->ids++ * s->w->proxy->threads +
	    (uint64_t)(s->w - s->w->proxy->worker) + 1;
	tnl_chain_add(&s->w->sessions, &s->all);
	tnl_chain_add(&s->w->handshakes, &s->handshake);
	s->w->count++;
	tnl_census_add(c, TUNNEL_COUNT_ACCEPTED, 1);
	tnl_census_add(c, TUNNEL_COUNT_SESSIONS, 1);
	tnl_census_add(c, TUNNEL_COUNT_HANDSHAKES, 1);
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
	s->a = w->proxy->a;
	s->w = w;
	s->place = place;
	s->client = fd;
	s->target = -1;
	s->born = tunnel_loop_now(w->loop);
	s->deadline = tnl_session_after(s,
	    tnl_session_time(s, TUNNEL_TIME_HANDSHAKE));
	s->port = place->port;
	rv = prepare_session(s);
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
	if (s->said == NULL)
		tnl_session_enter(s);
	tnl_session_advance(s, TUNNEL_A, 0);
	return 0;
}
