/* test_dial.c - Happy Eyeballs, proxies on the way, and every way to fail
 *
 * Names are answered by a table of ours.  A "black hole" is a listener whose
 * queue is full: Linux then answers a SYN with nothing at all. */
#include "unit.h"
#include "fake.h"
#include "oom.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/socket.h"

enum { BACKLOG_FULL = 4 };

static struct tunnel_loop *loop;
static struct tunnel_resolver *resolver;

/* What the name "host" stands for. */
static const char *const *table;
static struct tunnel_query *kept;       /* not answered yet */

static void
lookup(void *ud, struct tunnel_query *q)
{
	uint8_t addr[16];
	int i, v6;

	(void)ud;
	assert_string_equal(tunnel_query_host(q), "host");
	if (table == NULL) {
		kept = q;
		return;
	}
	for (i = 0; table[i] != NULL; i++) {
		v6 = strchr(table[i], ':') != NULL;
		assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, table[i],
		    addr), 1);
		assert_int_equal(tunnel_query_add(q, addr, v6 ? 16 : 4), 0);
	}
	tunnel_query_done(q, 0);
}

static int
setup(void **state)
{
	(void)state;
	loop = tunnel_loop_new(NULL, NULL);
	resolver = tunnel_resolver_new(NULL, loop, 0);
	tunnel_resolver_hook(resolver, lookup, NULL);
	kept = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tunnel_resolver_free(resolver);
	tunnel_loop_free(loop);
	return 0;
}

/* ---- listeners ------------------------------------------------------ */

static int
listen_at(const char *text, unsigned *port, int backlog)
{
	struct tnl_endpoint e;
	struct sockaddr_storage sa;
	socklen_t n;
	int fd;

	memset(&e, 0, sizeof e);
	e.n = strchr(text, ':') != NULL ? 16 : 4;
	assert_int_equal(inet_pton(e.n == 4 ? AF_INET : AF_INET6, text,
	    e.addr), 1);
	e.port = *port;
	n = tnl_endpoint_put(&e, &sa);
	fd = socket(e.n == 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, n), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	tnl_socket_name(fd, &e);
	*port = e.port;
	return fd;
}

/* A listener that answers nothing, from now on. */
static void
fill(const char *text, unsigned port, int fd[BACKLOG_FULL])
{
	struct tnl_endpoint e;
	struct sockaddr_storage sa;
	socklen_t n;
	int i;

	memset(&e, 0, sizeof e);
	e.n = strchr(text, ':') != NULL ? 16 : 4;
	assert_int_equal(inet_pton(e.n == 4 ? AF_INET : AF_INET6, text,
	    e.addr), 1);
	e.port = port;
	n = tnl_endpoint_put(&e, &sa);
	for (i = 0; i < BACKLOG_FULL; i++) {
		fd[i] = tnl_socket_new(e.n == 4 ? AF_INET : AF_INET6);
		(void)connect(fd[i], (struct sockaddr *)&sa, n);
	}
}

static void
close_all(const int *fd, int n)
{
	while (n-- > 0)
		close(fd[n]);
}

/* ---- a dial and its outcome ----------------------------------------- */

struct outcome {
	int calls, result, fd;
	char peer[80], report[2000];
	int status, hop;
	char surplus[100];
	size_t surplus_n;
};

static void
dialled(void *ud, struct tunnel_dial *d, int result, int fd)
{
	struct outcome *o = ud;
	const void *p;

	o->calls++;
	o->result = result;
	o->fd = fd;
	o->status = tunnel_dial_status(d);
	o->hop = tunnel_dial_hop(d);
	snprintf(o->peer, sizeof o->peer, "%s", tunnel_dial_peer(d));
	snprintf(o->report, sizeof o->report, "%s", tunnel_dial_report(d));
	p = tunnel_dial_surplus(d, &o->surplus_n);
	if (o->surplus_n > 0)
		memcpy(o->surplus, p, o->surplus_n);
	tunnel_dial_free(d);
}

static void
finish(struct outcome *o)
{
	int rounds;

	for (rounds = 0; o->calls == 0 && rounds < 10000; rounds++)
		assert_int_equal(tunnel_loop_step(loop, 1000), 0);
	assert_int_equal(o->calls, 1);
	if (o->result == 0)
		assert_true(o->fd >= 0);
	else
		assert_int_equal(o->fd, -1);
}

static struct tunnel_dial *
make(void)
{
	struct tunnel_dial *d = tunnel_dial_new(NULL, loop, resolver);

	assert_non_null(d);
	return d;
}

static void
go(struct tunnel_dial *d, unsigned port, struct outcome *o)
{
	memset(o, 0, sizeof *o);
	assert_int_equal(tunnel_dial_start(d, "host", port, dialled, o), 0);
	assert_int_equal(tunnel_dial_delay(d, 100), TUNNEL_ESTATE);
	assert_int_equal(o->calls, 0);
	finish(o);
}

static void
first_wins(void **state)
{
	static const char *const both[] = { "::1", "127.0.0.1", NULL };
	unsigned port = 0;
	int four = listen_at("127.0.0.1", &port, 5);
	int six = listen_at("::1", &port, 5);
	struct outcome o;

	(void)state;
	table = both;
	go(make(), port, &o);
	assert_int_equal(o.result, 0);
	assert_memory_equal(o.peer, "[::1]:", 6);
	assert_string_equal(o.report, "");
	assert_true(fcntl(o.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(o.fd, F_GETFD) & FD_CLOEXEC);
	close(o.fd);
	close(six);
	/* Refused: the next one need not wait for its turn. */
	go(make(), port, &o);
	assert_int_equal(o.result, 0);
	assert_memory_equal(o.peer, "127.0.0.1:", 10);
	assert_non_null(strstr(o.report, "[::1]:"));
	assert_non_null(strstr(o.report, "refused\n"));
	close(o.fd);
	close(four);
}

/* RFC 8305: a family without an answer costs one delay.  The machine may be
 * busy, so one of a few tries must show it. */
static void
black_hole(void **state)
{
	static const char *const both[] = { "::1", "127.0.0.1", NULL };
	int holes[BACKLOG_FULL], four, six, i;
	uint64_t took, best = UINT64_MAX, begun;
	unsigned port = 0;
	struct outcome o;

	(void)state;
	table = both;
	four = listen_at("127.0.0.1", &port, 100);
	six = listen_at("::1", &port, 0);
	fill("::1", port, holes);
	for (i = 0; i < 10 && best >= 300; i++) {
		begun = tnl_clock();
		go(make(), port, &o);
		took = tnl_clock() - begun;
		assert_int_equal(o.result, 0);
		assert_memory_equal(o.peer, "127.0.0.1:", 10);
		assert_true(took >= 250);
		best = took < best ? took : best;
		close(o.fd);
	}
	print_message("black hole: %u ms\n", (unsigned)best);
	assert_true(best < 300);
	close_all(holes, BACKLOG_FULL);
	close(four);
	close(six);
}

static int
lines(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static int
deny(void *ud, const char *host, const void *addr, size_t n, unsigned port)
{
	(void)ud;
	assert_string_equal(host, "host");
	assert_true(port > 0);
	return n == 4 && memcmp(addr, "\x7f\0\0\x03", 4) == 0 ?
	    TUNNEL_EADDRESS : 0;
}

/* Refused, silent, denied, unreachable: each is told. */
static void
all_fail(void **state)
{
	static const char *const many[] = {
		"127.0.0.2", "::1", "127.0.0.3", "127.0.0.1", NULL
	};
	struct tunnel_dial *d = make();
	int holes[BACKLOG_FULL], six;
	unsigned port = 0;
	struct outcome o;

	(void)state;
	table = many;
	six = listen_at("::1", &port, 0);
	fill("::1", port, holes);
	tunnel_dial_timeout(d, 400);
	tunnel_dial_delay(d, 10);
	tunnel_dial_judge(d, deny, NULL);
	go(d, port, &o);
	print_message("%s", o.report);
	assert_int_equal(o.result, TUNNEL_ETIMEOUT);
	assert_int_equal(lines(o.report), 4);
	assert_non_null(strstr(o.report, "127.0.0.1:"));
	assert_non_null(strstr(o.report, "127.0.0.2:"));
	assert_non_null(strstr(o.report, "refused\n"));
	assert_non_null(strstr(o.report,
	    tunnel_strerror(TUNNEL_EADDRESS)));
	assert_non_null(strstr(o.report, "no answer in time\n"));
	close_all(holes, BACKLOG_FULL);
	close(six);
}

static void
only_refusals(void **state)
{
	static const char *const two[] = { "127.0.0.1", "127.0.0.3", NULL };
	static const char *const denied[] = { "127.0.0.3", NULL };
	struct tunnel_dial *d = make();
	unsigned port = 0;
	struct outcome o;
	int fd = listen_at("127.0.0.9", &port, -1);

	(void)state;
	table = two;
	tunnel_dial_judge(d, deny, NULL);
	go(d, port, &o);
	assert_int_equal(o.result, TUNNEL_ECONNECT);
	assert_int_equal(lines(o.report), 2);
	table = denied;
	d = make();
	tunnel_dial_judge(d, deny, NULL);
	go(d, port, &o);
	assert_int_equal(o.result, TUNNEL_EADDRESS);
	close(fd);
}

static void
families_and_bind(void **state)
{
	static const char *const both[] = { "::1", "127.0.0.1", NULL };
	unsigned port = 0;
	int four = listen_at("127.0.0.1", &port, 5);
	int six = listen_at("::1", &port, 5);
	struct tunnel_dial *d = make();
	struct tnl_endpoint e;
	struct outcome o;

	(void)state;
	table = both;
	assert_int_equal(tunnel_dial_family(d, 5), TUNNEL_EINVAL);
	assert_int_equal(tunnel_dial_bind(d, "localhost"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_dial_delay(d, 9), TUNNEL_EINVAL);
	assert_int_equal(tunnel_dial_delay(d, 2001), TUNNEL_EINVAL);
	tunnel_dial_family(d, 4);
	go(d, port, &o);
	assert_memory_equal(o.peer, "127.0.0.1:", 10);
	close(o.fd);
	d = make();
	tunnel_dial_family(d, 6);
	go(d, port, &o);
	assert_memory_equal(o.peer, "[::1]:", 6);
	close(o.fd);
	d = make();
	assert_int_equal(tunnel_dial_bind(d, "127.0.0.5"), 0);
	go(d, port, &o);
	assert_memory_equal(o.peer, "127.0.0.1:", 10);
	tnl_socket_name(o.fd, &e);
	assert_memory_equal(e.addr, "\x7f\0\0\x05", 4);
	close(o.fd);
	/* Nothing of that family. */
	d = make();
	table = both + 1;
	tunnel_dial_family(d, 6);
	go(d, port, &o);
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
	struct outcome o;

	(void)state;
	memset(&o, 0, sizeof o);
	six = listen_at("::1", &port, 0);
	fill("::1", port, holes);
	/* Freed at every moment: fn is never called. */
	for (i = 0; i < 6; i++) {
		table = i % 2 ? hole : NULL;
		d = make();
		assert_int_equal(tunnel_dial_start(d, "host", port, dialled,
		    &o), 0);
		while (i > 1 && tunnel_loop_deadline(loop) == 0)
			tunnel_loop_step(loop, 0);
		tunnel_dial_free(d);
		/* The hook answers somebody who is not there. */
		if (kept != NULL)
			tunnel_query_done(kept, TUNNEL_ERESOLVE);
		kept = NULL;
	}
	for (i = 0; i < 5; i++)
		tunnel_loop_step(loop, 0);
	assert_int_equal(o.calls, 0);
	/* A resolver that never answers. */
	table = NULL;
	d = make();
	tunnel_dial_timeout(d, 20);
	go(d, port, &o);
	assert_int_equal(o.result, TUNNEL_ELOOKUP);
	assert_non_null(strstr(o.report, "resolver"));
	tunnel_query_done(kept, 0);
	kept = NULL;
	close_all(holes, BACKLOG_FULL);
	close(six);
}

static void
unresolved(void **state)
{
	static const char *const none[] = { NULL };
	struct tunnel_dial *d;
	struct outcome o;

	(void)state;
	table = none;
	go(make(), 1, &o);
	assert_int_equal(o.result, TUNNEL_ERESOLVE);
	assert_int_equal(lines(o.report), 1);
	d = tunnel_dial_new(NULL, loop, NULL);
	go(d, 1, &o);
	assert_int_equal(o.result, TUNNEL_ERESOLVE);
	d = make();
	assert_int_equal(tunnel_dial_start(d, "a b", 1, dialled, &o),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_dial_start(d, "a", 0, dialled, &o),
	    TUNNEL_ETARGET);
	tunnel_dial_free(d);
	tunnel_dial_free(NULL);
}

/* ---- through proxies ------------------------------------------------ */

static void
read_head(int fd, char *out, size_t cap)
{
	size_t n = 0;

	while (n < 4 || memcmp(out + n - 4, "\r\n\r\n", 4) != 0) {
		assert_true(n < cap - 1);
		fake_wait(fd, 1 /* POLLIN */);
		assert_int_equal(recv(fd, out + n, 1, 0), 1);
		n++;
	}
	out[n] = '\0';
}

/* A chain of two proxies, both behind one socket that the test answers for. */
static void
chain(struct outcome *o, const char *first, const char *second)
{
	char url[60], head[1000];
	unsigned port = 0;
	int l = listen_at("127.0.0.1", &port, 5), fd, i;
	struct tunnel_dial *d = make();

	snprintf(url, sizeof url, "http://u:p@127.0.0.1:%u", port);
	assert_int_equal(tunnel_dial_via(d, url), 0);
	assert_int_equal(tunnel_dial_via(d, "http://two.example:99"), 0);
	assert_int_equal(tunnel_dial_via(d, "gopher://x"), TUNNEL_ESCHEME);
	assert_int_equal(tunnel_dial_field(d, "Via", "1.1 me"), 0);
	assert_int_equal(tunnel_dial_field(d, "Host", "x"), TUNNEL_EINVAL);
	tunnel_dial_judge(d, deny, NULL);
	memset(o, 0, sizeof *o);
	assert_int_equal(tunnel_dial_start(d, "target.example", 22, dialled,
	    o), 0);
	for (i = 0; i < 5; i++)
		tunnel_loop_step(loop, 20);
	fd = accept(l, NULL, NULL);
	read_head(fd, head, sizeof head);
	assert_memory_equal(head, "CONNECT two.example:99 ", 23);
	assert_non_null(strstr(head, "Proxy-Authorization: Basic dTpw\r\n"));
	assert_non_null(strstr(head, "Via: 1.1 me\r\n"));
	assert_int_equal(send(fd, first, strlen(first), 0), strlen(first));
	if (second != NULL) {
		for (i = 0; i < 5; i++)
			tunnel_loop_step(loop, 20);
		read_head(fd, head, sizeof head);
		assert_memory_equal(head, "CONNECT target.example:22 ", 26);
		assert_null(strstr(head, "Proxy-Authorization"));
		assert_int_equal(send(fd, second, strlen(second), 0),
		    strlen(second));
	}
	finish(o);
	close(fd);
	close(l);
}

static void
proxies(void **state)
{
	struct outcome o;

	(void)state;
	table = NULL;
	chain(&o, "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nhello");
	assert_int_equal(o.result, 0);
	/* As much of it as one read brought. */
	assert_in_range(o.surplus_n, 1, 5);
	assert_memory_equal(o.surplus, "hello", o.surplus_n);
	assert_int_equal(o.status, 0);
	close(o.fd);
	chain(&o, "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", NULL);
	assert_int_equal(o.result, TUNNEL_EAUTH);
	assert_int_equal(o.status, 407);
	assert_int_equal(o.hop, 0);
	chain(&o, "HTTP/1.1 200 OK\r\n\r\n",
	    "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(o.result, TUNNEL_EREFUSED);
	assert_int_equal(o.status, 403);
	assert_int_equal(o.hop, 1);
	/* A proxy in the middle has nobody behind it who could speak yet. */
	chain(&o, "HTTP/1.1 200 OK\r\n\r\nSSH-2.0", NULL);
	assert_int_equal(o.result, TUNNEL_ESYNTAX);
}

/* ---- the system's resolver, threads and memory ---------------------- */

static void
system_names(void **state)
{
	unsigned port = 0;
	int four = listen_at("127.0.0.1", &port, 5), i;
	struct tunnel_query *q[50];
	struct tunnel_dial *d;
	struct outcome o;

	(void)state;
	tunnel_resolver_hook(resolver, NULL, NULL);
	memset(&o, 0, sizeof o);
	d = make();
	assert_int_equal(tunnel_dial_start(d, "localhost", port, dialled, &o),
	    0);
	finish(&o);
	assert_int_equal(o.result, 0);
	close(o.fd);
	close(four);
	/* Many at once, most of them cancelled at once. */
	for (i = 0; i < 50; i++) {
		q[i] = tunnel_resolve(resolver, "localhost", UINT64_MAX, NULL,
		    NULL);
		assert_non_null(q[i]);
	}
	for (i = 0; i < 50; i++)
		tunnel_query_cancel(q[i]);
	assert_null(tunnel_resolve(resolver, "no host", UINT64_MAX, NULL,
	    NULL));
}

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	static const char *const one[] = { "127.0.0.1", NULL };
	struct tunnel_loop *l = tunnel_loop_new(a, NULL);
	struct tunnel_resolver *r = NULL;
	struct tunnel_dial *d = NULL;
	struct outcome o;
	unsigned port = *(unsigned *)ud;
	int i;

	memset(&o, 0, sizeof o);
	o.fd = -1;
	table = one;
	if (l != NULL)
		r = tunnel_resolver_new(a, l, 1);
	if (r != NULL) {
		tunnel_resolver_hook(r, lookup, NULL);
		d = tunnel_dial_new(a, l, r);
	}
	if (d != NULL && tunnel_dial_start(d, "host", port, dialled, &o) == 0)
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
	int l = listen_at("127.0.0.1", &port, 1000);

	(void)state;
	oom_run(scenario, &port);
	close(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_wins), TEST(black_hole), TEST(all_fail),
		TEST(only_refusals), TEST(families_and_bind), TEST(given_up),
		TEST(unresolved), TEST(proxies), TEST(system_names),
		TEST(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
