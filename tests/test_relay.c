/* test_relay.c - a pump over two streams: what is carried, and who waits */
#include "unit.h"
#include "relay_rig.h"
#include "fake.h"
#include "pattern.h"
#include "oom.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>

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
	struct relay_rig g;
	int fd[2], i, turn;
	size_t n;
	ssize_t r;

	relay_up(&g, cap, tcp, nonblock);
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
			assert_true(relay_run(&g) >= 0);
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
	assert_int_equal(relay_run(&g), TUNNEL_DONE);
	assert_int_equal(fake_end(fd[0], &n), 0);
	assert_int_equal(fake_end(fd[1], &n), 0);
	relay_down(&g);
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

/* A ring that has wrapped moves in one step of one turn. */
static void
wrapped(void **state)
{
	struct relay_rig g;
	char got[16];
	size_t n;

	(void)state;
	relay_up(&g, 10, 0, 1);
	assert_int_equal(tunnel_relay_budget(g.r, 1), 0);
	tunnel_pump_put(g.p, TUNNEL_AB, "......ab", 8, &n);
	tunnel_pump_skip(g.p, TUNNEL_AB, 6);
	tunnel_pump_put(g.p, TUNNEL_AB, "cdefgh", 6, &n);
	assert_int_equal(n, 6);
	tunnel_relay_step(g.r, 0);
	assert_int_equal(recv(g.far[1], got, sizeof got, 0), 8);
	assert_memory_equal(got, "abcdefgh", 8);
	/* The same where the room is what has wrapped. */
	tunnel_pump_put(g.p, TUNNEL_AB, "......ij", 8, &n);
	tunnel_pump_skip(g.p, TUNNEL_AB, 6);
	assert_int_equal(send(g.near[0], "klmnopqrstu", 11, 0), 11);
	tunnel_relay_step(g.r, 0);
	assert_int_equal(recv(g.far[1], got, sizeof got, 0), 10);
	assert_memory_equal(got, "ijklmnopqr", 10);
	relay_down(&g);
}

/* Through a ring of any size to a reader who takes little at a time. */
static void
slow_reader(void **state)
{
	static const size_t caps[] = { 1, 2, 7, 1009, 4093, 65536 };
	struct relay_rig g;
	size_t i, sent, got, n, most;
	int small = 4096;

	(void)state;
	for (i = 0; i < sizeof caps / sizeof caps[0]; i++) {
		relay_up(&g, caps[i], 0, 1);
		setsockopt(g.far[0], SOL_SOCKET, SO_SNDBUF, &small,
		    sizeof small);
		fcntl(g.near[0], F_SETFL, O_NONBLOCK);
		fcntl(g.far[1], F_SETFL, O_NONBLOCK);
		n = caps[i] < 100 ? 5000 : 300000;
		for (sent = got = 0, most = 1; got < n; most += 331) {
			pattern_push(g.near[0], &sent, n);
			assert_true(relay_run(&g) >= 0);
			pattern_pull(g.far[1], &got, most % 5003);
		}
		assert_int_equal(got, n);
		relay_down(&g);
	}
}

/* A reader that stops holds up its own direction and no other, and the relay
 * holds no more than its capacity. */
static void
stalled_reader(void **state)
{
	static char flood[65536];
	struct relay_rig g;
	char buf[8];
	int i;
	ssize_t r;
	size_t sent = 0, n;

	(void)state;
	relay_up(&g, 4096, 0, 1);
	do {
		r = send(g.near[0], flood, sizeof flood, MSG_DONTWAIT);
		sent += r > 0 ? (size_t)r : 0;
		assert_true(relay_run(&g) >= 0);
	} while (r > 0);
	assert_int_equal(tunnel_pump_held(g.p, TUNNEL_AB), 4096);
	assert_int_equal(tunnel_relay_wants(g.r, A), 0);
	assert_int_equal(tunnel_relay_wants(g.r, B), TUNNEL_IN | TUNNEL_OUT);
	for (i = 0; i < 100; i++) {
		assert_int_equal(send(g.far[1], "ping", 4, 0), 4);
		assert_int_equal(relay_run(&g), 0);
		assert_int_equal(recv(g.near[0], buf, 8, 0), 4);
	}
	/* It wakes: nothing was lost. */
	shutdown(g.near[0], SHUT_WR);
	for (n = 0; n < sent; n += (size_t)r) {
		fake_wait(g.far[1], POLLIN);
		r = recv(g.far[1], flood, sizeof flood, 0);
		assert_true(r > 0);
		assert_true(relay_run(&g) >= 0);
	}
	assert_int_equal(n, sent);
	assert_int_equal(fake_end(g.far[1], &n), 0);
	relay_down(&g);
}

static void
budget(void **state)
{
	static char flood[4096];
	struct relay_rig g;
	size_t n;

	(void)state;
	relay_up(&g, 1024, 0, 1);
	tunnel_relay_budget(g.r, 2048);
	assert_int_equal(send(g.near[0], flood, 4096, 0), 4096);
	assert_int_equal(tunnel_relay_step(g.r, 0), TUNNEL_NOW);
	assert_in_range(tunnel_pump_bytes(g.p, TUNNEL_AB), 1024, 3072);
	assert_int_equal(relay_run(&g), 0);
	assert_int_equal(recv(g.far[1], flood, 4096, 0), 4096);
	/* With nothing to do it does not say that there is. */
	assert_int_equal(tunnel_relay_step(g.r, 0), 0);
	shutdown(g.near[0], SHUT_WR);
	shutdown(g.far[1], SHUT_WR);
	assert_int_equal(relay_run(&g), TUNNEL_DONE);
	assert_int_equal(fake_end(g.far[1], &n), 0);
	relay_down(&g);
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
		cmocka_unit_test(wrapped), cmocka_unit_test(slow_reader),
		cmocka_unit_test(stalled_reader), cmocka_unit_test(budget),
		cmocka_unit_test(crosswise_waits),
		cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
