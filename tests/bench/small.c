/* small.c - handshakes and round trips, one at a time */
#include <stdlib.h>

#include "bench.h"

enum { TRIPS = 2000 };

/* CPU seconds of the forwarder for one. */
static double
handshakes(const struct forwarder *f, int n)
{
	double spent = forwarder_cpu(f);
	int i;

	for (i = 0; i < n; i++)
		net_handshake(f);
	return (forwarder_cpu(f) - spent) / n;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The median: what else runs makes some of them long. */
static double
trip(const struct forwarder *f, size_t size, int n)
{
	static double took[TRIPS];
	int end[2], i;

	net_open(f, end);
	for (i = 0; i < n; i++) {
		const uint8_t *bytes = net_bytes(draw());
		double began = now();

		net_send(end[0], bytes, size);
		net_expect(end[1], bytes, size);
		net_send(end[1], bytes, size);
		net_expect(end[0], bytes, size);
		took[i] = now() - began;
	}
	net_close(end);
	qsort(took, (size_t)n, sizeof took[0], compare);
	return took[n / 2];
}

void
small_measure(const struct forwarder *f)
{
	static const char shakes[] = "handshake: connect to close";
	static const char trips[] = "round trip";
	int kind, n = bench.quick ? 100 : 1000, r, size;

	for (kind = SPLICE; kind < KINDS; kind++) {
		r = row(shakes, "CPU us", "%s",
		    forwarder_name((enum kind)kind));
		sample(r, handshakes(&f[kind], n) * 1e6);
		if (kind == PROXY)
			against(r, row(shakes, "CPU us", "bare copy"));
	}
	for (size = 1; size <= 1024; size *= 1024)
		for (kind = DIRECT; kind < KINDS; kind++) {
			if (kind == SPLICE)
				continue;
			r = row(trips, "us", "%d B, %s", size,
			    forwarder_name((enum kind)kind));
			sample(r, trip(&f[kind], (size_t)size,
			    bench.quick ? 100 : TRIPS) * 1e6);
			if (kind == PROXY)
				against(r, row(trips, "us", "%d B, bare copy",
				    size));
		}
}
