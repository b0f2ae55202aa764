/* test_counts_idle.c - 10,000 tunnels that sit, and what they ask for: nothing
 *
 *     parent   the proxy in its loop, and the count of what is allocated
 *     child    clients and origins; does as it is told, and says when it has
 *
 * They are two, since a tunnel has two descriptors in each, and a process may
 * often not have four times 10,000.  The child blocks, and the parent's loop
 * turns until the answer comes: nobody waits for a time to pass. */
#include "unit.h"
#include "oom.h"
#include "pattern.h"
#include "proxy_rig.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <stdlib.h>
#include <unistd.h>

/* A library with hostile constants (make check's tiny) lets every buffer grow
 * from nothing, and moves a byte at a time. */
static size_t per_tunnel = 512, moved = 1 << 20;

/* BATCH: no more than a listener's queue holds.  SPARE: descriptors for what is
 * no tunnel.  They sit for so many ms, and are idle when BUSY of them are not
 * spent on a processor. */
enum { MOST = 10000, BATCH = 50, SPARE = 100, SIT = 200, BUSY = 20 };

/* Open n more, or move so many bytes through the n-th from an end in pieces
 * that arrive before the next is sent. */
struct order {
	int n, from;
	size_t piece;           /* 0: open */
};

static struct oom o;
static pid_t child = -1;
static int orders;              /* the socket of either to the other */

/* ---- the child ------------------------------------------------------ */

static int end[MOST][2];
static int opened;

/* Nobody speaks in the tunnel yet: the head is all that comes. */
static void
await_200(int fd)
{
	char head[1024] = "";
	size_t n = 0;
	ssize_t r;

	while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0) {
		r = recv(fd, head + n, sizeof head - n, 0);
		assert_true(r > 0);
		n += (size_t)r;
	}
	assert_memory_equal(head, "HTTP/1.1 200", 12);
}

/* The proxy may dial in any order: the first bytes say whose target it is. */
static void
open_more(int n)
{
	int first = opened, i, k, fd;

	for (; opened < first + n; opened++) {
		end[opened][0] = rig_client();
		rig_ask(end[opened][0], "127.0.0.1", rig.origin_port, "");
	}
	for (i = first; i < opened; i++) {
		await_200(end[i][0]);
		assert_int_equal(send(end[i][0], &i, sizeof i, 0), sizeof i);
	}
	for (i = first; i < opened; i++) {
		fd = accept(rig.origin, NULL, NULL);
		assert_int_equal(recv(fd, &k, sizeof k, MSG_WAITALL), sizeof k);
		assert_in_range(k, first, opened - 1);
		end[k][1] = fd;
	}
}

static void
move(int from, int to, size_t piece)
{
	struct pollfd p[2];
	size_t sent = 0, got = 0, due;

	p[0].fd = from;
	p[1].fd = to;
	p[1].events = POLLIN;
	(void)fcntl(from, F_SETFL, O_NONBLOCK);
	(void)fcntl(to, F_SETFL, O_NONBLOCK);
	for (due = piece; got < moved; due += got == due ? piece : 0) {
		pattern_push(from, &sent, due);
		p[0].events = sent < due ? POLLOUT : 0;
		assert_true(poll(p, 2, -1) > 0);
		assert_true(pattern_pull(to, &got, due - got));
	}
}

static void
serve(void)
{
	struct order order;

	while (recv(orders, &order, sizeof order, 0) == sizeof order) {
		/* What waits for ever ends, and then in the parent too. */
		(void)alarm(600);
		if (order.piece == 0)
			open_more(order.n);
		else
			move(end[order.n][order.from],
			    end[order.n][1 - order.from], order.piece);
		assert_int_equal(send(orders, "", 1, 0), 1);
	}
	_exit(0);
}

/* ---- the parent ----------------------------------------------------- */

static struct tunnel_watch *answers;
static struct tunnel_timer *timer;
static int answered, called;

static void
on_answer(void *ud, int ready)
{
	char c;

	(void)ud;
	(void)ready;
	answered = recv(orders, &c, 1, MSG_DONTWAIT) == 1 ? 1 : -1;
	(void)tunnel_watch_wants(answers, TUNNEL_IN);
}

static void
on_timer(void *ud)
{
	(void)ud;
	called = 1;
}

static void
tell(int n, int from, size_t piece)
{
	struct order order;

	memset(&order, 0, sizeof order);
	order.n = n;
	order.from = from;
	order.piece = piece;
	answered = 0;
	assert_int_equal(send(orders, &order, sizeof order, 0), sizeof order);
	while (answered == 0)
		assert_int_equal(tunnel_loop_step(rig.loop, -1), 0);
	assert_int_equal(answered, 1);
}

/* A stream and a dialogue, both ways. */
static void
use(int n)
{
	int from;

	for (from = 0; from < 2; from++) {
		tell(n, from, moved);
		tell(n, from, 1024);
	}
}

/* Until no deadline is left, and nothing is ready. */
static void
settle(void)
{
	struct pollfd p;

	p.fd = tunnel_loop_fd(rig.loop);
	p.events = POLLIN;
	while (tunnel_loop_deadline(rig.loop) != UINT64_MAX ||
	    (p.fd >= 0 && poll(&p, 1, 0) > 0))
		assert_int_equal(tunnel_loop_step(rig.loop, 1), 0);
}

/* ms of this process on a processor. */
static double
cpu(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A step ends when anything wakes the loop: what ends this one is the timer. */
static void
sit(void)
{
	double spent;

	assert_int_equal(tunnel_loop_step(rig.loop, 0), 0);
	(void)tunnel_timer_set(timer, tunnel_loop_now(rig.loop) + SIT);
	spent = cpu();
	assert_int_equal(tunnel_loop_step(rig.loop, -1), 0);
	spent = cpu() - spent;
	assert_int_equal(called, 1);
	print_message("%.2f ms of CPU in %d ms\n", spent, (int)SIT);
	assert_true(spent < BUSY);
}

/* As many as there are descriptors for; poll(2) looks at each every time, and
 * has a tenth. */
static int
tunnels(void)
{
	int most = tunnel_loop_fd(rig.loop) >= 0 ? MOST : MOST / 10;
	rlim_t want = (rlim_t)most * 2 + SPARE;
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	if (r.rlim_cur < want) {
		r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
		(void)setrlimit(RLIMIT_NOFILE, &r);
		assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	}
	if (r.rlim_cur >= want)
		return most;
	assert_true(r.rlim_cur > 2 * SPARE);
	print_message("%d tunnels and not %d: a process has %d descriptors\n",
	    (int)(r.rlim_cur - SPARE) / 2, most, (int)r.rlim_cur);
	return (int)(r.rlim_cur - SPARE) / 2;
}

/* From here on there are two.  An assertion that fails in the child ends it in
 * teardown, and the parent by what it then does not answer. */
static void
part(void)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	child = fork();
	assert_true(child >= 0);
	orders = fd[child == 0];
	close(fd[child != 0]);
	if (child == 0)
		serve();
	answers = tunnel_watch_new(rig.loop, orders, on_answer, NULL);
	timer = tunnel_timer_new(rig.loop, on_timer, NULL);
	assert_non_null(answers);
	assert_non_null(timer);
	assert_int_equal(tunnel_watch_wants(answers, TUNNEL_IN), 0);
}

static void
idle(void **state)
{
	size_t calls, live, held;
	int n = tunnels(), k;

	(void)state;
	part();
	tell(1, 0, 0);
	use(0);
	settle();
	held = o.bytes;
	for (k = 1; k < n; k += BATCH)
		tell(n - k < BATCH ? n - k : BATCH, 0, 0);
	settle();
	assert_int_equal(tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_TUNNELS),
	    n);
	held = (o.bytes - held) / (size_t)(n - 1);
	print_message("%zu bytes a tunnel, %d of them\n", held, n);
	assert_in_range(held, 1, per_tunnel);
	calls = o.calls;
	live = o.live;
	sit();
	assert_int_equal(o.calls, calls);
	/* And one of them at work is nothing to the others. */
	use(n / 2);
	assert_int_equal(o.calls, calls);
	assert_int_equal(o.live, live);
}

static int
setup(void **state)
{
	oom_init(&o);
	rig_alloc = &o.alloc;
	if (rig_setup(state) < 0)
		return -1;
	rig_start();
	return 0;
}

static int
teardown(void **state)
{
	if (child == 0)
		_exit(1);
	tunnel_watch_free(answers);
	tunnel_timer_free(timer);
	(void)rig_teardown(state);
	close(orders);
	if (child > 0)
		(void)waitpid(child, NULL, 0);
	assert_int_equal(o.live, 0);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(idle, setup, teardown),
	};

	if (getenv("TUNNEL_TINY") != NULL) {
		per_tunnel = 100000;
		moved = 1 << 16;
	}
	return cmocka_run_group_tests_name("idle", tests, NULL, NULL);
}
