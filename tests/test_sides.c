/* test_sides.c - a relay between pipes or files and a socket, inside the kernel
 * where it can, and nobody notices */
#include "unit.h"
#include "fake.h"
#include "pattern.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/bypass.h"

enum { MUCH = 8 << 20, RING = 65536 };

struct rig {
	struct tunnel_pump *p;
	struct tunnel_relay *r;
	int in[2], out[2], net[2];      /* in[0], out[1], net[0]: the relay's */
};

static int
setup(void **state)
{
	struct rig *g = calloc(1, sizeof *g);
	int i;

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(g->in), 0);
	assert_int_equal(pipe(g->out), 0);
	/* Ours do not block; the relay's do, as standard input and output. */
	for (i = 0; i < 2; i++)
		fcntl(i == 0 ? g->in[1] : g->out[0], F_SETFL, O_NONBLOCK);
	fake_tcp(g->net, 1);
	g->p = tunnel_pump_new(NULL, RING, RING);
	g->r = tunnel_relay_new(NULL, g->p);
	assert_int_equal(tunnel_relay_fd(g->r, TUNNEL_B, g->net[0]), 0);
	*state = g;
	return 0;
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
teardown(void **state)
{
	struct rig *g = *state;
	int i;

	tunnel_relay_free(g->r);
	tunnel_pump_free(g->p);
	for (i = 0; i < 2; i++) {
		shut(&g->in[i]);
		shut(&g->out[i]);
		shut(&g->net[i]);
	}
	free(g);
	return 0;
}

static void
start(struct rig *g, int splice)
{
	assert_int_equal(tunnel_relay_fds(g->r, TUNNEL_A, g->in[0],
	    g->out[1]), 0);
	tunnel_relay_close_at_fin(g->r, TUNNEL_A, 1);
	assert_int_equal(tunnel_relay_splice(g->r, splice), 0);
}

/* Step as long as it says so: whatever can move has moved. */
static int
settle(struct rig *g)
{
	int rv;

	do
		rv = tunnel_relay_step(g->r, 0);
	while (rv >= 0 && rv & TUNNEL_NOW);
	return rv;
}

static int
is_direct(const struct rig *g, int way)
{
	return g->r->bypass[way].streak.on == TNL_BYPASS_DIRECT;
}

static int
expected(const struct rig *g)
{
	return g->r->pipes != NULL;
}

/* Nothing has moved: until something can, at the relay or at an end of ours. */
static void
await(const struct rig *g, int from, int to)
{
	int a = tunnel_relay_wants(g->r, TUNNEL_A);
	int b = tunnel_relay_wants(g->r, TUNNEL_B);
	struct pollfd p[5] = {
		{ from, POLLOUT, 0 }, { to, POLLIN, 0 },
		{ a & TUNNEL_IN ? g->in[0] : -1, POLLIN, 0 },
		{ a & TUNNEL_OUT ? g->out[1] : -1, POLLOUT, 0 },
		{ b != 0 ? g->net[0] : -1, (short)((b & TUNNEL_IN ? POLLIN : 0)
		    | (b & TUNNEL_OUT ? POLLOUT : 0)), 0 }
	};

	fake_wait_one(p, 5);
}

/* Carry n bytes one way, from one of our ends to another, most at a time. */
static int
carry(struct rig *g, int way, size_t n, size_t most)
{
	int from = way == TUNNEL_AB ? g->in[1] : g->net[1];
	int to = way == TUNNEL_AB ? g->net[1] : g->out[0];
	size_t sent = 0, got = 0, before;
	int direct = 0;

	while (got < n) {
		before = sent + got;
		pattern_push(from, &sent, n);
		assert_true(settle(g) >= 0);
		direct |= is_direct(g, way);
		pattern_pull(to, &got, most);
		if (sent + got == before)
			await(g, sent < n ? from : -1, to);
	}
	assert_int_equal(got, n);
	return direct;
}

static void
streams(void **state)
{
	struct rig *g = *state;

	start(g, 1);
	assert_false(carry(g, TUNNEL_AB, 100, SIZE_MAX));
	assert_int_equal(carry(g, TUNNEL_AB, MUCH, SIZE_MAX), expected(g));
	assert_int_equal(carry(g, TUNNEL_BA, MUCH, SIZE_MAX), expected(g));
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), MUCH + 100);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_BA), MUCH);
	/* A reader that takes little at a time gets it all, too. */
	(void)carry(g, TUNNEL_BA, MUCH, 777);
	(void)carry(g, TUNNEL_AB, MUCH, 777);
}

static void
not_asked_for(void **state)
{
	struct rig *g = *state;

	start(g, 0);
	assert_false(carry(g, TUNNEL_AB, MUCH, SIZE_MAX));
	assert_false(carry(g, TUNNEL_BA, MUCH, SIZE_MAX));
}

/* With the signal at its default a splice could kill the process. */
static void
loud(void **state)
{
	struct rig *g = *state;

	signal(SIGPIPE, SIG_DFL);
	start(g, 1);
	assert_null(g->r->pipes);
	assert_false(carry(g, TUNNEL_AB, MUCH, SIZE_MAX));
	signal(SIGPIPE, SIG_IGN);
}

/* Bytes wait for a sink that takes none: the flow says so, and its source is
 * not asked for more. */
static void
slow_sink(void **state)
{
	struct rig *g = *state;
	size_t sent = 0, got = 0, before;

	start(g, 1);
	(void)carry(g, TUNNEL_BA, MUCH, SIZE_MAX);
	while (tunnel_relay_wants(g->r, TUNNEL_B) & TUNNEL_IN) {
		before = sent;
		pattern_push(g->net[1], &sent, SIZE_MAX);
		assert_true(settle(g) >= 0);
		if (sent == before)
			await(g, g->net[1], -1);
	}
	assert_int_equal(is_direct(g, TUNNEL_BA), expected(g));
	assert_true(tunnel_pump_held(g->p, TUNNEL_BA) > 0);
	assert_int_equal(tunnel_relay_wants(g->r, TUNNEL_B), 0);
	assert_int_equal(tunnel_relay_wants(g->r, TUNNEL_A),
	    TUNNEL_IN | TUNNEL_OUT);
	/* The other way goes on. */
	(void)carry(g, TUNNEL_AB, MUCH, SIZE_MAX);
	/* The end comes behind all that waited. */
	shutdown(g->net[1], SHUT_WR);
	while (pattern_pull(g->out[0], &got, SIZE_MAX))
		assert_true(settle(g) >= 0);
	assert_int_equal(got, sent);
}

static void
end_of_input(void **state)
{
	struct rig *g = *state;
	size_t sent = 0, got = 0;

	start(g, 1);
	(void)carry(g, TUNNEL_AB, MUCH, SIZE_MAX);
	pattern_push(g->in[1], &sent, 100000);
	shut(&g->in[1]);
	while (pattern_pull(g->net[1], &got, SIZE_MAX))
		assert_true(settle(g) >= 0);
	assert_int_equal(got, sent);
	assert_true(tunnel_pump_flags(g->p, TUNNEL_AB) & TUNNEL_DONE);
	/* The other half lives on. */
	(void)carry(g, TUNNEL_BA, MUCH, SIZE_MAX);
}

/* Whoever reads has gone: it is that side's error, and no signal. */
static void
reader_leaves(void **state)
{
	struct rig *g = *state;
	size_t sent = 0, before;
	int rv = 0;

	start(g, 1);
	(void)carry(g, TUNNEL_BA, MUCH, SIZE_MAX);
	shut(&g->out[0]);
	while (rv >= 0) {
		before = sent;
		pattern_push(g->net[1], &sent, SIZE_MAX);
		rv = settle(g);
		if (rv >= 0 && sent == before)
			await(g, g->net[1], -1);
	}
	assert_int_equal(rv, TUNNEL_ERESET);
	assert_int_equal(tunnel_relay_error(g->r, TUNNEL_A), TUNNEL_ERESET);
	assert_int_equal(tunnel_relay_error(g->r, TUNNEL_B), 0);
}

/* From a file, to a file. */
static void
files(void **state)
{
	struct rig *g = *state;
	FILE *from = tmpfile(), *to = tmpfile();
	size_t sent = 0, got = 0, back = 0;

	assert_true(from != NULL && to != NULL);
	pattern_push(fileno(from), &sent, MUCH);
	rewind(from);
	shut(&g->in[0]);
	shut(&g->out[1]);
	g->in[0] = dup(fileno(from));
	g->out[1] = dup(fileno(to));
	start(g, 1);
	g->out[1] = -1;         /* closed at the end */
	while (pattern_pull(g->net[1], &got, SIZE_MAX)) {
		assert_true(settle(g) >= 0);
		await(g, -1, g->net[1]);
	}
	assert_int_equal(got, MUCH);
	while (back < MUCH) {
		pattern_push(g->net[1], &back, MUCH);
		assert_true(settle(g) >= 0);
		await(g, g->net[1], -1);
	}
	shutdown(g->net[1], SHUT_WR);
	while (settle(g) >= 0 &&
	    !(tunnel_pump_flags(g->p, TUNNEL_BA) & TUNNEL_DONE))
		await(g, -1, -1);
	rewind(to);
	got = 0;
	pattern_pull(fileno(to), &got, SIZE_MAX);
	assert_int_equal(got, MUCH);
	fclose(from);
	fclose(to);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(streams), TEST(not_asked_for), TEST(loud),
		TEST(slow_sink), TEST(end_of_input), TEST(reader_leaves),
		TEST(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
