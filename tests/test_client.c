/* test_client.c - replies, whole and in pieces, and what is asked */
#include "unit.h"
#include "oom.h"
#include "split.h"
#include "vectors.h"

static struct tunnel_client *
fresh(const struct tunnel_alloc *a, const char *setting)
{
	struct tunnel_client *c = tunnel_client_new(a);

	if (c == NULL)
		return NULL;
	assert_int_equal(tunnel_client_target(c, "a.example", 22), 0);
	if (strcmp(setting, "limit 64") == 0)
		assert_int_equal(tunnel_client_limit(c, 64), 0);
	else if (strcmp(setting, "lf 0") == 0)
		assert_int_equal(tunnel_client_bare_lf(c, 0), 0);
	else
		assert_string_equal(setting, "");
	return c;
}

static int
send_all(struct tunnel_client *c)
{
	size_t n;

	assert_non_null(tunnel_client_peek(c, &n));
	return tunnel_client_skip(c, n);
}

static void
check_outcome(struct tunnel_client *c, const struct vector *v)
{
	char want[700];
	const char *body;
	size_t n;
	int f = tunnel_client_flags(c);

	if (f < 0) {
		assert_string_equal(tunnel_error_name(f), v->expect);
		assert_int_equal(tunnel_client_fault(c), f);
		assert_int_equal(tunnel_client_status(c), 0);
		assert_null(tunnel_client_reply(c, "a", 0));
		return;
	}
	if (f == TUNNEL_OPEN) {
		snprintf(want, sizeof want, "open:%d", tunnel_client_status(c));
		assert_string_equal(want, v->expect);
		assert_int_equal(tunnel_client_fault(c), 0);
		return;
	}
	assert_int_equal(f, TUNNEL_REFUSED | TUNNEL_DONE);
	body = tunnel_client_body(c, &n);
	snprintf(want, sizeof want, "%d:%s:%.*s", tunnel_client_status(c),
	    tunnel_client_reusable(c) ? "keep" : "close", (int)n,
	    n > 0 ? body : "");
	assert_string_equal(want, v->expect);
	assert_int_equal(tunnel_client_fault(c), tunnel_client_status(c) ==
	    407 ? TUNNEL_EAUTH : TUNNEL_EREFUSED);
}

/* Cut in every way: the same outcome, and never a byte of the tunnel taken. */
static void
every_cut(const struct vector *v)
{
	struct split cut;
	struct tunnel_client *c;
	const uint8_t *p;
	size_t at, len, used;
	int f;

	for (split_begin(&cut, v->input, v->n); split_next(&cut);) {
		/* Surplus is for what ends of itself, and what is wrong must
		 * be seen without looking further. */
		if (strstr(v->expect, "close") != NULL ||
		    strncmp(v->expect, "TUNNEL_", 7) == 0)
			cut.total = cut.n;
		c = fresh(NULL, v->setting);
		assert_int_equal(tunnel_client_start(c),
		    TUNNEL_IN | TUNNEL_OUT);
		assert_int_equal(send_all(c), TUNNEL_IN);
		f = TUNNEL_IN;
		at = 0;
		while (f >= 0 && f & TUNNEL_IN &&
		    (p = split_piece(&cut, at, &len)) != NULL) {
			f = tunnel_client_feed(c, p, len, &used);
			at += used;
			if (f >= 0 && f & TUNNEL_IN)
				assert_int_equal(used, len);
		}
		if (f >= 0 && f & TUNNEL_IN)
			f = tunnel_client_eof(c);
		if (f == TUNNEL_OPEN || tunnel_client_reusable(c))
			assert_int_equal(at, v->n);
		check_outcome(c, v);
		if (f >= 0) {
			/* It stays so, and takes no more. */
			assert_int_equal(tunnel_client_feed(c, "x", 1, &used),
			    f);
			assert_int_equal(used, 0);
		}
		tunnel_client_free(c);
	}
}

static void
vectors(void **state)
{
	(void)state;
	assert_true(vectors_run("replies.txt", every_cut) > 80);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	const struct vector *v = ud;
	struct tunnel_client *c = fresh(a, v->setting);
	size_t used, i;
	int f, done = 0;

	if (c == NULL)
		return 0;
	f = tunnel_client_basic(c, "user", "open sesame");
	if (f == 0)
		f = tunnel_client_field(c, "X-Y", "z");
	if (f == 0)
		f = tunnel_client_start(c);
	if (f >= 0) {
		f = send_all(c);
		for (i = 0; i < v->n && f >= 0 && f & TUNNEL_IN; i += used)
			f = tunnel_client_feed(c, v->input + i, 1, &used);
		if (f >= 0 && f & TUNNEL_IN)
			f = tunnel_client_eof(c);
	}
	done = f != TUNNEL_ENOMEM;
	if (f < 0 && done)
		assert_string_equal(tunnel_error_name(f), v->expect);
	tunnel_client_free(c);
	return done;
}

static void
starve(const struct vector *v)
{
	struct vector copy = *v;

	oom_run(starved, &copy);
}

static void
failing_memory(void **state)
{
	(void)state;
	vectors_run("replies.txt", starve);
}

static void
assert_head(struct tunnel_client *c, const char *want)
{
	size_t n;
	const char *p = tunnel_client_peek(c, &n);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(p, want, n);
}

#define FIRST "CONNECT a.example:22 HTTP/1.1\r\nHost: a.example:22\r\n"

static void
request(void **state)
{
	struct tunnel_client *c = tunnel_client_new(NULL);

	(void)state;
	assert_int_equal(tunnel_client_flags(c), 0);
	assert_int_equal(tunnel_client_start(c), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_target(c, "a.example", 22), 0);
	tunnel_client_start(c);
	assert_head(c, FIRST "Proxy-Connection: keep-alive\r\n\r\n");
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
	struct tunnel_client *c = fresh(NULL, "");
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
	assert_head(c, FIRST "Proxy-Connection: keep-alive\r\n\r\n");
	tunnel_client_free(c);
	free(big);
}

#define DENIED "HTTP/1.1 407 No\r\nTransfer-Encoding: chunked\r\n\r\n" \
	"3\r\nabc\r\n0\r\n\r\n"

static void
again_on_the_same_connection(void **state)
{
	struct tunnel_client *c = fresh(NULL, "");
	const char *stream = DENIED "HTTP/1.0 200 OK\r\n\r\nSSH-";
	size_t used, more;

	(void)state;
	tunnel_client_start(c);
	send_all(c);
	assert_int_equal(tunnel_client_feed(c, stream, strlen(stream), &used),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(used, strlen(DENIED));
	assert_true(tunnel_client_reusable(c));
	assert_string_equal(tunnel_client_reason(c), "No");
	assert_int_equal(tunnel_client_version(c), 11);
	assert_int_equal(tunnel_client_basic(c, "u", "p"), 0);
	assert_int_equal(tunnel_client_start(c), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(tunnel_client_status(c), 0);
	assert_head(c, FIRST "Proxy-Connection: keep-alive\r\n"
	    "Proxy-Authorization: Basic dTpw\r\n\r\n");
	send_all(c);
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
	struct tunnel_client *c = fresh(NULL, "");
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
	assert_int_equal(all, strlen(FIRST "Proxy-Connection: keep-alive\r\n"
	    "\r\n"));
	assert_memory_equal(got, FIRST, strlen(FIRST));
	assert_null(tunnel_client_peek(c, &n));
	assert_int_equal(n, 0);
	tunnel_client_free(c);
}

/* While an exchange runs nothing is set, and nothing is skipped behind it. */
static void
states(void **state)
{
	struct tunnel_client *c = fresh(NULL, "");
	const char *ok = "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n", *value;
	size_t used;

	(void)state;
	assert_int_equal(tunnel_client_field(c, "Proxy-Authorization",
	    "Bearer x"), 0);
	tunnel_client_basic(c, "u", "p");
	tunnel_client_start(c);
	assert_head(c, FIRST "Proxy-Connection: keep-alive\r\n"
	    "Proxy-Authorization: Bearer x\r\n\r\n");
	assert_int_equal(tunnel_client_limit(c, 100), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_bare_lf(c, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_target(c, "b", 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_client_basic(c, "u", "p"), TUNNEL_ESTATE);
	send_all(c);
	assert_null(tunnel_client_reply_at(c, 0, &value));
	tunnel_client_feed(c, ok, strlen(ok), &used);
	assert_int_equal(tunnel_client_skip(c, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_client_skip(c, 0), TUNNEL_OPEN);
	assert_string_equal(tunnel_client_reply_at(c, 1, &value), "B");
	assert_string_equal(value, "2");
	assert_null(tunnel_client_reply_at(c, 2, &value));
	tunnel_client_free(c);
}

/* A limit that is lowered holds for the next reply, whatever was there. */
static void
lowered_limit(void **state)
{
	struct tunnel_client *c = fresh(NULL, "");
	char head[600];
	size_t used, n;

	(void)state;
	n = (size_t)sprintf(head, "HTTP/1.1 403 F\r\nContent-Length: 0\r\nA: ");
	memset(head + n, 'x', sizeof head - n);
	memcpy(head + sizeof head - 4, "\r\n\r\n", 4);
	tunnel_client_start(c);
	send_all(c);
	assert_int_equal(tunnel_client_feed(c, head, sizeof head, &used),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_limit(c, 64), 0);
	tunnel_client_start(c);
	send_all(c);
	assert_int_equal(tunnel_client_feed(c, head, sizeof head, &used),
	    TUNNEL_EHEAD);
	assert_int_equal(used, 64);
	tunnel_client_free(c);
}

/* A proxy may refuse before it has read all, but it cannot agree. */
static void
early_replies(void **state)
{
	struct tunnel_client *c = fresh(NULL, "");
	const char *ok = "HTTP/1.1 200 OK\r\n\r\n", *no =
	    "HTTP/1.1 431 Too large\r\nContent-Length: 0\r\n\r\n";
	size_t used;

	(void)state;
	tunnel_client_start(c);
	assert_int_equal(tunnel_client_feed(c, ok, strlen(ok), &used),
	    TUNNEL_ESYNTAX);
	assert_int_equal(tunnel_client_start(c), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(tunnel_client_feed(c, no, strlen(no), &used),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_status(c), 431);
	assert_false(tunnel_client_reusable(c));
	tunnel_client_free(c);
}

/* The beginning of a long page is kept, and no more of it is waited for than
 * serves somebody. */
static void
long_bodies(void **state)
{
	struct tunnel_client *c = fresh(NULL, "");
	static uint8_t page[65536];
	const char *head = "HTTP/1.1 403 F\r\nContent-Length: 100000\r\n\r\n";
	size_t used, n;
	int f, i;

	(void)state;
	memset(page, 'y', sizeof page);
	page[0] = 'x';
	tunnel_client_start(c);
	send_all(c);
	tunnel_client_feed(c, head, strlen(head), &used);
	assert_int_equal(tunnel_client_feed(c, page, sizeof page, &used),
	    TUNNEL_REFUSED | TUNNEL_IN);
	assert_int_equal(tunnel_client_feed(c, page, sizeof page, &used),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(used, 100000 - 65536);
	assert_memory_equal(tunnel_client_body(c, &n), page, 4096);
	assert_int_equal(n, 4096);
	assert_true(tunnel_client_reusable(c));
	tunnel_client_start(c);
	send_all(c);
	head = "HTTP/1.1 403 F\r\n\r\n";
	tunnel_client_feed(c, head, strlen(head), &used);
	assert_int_equal(tunnel_client_feed(c, page, 4095, &used),
	    TUNNEL_REFUSED | TUNNEL_IN);
	assert_int_equal(tunnel_client_feed(c, page, 2, &used),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	tunnel_client_start(c);
	send_all(c);
	head = "HTTP/1.1 403 F\r\nContent-Length: 99999999\r\n\r\n";
	tunnel_client_feed(c, head, strlen(head), &used);
	for (i = 0, f = TUNNEL_IN; f & TUNNEL_IN; i++)
		f = tunnel_client_feed(c, page, sizeof page, &used);
	assert_int_equal(i, 17);        /* 1 MiB, and one more */
	assert_false(tunnel_client_reusable(c));
	tunnel_client_free(c);
}

static void
wide_fields(void **state)
{
	struct tunnel_client *c = fresh(NULL, "");
	char *head = malloc(300000);
	size_t n, used;

	(void)state;
	tunnel_client_start(c);
	send_all(c);
	n = (size_t)sprintf(head, "HTTP/1.1 200 OK\r\nA: ");
	memset(head + n, 'x', 65536);
	n += 65536;
	n += (size_t)sprintf(head + n, "\r\nB: c\r\n\r\n");
	assert_int_equal(tunnel_client_feed(c, head, n, &used), TUNNEL_OPEN);
	assert_int_equal(strlen(tunnel_client_reply(c, "a", 0)), 65536);
	assert_string_equal(tunnel_client_reply(c, "b", 0), "c");
	tunnel_client_free(c);
	c = fresh(NULL, "");
	tunnel_client_start(c);
	send_all(c);
	memset(head + 20, 'x', 299980);
	assert_int_equal(tunnel_client_feed(c, head, 300000, &used),
	    TUNNEL_EHEAD);
	assert_int_equal(used, 262144);
	tunnel_client_free(c);
	free(head);
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
		cmocka_unit_test(vectors), cmocka_unit_test(failing_memory),
		cmocka_unit_test(request), cmocka_unit_test(setters),
		cmocka_unit_test(again_on_the_same_connection),
		cmocka_unit_test(sending_in_pieces),
		cmocka_unit_test(states), cmocka_unit_test(lowered_limit),
		cmocka_unit_test(early_replies), cmocka_unit_test(long_bodies),
		cmocka_unit_test(wide_fields),
		cmocka_unit_test(secrets_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
