/* test_dial_hops.c - what comes before the target: resolvers and proxies
 *
 * Names are answered by a table of ours or by the system; both proxies of a
 * chain are the test itself. */
#include "unit.h"
#include "dial_rig.h"
#include "fake.h"

#include <sys/socket.h>

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
chain(struct dial_outcome *o, const char *first, const char *second)
{
	char url[60], head[1000];
	unsigned port = 0;
	int l = dial_listen_at("127.0.0.1", &port, 5), fd, i;
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
	for (i = 0; i < 5; i++)
		tunnel_loop_step(dial_loop, 20);
	fd = accept(l, NULL, NULL);
	read_head(fd, head, sizeof head);
	assert_memory_equal(head, "CONNECT two.example:99 ", 23);
	assert_non_null(strstr(head, "Proxy-Authorization: Basic dTpw\r\n"));
	assert_non_null(strstr(head, "Via: 1.1 me\r\n"));
	assert_int_equal(send(fd, first, strlen(first), 0), strlen(first));
	if (second != NULL) {
		for (i = 0; i < 5; i++)
			tunnel_loop_step(dial_loop, 20);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DIAL_TEST(unresolved), DIAL_TEST(system_names),
		DIAL_TEST(proxies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
