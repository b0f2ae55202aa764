/* test_faults.c - whole exchanges over streams of which one call goes wrong
 *
 *      app ==wire 0== relay of the client ==wire 1== relay of the proxy
 *          ==wire 2== target
 *
 * The handshake goes over wire 1 before the relays.  The four ends that the
 * library holds count their calls: the n-th of all goes wrong, for every n.
 * Either all arrives, or whoever misses a byte sees no clean end.
 */
#include "unit.h"
#include "oom.h"

enum { ROOM = 50, UP = 300, DOWN = 260, GREETING = 90, ROUNDS = 40000 };

enum kind { NONE, SHORT, NOTHING, WAIT, CROSS, BOTH, RESET, BROKEN, KINDS };

/* Half a wire: what is on its way. */
struct half {
	uint8_t p[ROOM];
	size_t n;
	int ended;
};

struct wire {
	struct half half[2];    /* 0: from its left end to its right */
	int dead;
};

struct world;

/* An end of a wire; the library's has a world. */
struct end {
	struct wire *wire;
	int right;
	struct world *world;
};

/* What is sent in the end by somebody, and what he gets. */
struct speaker {
	struct end end;
	size_t sent, n, got, want;
	int shut, finished;
};

struct world {
	int kind;               /* enum kind */
	unsigned long at, calls, hits;
	uint32_t seed, every;   /* by chance, one of so many; or 0 */
	struct wire wire[3];
	struct end end[4];      /* wire 0 right, 1 left, 1 right, 2 left */
	struct speaker app, target;
};

static uint8_t
byte_at(size_t i)
{
	return (uint8_t)(i * 7 % 251);
}

/* ---- streams -------------------------------------------------------- */

static int
due(struct end *e)
{
	struct world *w = e->world;

	if (w == NULL)
		return NONE;
	w->calls++;
	if (w->every > 0 ? rnd(&w->seed) % w->every != 0 : w->calls != w->at)
		return NONE;
	w->hits++;
	if (w->kind == RESET || w->kind == BROKEN)
		e->wire->dead = 1;
	return w->kind;
}

/* What a call ends with, other being the wait that nobody expects of it. */
static int
verdict(int kind, int wait, int other, int rv)
{
	switch ((enum kind)kind) {
	case WAIT:
	case BOTH:
		return wait;
	case CROSS:
		return other;
	case RESET:
		return TUNNEL_ERESET;
	case BROKEN:
		return TUNNEL_EIO;
	case SHORT:
	case NOTHING:
		return 0;
	case NONE:
	case KINDS:
		break;
	}
	return rv;
}

static size_t
least(size_t a, size_t b, int kind)
{
	size_t n = a < b ? a : b;

	if (kind == SHORT || kind == BOTH)
		return n < 1 ? n : 1;
	return kind == NONE ? n : 0;
}

static int
wire_read(void *ud, void *buf, size_t cap, size_t *got)
{
	struct end *e = ud;
	struct half *h = &e->wire->half[!e->right];
	int kind = due(e);

	*got = 0;
	if (e->wire->dead)
		return verdict(kind, 0, 0, TUNNEL_ERESET);
	/* Nothing there: an end is told with every kind that just waits. */
	if (h->n == 0)
		return kind > SHORT && kind != BOTH ?
		    verdict(kind, TUNNEL_IN, TUNNEL_OUT, 0) :
		    h->ended ? TUNNEL_DONE : TUNNEL_IN;
	*got = least(h->n, cap, kind);
	memcpy(buf, h->p, *got);
	memmove(h->p, h->p + *got, h->n - *got);
	h->n -= *got;
	return verdict(kind, TUNNEL_IN, TUNNEL_OUT, 0);
}

static int
wire_write(void *ud, const void *buf, size_t n, size_t *put)
{
	struct end *e = ud;
	struct half *h = &e->wire->half[e->right];
	int kind = due(e);

	*put = 0;
	if (e->wire->dead)
		return verdict(kind, 0, 0, TUNNEL_ERESET);
	*put = least(n, ROOM - h->n, kind);
	assert_false(h->ended);
	memcpy(h->p + h->n, buf, *put);
	h->n += *put;
	return verdict(kind, TUNNEL_OUT, TUNNEL_IN, *put < n ? TUNNEL_OUT : 0);
}

static int
wire_shut(void *ud)
{
	struct end *e = ud;
	int kind = due(e);

	if (e->wire->dead)
		return verdict(kind, 0, 0, TUNNEL_ERESET);
	if (kind == WAIT)
		return TUNNEL_OUT;
	if (kind == CROSS)
		return TUNNEL_IN;
	e->wire->half[e->right].ended = 1;
	return 0;
}

static int
wire_abort(void *ud)
{
	((struct end *)ud)->wire->dead = 1;
	return 0;
}

static const struct tunnel_io wire_io = {
	sizeof(struct tunnel_io), wire_read, wire_write, wire_shut, wire_abort,
	NULL
};

/* ---- the two who speak ---------------------------------------------- */

/* Say and hear what can be; the end of what is said comes only when sure. */
static void
speak(struct speaker *s, int ends)
{
	uint8_t buf[16];
	size_t n, i;
	int rv;

	n = s->n - s->sent < sizeof buf ? s->n - s->sent : sizeof buf;
	for (i = 0; i < n; i++)
		buf[i] = byte_at(s->sent + i);
	if (n > 0 && wire_write(&s->end, buf, n, &n) >= 0)
		s->sent += n;
	if (s->sent == s->n && ends && !s->shut)
		s->shut = wire_shut(&s->end) == 0;
	rv = wire_read(&s->end, buf, sizeof buf, &n);
	for (i = 0; i < n; i++)
		assert_int_equal(buf[i], byte_at(s->got + i));
	s->got += n;
	if (rv == TUNNEL_DONE)
		assert_int_equal(s->got, s->want);
	if (rv == TUNNEL_DONE || rv < 0)
		s->finished = rv;
}

/* The target greets, and answers when all has come. */
static void
speak_all(struct world *w)
{
	speak(&w->app, 1);
	if (w->target.finished > 0)
		w->target.n = GREETING + DOWN;
	speak(&w->target, w->target.finished > 0);
}

/* ---- the two in between --------------------------------------------- */

struct hop {
	struct tunnel_client *c;
	struct tunnel_server *s;
	struct tunnel_link *l;
	struct tunnel_pump *p;
	struct tunnel_relay *r;
	struct end *near, *far; /* of the handshake; of the other side */
	int side;               /* which the near one is of the relay */
	int over;               /* what it ended with */
};

static int
begin(const struct tunnel_alloc *a, struct hop *h)
{
	if (h->side == TUNNEL_B) {
		h->c = tunnel_client_new(a);
		if (h->c == NULL || tunnel_client_target(h->c, "a.example",
		    443) < 0 || tunnel_client_start(h->c) < 0)
			return 0;
		h->l = tunnel_link_client(a, h->c, 40);
	} else {
		h->s = tunnel_server_new(a);
		if (h->s != NULL)
			h->l = tunnel_link_server(a, h->s, 40);
	}
	h->p = tunnel_pump_new(a, 48, 41);
	h->r = h->p != NULL ? tunnel_relay_new(a, h->p) : NULL;
	return h->l != NULL && h->r != NULL &&
	    tunnel_link_io(h->l, &wire_io, h->near) == 0 &&
	    tunnel_relay_io(h->r, h->side, &wire_io, h->near) == 0 &&
	    tunnel_relay_io(h->r, 1 - h->side, &wire_io, h->far) == 0;
}

static void
seed(struct hop *h)
{
	size_t n, used;
	const void *p = tunnel_link_surplus(h->l, &n);

	assert_true(tunnel_pump_put(h->p, h->side, p, n, &used) >= 0);
	assert_int_equal(used, n);
	tunnel_link_free(h->l);
	h->l = NULL;
}

/* As an application does it: what fails is closed with a reset. */
static void
go(struct hop *h)
{
	int f;

	if (h->over != 0)
		return;
	f = h->l != NULL ? tunnel_link_step(h->l, 0) :
	    tunnel_relay_step(h->r, 0);
	if (h->l != NULL && f == TUNNEL_ASK)
		f = tunnel_server_accept(h->s);
	if (h->l != NULL && f >= 0 && f & TUNNEL_OPEN)
		seed(h);
	else if (f < 0 || f & TUNNEL_DONE)
		h->over = f;
	if (h->over < 0) {
		wire_abort(h->near);
		wire_abort(h->far);
	}
}

static void
end(struct hop *h)
{
	tunnel_link_free(h->l);
	tunnel_relay_free(h->r);
	tunnel_pump_free(h->p);
	tunnel_server_free(h->s);
	tunnel_client_free(h->c);
}

/* ---- exchanges ------------------------------------------------------ */

static void
make(struct world *w)
{
	int i;

	for (i = 0; i < 4; i++) {
		w->end[i].wire = &w->wire[(i + 1) / 2];
		w->end[i].right = i % 2 == 0;
		w->end[i].world = w;
	}
	w->app.end.wire = &w->wire[0];
	w->target.end.wire = &w->wire[2];
	w->target.end.right = 1;
	w->app.n = w->target.want = UP;
	w->app.want = GREETING + DOWN;
	w->target.n = GREETING;
}

/* 1 when all has come and both ended well.  However it goes, it ends. */
static int
exchange(const struct tunnel_alloc *a, void *ud)
{
	struct world *w = ud;
	struct hop client = { .near = &w->end[1], .far = &w->end[0],
	    .side = TUNNEL_B };
	struct hop proxy = { .near = &w->end[2], .far = &w->end[3],
	    .side = TUNNEL_A };
	int i, begun;

	memset(w->wire, 0, sizeof w->wire);
	memset(&w->app, 0, sizeof w->app);
	memset(&w->target, 0, sizeof w->target);
	make(w);
	begun = begin(a, &client) && begin(a, &proxy);
	for (i = 0; begun && i < ROUNDS && (client.over == 0 ||
	    proxy.over == 0 || w->app.finished == 0 ||
	    w->target.finished == 0); i++) {
		go(&client);
		go(&proxy);
		speak_all(w);
	}
	assert_true(i < ROUNDS);
	end(&client);
	end(&proxy);
	return begun && client.over > 0 && proxy.over > 0 &&
	    w->app.finished > 0 && w->target.finished > 0;
}

static void
each_call(void **state)
{
	struct world w;
	int kind, done;

	(void)state;
	for (kind = SHORT; kind < KINDS; kind++) {
		memset(&w, 0, sizeof w);
		w.kind = kind;
		do {
			w.at++;
			w.calls = w.hits = 0;
			done = exchange(NULL, &w);
			if (w.hits == 0 || kind < RESET)
				assert_true(done);
		} while (w.hits > 0);
		assert_true(w.at > 30);
	}
}

static void
every_so_many(void **state)
{
	struct world w;
	int kind;

	(void)state;
	for (kind = SHORT; kind < RESET; kind++) {
		memset(&w, 0, sizeof w);
		w.kind = kind;
		for (w.seed = 99, w.every = 2; w.every < 40; w.every++)
			assert_true(exchange(NULL, &w));
	}
}

static void
no_memory(void **state)
{
	struct world w;

	(void)state;
	memset(&w, 0, sizeof w);
	oom_run(exchange, &w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call), cmocka_unit_test(every_so_many),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
