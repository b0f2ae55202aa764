/* timers.c - what a timer costs beside few others and beside many
 *
 * On a loop that watches nothing else: each timer stands for a tunnel with a
 * deadline that is put off, over and over, and hardly ever comes.
 */
#include <stdlib.h>

#include <tunnel.h>

#include "bench.h"

struct clockwork {
	struct tunnel_loop *loop;
	struct tunnel_timer **timer;
	unsigned n, due, called;
};

static void
called(void *ud)
{
	struct clockwork *c = ud;

	c->called++;
}

/* In an hour or two. */
static uint64_t
later(const struct clockwork *c)
{
	return tunnel_loop_now(c->loop) + 3600000 + draw() % 3600000;
}

static void
set_one(void *ud)
{
	struct clockwork *c = ud;

	(void)tunnel_timer_set(c->timer[draw() % c->n], later(c));
}

/* One comes, and is set again. */
static void
step_one(void *ud)
{
	struct clockwork *c = ud;
	struct tunnel_timer *t = c->timer[draw() % c->n];

	c->due++;
	(void)tunnel_timer_set(t, tunnel_loop_now(c->loop));
	(void)tunnel_loop_step(c->loop, 0);
	(void)tunnel_timer_set(t, later(c));
}

static void
measure(unsigned n)
{
	static const char part[] = "timers on a loop without descriptors";
	struct clockwork c = { NULL, NULL, 0, 0, 0 };
	int set = row(part, "ns", "set one, of %u", n);
	int step = row(part, "ns", "step, one due of %u", n);

	c.loop = tunnel_loop_new(NULL, NULL);
	c.timer = malloc(n * sizeof *c.timer);
	need(c.loop != NULL && c.timer != NULL, "no memory");
	for (; c.n < n; c.n++) {
		c.timer[c.n] = tunnel_timer_new(c.loop, called, &c);
		need(c.timer[c.n] != NULL, "no memory for a timer");
		(void)tunnel_timer_set(c.timer[c.n], later(&c));
	}
	sample(set, each(set_one, &c) * 1e9);
	sample(step, each(step_one, &c) * 1e9);
	need(c.called == c.due, "a timer did not come, or came twice");
	if (n > 10) {
		against(set, row(part, "ns", "set one, of 10"));
		against(step, row(part, "ns", "step, one due of 10"));
	}
	while (c.n > 0)
		tunnel_timer_free(c.timer[--c.n]);
	free(c.timer);
	tunnel_loop_free(c.loop);
}

void
timers_measure(void)
{
	unsigned n;

	for (n = 10; n <= (bench.quick ? 1000 : 100000); n *= 10)
		measure(n);
}
