/* bench.c - measure the library and tunnel-proxy against the bare minimum
 *
 *   bench [--rounds N] [--quick] [--cores 1|2] [--tunnels N] [--seconds N]
 *         [--proxy PROGRAM] [--json FILE]
 *   bench --drive handshakes|bytes N PORT     be client and origin of a proxy
 *
 * The latter is for gate_counts.sh, which counts what the proxy does meanwhile.
 * tests/README tells how the figures are read.
 */
#include "bench.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bench bench = { 5, 0, 0, 1, 55, 1000, "build/tunnel-proxy", NULL };

void
die(const char *what)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

void
need(int holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "bench: %s\n", what);
		exit(1);
	}
}

static double
clock_read(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		die("clock_gettime");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double
now(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

double
cpu(void)
{
	return clock_read(CLOCK_PROCESS_CPUTIME_ID);
}

double
each(void (*fn)(void *ud), void *ud)
{
	double slice = bench.quick ? 0.002 : 0.02, began = cpu(), spent;
	unsigned long batch = 1, n = 0, i;

	do {
		for (i = 0; i < batch; i++)
			fn(ud);
		n += batch;
		spent = cpu() - began;
		if (spent < slice / 4)
			batch *= 2;
	} while (spent < slice);
	return spent / (double)n;
}

uint32_t
draw(void)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

/* ---- one run -------------------------------------------------------- */

static void
small_round(const struct forwarder *f)
{
	engine_measure();
	pump_measure();
	timers_measure();
	relays_measure();
	bulk_measure(f);
	stall_measure(f);
	small_measure(f);
	idle_measure();
}

/* The dearest, and the one that moves least. */
static void
large_round(const struct forwarder *f)
{
	(void)f;
	scale_measure();
}

/* At least one round, and none more that would not end in time: how many. */
static int
rounds(void (*one)(const struct forwarder *f), const struct forwarder *f,
    int most, double until)
{
	double worst = 0, at = now();

	for (bench.round = 0; bench.round < most; bench.round++) {
		if (bench.round > 0 && at + worst > until)
			break;
		one(f);
		if (now() - at > worst)
			worst = now() - at;
		at = now();
	}
	return bench.round;
}

static void
measure(void)
{
	struct forwarder f[KINDS];
	double began = now();
	int kind, small, large;

	for (kind = DIRECT; kind < KINDS; kind++)
		forwarder_start(&f[kind], (enum kind)kind);
	small = rounds(small_round, f, bench.rounds,
	    began + bench.seconds * 0.7);
	large = rounds(large_round, f, bench.rounds < 3 ? bench.rounds : 3,
	    began + bench.seconds);
	for (kind = DIRECT; kind < KINDS; kind++)
		forwarder_end(&f[kind]);
	(void)printf("%d of %d rounds (wake-ups: %d) in %.0f s\n%s, %s\n"
	    "median [least - most]\n", small, bench.rounds, large,
	    now() - began, bench.cores == 1 ? "all on one processor" :
	    "the forwarder on another processor", place_network());
	report_table();
	if (bench.json != NULL)
		report_json(bench.json, small);
}

static void
drive(const char *what, unsigned long n, unsigned port)
{
	struct forwarder f = { PROXY, 0, 0, 0 };

	f.port = port;
	if (strcmp(what, "bytes") == 0) {
		bulk_carry(&f, n);
		return;
	}
	while (n-- > 0)
		net_handshake(&f);
}

static int
usage(void)
{
	(void)fprintf(stderr, "usage: bench [--rounds N] [--quick] "
	    "[--cores 1|2] [--tunnels N]\n             [--seconds N] "
	    "[--proxy PROGRAM] [--json FILE]\n");
	return 2;
}

static int
option(const char *name, const char *value)
{
	unsigned long n = strtoul(value, NULL, 10);

	if (strcmp(name, "--rounds") == 0 && n >= 1 && n <= BENCH_ROUNDS)
		bench.rounds = (int)n;
	else if (strcmp(name, "--cores") == 0 && (n == 1 || n == 2))
		bench.cores = (int)n;
	else if (strcmp(name, "--tunnels") == 0 && n >= 1 && n <= 100000)
		bench.tunnels = (unsigned)n;
	else if (strcmp(name, "--seconds") == 0 && n >= 1 && n <= 3600)
		bench.seconds = (double)n;
	else if (strcmp(name, "--proxy") == 0)
		bench.proxy = value;
	else if (strcmp(name, "--json") == 0)
		bench.json = value;
	else
		return -1;
	return 0;
}

static int
options(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--quick") == 0) {
			bench.quick = 1;
			bench.rounds = 1;
			bench.tunnels = 100;
			continue;
		}
		if (i + 1 == argc || option(argv[i], argv[i + 1]) < 0)
			return -1;
		i++;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc == 4 && strcmp(argv[1], "--floor") == 0)
		return floor_run((enum kind)atoi(argv[2]), atoi(argv[3]));
	/* Whatever waits for ever is ended; children end with their parent. */
	(void)alarm(120);
	if (argc == 5 && strcmp(argv[1], "--drive") == 0) {
		drive(argv[2], strtoul(argv[3], NULL, 10),
		    (unsigned)atoi(argv[4]));
		return 0;
	}
	if (options(argc, argv) < 0)
		return usage();
	(void)alarm((unsigned)bench.seconds * 2 + 10);
	place_prepare();
	if (bench.tunnels > place_tunnels())
		bench.tunnels = place_tunnels();
	measure();
	return 0;
}
