/* test_dial.c - Happy Eyeballs, and every way to fail
 *
 * A "black hole" is a listener whose queue is full: Linux then answers a SYN
 * with nothing at all. */
#include "unit.h"
#include "dial_rig.h"
#include "oom.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <fcntl.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/socket.h"

static void
first_wins(void **state)
{
	static const char *const both[] = { "::1", "127.0.0.1", NULL };
	int four, six;
	unsigned port = dial_listen_both(&four, 5, &six, 5);
	struct dial_outcome o;

	(void)state;
	dial_table = both;
	dial_go(dial_make(), port, &o);
	assert_int_equal(o.result, 0);
	assert_memory_equal(o.peer, "[::1]:", 6);
	assert_string_equal(o.report, "");
	assert_true(fcntl(o.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(o.fd, F_GETFD) & FD_CLOEXEC);
	close(o.fd);
	close(six);
	six = dial_listen_at("::1", &port, -1);
	/* Refused: the next one need not wait for its turn. */
	dial_go(dial_make(), port, &o);
	assert_int_equal(o.result, 0);
	assert_memory_equal(o.peer, "127.0.0.1:", 10);
	assert_non_null(strstr(o.report, "[::1]:"));
	assert_non_null(strstr(o.report, "refused\n"));
	close(o.fd);
	close(four);
	close(six);
}

/* RFC 8305: a family without an answer costs one delay, not two.  The machine
 * may be busy, so one of a few tries must show it. */
static void
black_hole(void **state)
{
	static const char *const both[] = { "::1", "127.0.0.1", NULL };
	int holes[BACKLOG_FULL], four, six, i;
	uint64_t took, best = UINT64_MAX, begun;
	unsigned port = dial_listen_both(&four, 100, &six, 0);
	struct dial_outcome o;

	(void)state;
	dial_table = both;
	dial_fill("::1", port, holes);
	for (i = 0; i < 10 && best >= 500; i++) {
		begun = tnl_clock();
		dial_go(dial_make(), port, &o);
		took = tnl_clock() - begun;
		assert_int_equal(o.result, 0);
		assert_memory_equal(o.peer, "127.0.0.1:", 10);
		assert_true(took >= 250);
		best = took < best ? took : best;
		close(o.fd);
	}
	print_message("black hole: %u ms\n", (unsigned)best);
	assert_true(best < 500);
	dial_close_all(holes, BACKLOG_FULL);
	close(four);
	close(six);
}

/* Refused, silent, denied, unreachable: each is told. */
static void
all_fail(void **state)
{
	static const char *const many[] = {
		"127.0.0.2", "::1", "127.0.0.3", "127.0.0.1", NULL
	};
	struct tunnel_dial *d = dial_make();
	int holes[BACKLOG_FULL], four, six;
	unsigned port = dial_listen_both(&four, -1, &six, 0);
	struct dial_outcome o;

	(void)state;
	dial_table = many;
	dial_fill("::1", port, holes);
	tunnel_dial_timeout(d, 400);
	tunnel_dial_delay(d, 10);
	tunnel_dial_judge(d, dial_deny, NULL);
	dial_go(d, port, &o);
	print_message("%s", o.report);
	assert_int_equal(o.result, TUNNEL_ETIMEOUT);
	assert_int_equal(dial_lines(o.report), 4);
	assert_non_null(strstr(o.report, "127.0.0.1:"));
	assert_non_null(strstr(o.report, "127.0.0.2:"));
	assert_non_null(strstr(o.report, "refused\n"));
	assert_non_null(strstr(o.report,
	    tunnel_strerror(TUNNEL_EADDRESS)));
	assert_non_null(strstr(o.report, "no answer in time\n"));
	dial_close_all(holes, BACKLOG_FULL);
	close(four);
	close(six);
}

static void
only_refusals(void **state)
{
	static const char *const two[] = { "127.0.0.1", "127.0.0.3", NULL };
	static const char *const denied[] = { "127.0.0.3", NULL };
	struct tunnel_dial *d = dial_make();
	unsigned port = 0;
	struct dial_outcome o;
	int fd = dial_listen_at("127.0.0.9", &port, -1);

	(void)state;
	dial_table = two;
	tunnel_dial_judge(d, dial_deny, NULL);
	dial_go(d, port, &o);
	assert_int_equal(o.result, TUNNEL_ECONNECT);
	assert_int_equal(dial_lines(o.report), 2);
	dial_table = denied;
	d = dial_make();
	tunnel_dial_judge(d, dial_deny, NULL);
	dial_go(d, port, &o);
	assert_int_equal(o.result, TUNNEL_EADDRESS);
	close(fd);
}

static void
families_and_bind(void **state)
{
	static const char *const both[] = { "::1", "127.0.0.1", NULL };
	int four, six;
	unsigned port = dial_listen_both(&four, 5, &six, 5);
	struct tunnel_dial *d = dial_make();
	struct tnl_endpoint e;
	struct dial_outcome o;

	(void)state;
	dial_table = both;
	assert_int_equal(tunnel_dial_family(d, 5), TUNNEL_EINVAL);
	assert_int_equal(tunnel_dial_bind(d, "localhost"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_dial_delay(d, 9), TUNNEL_EINVAL);
	assert_int_equal(tunnel_dial_delay(d, 2001), TUNNEL_EINVAL);
	tunnel_dial_family(d, 4);
	dial_go(d, port, &o);
	assert_memory_equal(o.peer, "127.0.0.1:", 10);
	close(o.fd);
	d = dial_make();
	tunnel_dial_family(d, 6);
	dial_go(d, port, &o);
	assert_memory_equal(o.peer, "[::1]:", 6);
	close(o.fd);
	d = dial_make();
	assert_int_equal(tunnel_dial_bind(d, "127.0.0.5"), 0);
	dial_go(d, port, &o);
	assert_memory_equal(o.peer, "127.0.0.1:", 10);
	tnl_socket_name(o.fd, &e);
	assert_memory_equal(e.addr, "\x7f\0\0\x05", 4);
	close(o.fd);
	/* Nothing of that family. */
	d = dial_make();
	dial_table = both + 1;
	tunnel_dial_family(d, 6);
	dial_go(d, port, &o);
	assert_int_equal(o.result, TUNNEL_EUNREACH);
	close(four);
	close(six);
}

static void
given_up(void **state)
{
	static const char *const hole[] = { "::1", NULL };
	int holes[BACKLOG_FULL], six, i;
	struct tunnel_dial *d;
	unsigned port = 0;
	struct dial_outcome o;

	(void)state;
	memset(&o, 0, sizeof o);
	six = dial_listen_at("::1", &port, 0);
	dial_fill("::1", port, holes);
	/* Freed at every moment: fn is never called. */
	for (i = 0; i < 6; i++) {
		dial_table = i % 2 ? hole : NULL;
		d = dial_make();
		assert_int_equal(tunnel_dial_start(d, "host", port, dial_note,
		    &o), 0);
		while (i > 1 && tunnel_loop_deadline(dial_loop) == 0)
			tunnel_loop_step(dial_loop, 0);
		tunnel_dial_free(d);
		/* The hook answers somebody who is not there. */
		if (dial_kept != NULL)
			tunnel_query_done(dial_kept, TUNNEL_ERESOLVE);
		dial_kept = NULL;
	}
	for (i = 0; i < 5; i++)
		tunnel_loop_step(dial_loop, 0);
	assert_int_equal(o.calls, 0);
	/* A resolver that never answers. */
	dial_table = NULL;
	d = dial_make();
	tunnel_dial_timeout(d, 20);
	dial_go(d, port, &o);
	assert_int_equal(o.result, TUNNEL_ELOOKUP);
	assert_non_null(strstr(o.report, "resolver"));
	tunnel_query_done(dial_kept, 0);
	dial_kept = NULL;
	dial_close_all(holes, BACKLOG_FULL);
	close(six);
}

/* ---- memory --------------------------------------------------------- */

static int
option(int fd, int level, int name)
{
	int v = -1;
	socklen_t n = sizeof v;

	assert_int_equal(getsockopt(fd, level, name, &v, &n), 0);
	return v;
}

/* -1: the system's times. */
static void
keepalive(void **state)
{
	static const char *const one[] = { "127.0.0.1", NULL };
	static const int seconds[] = { -1, 0, 1, 7, 32767 };
	unsigned port = 0;
	int l = dial_listen_at("127.0.0.1", &port, 9);
	struct tunnel_dial *d;
	struct dial_outcome o;
	size_t i;

	(void)state;
	dial_table = one;
	for (i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
		d = dial_make();
		assert_int_equal(tunnel_dial_keepalive(d, 32768),
		    TUNNEL_EINVAL);
		if (seconds[i] >= 0)
			assert_int_equal(tunnel_dial_keepalive(d,
			    (unsigned)seconds[i]), 0);
		dial_go(d, port, &o);
		assert_int_equal(o.result, 0);
		assert_int_equal(option(o.fd, SOL_SOCKET, SO_KEEPALIVE),
		    seconds[i] != 0);
#ifdef TCP_KEEPIDLE
		if (seconds[i] > 0) {
			assert_int_equal(option(o.fd, IPPROTO_TCP,
			    TCP_KEEPIDLE), seconds[i]);
			assert_int_equal(option(o.fd, IPPROTO_TCP,
			    TCP_KEEPINTVL), seconds[i]);
		}
#endif
		close(o.fd);
	}
	close(l);
}

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	static const char *const one[] = { "127.0.0.1", NULL };
	struct tunnel_loop *l = tunnel_loop_new(a, NULL);
	struct tunnel_resolver *r = NULL;
	struct tunnel_dial *d = NULL;
	struct dial_outcome o;
	unsigned port = *(unsigned *)ud;
	int i;

	memset(&o, 0, sizeof o);
	o.fd = -1;
	dial_table = one;
	if (l != NULL)
		r = tunnel_resolver_new(a, l, 1);
	if (r != NULL) {
		tunnel_resolver_hook(r, dial_lookup, NULL);
		d = tunnel_dial_new(a, l, r);
	}
	if (d != NULL && tunnel_dial_start(d, "host", port, dial_note, &o) == 0)
		for (i = 0; i < 100 && o.calls == 0; i++)
			tunnel_loop_step(l, 100);
	if (d != NULL)
		assert_int_equal(o.calls, 1);
	if (o.fd >= 0)
		close(o.fd);
	tunnel_resolver_free(r);
	tunnel_loop_free(l);
	return o.calls == 1 && o.result == 0;
}

static void
failing_memory(void **state)
{
	unsigned port = 0;
	int l = dial_listen_at("127.0.0.1", &port, 1000);

	(void)state;
	oom_run(scenario, &port);
	close(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DIAL_TEST(first_wins), DIAL_TEST(black_hole),
		DIAL_TEST(all_fail), DIAL_TEST(only_refusals),
		DIAL_TEST(families_and_bind), DIAL_TEST(given_up),
		DIAL_TEST(keepalive), DIAL_TEST(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
