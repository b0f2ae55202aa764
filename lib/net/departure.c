/* departure.c - a session's end, and all that has to be given back
 *
 * Whoever asks how many there are, which descriptors are open or what memory is
 * used, gets the same answer as before the session came.  Only when a hook
 * still owes an answer does the session itself stay, without anything of its
 * own, so that the answer finds somebody.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/session.h"
#include "net/upstream.h"

enum { LEAVE_BYTES = 1048576 };

void
tnl_session_over(struct tunnel_session *s, int error)
{
	if (s->error == 0)
		s->error = error;
	s->state = TNL_OVER;
}

/* The place that it held among the tunnels is free. */
void
tnl_session_give_back(struct tunnel_session *s)
{
	if (!s->reserved)
		return;
	s->reserved = 0;
	tnl_census_release(&s->w->proxy->census);
	tnl_tally_add(s->w->tally, TUNNEL_COUNT_HANDSHAKES, 1);
	if (s->hs != NULL)
		tnl_chain_add(&s->w->handshakes, &s->hs->chain);
}

static void
count_out(struct tunnel_session *s)
{
	struct tnl_tally *t = s->w->tally;

	tnl_session_give_back(s);
	if (s->hs != NULL)
		tnl_chain_take(&s->hs->chain);
	tnl_chain_take(&s->all);
	tnl_tally_add(t, TUNNEL_COUNT_HANDSHAKES, -1);
	tnl_tally_add(t, TUNNEL_COUNT_SESSIONS, -1);
	if (s->entered)
		tnl_census_leave(&s->w->proxy->census, &s->peer);
	if (s->opened && s->error < 0)
		tnl_tally_add(t, TUNNEL_COUNT_FAILED, 1);
	if (!s->opened && s->status >= 400)
		tnl_tally_add(t, TUNNEL_COUNT_REFUSED, 1);
}

/* All that is of use in it goes. */
static void
strip(struct tnl_handshake *hs)
{
	if (hs->kept != NULL)
		tnl_put(&hs->a, hs->kept, strlen(hs->kept) +
		    strlen(hs->kept + strlen(hs->kept) + 1) + 2);
	hs->kept = NULL;
	tnl_speech_end(hs);
	tunnel_dial_free(hs->dial);
	tnl_login_free(&hs->logins);
	if (hs->way >= 0)
		(void)close(hs->way);
	hs->dial = NULL;
	hs->way = -1;
}

void
tnl_session_shaken(struct tunnel_session *s)
{
	struct tnl_handshake *hs = s->hs;
	struct tunnel_alloc a = hs->a;

	tnl_chain_take(&hs->chain);
	strip(hs);
	tnl_put(&a, hs->said, TNL_PREFACE_MAX);
	tnl_put(&a, hs, sizeof *hs);
	s->hs = NULL;
}

static void
forget(struct tunnel_session *s, const struct tunnel_alloc *a)
{
	if (s->user != NULL)
		tnl_put(a, s->user, strlen(s->user) + 1);
	s->user = NULL;
	tnl_session_unaim(s, a);
}

void
tnl_session_anonymous(struct tunnel_session *s)
{
	forget(s, &s->hs->a);
}

/* The memory. */
void
tnl_session_release(struct tunnel_session *s)
{
	struct tunnel_alloc a = s->hs != NULL ? s->hs->a : s->w->proxy->a;

	if (s->hs != NULL)
		tnl_session_shaken(s);
	forget(s, &a);
	tnl_put(&a, s, sizeof *s);
}

void
tnl_session_close(struct tunnel_session *s, int side)
{
	int *fd = side == TUNNEL_A ? &s->client : &s->target;

	tnl_watches_remove(&s->watch[side], 1);
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void
close_all(struct tunnel_session *s)
{
	tnl_timer_end(&s->timer);
	if (s->carrier != NULL)
		tnl_carrier_put(&s->w->carriers, s->carrier);
	s->carrier = NULL;
	tnl_session_close(s, TUNNEL_A);
	tnl_session_close(s, TUNNEL_B);
}

void
tnl_session_discard(struct tunnel_session *s)
{
	close_all(s);
	tnl_session_release(s);
}

void
tnl_session_finish(struct tunnel_session *s)
{
	struct tnl_worker *w = s->w;

	s->status = tunnel_session_status(s);
	/* Of a client that has asked for nothing more all has been told. */
	if (s->hs == NULL || !s->hs->between)
		(void)tnl_stages_hook(s, TUNNEL_ON_CLOSE);
	count_out(s);
	close_all(s);
	/* What a hook still owes an answer to stays, for that alone. */
	if (s->owed)
		strip(s->hs);
	else
		tnl_session_release(s);
	tnl_worker_gone(w);
}

void
tnl_session_leave(struct tunnel_session *s)
{
	char waste[4096];
	ssize_t n;

	do {
		n = recv(s->client, waste, sizeof waste, MSG_DONTWAIT);
		s->hs->thrown += n > 0 ? (size_t)n : 0;
	} while ((n > 0 || (n < 0 && errno == EINTR)) &&
	    s->hs->thrown < LEAVE_BYTES);
	if (n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK) ||
	    tunnel_loop_now(s->w->loop) >= s->deadline)
		tnl_session_over(s, 0);
}

/* Can its end be taken for that of a message, or of what a tunnel carries? */
static int
is_carrying(const struct tunnel_session *s)
{
	return s->hs == NULL || s->hs->link == NULL ||
	    (s->hs->forward != NULL && (s->state == TNL_PASSING ||
	    s->state == TNL_ANSWERING));
}

void
tnl_session_cut(struct tunnel_session *s, int error)
{
	if (is_carrying(s)) {
		tnl_socket_abort(s->client);
		if (s->target >= 0)
			tnl_socket_abort(s->target);
	}
	tnl_session_over(s, error);
}

void
tnl_session_kill(struct tunnel_session *s, int error)
{
	tnl_session_cut(s, error);
	tnl_session_finish(s);
}
