/* stages.c - whether a session gets its tunnel: who decides, in which order
 *
 *      enter      the client's address, and how many sessions it has
 *      room       tunnels and memory in all
 *      loop       has the request been here before (RFC 9110 section 7.6.3)?
 *      request    hook; it may have taken other methods than CONNECT
 *      connect    what is no CONNECT by now is refused
 *      who        hook: authenticate
 *      name       the policy, as far as the name alone tells; the last word
 *                 where other proxies resolve it
 *      may        hook: authorise
 *      dial       hook; it may bring a socket
 *      judge      the policy again, for each address that is dialled
 *
 * A client of SOCKS says who it is first, and begins anew with each message:
 *
 *      who  target  room  request  name  may  dial  judge
 *
 *      target     it is let in; what follows needs its request
 *
 * A hook that answers later leaves the session at its stage; the answer goes on
 * with the next one.
 */
#include <string.h>

#include "core/ascii.h"
#include "net/session.h"

int
tnl_stages_enter(struct tunnel_session *s)
{
	struct tunnel_proxy *p = s->w->proxy;
	int rv = tunnel_policy_judge_client(s->w->policy, s->peer.addr,
	    s->peer.n);

	if (rv < 0)
		return TUNNEL_ECLIENT;
	rv = tnl_census_enter(&p->census, &s->peer,
	    p->limit[TUNNEL_LIMIT_CLIENT]);
	s->entered = rv == 0;
	return rv;
}

/* Every tunnel may fill both its buffers. */
static int
room(struct tunnel_session *s)
{
	struct tunnel_proxy *p = s->w->proxy;
	uint64_t max = p->limit[TUNNEL_LIMIT_TUNNELS];
	uint64_t each = 2 * p->limit[TUNNEL_LIMIT_BUFFER];
	uint64_t memory = p->limit[TUNNEL_LIMIT_MEMORY];

	if (memory > 0) {
		if (memory < each)
			return TUNNEL_EBUSY;
		if (max == 0 || max > memory / each)
			max = memory / each;
	}
	if (tnl_census_reserve(&p->census, max) < 0)
		return TUNNEL_EBUSY;
	s->reserved = 1;
	tnl_chain_take(&s->hs->chain);
	tnl_tally_add(s->w->tally, TUNNEL_COUNT_HANDSHAKES, -1);
	return 0;
}

/* Is our name a word of the value, "1.1 name, 1.0 other (comment)"? */
static int
names_us(const char *value, const char *name)
{
	size_t n = strlen(name);
	const char *at;

	for (at = value; (at = strstr(at, name)) != NULL; at += n)
		if ((at == value || at[-1] == ' ' || at[-1] == '\t') &&
		    strchr(" \t,;(", at[n]) != NULL)
			return 1;
	return 0;
}

static int
loop(struct tunnel_session *s)
{
	const char *value;
	size_t i;

	if (s->hs->server == NULL)
		return 0;
	for (i = 0; (value = tunnel_server_request(s->hs->server, "Via", i)) !=
	    NULL; i++)
		if (names_us(value, s->w->proxy->name))
			return TUNNEL_ELOOP;
	return 0;
}

int
tnl_stages_hook(struct tunnel_session *s, int hook)
{
	const struct tnl_hook *h = &s->w->proxy->hook[hook];

	if (h->fn == NULL)
		return 0;
	return h->fn(h->ud, s);
}

static int
request(struct tunnel_session *s)
{
	return tnl_stages_hook(s, TUNNEL_ON_REQUEST);
}

/* A path alone names nothing of ours; what needs TLS needs a tunnel. */
static int
connect_only(struct tunnel_session *s)
{
	if (s->port != 0)
		return 0;
	return s->hs->forward != NULL &&
	    tunnel_forward_scheme(s->hs->forward) == NULL ? TUNNEL_ETARGET :
	    TUNNEL_EMETHOD;
}

static int
who(struct tunnel_session *s)
{
	/* Of SOCKS that is known once there is a request. */
	if (s->hs->socks != NULL && tunnel_socks_host(s->hs->socks) != NULL)
		return 0;
	return tnl_stages_hook(s, TUNNEL_ON_AUTHENTICATE);
}

/* A target that the application chose itself is not judged.  Where a proxy on
 * the way resolves the name, nobody here ever sees an address: this verdict is
 * the last one, and no rule that needs an address may speak for the name. */
static int
name(struct tunnel_session *s)
{
	const struct tunnel_policy *policy = s->w->policy;

	if (s->hs->place->port != 0)
		return 0;
	return s->w->proxy->via != NULL && !s->hs->direct ?
	    tunnel_policy_judge(policy, s->host, NULL, 0, s->port) :
	    tunnel_policy_judge_name(policy, s->host, s->port);
}

static int
may(struct tunnel_session *s)
{
	return tnl_stages_hook(s, TUNNEL_ON_AUTHORISE);
}

static int
dial(struct tunnel_session *s)
{
	return tnl_stages_hook(s, TUNNEL_ON_DIAL);
}

static int
target(struct tunnel_session *s)
{
	int rv;

	if (tunnel_socks_host(s->hs->socks) != NULL)
		return 0;
	rv = tunnel_socks_accept(s->hs->socks);
	return rv < 0 ? rv : TUNNEL_IN;
}

int
tnl_stages(struct tunnel_session *s)
{
	typedef int stage_fn(struct tunnel_session *);
	static stage_fn *const usual[] = {
		room, loop, request, connect_only, who, name, may, dial, NULL
	};
	static stage_fn *const socks[] = {
		who, target, room, request, name, may, dial, NULL
	};
	stage_fn *const *stage = s->hs->socks != NULL ? socks : usual;
	int rv = 0;

	while (rv == 0 && stage[s->hs->stage] != NULL)
		rv = stage[s->hs->stage++](s);
	return rv;
}

int
tnl_stages_judge(void *ud, const char *host, const void *addr, size_t n,
    unsigned port)
{
	const struct tunnel_session *s = ud;

	if (tnl_worker_own(s->w, addr, n, port))
		return TUNNEL_ELOOP;
	return s->hs->place->port != 0 ? 0 :
	    tunnel_policy_judge(s->w->policy, host, addr, n, port);
}
