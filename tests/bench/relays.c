/* relays.c - what an exchange costs beside few other tunnels and beside many
 *
 * Tunnels over streams in memory, so that there can be more of them than
 * descriptors: a pump, a relay and a timer for its idle time each, and a byte
 * there and back.  Kept apart are the order in which their turn comes, as a
 * processor remembers what it has just used, and reads ahead what is in a row;
 * and plain memory of the same size, used in the same order, tells what of the
 * rise is the processor's.
 */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

#include "bench.h"

/* Bytes that a way holds at most; ms; bytes of a line of a cache. */
enum { HOLD = 64, IDLE = 3600000, LINE = 64, STRIDE = 7, MOST = 100000 };

/* A side's stream: a byte that it will say, and one that it was told. */
struct peer {
	uint8_t says, hears;
	uint8_t ready;
};

struct tunnel {
	struct tunnel_pump *pump;
	struct tunnel_relay *relay;
	struct tunnel_timer *timer;
	struct peer peer[2];
};

struct crowd {
	struct tunnel_loop *loop;
	struct tunnel_alloc alloc;
	size_t held;                    /* of the allocator, in bytes */
	struct tunnel *tunnel;
	uint8_t *plain;
	size_t each;                    /* bytes of a tunnel, whole lines */
	unsigned n, next;
	int at_random;
	uint64_t now;
	unsigned late;
};

/* ---- memory and streams ---------------------------------------------- */

static void *
get(void *ud, size_t size)
{
	struct crowd *c = ud;

	c->held += size;
	return malloc(size);
}

static void
put(void *ud, void *block, size_t size)
{
	struct crowd *c = ud;

	c->held -= size;
	free(block);
}

static int
peer_read(void *ud, void *buf, size_t cap, size_t *got)
{
	struct peer *p = ud;

	*got = 0;
	if (p->ready && cap > 0) {
		*(uint8_t *)buf = p->says;
		p->ready = 0;
		*got = 1;
	}
	return TUNNEL_IN;
}

static int
peer_write(void *ud, const void *buf, size_t n, size_t *done)
{
	struct peer *p = ud;

	need(n == 1, "another number of bytes than was sent");
	p->hears = *(const uint8_t *)buf;
	*done = 1;
	return 0;
}

static int
peer_shut(void *ud)
{
	(void)ud;
	return 0;
}

static const struct tunnel_io peer_io = {
	sizeof(struct tunnel_io), peer_read, peer_write, peer_shut, NULL, NULL
};

/* ---- tunnels --------------------------------------------------------- */

static void
late(void *ud)
{
	struct crowd *c = ud;

	c->late++;
}

static void
open_one(struct crowd *c)
{
	struct tunnel *t = &c->tunnel[c->n++];

	t->pump = tunnel_pump_new(&c->alloc, HOLD, HOLD);
	t->relay = tunnel_relay_new(&c->alloc, t->pump);
	t->timer = tunnel_timer_new(c->loop, late, c);
	need(t->relay != NULL && t->timer != NULL, "no memory for a tunnel");
	need(tunnel_pump_idle(t->pump, IDLE) == 0 &&
	    tunnel_relay_io(t->relay, TUNNEL_A, &peer_io, &t->peer[0]) == 0 &&
	    tunnel_relay_io(t->relay, TUNNEL_B, &peer_io, &t->peer[1]) == 0 &&
	    tunnel_relay_step(t->relay, c->now) == 0, "no tunnel");
	(void)tunnel_timer_set(t->timer, tunnel_relay_deadline(t->relay));
}

static void
close_one(struct crowd *c)
{
	struct tunnel *t = &c->tunnel[--c->n];

	tunnel_timer_free(t->timer);
	tunnel_relay_free(t->relay);
	tunnel_pump_free(t->pump);
}

static void
pass(struct crowd *c, struct tunnel *t, int from)
{
	uint8_t byte = (uint8_t)c->now;

	t->peer[from].says = byte;
	t->peer[from].ready = 1;
	(void)tunnel_relay_step(t->relay, c->now);
	need(t->peer[1 - from].hears == byte, "other bytes than were sent");
	(void)tunnel_timer_set(t->timer, tunnel_relay_deadline(t->relay));
}

static unsigned
turn(struct crowd *c)
{
	if (c->at_random)
		return draw() % c->n;
	c->next = c->next + 1 < c->n ? c->next + 1 : 0;
	return c->next;
}

static void
exchange(void *ud)
{
	struct crowd *c = ud;
	struct tunnel *t = &c->tunnel[turn(c)];

	c->now++;
	pass(c, t, 0);
	pass(c, t, 1);
}

/* Each line once, and where the next is only the one before it says: so is what
 * a call of ours waits for. */
static void
touch(void *ud)
{
	struct crowd *c = ud;
	uint8_t *at = c->plain + c->each * turn(c);
	size_t lines = c->each / LINE, i, k = 0;

	for (i = 0; i < lines; i++) {
		k = (k + STRIDE) % lines + at[k * LINE];
		at[k * LINE + 1]++;
	}
}

/* ---- figures --------------------------------------------------------- */

static const char part[] = "tunnels in memory, a byte there and back";

static void
take(struct crowd *c, const char *what, void (*fn)(void *ud))
{
	int r = row(part, "ns", "%s, %u", what, c->n);

	sample(r, each(fn, c) * 1e9);
	if (c->n > 10)
		against(r, row(part, "ns", "%s, 10", what));
}

static void
take_memory(struct crowd *c)
{
	int r = row(part, "B", "a tunnel, %u", c->n);

	sample(r, (double)c->held / c->n);
	if (c->n > 10)
		against(r, row(part, "B", "a tunnel, 10"));
}

static void
measure(unsigned n)
{
	struct crowd c = { 0 };

	c.alloc.get = get;
	c.alloc.put = put;
	c.alloc.ud = &c;
	c.loop = tunnel_loop_new(&c.alloc, NULL);
	c.tunnel = malloc(n * sizeof *c.tunnel);
	need(c.loop != NULL && c.tunnel != NULL, "no memory");
	c.held = 0;
	c.now = tunnel_loop_now(c.loop);
	while (c.n < n)
		open_one(&c);
	take_memory(&c);
	c.each = (c.held / n + LINE - 1) / LINE * LINE;
	need(c.each / LINE % STRIDE != 0, "some lines are not touched");
	c.plain = malloc(n * c.each);
	need(c.plain != NULL, "no memory");
	memset(c.plain, 0, n * c.each);
	take(&c, "in turn", exchange);
	c.at_random = 1;
	take(&c, "at random", exchange);
	take(&c, "plain memory at random", touch);
	need(tunnel_loop_step(c.loop, 0) == 0 && c.late == 0,
	    "a timer came early");
	while (c.n > 0)
		close_one(&c);
	tunnel_loop_free(c.loop);
	free(c.tunnel);
	free(c.plain);
}

void
relays_measure(void)
{
	unsigned n;

	for (n = 10; n <= (bench.quick ? 1000 : MOST); n *= 10)
		measure(n);
}
