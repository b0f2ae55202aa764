/* test_counts.c - what a proxy asks of its allocator, counted
 *
 * Counts are the same on every machine, so they can have limits where a time
 * cannot.  What moves or waits must ask for nothing: neither a byte carried nor
 * an idle tunnel costs a call, once what is lent out has been made. */
#include "unit.h"
#include "oom.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

/* With what is asked for today, and one more; a build with hostile constants
 * (make check's tiny) lets every buffer grow from nothing. */
#ifdef TNL_BUF_FIRST
enum { PER_HANDSHAKE = 100, PER_TUNNEL = 100000, MOVED = 1 << 16 };
#else
enum { PER_HANDSHAKE = 12, PER_TUNNEL = 512, MOVED = 64 << 20 };
#endif
enum { IDLE = 500, PIECE = 65536 };

static struct oom o;
static struct tunnel_loop *loop;
static struct tunnel_proxy *proxy;
static int origin;
static unsigned origin_port, proxy_port;

static int
server(unsigned *port)
{
	struct sockaddr_in at;
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&at, n) < 0 || listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) < 0)
		return -1;
	*port = ntohs(at.sin_port);
	return fd;
}

static int
setup(void **state)
{
	struct tunnel_policy *p;

	(void)state;
	oom_init(&o);
	loop = tunnel_loop_new(&o.alloc, NULL);
	proxy = tunnel_proxy_new(&o.alloc, loop);
	p = tunnel_policy_new(&o.alloc);
	origin = server(&origin_port);
	if (loop == NULL || proxy == NULL || p == NULL || origin < 0 ||
	    tunnel_policy_allow(p, "127.0.0.0/8") != 0 ||
	    tunnel_proxy_policy(proxy, p) != 0 ||
	    tunnel_proxy_listen(proxy, "127.0.0.1:0") != 0 ||
	    tunnel_proxy_start(proxy) != 0)
		return -1;
	proxy_port = (unsigned)strtoul(strrchr(tunnel_proxy_address(proxy, 0),
	    ':') + 1, NULL, 10);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tunnel_proxy_free(proxy);
	tunnel_loop_free(loop);
	close(origin);
	assert_int_equal(o.live, 0);
	return 0;
}

/* ---- tunnels -------------------------------------------------------- */

static void
send_all(int fd, const uint8_t *bytes, size_t n)
{
	ssize_t r;

	while (n > 0) {
		r = send(fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		assert_true(r > 0 || errno == EAGAIN);
		if (r > 0) {
			bytes += r;
			n -= (size_t)r;
		}
		assert_int_equal(tunnel_loop_step(loop, 0), 0);
	}
}

/* What there is, 0 when that is nothing yet; -1: the end. */
static ssize_t
get(int fd, uint8_t *buf, size_t cap)
{
	ssize_t r;

	assert_int_equal(tunnel_loop_step(loop, 1), 0);
	r = recv(fd, buf, cap, MSG_DONTWAIT);
	assert_true(r >= 0 || errno == EAGAIN || errno == ECONNRESET);
	return r == 0 ? -1 : r < 0 && errno == EAGAIN ? 0 : r;
}

static void
open_tunnel(int end[2])
{
	struct sockaddr_in at;
	char text[600];
	uint8_t reply[600];
	size_t n = 0;

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)proxy_port);
	end[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(end[0], (struct sockaddr *)&at, sizeof at), 0);
	snprintf(text, sizeof text, "CONNECT 127.0.0.1:%u HTTP/1.1\r\n"
	    "Host: 127.0.0.1:%u\r\n\r\n", origin_port, origin_port);
	send_all(end[0], (const uint8_t *)text, strlen(text));
	while (n < 4 || memcmp(reply + n - 4, "\r\n\r\n", 4) != 0) {
		ssize_t r = get(end[0], reply + n, sizeof reply - n);

		assert_true(r >= 0);
		n += (size_t)r;
	}
	assert_memory_equal(reply, "HTTP/1.1 200", 12);
	end[1] = accept(origin, NULL, NULL);
	assert_true(end[1] >= 0);
}

static void
close_tunnel(int end[2])
{
	uint8_t c;

	close(end[0]);
	while (get(end[1], &c, 1) >= 0)
		continue;
	close(end[1]);
	while (tunnel_proxy_count(proxy, TUNNEL_COUNT_SESSIONS) > 0)
		assert_int_equal(tunnel_loop_step(loop, 1), 0);
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
		open_tunnel(end);
		close_tunnel(end);
	}
	print_message("%.2f allocations a handshake\n",
	    (double)(o.calls - before) / 100);
	assert_in_range(o.calls - before, 0, PER_HANDSHAKE * 100);
}

static void
bytes(void **state)
{
	size_t before;
	int end[2], i;

	(void)state;
	open_tunnel(end);
	for (i = 0; i < 2; i++) {
		carry(end[i], end[1 - i], PIECE * 16, PIECE, 0);
		carry(end[i], end[1 - i], 4096, 1024, 1);
	}
	before = o.calls;
	for (i = 0; i < 2; i++) {
		carry(end[i], end[1 - i], MOVED, PIECE, 0);
		carry(end[i], end[1 - i], 1 << 16, 1024, 1);
	}
	assert_int_equal(o.calls, before);
	close_tunnel(end);
}

static void
idle(void **state)
{
	static int end[IDLE][2];
	struct rlimit r;
	size_t calls, live, held;
	int i, n;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
	n = r.rlim_cur > IDLE * 4 + 100 ? IDLE : (int)(r.rlim_cur - 100) / 4;
	open_tunnel(end[0]);
	carry(end[0][0], end[0][1], 1024, 1024, 1);
	held = o.bytes;
	for (i = 1; i < n; i++)
		open_tunnel(end[i]);
	for (i = 0; i < 10; i++)
		assert_int_equal(tunnel_loop_step(loop, 1), 0);
	held = (o.bytes - held) / (size_t)(n - 1);
	print_message("%zu bytes an idle tunnel\n", held);
	assert_in_range(held, 1, PER_TUNNEL);
	calls = o.calls;
	live = o.live;
	for (i = 0; i < 1000; i++)
		assert_int_equal(tunnel_loop_step(loop, i % 50 == 0), 0);
	/* And one of them at work is nothing to the others. */
	carry(end[n / 2][0], end[n / 2][1], 1 << 16, 1024, 1);
	assert_int_equal(o.calls, calls);
	assert_int_equal(o.live, live);
	for (i = 0; i < n; i++) {
		close(end[i][0]);
		close(end[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(handshakes, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(idle, setup, teardown),
	};

	return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
