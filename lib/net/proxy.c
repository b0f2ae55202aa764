/* proxy.c - be an HTTP proxy that carries tunnels
 *
 *      NEW --start--> STARTED --drain or stop, and all have ended--> ENDED
 *
 * What is set is set before start, and the threads only read it; what can be
 * changed at work, the policy, is taken to them by a visit.
 */
#include "net/proxy.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/random.h"
#include "net/session.h"
#include "net/upstream.h"

static const uint64_t limits[TNL_LIMITS] = { 0, 0, 4096, 65536, 65536, 0, 0 };
static const uint64_t times[TNL_TIMES] = {
	30000, 30000, 0, 300000, 0, 0, 300000
};

/* A name that nobody else has: it only has to be unlike, not secret. */
static void
make_name(struct tunnel_proxy *p)
{
	uint64_t v = tnl_clock() ^ (uint64_t)(uintptr_t)p ^
	    (uint64_t)getpid() << 40;
	uint64_t random;

	if (tnl_random(NULL, &random, sizeof random) == 0)
		v ^= random;
	(void)snprintf(p->name, sizeof p->name, "libtunnel-%016llx",
	    (unsigned long long)v);
}

struct tunnel_proxy *
tunnel_proxy_new(const struct tunnel_alloc *a, struct tunnel_loop *l)
{
	struct tunnel_alloc own;
	struct tunnel_proxy *p;

	tnl_alloc_init(&own, a);
	p = tnl_get(&own, sizeof *p);
	if (p == NULL)
		return NULL;
	p->a = own;
	p->guest = l;
	p->last_place = &p->places;
	p->last_via = &p->via;
	memcpy(p->limit, limits, sizeof limits);
	memcpy(p->time, times, sizeof times);
	p->threads = 1;
	p->keepalive = -1;
	make_name(p);
	p->policy = tunnel_policy_new(&p->a);
	if (p->policy == NULL || tnl_census_init(&p->census, &p->a) < 0) {
		tunnel_proxy_free(p);
		return NULL;
	}
	return p;
}

/* They may hold passwords. */
static void
free_lines(const struct tunnel_alloc *a, struct tnl_line *l)
{
	struct tnl_line *next;

	for (; l != NULL; l = next) {
		next = l->next;
		tnl_wipe(l, sizeof *l);
		tnl_put(a, l, sizeof *l);
	}
}

void
tunnel_proxy_free(struct tunnel_proxy *p)
{
	struct tunnel_alloc a;
	struct tnl_place *place;
	struct tnl_own *own;

	if (p == NULL)
		return;
	tnl_crew_end(p);
	a = p->a;
	while ((own = p->own) != NULL) {
		p->own = own->next;
		tnl_put(&a, own, sizeof *own);
	}
	while ((place = p->places) != NULL) {
		p->places = place->next;
		tnl_put(&a, place, sizeof *place);
	}
	tnl_upstream_free(&a, p->via);
	free_lines(&a, p->fields);
	tunnel_policy_free(p->policy);
	tnl_census_free(&p->census);
	tnl_put(&a, p, sizeof *p);
}

/* ---- at work -------------------------------------------------------- */

int
tunnel_proxy_open(struct tunnel_proxy *p)
{
	int rv;

	if (p->state != TNL_PROXY_NEW)
		return TUNNEL_ESTATE;
	rv = tnl_crew_open(p);
	p->state = rv == 0 ? TNL_PROXY_OPENED : TNL_PROXY_ENDED;
	return rv;
}

int
tunnel_proxy_start(struct tunnel_proxy *p)
{
	int rv;

	if (p->state == TNL_PROXY_NEW) {
		rv = tunnel_proxy_open(p);
		if (rv < 0)
			return rv;
	}
	if (p->state != TNL_PROXY_OPENED)
		return TUNNEL_ESTATE;
	rv = tnl_crew_start(p);
	p->state = rv == 0 ? TNL_PROXY_STARTED : TNL_PROXY_ENDED;
	return rv;
}

int
tunnel_proxy_run(struct tunnel_proxy *p)
{
	int rv = 0;

	if (p->state == TNL_PROXY_NEW || p->state == TNL_PROXY_OPENED)
		rv = tunnel_proxy_start(p);
	if (rv == 0 && p->state == TNL_PROXY_STARTED) {
		p->running = 1;
		rv = tunnel_loop_run(p->worker[0].loop);
		p->running = 0;
	}
	return rv;
}

const char *
tunnel_proxy_reason(const struct tunnel_proxy *p)
{
	return p->reason;
}

const char *
tunnel_proxy_address(const struct tunnel_proxy *p, size_t i)
{
	const struct tnl_place *place = p->places;

	while (place != NULL && i-- > 0)
		place = place->next;
	return place != NULL && *place->name != '\0' ? place->name : NULL;
}

struct drain {
	struct tunnel_alloc a;
	uint64_t ms;
	int stop;
};

static void
drain_one(struct tnl_worker *w, void *ud)
{
	const struct drain *d = ud;

	if (d->stop)
		tnl_worker_stop(w);
	else
		tnl_worker_drain(w, d->ms);
}

static void
drained(void *ud)
{
	struct tunnel_alloc a = ((struct drain *)ud)->a;

	tnl_put(&a, ud, sizeof(struct drain));
}

static int
drain(struct tunnel_proxy *p, uint64_t ms, int stop)
{
	struct drain *d;
	int rv;

	if (p->state != TNL_PROXY_STARTED)
		return TUNNEL_ESTATE;
	d = tnl_get(&p->a, sizeof *d);
	if (d == NULL)
		return TUNNEL_ENOMEM;
	d->a = p->a;
	d->ms = ms;
	d->stop = stop;
	rv = tnl_crew_visit(p, drain_one, drained, d);
	if (rv < 0)
		drained(d);
	return rv;
}

int
tunnel_proxy_drain(struct tunnel_proxy *p, uint64_t ms)
{
	return drain(p, ms, 0);
}

int
tunnel_proxy_stop(struct tunnel_proxy *p)
{
	return drain(p, 0, 1);
}

int
tunnel_proxy_on_end(struct tunnel_proxy *p, tunnel_call_fn fn, void *ud)
{
	p->on_end = fn;
	p->on_end_ud = ud;
	return 0;
}

/* ---- the policy ----------------------------------------------------- */

struct adoption {
	struct tunnel_alloc a;
	struct tunnel_policy *policy, *old;
};

static void
adopt(struct tnl_worker *w, void *ud)
{
	w->policy = ((const struct adoption *)ud)->policy;
}

/* All have the new one: nobody looks at the old one any more. */
static void
adopted(void *ud)
{
	struct adoption v = *(struct adoption *)ud;

	tnl_put(&v.a, ud, sizeof v);
	tunnel_policy_free(v.old);
}

static int
hand_round(struct tunnel_proxy *p, struct tunnel_policy *policy)
{
	struct adoption *v = tnl_get(&p->a, sizeof *v);
	int rv;

	if (v == NULL)
		return TUNNEL_ENOMEM;
	v->a = p->a;
	v->policy = policy;
	v->old = p->policy;
	rv = tnl_crew_visit(p, adopt, adopted, v);
	if (rv < 0)
		tnl_put(&p->a, v, sizeof *v);
	return rv;
}

int
tunnel_proxy_policy(struct tunnel_proxy *p, struct tunnel_policy *policy)
{
	int rv = 0;

	if (policy == NULL)
		return TUNNEL_EINVAL;
	if (p->state == TNL_PROXY_OPENED || p->state == TNL_PROXY_STARTED)
		rv = hand_round(p, policy);
	else
		tunnel_policy_free(p->policy);
	if (rv == 0)
		p->policy = policy;
	return rv;
}

/* ---- looking -------------------------------------------------------- */

struct survey {
	struct tunnel_alloc a;
	void (*each)(void *ud, struct tunnel_session *s);
	tunnel_call_fn done;
	void *ud;
};

static void
survey_one(struct tnl_worker *w, void *ud)
{
	const struct survey *v = ud;
	struct tnl_chain *l;

	for (l = w->sessions.next; l != &w->sessions; l = l->next)
		v->each(v->ud, TNL_OF(struct tunnel_session, all, l));
}

static void
surveyed(void *ud)
{
	struct survey v = *(struct survey *)ud;

	tnl_put(&v.a, ud, sizeof v);
	if (v.done != NULL)
		v.done(v.ud);
}

int
tunnel_proxy_survey(struct tunnel_proxy *p,
    void (*each)(void *ud, struct tunnel_session *s), tunnel_call_fn done,
    void *ud)
{
	struct survey *v;
	int rv;

	if (p->state != TNL_PROXY_STARTED)
		return TUNNEL_ESTATE;
	v = tnl_get(&p->a, sizeof *v);
	if (v == NULL)
		return TUNNEL_ENOMEM;
	v->a = p->a;
	v->each = each;
	v->done = done;
	v->ud = ud;
	rv = tnl_crew_visit(p, survey_one, surveyed, v);
	if (rv < 0)
		tnl_put(&p->a, v, sizeof *v);
	return rv;
}

uint64_t
tunnel_proxy_count(const struct tunnel_proxy *p, int count)
{
	if (count < 0 || count >= TNL_COUNTS)
		return 0;
	/* Counting is not changing, but for the mutex. */
	return tnl_census_get((struct tnl_census *)(uintptr_t)&p->census,
	    count);
}
