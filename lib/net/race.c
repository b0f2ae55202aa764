/* race.c - several addresses, and the first that connects wins
 *
 * RFC 8305: addresses of the two families take turns, beginning with the family
 * of the first (section 4); a new attempt begins when the last one has failed,
 * or has not answered within the delay (section 5).
 *
 *        |--- attempt 1 ------------ connected: wins
 *        |<delay>|--- attempt 2 ---- closed
 *
 * When all have failed, the failure that says most about the target is the
 * outcome: "refused" was an answer, "unreachable" may be about our own network.
 */
#include "net/race.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/emit.h"
#include "net/loop.h"

struct attempt {
	struct tnl_race *race;
	struct tnl_endpoint to;
	struct tunnel_watch watch;
	int fd;                         /* -1: not trying */
	int error;                      /* not to be tried, or failed */
};

struct tnl_race {
	struct tunnel_alloc a;
	struct tunnel_loop *loop;
	struct tnl_buf *report;
	tnl_race_fn fn;
	void *ud;
	struct tunnel_timer timer;
	uint64_t delay;
	struct tnl_endpoint from;
	size_t cap, n, next;            /* attempts; those that have begun */
	size_t trying;
	int won;
	struct attempt attempt[];
};

static void on_timer(void *ud);

static size_t
size(size_t cap)
{
	return sizeof(struct tnl_race) + cap * sizeof(struct attempt);
}

struct tnl_race *
tnl_race_new(const struct tunnel_alloc *a, size_t n, struct tunnel_loop *l,
    struct tnl_buf *report, tnl_race_fn fn, void *ud)
{
	size_t cap = n < TNL_RACE_MAX ? n : TNL_RACE_MAX;
	struct tnl_race *r = tnl_get(a, size(cap));

	if (r == NULL)
		return NULL;
	r->a = *a;
	r->cap = cap;
	r->loop = l;
	r->report = report;
	r->fn = fn;
	r->ud = ud;
	if (tnl_loop_timer(&r->timer, l, on_timer, r) < 0) {
		tnl_put(a, r, size(cap));
		return NULL;
	}
	return r;
}

static void
note(struct tnl_race *r, const struct tnl_endpoint *e, const char *what)
{
	char text[TNL_ENDPOINT_TEXT];
	int rv = 0;

	/* A report that is full, or for which there is no memory, ends. */
	tnl_endpoint_text(e, text);
	tnl_emit_text(r->report, text, &rv);
	tnl_emit_text(r->report, ": ", &rv);
	tnl_emit_text(r->report, what, &rv);
	tnl_emit_text(r->report, "\n", &rv);
}

static void
stop(struct attempt *t)
{
	if (t->fd < 0)
		return;
	tnl_watches_remove(&t->watch, 1);
	(void)close(t->fd);
	t->fd = -1;
	t->race->trying--;
}

void
tnl_race_free(struct tnl_race *r)
{
	struct tunnel_alloc a;
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->n; i++) {
		if (r->attempt[i].fd >= 0 && !r->won)
			note(r, &r->attempt[i].to, "no answer in time");
		stop(&r->attempt[i]);
	}
	tnl_timer_end(&r->timer);
	a = r->a;
	tnl_put(&a, r, size(r->cap));
}

void
tnl_race_add(struct tnl_race *r, const struct tnl_endpoint *e, int error)
{
	struct attempt *t;

	if (r->n == r->cap)
		return;
	t = &r->attempt[r->n++];
	t->race = r;
	t->to = *e;
	t->fd = -1;
	t->error = error;
	if (error < 0)
		note(r, e, tunnel_strerror(error));
}

/* ---- attempts ------------------------------------------------------- */

/* The failure that an errno of socket(2) or connect(2) is. */
static int
failure(int e)
{
	switch (e) {
	case ECONNREFUSED:
	case ECONNRESET:
		return TUNNEL_ECONNECT;
	case ETIMEDOUT:
		return TUNNEL_ETIMEOUT;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case EADDRNOTAVAIL:
		return TUNNEL_EBUSY;
	}
	return TUNNEL_EUNREACH;
}

static void
fail(struct attempt *t, int e)
{
	stop(t);
	t->error = failure(e);
	note(t->race, &t->to, strerror(e));
}

static void
win(struct attempt *t, int ready)
{
	struct tnl_race *r = t->race;
	struct tnl_won won;
	size_t i;

	won.fd = t->fd;
	won.watch = &t->watch;
	won.ready = ready;
	won.peer = t->to;
	t->fd = -1;
	r->trying--;
	r->won = 1;
	for (i = 0; i < r->n; i++)
		stop(&r->attempt[i]);
	r->fn(r->ud, 0, &won);
}

static void
on_ready(void *ud, int ready)
{
	struct attempt *t = ud;
	struct tnl_endpoint peer;
	int e;

	/* Writable, and no error beside it: that is all there is to know. */
	if (ready & TUNNEL_OUT && !(ready & (TUNNEL_RESET | TUNNEL_NOW))) {
		win(t, ready);
		return;
	}
	e = tnl_socket_error(t->fd);
	tnl_socket_peer(t->fd, &peer);
	/* Some kqueues take the error away when they tell of it. */
	if (e == 0 && peer.n == 0 && (ready & TUNNEL_RESET) != 0)
		e = ECONNREFUSED;
	if (e != 0) {
		fail(t, e);
		/* The next one need not wait. */
		(void)tunnel_timer_set(&t->race->timer, 0);
	} else if (peer.n > 0) {
		win(t, ready);
	}
}

/* 1 when it is trying. */
static int
begin(struct attempt *t)
{
	struct tnl_race *r = t->race;
	struct sockaddr_storage sa;
	socklen_t n = tnl_endpoint_put(&r->from, &sa);
	int fd = tnl_socket_new(t->to.n == 4 ? AF_INET : AF_INET6);

	if (fd < 0) {
		fail(t, errno);
		return 0;
	}
	t->fd = fd;
	r->trying++;
	tnl_socket_tune(fd);
	if (r->from.n > 0 && bind(fd, (struct sockaddr *)(void *)&sa, n) < 0) {
		fail(t, errno);
		return 0;
	}
	n = tnl_endpoint_put(&t->to, &sa);
	if (connect(fd, (struct sockaddr *)(void *)&sa, n) < 0 &&
	    errno != EINPROGRESS && errno != EINTR) {
		fail(t, errno);
		return 0;
	}
	if (tnl_watches_add(&t->watch, r->loop, fd, on_ready, t) < 0) {
		fail(t, ENOMEM);
		return 0;
	}
	/* What the other side says at once is not to be overheard. */
	(void)tunnel_watch_wants(&t->watch, TUNNEL_IN | TUNNEL_OUT);
	return 1;
}

/* What a failure tells of the target, compared with others. */
static int
weight(int error)
{
	switch (error) {
	case TUNNEL_ECONNECT:
		return 5;
	case TUNNEL_ETIMEOUT:
		return 4;
	case TUNNEL_EBUSY:
		return 3;
	case TUNNEL_EUNREACH:
		return 2;
	}
	return 1;
}

static int
outcome(const struct tnl_race *r)
{
	int error = r->n > 0 ? r->attempt[0].error : TUNNEL_EUNREACH;
	size_t i;

	for (i = 1; i < r->n; i++)
		if (weight(r->attempt[i].error) > weight(error))
			error = r->attempt[i].error;
	return error;
}

static void
on_timer(void *ud)
{
	struct tnl_race *r = ud;
	struct attempt *t;
	int begun = 0;

	while (r->next < r->n && !begun) {
		t = &r->attempt[r->next++];
		begun = t->error == 0 && begin(t);
	}
	if (begun && r->next < r->n)
		(void)tunnel_timer_set(&r->timer, tnl_clock() + r->delay);
	else if (r->trying == 0)
		r->fn(r->ud, outcome(r), NULL);
}

/* The families take turns, each in the order it came in. */
static void
interleave(struct tnl_race *r)
{
	struct attempt sorted[TNL_RACE_MAX];
	size_t at[2] = { 0, 0 }, size, i;
	int turn = 0;

	if (r->n == 0)
		return;
	size = r->attempt[0].to.n;
	for (i = 0; i < r->n; i++, turn = 1 - turn) {
		while (at[turn] < r->n && (r->attempt[at[turn]].to.n == size) ==
		    (turn == 1))
			at[turn]++;
		if (at[turn] == r->n) {
			turn = 1 - turn;
			while ((r->attempt[at[turn]].to.n == size) ==
			    (turn == 1))
				at[turn]++;
		}
		sorted[i] = r->attempt[at[turn]++];
	}
	memcpy(r->attempt, sorted, r->n * sizeof sorted[0]);
}

void
tnl_race_start(struct tnl_race *r, uint64_t delay,
    const struct tnl_endpoint *from)
{
	r->delay = delay;
	r->from = *from;
	if (r->n > 1)
		interleave(r);
	(void)tunnel_timer_set(&r->timer, 0);
}
