/* dialling.c - a session's dial: through whom, and to whom
 *
 *      no proxies of ours, or not for it   the target
 *      a tunnel                            the target, through all of them
 *      a message                           the last of them, through the
 *                                          others; it passes the message on
 */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "net/session.h"
#include "net/upstream.h"

/* Who has passed the request on, and we (RFC 9110 section 7.6.3): so a loop
 * over several proxies comes to an end as well. */
static int
add_via(struct tunnel_session *s)
{
	const struct tunnel_server *server = s->hs->server;
	const char *value;
	char via[80];
	size_t i;
	int rv = 0;

	for (i = 0; server != NULL && rv == 0 &&
	    (value = tunnel_server_request(server, "Via", i)) != NULL; i++)
		rv = tunnel_dial_field(s->hs->dial, "Via", value);
	(void)snprintf(via, sizeof via, "1.1 %s", s->w->proxy->name);
	return rv < 0 ? rv : tunnel_dial_field(s->hs->dial, "Via", via);
}

static int
add_proxies(struct tunnel_session *s)
{
	struct tunnel_proxy *p = s->w->proxy;
	const struct tnl_line *l;
	int rv;

	if (p->via == NULL || s->hs->direct)
		return 0;
	rv = tnl_upstream_route(p->via, s->hs->logins, s->hs->dial,
	    s->hs->absolute);
	/* Whether it is of use to others than who has logged in by it. */
	s->hs->personal = s->hs->logins != NULL && !s->hs->absolute;
	if (!s->hs->absolute)
		tnl_login_free(&s->hs->logins);
	for (l = p->fields; l != NULL && rv == 0; l = l->next)
		rv = tunnel_dial_field(s->hs->dial, l->text,
		    l->text + strlen(l->text) + 1);
	return rv < 0 ? rv : add_via(s);
}

/* A hook may have brought the connection to the first of them. */
static int
use_way(struct tunnel_session *s)
{
	int rv = s->hs->way < 0 ? 0 : tunnel_dial_use(s->hs->dial, s->hs->way);

	if (rv == 0)
		s->hs->way = -1;
	return rv;
}

/* What is passed on goes to the last of our proxies as it is, where that wants
 * no login of several rounds; else to the origin, through a tunnel. */
int
tnl_session_whereto(struct tunnel_session *s, struct tnl_last *last)
{
	struct tunnel_proxy *p = s->w->proxy;
	int rv = TUNNEL_ESTATE;

	tnl_buf_init(&last->login, &s->hs->a, 0);
	/* A way that a hook has brought is to be asked for a tunnel. */
	if (p->via != NULL && !s->hs->direct && s->hs->way < 0 &&
	    tnl_passing_asked(s))
		rv = tnl_upstream_last(p->via, s->hs->logins, &s->hs->a, last);
	s->hs->absolute = rv == 0;
	if (rv < 0)
		tnl_buf_free(&last->login);
	return rv == TUNNEL_ESTATE ? 0 : rv;
}

static int
start(struct tunnel_session *s, const struct tnl_last *last)
{
	/* What the policy says is of targets. */
	if (s->hs->absolute)
		return tunnel_dial_start(s->hs->dial, last->host, last->port,
		    tnl_session_dialled, s);
	(void)tunnel_dial_judge(s->hs->dial, tnl_stages_judge, s);
	return tunnel_dial_start(s->hs->dial, s->host, s->port,
	    tnl_session_dialled, s);
}

int
tnl_session_dial(struct tunnel_session *s)
{
	struct tunnel_proxy *p = s->w->proxy;
	struct tnl_last last;
	int rv;

	s->hs->dial = tunnel_dial_new(&s->hs->a, s->w->loop, s->w->resolver);
	if (s->hs->dial == NULL)
		return TUNNEL_ENOMEM;
	(void)tunnel_dial_timeout(s->hs->dial, p->time[TUNNEL_TIME_DIAL]);
	(void)tunnel_dial_family(s->hs->dial, p->family);
	tnl_dial_keep_watch(s->hs->dial);
	if (*p->bind != '\0')
		(void)tunnel_dial_bind(s->hs->dial, p->bind);
	if (p->keepalive >= 0)
		(void)tunnel_dial_keepalive(s->hs->dial,
		    (unsigned)p->keepalive);
	s->hs->personal = 0;
	rv = tnl_session_whereto(s, &last);
	tnl_buf_free(&last.login);
	if (rv == 0)
		rv = add_proxies(s);
	if (rv == 0)
		rv = use_way(s);
	if (rv == 0)
		rv = start(s, &last);
	if (rv == 0)
		s->state = TNL_DIALING;
	return rv;
}
