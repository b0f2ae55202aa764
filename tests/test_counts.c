/* test_counts.c - what a proxy asks of its allocator, counted
 *
 * Counts are the same on every machine, so they can have limits where a time
 * cannot.  What moves must ask for nothing, once what is lent out has been
 * made; what waits is test_counts_idle's. */
#include "unit.h"
#include "oom.h"
#include "proxy_rig.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 65536 };

/* With what is asked for today, and one more; a library with hostile constants
 * (make check's tiny) lets every buffer grow from nothing. */
static unsigned per_handshake = 12;
static size_t moved = 64 << 20;

static struct oom o;

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
	(void)rig_teardown(state);
	assert_int_equal(o.live, 0);
	return 0;
}

/* ---- tunnels -------------------------------------------------------- */

/* What there is, 0 when that is nothing yet; -1: the end. */
static ssize_t
get(int fd, uint8_t *buf, size_t cap)
{
	ssize_t r;

	assert_int_equal(tunnel_loop_step(rig.loop, 1), 0);
	r = recv(fd, buf, cap, MSG_DONTWAIT);
	assert_true(r >= 0 || errno == EAGAIN || errno == ECONNRESET);
	return r == 0 ? -1 : r < 0 && errno == EAGAIN ? 0 : r;
}

static void
close_tunnel(int end[2])
{
	uint8_t c;

	close(end[0]);
	while (get(end[1], &c, 1) >= 0)
		continue;
	close(end[1]);
	while (tunnel_proxy_count(rig.proxy, TUNNEL_COUNT_SESSIONS) > 0)
		assert_int_equal(tunnel_loop_step(rig.loop, 1), 0);
}

/* n bytes in pieces of that size, each there before the next is sent when turns
 * is set, which is a dialogue; else as they fit, which is a stream. */
static void
carry(int from, int to, size_t n, size_t piece, int turns)
{
	static uint8_t in[PIECE], out[PIECE];
	size_t sent = 0, got = 0;

	memset(in, 'x', sizeof in);
	while (got < n) {
		ssize_t r;

		if (sent < n && (!turns || sent == got)) {
			r = send(from, in, piece, MSG_DONTWAIT | MSG_NOSIGNAL);
			assert_true(r > 0 || errno == EAGAIN);
			sent += r > 0 ? (size_t)r : 0;
		}
		r = get(to, out, sizeof out);
		assert_true(r >= 0);
		assert_memory_equal(in, out, (size_t)r);
		got += (size_t)r;
	}
}

/* ---- counts --------------------------------------------------------- */

static void
handshakes(void **state)
{
	int end[2], i;
	size_t before = 0;

	(void)state;
	for (i = 0; i < 110; i++) {
		if (i == 10)
			before = o.calls;
		rig_tunnel(end, "127.0.0.1", rig.origin_port);
		close_tunnel(end);
	}
	print_message("%.2f allocations a handshake\n",
	    (double)(o.calls - before) / 100);
	assert_in_range(o.calls - before, 0, per_handshake * 100);
}

static void
bytes(void **state)
{
	size_t before;
	int end[2], i;

	(void)state;
	rig_tunnel(end, "127.0.0.1", rig.origin_port);
	for (i = 0; i < 2; i++) {
		carry(end[i], end[1 - i], PIECE * 16, PIECE, 0);
		carry(end[i], end[1 - i], 4096, 1024, 1);
	}
	before = o.calls;
	for (i = 0; i < 2; i++) {
		carry(end[i], end[1 - i], moved, PIECE, 0);
		carry(end[i], end[1 - i], 1 << 16, 1024, 1);
	}
	assert_int_equal(o.calls, before);
	close_tunnel(end);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(handshakes, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes, setup, teardown),
	};

	if (getenv("TUNNEL_TINY") != NULL) {
		per_handshake = 100;
		moved = 1 << 16;
	}
	return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
