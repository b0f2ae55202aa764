/* test_relay.c - a pump over two streams */
#include "unit.h"
#include "fake.h"
#include "oom.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { A = TUNNEL_A, B = TUNNEL_B };

/* client == near[0] ... near[1] = relay = far[0] ... far[1] == server */
struct rig {
	struct tunnel_pump *p;
	struct tunnel_relay *r;
	int near[2], far[2];
};

static void
rig_up(struct rig *g, size_t cap, int tcp, int nonblock)
{
	(tcp ? fake_tcp : fake_pair)(g->near, nonblock);
	(tcp ? fake_tcp : fake_pair)(g->far, nonblock);
	g->p = tunnel_pump_new(NULL, cap, cap);
	g->r = tunnel_relay_new(NULL, g->p);
	assert_int_equal(tunnel_relay_fd(g->r, A, g->near[1]), 0);
	assert_int_equal(tunnel_relay_fd(g->r, B, g->far[0]), 0);
}

/* The relay and its two sockets go, the ends stay. */
static void
rig_close(struct rig *g)
{
	tunnel_relay_free(g->r);
	tunnel_pump_free(g->p);
	close(g->near[1]);
	close(g->far[0]);
}

static void
rig_down(struct rig *g)
{
	rig_close(g);
	close(g->near[0]);
	close(g->far[1]);
}

/* Step while the relay's own wants are met at once; its last answer. */
static int
run(struct rig *g)
{
	struct pollfd p[2];
	int f, i, w, turns = 0;

	for (;;) {
		f = tunnel_relay_step(g->r, 0);
		assert_true(++turns < 100000);
		if (f < 0 || f & TUNNEL_DONE)
			return f;
		if (f & TUNNEL_NOW)
			continue;
		for (i = 0; i < 2; i++) {
			w = tunnel_relay_wants(g->r, i);
			p[i].fd = w != 0 ? (i == A ? g->near[1] : g->far[0]) :
			    -1;
			p[i].events = (short)((w & TUNNEL_IN ? POLLIN : 0) |
			    (w & TUNNEL_OUT ? POLLOUT : 0));
		}
		if (poll(p, 2, 0) == 0)
			return f;
	}
}

static void
birth(void **state)
{
	struct tunnel_pump *p = tunnel_pump_new(NULL, 1, 1);
	struct tunnel_relay *r;
	struct tunnel_io old = *fake_io();

	(void)state;
	assert_null(tunnel_relay_new(NULL, NULL));
	r = tunnel_relay_new(NULL, p);
	assert_int_equal(tunnel_relay_step(r, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_relay_fd(r, 2, 0), TUNNEL_EINVAL);
	assert_int_equal(tunnel_relay_fd(r, A, -1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_relay_io(r, -1, fake_io(), NULL),
	    TUNNEL_EINVAL);
	old.size = offsetof(struct tunnel_io, shut);
	assert_int_equal(tunnel_relay_io(r, A, &old, NULL), TUNNEL_EINVAL);
	/* A table from before abort and errnum will do. */
	old.size = offsetof(struct tunnel_io, abort);
	assert_int_equal(tunnel_relay_io(r, A, &old, NULL), 0);
	assert_int_equal(tunnel_relay_wants(r, 2), TUNNEL_EINVAL);
	assert_int_equal(tunnel_relay_budget(r, 0), TUNNEL_EINVAL);
	assert_int_equal(tunnel_relay_hangup(r, 9, 0), TUNNEL_EINVAL);
	assert_int_equal(tunnel_relay_close_at_fin(r, 9, 1), TUNNEL_EINVAL);
	tunnel_relay_free(r);
	tunnel_relay_free(NULL);
	tunnel_pump_free(p);
}

/* Bytes both ways at once, in odd portions, through any capacity. */
static void
exchange(size_t cap, int tcp, int nonblock)
{
	enum { N = 100000 };
	static uint8_t up[N], down[N], got[2][N];
	size_t sent[2] = { 0, 0 }, come[2] = { 0, 0 };
	const uint8_t *data[2] = { up, down };
	uint32_t seed = 7 + (uint32_t)cap;
	struct rig g;
	int fd[2], i, turn;
	size_t n;
	ssize_t r;

	rig_up(&g, cap, tcp, nonblock);
	fd[0] = g.near[0];
	fd[1] = g.far[1];
	for (i = 0; i < N; i++) {
		up[i] = (uint8_t)rnd(&seed);
		down[i] = (uint8_t)rnd(&seed);
	}
	for (turn = 0; come[0] < N || come[1] < N; turn++) {
		assert_true(turn < 1000000);
		for (i = 0; i < 2; i++) {
			n = rnd(&seed) % 5000;
			n = n < N - sent[i] ? n : N - sent[i];
			r = send(fd[i], data[i] + sent[i], n, MSG_DONTWAIT);
			sent[i] += r > 0 ? (size_t)r : 0;
			assert_true(run(&g) >= 0);
			r = recv(fd[1 - i], got[i] + come[i], N - come[i],
			    MSG_DONTWAIT);
			come[i] += r > 0 ? (size_t)r : 0;
		}
	}
	assert_memory_equal(got[0], up, N);
	assert_memory_equal(got[1], down, N);
	assert_int_equal(tunnel_pump_bytes(g.p, TUNNEL_AB), N);
	shutdown(fd[0], SHUT_WR);
	shutdown(fd[1], SHUT_WR);
	fake_wait(g.near[1], POLLIN);
	fake_wait(g.far[0], POLLIN);
	assert_int_equal(run(&g), TUNNEL_DONE);
	assert_int_equal(fake_end(fd[0], &n), 0);
	assert_int_equal(fake_end(fd[1], &n), 0);
	rig_down(&g);
}

static void
both_ways(void **state)
{
	(void)state;
	exchange(7, 0, 1);
	exchange(100, 1, 1);
	exchange(65536, 0, 0);
	exchange(65536, 1, 0);
}

static void
half_close(void **state)
{
	struct rig g;
	char buf[8];
	size_t n;

	(void)state;
	rig_up(&g, 100, 1, 1);
	assert_int_equal(send(g.near[0], "ask", 3, 0), 3);
	shutdown(g.near[0], SHUT_WR);
	fake_wait(g.near[1], POLLIN);
	assert_int_equal(run(&g), 0);
	assert_int_equal(fake_end(g.far[1], &n), 0);
	assert_int_equal(n, 3);
	/* The other way goes on, as long as it likes. */
	assert_int_equal(run(&g), 0);
	assert_int_equal(tunnel_relay_wants(g.r, A), 0);
	assert_int_equal(tunnel_relay_wants(g.r, B), TUNNEL_IN);
	assert_int_equal(send(g.far[1], "answer", 6, 0), 6);
	fake_wait(g.far[0], POLLIN);
	assert_int_equal(run(&g), 0);
	fake_wait(g.near[0], POLLIN);
	assert_int_equal(recv(g.near[0], buf, 8, 0), 6);
	shutdown(g.far[1], SHUT_WR);
	fake_wait(g.far[0], POLLIN);
	assert_int_equal(run(&g), TUNNEL_DONE);
	assert_int_equal(tunnel_relay_step(g.r, 9), TUNNEL_DONE);
	assert_int_equal(tunnel_relay_wants(g.r, B), 0);
	assert_int_equal(tunnel_relay_deadline(g.r), UINT64_MAX);
	rig_close(&g);
	assert_int_equal(fake_end(g.near[0], &n), 0);
	close(g.near[0]);
	close(g.far[1]);
}

static void
reset_end(int fd)
{
	struct linger hard = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(fd);
}

/* What was said before a reset arrives, and then the reset, either way. */
static void
resets(void **state)
{
	struct rig g;
	int side, *from, *to, mine;
	size_t n;

	(void)state;
	for (side = 0; side < 2; side++) {
		rig_up(&g, 100, 1, 1);
		from = side == A ? &g.near[0] : &g.far[1];
		to = side == A ? &g.far[1] : &g.near[0];
		mine = side == A ? g.near[1] : g.far[0];
		assert_int_equal(send(*from, "last", 4, 0), 4);
		fake_wait(mine, POLLIN);
		assert_int_equal(run(&g), 0);
		reset_end(*from);
		fake_wait(mine, POLLIN);
		assert_int_equal(run(&g), TUNNEL_ERESET);
		assert_int_equal(tunnel_relay_error(g.r, side), TUNNEL_ERESET);
		assert_int_equal(tunnel_relay_error(g.r, 1 - side), 0);
		assert_int_equal(tunnel_relay_errno(g.r, side), ECONNRESET);
		fake_wait(*to, POLLIN);
		rig_close(&g);
		assert_int_equal(fake_end(*to, &n), -1);
		close(*to);
	}
}

/* After its own end a side may still be cut off from what it was told. */
static void
reset_after_half_close(void **state)
{
	struct rig g;
	int e = 0;
	socklen_t n = sizeof e;
	size_t got;

	(void)state;
	rig_up(&g, 100, 1, 1);
	shutdown(g.near[0], SHUT_WR);
	fake_wait(g.near[1], POLLIN);
	assert_int_equal(run(&g), 0);
	assert_int_equal(fake_end(g.far[1], &got), 0);
	reset_end(g.near[0]);
	fake_wait(g.near[1], 0);
	assert_int_equal(tunnel_relay_hangup(g.r, A, 0), TUNNEL_ERESET);
	rig_close(&g);
	fake_wait(g.far[1], POLLOUT);
	assert_int_equal(getsockopt(g.far[1], SOL_SOCKET, SO_ERROR, &e, &n), 0);
	/* In CLOSE_WAIT a reset is a broken pipe to Linux. */
	assert_true(e == ECONNRESET || e == EPIPE);
	close(g.far[1]);
}

/* A reader that stops holds up its own direction and no other, and the relay
 * holds no more than its capacity. */
static void
stalled_reader(void **state)
{
	static char flood[65536];
	struct rig g;
	char buf[8];
	int i;
	ssize_t r;
	size_t sent = 0, n;

	(void)state;
	rig_up(&g, 4096, 0, 1);
	do {
		r = send(g.near[0], flood, sizeof flood, MSG_DONTWAIT);
		sent += r > 0 ? (size_t)r : 0;
		assert_true(run(&g) >= 0);
	} while (r > 0);
	assert_int_equal(tunnel_pump_held(g.p, TUNNEL_AB), 4096);
	assert_int_equal(tunnel_relay_wants(g.r, A), 0);
	assert_int_equal(tunnel_relay_wants(g.r, B), TUNNEL_IN | TUNNEL_OUT);
	for (i = 0; i < 100; i++) {
		assert_int_equal(send(g.far[1], "ping", 4, 0), 4);
		assert_int_equal(run(&g), 0);
		assert_int_equal(recv(g.near[0], buf, 8, 0), 4);
	}
	/* It wakes: nothing was lost. */
	shutdown(g.near[0], SHUT_WR);
	for (n = 0; n < sent; n += (size_t)r) {
		fake_wait(g.far[1], POLLIN);
		r = recv(g.far[1], flood, sizeof flood, 0);
		assert_true(r > 0);
		assert_true(run(&g) >= 0);
	}
	assert_int_equal(n, sent);
	assert_int_equal(fake_end(g.far[1], &n), 0);
	rig_down(&g);
}

static void
budget(void **state)
{
	static char flood[4096];
	struct rig g;
	size_t n;

	(void)state;
	rig_up(&g, 1024, 0, 1);
	tunnel_relay_budget(g.r, 2048);
	assert_int_equal(send(g.near[0], flood, 4096, 0), 4096);
	assert_int_equal(tunnel_relay_step(g.r, 0), TUNNEL_NOW);
	assert_in_range(tunnel_pump_bytes(g.p, TUNNEL_AB), 1024, 3072);
	assert_int_equal(run(&g), 0);
	assert_int_equal(recv(g.far[1], flood, 4096, 0), 4096);
	/* With nothing to do it does not say that there is. */
	assert_int_equal(tunnel_relay_step(g.r, 0), 0);
	shutdown(g.near[0], SHUT_WR);
	shutdown(g.far[1], SHUT_WR);
	assert_int_equal(run(&g), TUNNEL_DONE);
	assert_int_equal(fake_end(g.far[1], &n), 0);
	rig_down(&g);
}

static void
hangup(void **state)
{
	struct rig g;
	size_t n;

	(void)state;
	rig_up(&g, 100, 1, 1);
	assert_int_equal(run(&g), 0);
	assert_int_equal(send(g.near[0], "last", 4, 0), 4);
	fake_wait(g.near[1], POLLIN);
	/* What it had said is still read and delivered. */
	assert_int_equal(tunnel_relay_hangup(g.r, A, 0), TUNNEL_ERESET);
	assert_int_equal(tunnel_relay_error(g.r, A), TUNNEL_ERESET);
	assert_int_equal(tunnel_pump_bytes(g.p, TUNNEL_AB), 4);
	rig_close(&g);
	assert_int_equal(fake_end(g.far[1], &n), -1);
	close(g.near[0]);
	close(g.far[1]);
}

/* Times pass in the head of the test alone. */
static void
timeouts(void **state)
{
	struct rig g;
	size_t n;

	(void)state;
	rig_up(&g, 100, 1, 1);
	tunnel_relay_budget(g.r, 4096);
	tunnel_pump_idle(g.p, 500);
	assert_int_equal(tunnel_relay_step(g.r, 1000), 0);
	assert_int_equal(tunnel_relay_deadline(g.r), 1500);
	assert_int_equal(send(g.near[0], "x", 1, 0), 1);
	fake_wait(g.near[1], POLLIN);
	assert_int_equal(tunnel_relay_step(g.r, 1500), 0);
	assert_int_equal(tunnel_relay_step(g.r, 1999), 0);
	assert_int_equal(tunnel_relay_step(g.r, 2000), TUNNEL_ETIMEOUT);
	/* Cut short is not ended. */
	rig_close(&g);
	assert_int_equal(fake_end(g.far[1], &n), -1);
	assert_int_equal(fake_end(g.near[0], &n), -1);
	close(g.near[0]);
	close(g.far[1]);
	rig_up(&g, 100, 1, 1);
	tunnel_relay_budget(g.r, 4096);
	tunnel_pump_linger(g.p, TUNNEL_BA, 50);
	shutdown(g.near[0], SHUT_WR);
	fake_wait(g.near[1], POLLIN);
	assert_int_equal(tunnel_relay_step(g.r, 0), 0);
	assert_int_equal(tunnel_relay_deadline(g.r), 50);
	assert_int_equal(tunnel_relay_step(g.r, 49), 0);
	assert_int_equal(tunnel_relay_step(g.r, 50), TUNNEL_DONE);
	rig_down(&g);
}

static void
crosswise_waits(void **state)
{
	static const struct fake_step first[] = { { 5, TUNNEL_OUT }, { 0, 0 } };
	static const struct fake_step blocked[] = { { 2, TUNNEL_IN },
	    { 0, 0 } };
	static const struct fake_step end[] = { { 0, TUNNEL_DONE }, { 0, 0 } };
	static const struct fake_step idle[] = { { 0, 0 } };
	static const struct fake_step open[] = { { 99, 0 }, { 0, 0 } };
	struct tunnel_pump *p = tunnel_pump_new(NULL, 10, 10);
	struct tunnel_relay *r = tunnel_relay_new(NULL, p);
	struct fake a, b;

	(void)state;
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	a.in = "hello";
	b.in = "";
	a.reads = first;
	a.writes = open;
	b.reads = idle;
	b.writes = blocked;
	b.shut_rv = TUNNEL_IN;
	tunnel_relay_budget(r, 4096);
	tunnel_relay_io(r, A, fake_io(), &a);
	tunnel_relay_io(r, B, fake_io(), &b);
	assert_int_equal(tunnel_relay_step(r, 0), 0);
	assert_int_equal(tunnel_relay_wants(r, A), TUNNEL_OUT);
	assert_int_equal(tunnel_relay_wants(r, B), TUNNEL_IN);
	a.reads = end;
	b.writes = open;
	assert_int_equal(tunnel_relay_step(r, 0), 0);
	assert_int_equal(b.out_n, 5);
	assert_memory_equal(b.out, "hello", 5);
	/* The end waits for its turn as well. */
	assert_int_equal(b.shuts, 1);
	assert_int_equal(tunnel_pump_flags(p, TUNNEL_AB), TUNNEL_FIN);
	assert_int_equal(tunnel_relay_wants(r, B), TUNNEL_IN);
	b.shut_rv = 0;
	b.reads = end;
	assert_int_equal(tunnel_relay_step(r, 0), TUNNEL_DONE);
	assert_int_equal(b.shuts, 2);
	assert_int_equal(a.shuts, 1);
	assert_int_equal(a.aborts + b.aborts, 0);
	tunnel_relay_free(r);
	tunnel_pump_free(p);
}

/* A write fails, and what that side had said before is read all the same. */
static void
dying_words(void **state)
{
	static const struct fake_step dead[] = { { 0, TUNNEL_EIO }, { 0, 0 } };
	static const struct fake_step idle[] = { { 0, 0 } };
	static const struct fake_step words[] = { { 0, TUNNEL_IN }, { 3, 0 },
	    { 4, 0 }, { 9, 0 }, { 0, TUNNEL_ERESET }, { 0, 0 } };
	static const struct fake_step open[] = { { 99, 0 }, { 99, 0 },
	    { 0, 0 } };
	struct tunnel_pump *p = tunnel_pump_new(NULL, 10, 10);
	struct tunnel_relay *r = tunnel_relay_new(NULL, p);
	struct fake a, b;
	size_t n;

	(void)state;
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	a.in = "";
	b.in = "farewell";
	a.reads = idle;
	a.writes = open;
	b.reads = words;
	b.writes = idle;
	tunnel_relay_budget(r, 4096);
	tunnel_relay_io(r, A, fake_io(), &a);
	tunnel_relay_io(r, B, fake_io(), &b);
	assert_int_equal(tunnel_relay_step(r, 0), 0);
	tunnel_pump_put(p, TUNNEL_AB, "xyz", 3, &n);
	b.writes = dead;
	assert_int_equal(tunnel_relay_step(r, 0), TUNNEL_EIO);
	assert_int_equal(a.out_n, 8);
	assert_memory_equal(a.out, "farewell", 8);
	assert_true(a.aborts > 0);
	assert_int_equal(a.shuts, 0);
	assert_int_equal(tunnel_pump_lost(p, TUNNEL_AB), 3);
	tunnel_relay_free(r);
	tunnel_pump_free(p);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_relay *r = tunnel_relay_new(a, ud);
	int done = r != NULL;

	tunnel_relay_free(r);
	return done;
}

static void
failing_memory(void **state)
{
	struct tunnel_pump *p = tunnel_pump_new(NULL, 1, 1);

	(void)state;
	oom_run(starved, p);
	tunnel_pump_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(birth), cmocka_unit_test(both_ways),
		cmocka_unit_test(half_close), cmocka_unit_test(resets),
		cmocka_unit_test(reset_after_half_close),
		cmocka_unit_test(stalled_reader), cmocka_unit_test(budget),
		cmocka_unit_test(hangup), cmocka_unit_test(timeouts),
		cmocka_unit_test(crosswise_waits),
		cmocka_unit_test(dying_words),
		cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
