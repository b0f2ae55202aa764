/* idle.c - many tunnels: the memory of each, and what the others cost one
 *
 * Forwarders are new each time: what an earlier load left in the allocator of
 * one is not what its tunnels need.
 */
#include <stdlib.h>

#include "bench.h"

enum { BURST = 65536, ECHO = 1024 };

struct crowd {
	struct forwarder f;
	int (*end)[2];
	unsigned n;
};

static void
crowd_begin(struct crowd *c, enum kind kind, unsigned most)
{
	forwarder_start(&c->f, kind);
	c->n = 0;
	c->end = malloc(most * sizeof *c->end);
	need(c->end != NULL, "no memory");
}

static void
crowd_grow(struct crowd *c, unsigned n)
{
	for (; c->n < n; c->n++)
		net_open(&c->f, c->end[c->n]);
}

static void
crowd_end(struct crowd *c)
{
	while (c->n > 0)
		net_drop(c->end[--c->n]);
	free(c->end);
	forwarder_end(&c->f);
}

static void
burst(struct crowd *c)
{
	unsigned i;
	int way;

	for (i = 0; i < c->n; i++)
		for (way = 0; way < 2; way++) {
			net_send(c->end[i][way], net_bytes(i), BURST);
			net_expect(c->end[i][1 - way], net_bytes(i), BURST);
		}
}

void
idle_measure(void)
{
	static const char part[] = "user memory of an idle tunnel";
	enum kind kind;
	struct crowd c;
	double before;
	int r, b;

	for (kind = COPY; kind < KINDS; kind++) {
		r = row(part, "B", "of %u, %s", bench.tunnels,
		    forwarder_name(kind));
		b = row(part, "B", "after 64 KiB each way, %s",
		    forwarder_name(kind));
		crowd_begin(&c, kind, bench.tunnels + 1);
		crowd_grow(&c, 1);
		before = forwarder_memory(&c.f);
		crowd_grow(&c, bench.tunnels + 1);
		sample(r, (forwarder_memory(&c.f) - before) / bench.tunnels);
		burst(&c);
		sample(b, (forwarder_memory(&c.f) - before) / bench.tunnels);
		crowd_end(&c);
		if (kind != PROXY)
			continue;
		against(r, row(part, "B", "of %u, bare copy", bench.tunnels));
		against(b, row(part, "B", "after 64 KiB each way, bare copy"));
	}
}

/* ---- one of many ---------------------------------------------------- */

/* CPU seconds of the forwarder for 1 KiB there and back: two wake-ups. */
static double
echo(const struct crowd *c, int n)
{
	double spent = forwarder_cpu(&c->f);
	int i;

	for (i = 0; i < n; i++) {
		const uint8_t *bytes = net_bytes(draw());
		const int *end = c->end[draw() % c->n];

		net_send(end[0], bytes, ECHO);
		net_expect(end[1], bytes, ECHO);
		net_send(end[1], bytes, ECHO);
		net_expect(end[0], bytes, ECHO);
	}
	return (forwarder_cpu(&c->f) - spent) / n;
}

void
scale_measure(void)
{
	static const char part[] = "a wake-up, and how many tunnels are open";
	unsigned most = bench.quick ? 100 : 10000, n;
	enum kind kind;
	struct crowd c;
	int r;

	for (kind = COPY; kind < KINDS; kind++) {
		const char *name = forwarder_name(kind);

		crowd_begin(&c, kind, most);
		for (n = 10; n <= most; n *= 10) {
			crowd_grow(&c, n < place_tunnels() ? n :
			    place_tunnels());
			(void)echo(&c, bench.quick ? 20 : 200);
			r = row(part, "CPU us", "%u open, %s", c.n, name);
			sample(r, echo(&c, bench.quick ? 100 : 1500) * 5e5);
			if (n > 10)
				against(r, row(part, "CPU us", "10 open, %s",
				    name));
			if (kind == PROXY)
				against(r, row(part, "CPU us",
				    "%u open, bare copy", c.n));
		}
		crowd_end(&c);
	}
}
