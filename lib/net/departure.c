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

enum { LEAVE_BYTES = 1048576 };

void
tnl_session_report(struct tunnel_session *s)
{
	struct tnl_census *c = &s->w->proxy->census;
	uint64_t n;
	int way;

	for (way = 0; way < 2 && s->pump != NULL; way++) {
		n = tunnel_pump_bytes(s->pump, way);
		if (n != s->reported[way])
			tnl_census_add(c, TUNNEL_COUNT_UP + way,
			    (int64_t)(n - s->reported[way]));
		s->reported[way] = n;
	}
}

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
	struct tnl_census *c = &s->w->proxy->census;

	if (!s->reserved)
		return;
	s->reserved = 0;
	tnl_census_add(c, TUNNEL_COUNT_TUNNELS, -1);
	tnl_census_add(c, TUNNEL_COUNT_HANDSHAKES, 1);
	tnl_chain_add(&s->w->handshakes, &s->handshake);
}

static void
count_out(struct tunnel_session *s)
{
	struct tnl_census *c = &s->w->proxy->census;

	tnl_session_report(s);
	tnl_session_give_back(s);
	tnl_chain_take(&s->handshake);
	tnl_chain_take(&s->all);
	tnl_census_add(c, TUNNEL_COUNT_HANDSHAKES, -1);
	tnl_census_add(c, TUNNEL_COUNT_SESSIONS, -1);
	if (s->entered)
		tnl_census_leave(c, &s->peer);
	if (s->opened && s->error < 0)
		tnl_census_add(c, TUNNEL_COUNT_FAILED, 1);
	if (!s->opened && s->status >= 400)
		tnl_census_add(c, TUNNEL_COUNT_REFUSED, 1);
}

/* The memory; a session that is owed an answer stays until it comes. */
void
tnl_session_release(struct tunnel_session *s)
{
	struct tunnel_alloc a = s->a;

	if (s->user != NULL)
		tnl_put(&a, s->user, strlen(s->user) + 1);
	tnl_session_unaim(s);
	tnl_put(&a, s, sizeof *s);
}

static void
close_all(struct tunnel_session *s)
{
	tunnel_watch_free(s->watch[0]);
	tunnel_watch_free(s->watch[1]);
	tunnel_timer_free(s->timer);
	tunnel_relay_free(s->relay);
	tunnel_pump_free(s->pump);
	tunnel_link_free(s->link);
	tunnel_server_free(s->server);
	tunnel_dial_free(s->dial);
	tnl_put(&s->a, s->said, TNL_PREFACE_MAX);
	if (s->client >= 0)
		(void)close(s->client);
	if (s->target >= 0)
		(void)close(s->target);
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

	if (s->server != NULL)
		s->status = tunnel_server_status(s->server);
	(void)tnl_stages_hook(s, TUNNEL_ON_CLOSE);
	count_out(s);
	close_all(s);
	s->server = NULL;
	s->dial = NULL;
	s->pump = NULL;
	if (!s->owed)
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
		s->thrown += n > 0 ? (size_t)n : 0;
	} while ((n > 0 || (n < 0 && errno == EINTR)) &&
	    s->thrown < LEAVE_BYTES);
	if (n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK) ||
	    tunnel_loop_now(s->w->loop) >= s->deadline)
		tnl_session_over(s, 0);
}

void
tnl_session_cut(struct tunnel_session *s, int error)
{
	if (s->opened || s->server == NULL) {
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
