/* test_dial_hops.c - what comes before the target: resolvers and proxies
 *
 * Names are answered by a table of ours or by the system; both proxies of a
 * chain are the test itself. */
#include "unit.h"
#include "dial_rig.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* ---- names ---------------------------------------------------------- */

static void
unresolved(void **state)
{
	static const char *const none[] = { NULL };
	struct tunnel_dial *d;
	struct dial_outcome o;

	(void)state;
	dial_table = none;
	dial_go(dial_make(), 1, &o);
	assert_int_equal(o.result, TUNNEL_ERESOLVE);
	assert_int_equal(dial_lines(o.report), 1);
	d = tunnel_dial_new(NULL, dial_loop, NULL);
	dial_go(d, 1, &o);
	assert_int_equal(o.result, TUNNEL_ERESOLVE);
	d = dial_make();
	assert_int_equal(tunnel_dial_start(d, "a b", 1, dial_note, &o),
	    TUNNEL_ETARGET);
	assert_int_equal(tunnel_dial_start(d, "a", 0, dial_note, &o),
	    TUNNEL_ETARGET);
	tunnel_dial_free(d);
	tunnel_dial_free(NULL);
}

static void
system_names(void **state)
{
	unsigned port = 0;
	int four = dial_listen_at("127.0.0.1", &port, 5), i;
	struct tunnel_query *q[50];
	struct tunnel_dial *d;
	struct dial_outcome o;

	(void)state;
	tunnel_resolver_hook(dial_resolver, NULL, NULL);
	memset(&o, 0, sizeof o);
	d = dial_make();
	assert_int_equal(tunnel_dial_start(d, "localhost", port, dial_note, &o),
	    0);
	dial_finish(&o);
	assert_int_equal(o.result, 0);
	close(o.fd);
	close(four);
	/* Many at once, most of them cancelled at once. */
	for (i = 0; i < 50; i++) {
		q[i] = tunnel_resolve(dial_resolver, "localhost", UINT64_MAX,
		    NULL, NULL);
		assert_non_null(q[i]);
	}
	for (i = 0; i < 50; i++)
		tunnel_query_cancel(q[i]);
	assert_null(tunnel_resolve(dial_resolver, "no host", UINT64_MAX, NULL,
	    NULL));
}

/* ---- through proxies ------------------------------------------------ */

/* Step the loop until there is something at fd. */
static void
await_at(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	int rounds;

	for (rounds = 0; poll(&p, 1, 0) == 0; rounds++) {
		assert_true(rounds < 10000);
		assert_int_equal(tunnel_loop_step(dial_loop, 20), 0);
	}
}

static void
read_head(int fd, char *out, size_t cap)
{
	size_t n = 0;

	while (n < 4 || memcmp(out + n - 4, "\r\n\r\n", 4) != 0) {
		assert_true(n < cap - 1);
		await_at(fd);
		assert_int_equal(recv(fd, out + n, 1, 0), 1);
		n++;
	}
	out[n] = '\0';
}

/* A chain of two proxies, both behind one socket that the test answers for. */
static void
chain(struct dial_outcome *o, const char *first, const char *second)
{
	char url[60], head[1000];
	unsigned port = 0;
	int l = dial_listen_at("127.0.0.1", &port, 5), fd;
	struct tunnel_dial *d = dial_make();

	snprintf(url, sizeof url, "http://u:p@127.0.0.1:%u", port);
	assert_int_equal(tunnel_dial_schemes(d, "basic"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_dial_via(d, url), 0);
	assert_int_equal(tunnel_dial_schemes(d, "basic"), 0);
	assert_int_equal(tunnel_dial_via(d, "http://two.example:99"), 0);
	assert_int_equal(tunnel_dial_via(d, "gopher://x"), TUNNEL_ESCHEME);
	assert_int_equal(tunnel_dial_field(d, "Via", "1.1 me"), 0);
	assert_int_equal(tunnel_dial_field(d, "Host", "x"), TUNNEL_EINVAL);
	tunnel_dial_judge(d, dial_deny, NULL);
	memset(o, 0, sizeof *o);
	assert_int_equal(tunnel_dial_start(d, "target.example", 22, dial_note,
	    o), 0);
	await_at(l);
	fd = accept(l, NULL, NULL);
	read_head(fd, head, sizeof head);
	assert_memory_equal(head, "CONNECT two.example:99 ", 23);
	assert_non_null(strstr(head, "Proxy-Authorization: Basic dTpw\r\n"));
	assert_non_null(strstr(head, "Via: 1.1 me\r\n"));
	assert_int_equal(send(fd, first, strlen(first), 0), strlen(first));
	if (second != NULL) {
		read_head(fd, head, sizeof head);
		assert_memory_equal(head, "CONNECT target.example:22 ", 26);
		assert_null(strstr(head, "Proxy-Authorization"));
		assert_int_equal(send(fd, second, strlen(second), 0),
		    strlen(second));
	}
	dial_finish(o);
	close(fd);
	close(l);
}

static void
proxies(void **state)
{
	struct dial_outcome o;

	(void)state;
	dial_table = NULL;
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

/* The way to the first of them is somebody else's affair. */
static void
brought(void **state)
{
	static const char said[] = "HTTP/1.1 200 OK\r\n\r\nhi";
	struct tunnel_dial *d = dial_make();
	struct dial_outcome o;
	char head[1000];
	int end[2], other[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, end), 0);
	assert_int_equal(pipe(other), 0);
	assert_int_equal(tunnel_dial_use(d, 9999), TUNNEL_EINVAL);
	assert_int_equal(tunnel_dial_use(d, other[0]), TUNNEL_EINVAL);
	assert_int_equal(tunnel_dial_use(d, end[0]), 0);
	assert_int_equal(tunnel_dial_use(d, end[0]), TUNNEL_ESTATE);
	memset(&o, 0, sizeof o);
	assert_int_equal(tunnel_dial_start(d, "target.example", 22, dial_note,
	    &o), TUNNEL_ESTATE);
	assert_int_equal(tunnel_dial_via(d, "http://no.example:1"), 0);
	assert_int_equal(tunnel_dial_start(d, "target.example", 22, dial_note,
	    &o), 0);
	assert_int_equal(o.calls, 0);
	read_head(end[1], head, sizeof head);
	assert_memory_equal(head, "CONNECT target.example:22 ", 26);
	assert_int_equal(send(end[1], said, sizeof said - 1, 0),
	    sizeof said - 1);
	dial_finish(&o);
	assert_int_equal(o.result, 0);
	assert_int_equal(o.fd, end[0]);
	assert_string_equal(o.peer, "");
	assert_string_equal(o.report, "");
	assert_memory_equal(o.surplus, "hi", o.surplus_n);
	close(end[0]);
	close(end[1]);
	close(other[0]);
	close(other[1]);
}

/* What is brought is closed, by whatever it ends. */
static void
brought_in_vain(void **state)
{
	struct tunnel_dial *d;
	struct dial_outcome o;
	int end[2], i;

	(void)state;
	for (i = 0; i < 3; i++) {
		d = dial_make();
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, end), 0);
		assert_int_equal(tunnel_dial_use(d, end[0]), 0);
		assert_int_equal(tunnel_dial_via(d, "p"), 0);
		tunnel_dial_timeout(d, i == 2 ? 50 : 60000);
		memset(&o, 0, sizeof o);
		if (i > 0)
			assert_int_equal(tunnel_dial_start(d, "t", 22,
			    dial_note, &o), 0);
		if (i == 1) {
			shutdown(end[1], SHUT_RDWR);
			dial_finish(&o);
			assert_true(o.result == TUNNEL_EEOF ||
			    o.result == TUNNEL_ERESET);
		} else if (i == 2) {
			dial_finish(&o);
			assert_int_equal(o.result, TUNNEL_ETIMEOUT);
			assert_int_equal(o.hop, 0);
		} else {
			tunnel_dial_free(d);
		}
		assert_int_equal(fcntl(end[0], F_GETFD), -1);
		close(end[1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DIAL_TEST(unresolved), DIAL_TEST(system_names),
		DIAL_TEST(proxies), DIAL_TEST(brought),
		DIAL_TEST(brought_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
