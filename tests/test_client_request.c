/* test_client_request.c - what is asked, when it may be set, and asking again
    */
#include "unit.h"
#include "client_rig.h"
#include "oom.h"

static void
assert_head(struct tunnel_client *c, const char *want)
{
	size_t n;
	const char *p = tunnel_client_peek(c, &n);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(p, want, n);
}

static void
request(void **state)
{
	struct tunnel_client *c = tunnel_client_new(NULL);

	(void)state;
	assert_int_equal(tunnel_client_flags(c), 0);
	assert_int_equal(tunnel_client_start(c), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_target(c, "a.example", 22), 0);
	tunnel_client_start(c);
	assert_head(c, CLIENT_FIRST "Proxy-Connection: keep-alive\r\n\r\n");
	assert_int_equal(tunnel_client_start(c), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_field(c, "A", "b"), TUNNEL_ESTATE);
	tunnel_client_free(c);
	c = tunnel_client_new(NULL);
	tunnel_client_target(c, "::1", 443);
	assert_int_equal(tunnel_client_basic(c, "Aladdin", "open sesame"), 0);
	assert_int_equal(tunnel_client_field(c, "User-Agent", "x/1 (y)"), 0);
	assert_int_equal(tunnel_client_field(c, "proxy-connection", "close"),
	    0);
	assert_int_equal(tunnel_client_field(c, "E", ""), 0);
	tunnel_client_start(c);
	assert_head(c, "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n"
	    "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"
	    "User-Agent: x/1 (y)\r\nproxy-connection: close\r\nE: \r\n\r\n");
	tunnel_client_free(c);
	tunnel_client_free(NULL);
}

/* What a setter refuses leaves no trace. */
static void
setters(void **state)
{
	static const char *const bad[][2] = {
		{ "A", "b\r\nX: y" }, { "A", "b\nc" }, { "A", "b\rc" },
		{ "A", "\x01" }, { "A", "\x7f" }, { "A", " b" }, { "A", "b " },
		{ "A:", "b" }, { "A b", "c" }, { "", "b" }, { "A\r\nB", "c" },
		{ "\xc3\xa4", "b" }, { "Host", "b" }, { "hOST", "b" },
		{ "Content-Length", "0" }, { "transfer-encoding", "chunked" },
	};
	struct tunnel_client *c = client_fresh(NULL, "");
	char *big = calloc(1, 600001);
	size_t i;

	(void)state;
	memset(big, 'x', 600000);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(tunnel_client_field(c, bad[i][0], bad[i][1]),
		    TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_field(c, "A", big), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_basic(c, "a:b", "c"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_basic(c, "a", "c\n"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_basic(c, "a\x7f", "c"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_basic(c, "a", NULL), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_basic(c, "a", big), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_target(c, "b", 0), TUNNEL_ETARGET);
	assert_int_equal(tunnel_client_target(c, "b", 65536), TUNNEL_ETARGET);
	assert_int_equal(tunnel_client_target(c, "b\r\nX", 1), TUNNEL_ETARGET);
	assert_int_equal(tunnel_client_target(c, "127.1", 1), TUNNEL_ETARGET);
	assert_int_equal(tunnel_client_target(c, "[::1]", 1), TUNNEL_ETARGET);
	assert_int_equal(tunnel_client_target(c, "", 1), TUNNEL_ETARGET);
	assert_int_equal(tunnel_client_limit(c, 63), TUNNEL_EINVAL);
	tunnel_client_basic(c, "u", "p");
	assert_int_equal(tunnel_client_basic(c, NULL, NULL), 0);
	tunnel_client_start(c);
	assert_head(c, CLIENT_FIRST "Proxy-Connection: keep-alive\r\n\r\n");
	tunnel_client_free(c);
	free(big);
}

#define DENIED "HTTP/1.1 407 No\r\nTransfer-Encoding: chunked\r\n\r\n" \
	"3\r\nabc\r\n0\r\n\r\n"

static void
again_on_the_same_connection(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");
	const char *stream = DENIED "HTTP/1.0 200 OK\r\n\r\nSSH-";
	size_t used, more;

	(void)state;
	tunnel_client_start(c);
	client_send_all(c);
	assert_int_equal(tunnel_client_feed(c, stream, strlen(stream), &used),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(used, strlen(DENIED));
	assert_true(tunnel_client_reusable(c));
	assert_string_equal(tunnel_client_reason(c), "No");
	assert_int_equal(tunnel_client_version(c), 11);
	assert_int_equal(tunnel_client_basic(c, "u", "p"), 0);
	assert_int_equal(tunnel_client_start(c), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(tunnel_client_status(c), 0);
	assert_head(c, CLIENT_FIRST "Proxy-Connection: keep-alive\r\n"
	    "Proxy-Authorization: Basic dTpw\r\n\r\n");
	client_send_all(c);
	stream += used;
	(void)tunnel_client_body(c, &more);
	assert_int_equal(more, 0);
	assert_int_equal(tunnel_client_feed(c, stream, strlen(stream), &more),
	    TUNNEL_OPEN);
	assert_string_equal(stream + more, "SSH-");
	assert_int_equal(tunnel_client_start(c), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_eof(c), TUNNEL_OPEN);
	tunnel_client_free(c);
}

static void
sending_in_pieces(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");
	char got[256];
	size_t n, all = 0, used;

	(void)state;
	assert_int_equal(tunnel_client_feed(c, "H", 1, &used), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_eof(c), TUNNEL_ESTATE);
	tunnel_client_start(c);
	while (tunnel_client_flags(c) & TUNNEL_OUT) {
		assert_int_equal(tunnel_client_skip(c, 1000), TUNNEL_EINVAL);
		tunnel_client_drain(c, got + all, 5, &n);
		all += n;
	}
	assert_int_equal(all, strlen(CLIENT_FIRST
	    "Proxy-Connection: keep-alive\r\n" "\r\n"));
	assert_memory_equal(got, CLIENT_FIRST, strlen(CLIENT_FIRST));
	assert_null(tunnel_client_peek(c, &n));
	assert_int_equal(n, 0);
	tunnel_client_free(c);
}

/* While an exchange runs nothing is set, and nothing is skipped behind it. */
static void
states(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");
	const char *ok = "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n", *value;
	size_t used;

	(void)state;
	assert_int_equal(tunnel_client_field(c, "Proxy-Authorization",
	    "Bearer x"), 0);
	tunnel_client_basic(c, "u", "p");
	tunnel_client_start(c);
	assert_head(c, CLIENT_FIRST "Proxy-Connection: keep-alive\r\n"
	    "Proxy-Authorization: Bearer x\r\n\r\n");
	assert_int_equal(tunnel_client_limit(c, 100), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_bare_lf(c, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_target(c, "b", 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_basic(c, "u", "p"), TUNNEL_ESTATE);
	client_send_all(c);
	assert_null(tunnel_client_reply_at(c, 0, &value));
	tunnel_client_feed(c, ok, strlen(ok), &used);
	assert_int_equal(tunnel_client_skip(c, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_skip(c, 0), TUNNEL_OPEN);
	assert_string_equal(tunnel_client_reply_at(c, 1, &value), "B");
	assert_string_equal(value, "2");
	assert_null(tunnel_client_reply_at(c, 2, &value));
	tunnel_client_free(c);
}

static void
secrets_are_wiped(void **state)
{
	struct oom o;
	struct tunnel_client *c;

	(void)state;
	oom_init(&o);
	o.secret = "QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
	c = tunnel_client_new(&o.alloc);
	tunnel_client_target(c, "a", 1);
	tunnel_client_basic(c, "Aladdin", "open sesame");
	tunnel_client_start(c);
	tunnel_client_free(c);
	assert_int_equal(o.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request), cmocka_unit_test(setters),
		cmocka_unit_test(again_on_the_same_connection),
		cmocka_unit_test(sending_in_pieces), cmocka_unit_test(states),
		cmocka_unit_test(secrets_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
