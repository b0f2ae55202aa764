/* face.c - a session as its hooks see it */
#include <string.h>

#include <unistd.h>

#include "core/alloc.h"
#include "core/authority.h"
#include "net/session.h"
#include "net/upstream.h"

enum { USER_MAX = 255 };

int
tunnel_session_answer(struct tunnel_session *s, int verdict)
{
	if (verdict > 0 && verdict != TUNNEL_DONE)
		return TUNNEL_EINVAL;
	if (!s->owed)
		return TUNNEL_ESTATE;
	s->owed = 0;
	if (s->state == TNL_OVER) {
		tnl_session_release(s);
		return 0;
	}
	s->hs->verdict = verdict;
	s->hs->answered = 1;
	/* In a round of its own: whoever answers may be anywhere. */
	return tunnel_timer_set(&s->timer, 0);
}

struct tunnel_loop *
tunnel_session_loop(const struct tunnel_session *s)
{
	return s->w->loop;
}

void
tunnel_session_set(struct tunnel_session *s, void *mine)
{
	s->mine = mine;
}

void *
tunnel_session_get(const struct tunnel_session *s)
{
	return s->mine;
}

struct tunnel_server *
tunnel_session_server(const struct tunnel_session *s)
{
	return s->hs != NULL ? s->hs->server : NULL;
}

struct tunnel_forward *
tunnel_session_forward(const struct tunnel_session *s)
{
	return s->hs != NULL && tnl_passing_asked(s) ? s->hs->forward : NULL;
}

struct tunnel_socks *
tunnel_session_socks(const struct tunnel_session *s)
{
	return s->hs != NULL ? s->hs->socks : NULL;
}

const char *
tunnel_session_client(const struct tunnel_session *s)
{
	tnl_endpoint_text(&s->peer, s->w->client_text);
	return s->w->client_text;
}

const char *
tunnel_session_user(const struct tunnel_session *s)
{
	return s->user != NULL ? s->user : "";
}

const char *
tunnel_session_target(const struct tunnel_session *s)
{
	const struct tunnel_server *server = tunnel_session_server(s);
	const char *target = tnl_session_target(s);

	if (target == NULL && server != NULL)
		target = tunnel_server_target(server);
	return target != NULL ? target : "";
}

const char *
tunnel_session_address(const struct tunnel_session *s)
{
	if (s->address.n == 0)
		return "";
	tnl_endpoint_text(&s->address, s->w->address_text);
	return s->w->address_text;
}

const char *
tunnel_session_report(const struct tunnel_session *s)
{
	return s->hs != NULL && s->hs->dial != NULL ?
	    tunnel_dial_report(s->hs->dial) : "";
}

uint64_t
tunnel_session_id(const struct tunnel_session *s)
{
	return s->id;
}

uint64_t
tunnel_session_age(const struct tunnel_session *s)
{
	return tunnel_loop_now(s->w->loop) - s->born;
}

uint64_t
tunnel_session_bytes(const struct tunnel_session *s, int way)
{
	if (way != TUNNEL_AB && way != TUNNEL_BA)
		return 0;
	if (s->hs != NULL && s->hs->forward != NULL)
		return tunnel_forward_bytes(s->hs->forward, way);
	return s->carrier != NULL ?
	    tunnel_pump_bytes(&s->carrier->pump, way) :
	    s->rest.pump.out[way];
}

int
tunnel_session_open(const struct tunnel_session *s)
{
	return s->opened;
}

int
tunnel_session_status(const struct tunnel_session *s)
{
	return s->hs != NULL && s->hs->link != NULL ?
	    tnl_speech_status(s->hs) : s->status;
}

int
tunnel_session_error(const struct tunnel_session *s)
{
	return s->hs != NULL && s->hs->failing < 0 ? s->hs->failing : s->error;
}

int
tunnel_session_upstream_status(const struct tunnel_session *s)
{
	return s->hs != NULL && s->hs->dial != NULL ?
	    tunnel_dial_status(s->hs->dial) : 0;
}

int
tunnel_session_upstream_hop(const struct tunnel_session *s)
{
	const struct tunnel_dial *d = s->hs != NULL ? s->hs->dial : NULL;

	return d != NULL && d->state == TNL_DIAL_ENDED &&
	    d->hops.at != NULL ? tunnel_dial_hop(d) : -1;
}

const char *
tunnel_session_upstream_scheme(const struct tunnel_session *s)
{
	const struct tunnel_client *c = s->hs != NULL && s->hs->dial != NULL ?
	    tnl_hops_client(&s->hs->dial->hops) : NULL;

	return c != NULL ? tunnel_client_scheme(c) : "";
}

/* ---- for hooks before the dial -------------------------------------- */

static int
is_late(const struct tunnel_session *s)
{
	return s->state != TNL_DECIDING ||
	    (s->target >= 0 && s->hs->kept == NULL);
}

int
tunnel_session_name(struct tunnel_session *s, const char *user)
{
	size_t n = strlen(user);
	char *copy;

	if (is_late(s))
		return TUNNEL_ESTATE;
	n = n < USER_MAX ? n : USER_MAX;
	copy = tnl_get(&s->hs->a, n + 1);
	if (copy == NULL)
		return TUNNEL_ENOMEM;
	memcpy(copy, user, n);
	if (s->user != NULL)
		tnl_put(&s->hs->a, s->user, strlen(s->user) + 1);
	s->user = copy;
	return 0;
}

int
tunnel_session_redirect(struct tunnel_session *s, const char *host,
    unsigned port)
{
	return is_late(s) ? TUNNEL_ESTATE : tnl_session_aim(s, host, port);
}

int
tunnel_session_direct(struct tunnel_session *s)
{
	if (is_late(s))
		return TUNNEL_ESTATE;
	s->hs->direct = 1;
	return 0;
}

int
tunnel_session_credentials(struct tunnel_session *s, int hop,
    const char *user, const char *password)
{
	return is_late(s) || s->w->proxy->via == NULL ? TUNNEL_ESTATE :
	    tnl_login_add(&s->hs->logins, &s->hs->a, s->w->proxy->via, hop,
	    user, password);
}

int
tunnel_session_use(struct tunnel_session *s, int fd)
{
	if (is_late(s))
		return TUNNEL_ESTATE;
	if (tnl_socket_adopt(fd) < 0)
		return TUNNEL_EINVAL;
	if (s->hs->kept != NULL)
		tnl_passing_forget(s);
	s->target = fd;
	return 0;
}

int
tunnel_session_way(struct tunnel_session *s, int fd)
{
	if (is_late(s) || s->hs->way >= 0 || s->w->proxy->via == NULL)
		return TUNNEL_ESTATE;
	if (tnl_socket_adopt_stream(fd) < 0)
		return TUNNEL_EINVAL;
	s->hs->way = fd;
	return 0;
}

int
tunnel_session_reply(struct tunnel_session *s, int status, const char *type,
    const void *body, size_t n)
{
	int rv;

	if ((is_late(s) && s->hs->failing == 0) || s->hs->server == NULL)
		return TUNNEL_ESTATE;
	rv = tunnel_server_reply(s->hs->server, status, type, body, n);
	return rv < 0 ? rv : 0;
}

int
tunnel_session_take(struct tunnel_session *s, const void **early, size_t *n)
{
	int fd = s->client;

	*n = 0;
	*early = NULL;
	if (is_late(s) || s->hs->taken || fd < 0)
		return -1;
	if (s->hs->link != NULL)
		*early = tunnel_link_surplus(s->hs->link, n);
	tnl_watches_remove(&s->watch[0], 0);
	s->client = -1;
	s->hs->taken = 1;
	return fd;
}

int
tunnel_session_end(struct tunnel_session *s, int error)
{
	if (error >= 0)
		return TUNNEL_EINVAL;
	if (s->state == TNL_OVER || s->kill < 0)
		return 0;
	s->kill = error;
	return tunnel_timer_set(&s->timer, 0);
}
