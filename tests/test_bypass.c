/* test_bypass.c - a streaming way goes round the ring, and nobody notices */
#include "unit.h"
#include "fake.h"
#include "pattern.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/bypass.h"

enum { BLOCK = 4096, MUCH = 4 << 20 };

struct rig {
	struct tunnel_alloc a;
	struct tnl_pool pool;
	struct tnl_pipes pipes;
	struct tunnel_pump *p, pump;
	struct tunnel_relay *r, relay;
	int src[2], dst[2];             /* [0] is the relay's */
	int open;
};

static int
descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int
setup(void **state)
{
	struct rig *g = calloc(1, sizeof *g);

	signal(SIGPIPE, SIG_IGN);
	g->open = descriptors();
	tnl_alloc_init(&g->a, NULL);
	tnl_pool_init(&g->pool, &g->a, BLOCK);
	tnl_pipes_init(&g->pipes, &g->a);
	fake_tcp(g->src, 1);
	fake_tcp(g->dst, 1);
	g->p = &g->pump;
	g->r = &g->relay;
	tnl_pump_init(g->p, &g->pool);
	tnl_relay_init(g->r, g->p, tnl_splice_quiet() ? &g->pipes : NULL);
	tunnel_relay_fd(g->r, TUNNEL_A, g->src[0]);
	tunnel_relay_fd(g->r, TUNNEL_B, g->dst[0]);
	*state = g;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *g = *state;

	tnl_relay_end(g->r);
	tnl_pump_end(g->p);
	tnl_pool_free(&g->pool);
	tnl_pipes_free(&g->pipes);
	close(g->src[0]);
	close(g->src[1]);
	close(g->dst[0]);
	if (g->dst[1] >= 0)
		close(g->dst[1]);
	assert_int_equal(descriptors(), g->open);
	free(g);
	return 0;
}

/* Until something can move, at the relay or at an end of ours. */
static void
await(const struct rig *g, int from, int to)
{
	struct pollfd p[4] = {
		{ from, POLLOUT, 0 }, { to, POLLIN, 0 },
		{ g->src[0], 0, 0 }, { g->dst[0], 0, 0 }
	};
	int side, wants;

	for (side = 0; side < 2; side++) {
		wants = tunnel_relay_wants(g->r, side);
		p[2 + side].events = (short)((wants & TUNNEL_IN ? POLLIN : 0) |
		    (wants & TUNNEL_OUT ? POLLOUT : 0));
	}
	fake_wait_one(p, 4);
}

/* Carry up to n bytes of the pattern: 1 when a pipe was used on the way. */
static int
carry(struct rig *g, size_t *sent, size_t *got, size_t n)
{
	size_t before;
	int rv, piped = 0;

	while (*got < n) {
		before = *sent + *got;
		pattern_push(g->src[1], sent, n);
		rv = tunnel_relay_step(g->r, 0);
		assert_true(rv >= 0);
		piped |= g->pipes.resting > 0 ||
		    g->r->bypass[TUNNEL_AB].pipe != NULL;
		pattern_pull(g->dst[1], got, n - *got);
		if (rv == 0 && *sent + *got == before)
			await(g, *sent < n ? g->src[1] : -1, g->dst[1]);
	}
	assert_int_equal(*got, n);
	return piped;
}

static void
streams(void **state)
{
	struct rig *g = *state;
	size_t sent = 0, got = 0;
	int i;

	/* Small talk never gets there. */
	for (i = 1; i <= 100; i++)
		assert_false(carry(g, &sent, &got, (size_t)i * 100));
	assert_int_equal(carry(g, &sent, &got, MUCH), g->r->pipes != NULL);
	/* An idle tunnel holds nothing; small talk goes back to the ring. */
	for (i = 1; i <= 20; i++)
		carry(g, &sent, &got, MUCH + (size_t)i);
	assert_null(g->r->bypass[TUNNEL_AB].pipe);
	assert_false(g->r->bypass[TUNNEL_AB].streak.on);
	assert_int_equal(g->pool.lent, 0);
	assert_int_equal(tunnel_pump_bytes(g->p, TUNNEL_AB), got);
	carry(g, &sent, &got, 2 * MUCH);
	/* The end follows the last byte. */
	pattern_push(g->src[1], &sent, 2 * MUCH + 100000);
	shutdown(g->src[1], SHUT_WR);
	carry(g, &sent, &got, sent);
	while (!(tunnel_pump_flags(g->p, TUNNEL_AB) & TUNNEL_DONE)) {
		await(g, -1, -1);
		assert_true(tunnel_relay_step(g->r, 0) >= 0);
	}
	fake_wait(g->dst[1], POLLIN);
	assert_int_equal(recv(g->dst[1], &i, 1, 0), 0);
	assert_true(tunnel_pump_flags(g->p, TUNNEL_AB) & TUNNEL_DONE);
	assert_int_equal(tunnel_pump_lost(g->p, TUNNEL_AB), 0);
}

/* Fill everything up to a reader that takes nothing. */
static size_t
stall(struct rig *g)
{
	size_t sent = 0, before = 1;
	int rv = TUNNEL_NOW;

	while (rv != 0 || tunnel_relay_wants(g->r, TUNNEL_A) & TUNNEL_IN) {
		if (rv == 0 && sent == before)
			await(g, g->src[1], -1);
		before = sent;
		pattern_push(g->src[1], &sent, SIZE_MAX / 2);
		rv = tunnel_relay_step(g->r, 0);
		assert_true(rv >= 0);
	}
	return sent;
}

static void
stalls(void **state)
{
	struct rig *g = *state;
	size_t sent = stall(g), got = 0;

	/* It waits for the reader, and reads no more. */
	assert_int_equal(tunnel_relay_wants(g->r, TUNNEL_A), 0);
	assert_int_equal(tunnel_relay_wants(g->r, TUNNEL_B),
	    TUNNEL_OUT | TUNNEL_IN);
	assert_true(tunnel_pump_held(g->p, TUNNEL_AB) > 0);
	/* The other way goes on. */
	assert_int_equal(send(g->dst[1], "x", 1, 0), 1);
	fake_wait(g->dst[0], POLLIN);
	tunnel_relay_step(g->r, 0);
	fake_wait(g->src[1], POLLIN);
	assert_int_equal(recv(g->src[1], &got, 1, 0), 1);
	got = 0;
	carry(g, &sent, &got, sent);
}

static void
reset_in_mid_stream(void **state)
{
	struct rig *g = *state;
	struct linger hard = { 1, 0 };
	int rv = 0;

	stall(g);
	setsockopt(g->dst[1], SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(g->dst[1]);
	g->dst[1] = -1;
	while (rv >= 0) {
		await(g, -1, -1);
		rv = tunnel_relay_step(g->r, 0);
	}
	assert_int_equal(rv, TUNNEL_ERESET);
	assert_true(tunnel_pump_lost(g->p, TUNNEL_AB) > 0);
	assert_int_equal(tunnel_pump_held(g->p, TUNNEL_AB), 0);
	/* What was in the pipe is in nobody's hands. */
	tnl_relay_end(g->r);
	assert_int_equal(g->pipes.resting, 0);
}

static int
low_water(int fd)
{
	int n = 0;
	socklen_t len = sizeof n;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &n, &len), 0);
	return n;
}

/* Who is told of a long stream's bytes only when there are many, reads the rest
 * in time. */
static void
low_water_mark(void **state)
{
	struct rig *g = *state;
	size_t sent = 0, got = 0;
	uint64_t now = 1000;
	int i;

	if (g->r->pipes == NULL)
		skip();
	tnl_relay_socket(g->r, TUNNEL_A, g->src[0], TUNNEL_IN);
	tnl_relay_socket(g->r, TUNNEL_B, g->dst[0], TUNNEL_IN);
	for (i = 0; low_water(g->src[0]) == 1 && i < 100000; i++) {
		pattern_push(g->src[1], &sent, SIZE_MAX);
		assert_true(tnl_relay_ready(g->r, TUNNEL_A, TUNNEL_IN |
		    TUNNEL_OUT, now) >= 0);
		assert_true(tnl_relay_ready(g->r, TUNNEL_B, TUNNEL_IN |
		    TUNNEL_OUT, now) >= 0);
		pattern_pull(g->dst[1], &got, sent - got);
	}
	assert_true(low_water(g->src[0]) > 1);
	/* The tail: nobody tells of it, and its time comes. */
	for (i = 0; got < sent && i < 100000; i++) {
		now = tunnel_relay_deadline(g->r) == UINT64_MAX ? now :
		    tunnel_relay_deadline(g->r);
		assert_true(now <= 1000 + 2 * (uint64_t)(i + 1));
		assert_true(tnl_relay_ready(g->r, TUNNEL_B, TUNNEL_OUT,
		    now) >= 0);
		pattern_pull(g->dst[1], &got, sent - got);
	}
	assert_int_equal(got, sent);
	/* Once it was wrong, it is down; and nothing is due any more. */
	assert_true(tnl_relay_ready(g->r, TUNNEL_A, 0, now + 100) >= 0);
	assert_true(tnl_relay_ready(g->r, TUNNEL_A, 0, now + 200) >= 0);
	assert_int_equal(low_water(g->src[0]), 1);
	assert_true(tunnel_relay_deadline(g->r) == UINT64_MAX);
}

/* Without descriptors for a pipe the ring carries on. */
static void
no_pipes(void **state)
{
	struct rig *g = *state;
	size_t sent = 0, got = 0;
	struct rlimit before, now;
	int piped;

	getrlimit(RLIMIT_NOFILE, &before);
	now = before;
	/* All that are open are below this one, and it is the next. */
	now.rlim_cur = (rlim_t)dup(0);
	close((int)now.rlim_cur);
	setrlimit(RLIMIT_NOFILE, &now);
	piped = carry(g, &sent, &got, MUCH);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_false(piped);
	assert_int_equal(carry(g, &sent, &got, 2 * MUCH), g->r->pipes != NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(streams), TEST(stalls), TEST(reset_in_mid_stream),
		TEST(low_water_mark), TEST(no_pipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
