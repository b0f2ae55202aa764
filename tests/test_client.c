/* test_client.c - replies, whole and in pieces, long and early ones */
#include "unit.h"
#include "client_rig.h"
#include "oom.h"
#include "split.h"
#include "vectors.h"

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
		c = client_fresh(NULL, v->setting);
		assert_int_equal(tunnel_client_start(c),
		    TUNNEL_IN | TUNNEL_OUT);
		assert_int_equal(client_send_all(c), TUNNEL_IN);
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
	struct tunnel_client *c = client_fresh(a, v->setting);
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
		f = client_send_all(c);
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

/* A limit that is lowered holds for the next reply, whatever was there. */
static void
lowered_limit(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");
	char head[600];
	size_t used, n;

	(void)state;
	n = (size_t)sprintf(head, "HTTP/1.1 403 F\r\nContent-Length: 0\r\nA: ");
	memset(head + n, 'x', sizeof head - n);
	memcpy(head + sizeof head - 4, "\r\n\r\n", 4);
	tunnel_client_start(c);
	client_send_all(c);
	assert_int_equal(tunnel_client_feed(c, head, sizeof head, &used),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_limit(c, 64), 0);
	tunnel_client_start(c);
	client_send_all(c);
	assert_int_equal(tunnel_client_feed(c, head, sizeof head, &used),
	    TUNNEL_EHEAD);
	assert_int_equal(used, 64);
	tunnel_client_free(c);
}

/* A proxy may refuse before it has read all, but it cannot agree. */
static void
early_replies(void **state)
{
	struct tunnel_client *c = client_fresh(NULL, "");
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
	struct tunnel_client *c = client_fresh(NULL, "");
	static uint8_t page[65536];
	const char *head = "HTTP/1.1 403 F\r\nContent-Length: 100000\r\n\r\n";
	size_t used, n;
	int f, i;

	(void)state;
	memset(page, 'y', sizeof page);
	page[0] = 'x';
	tunnel_client_start(c);
	client_send_all(c);
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
	client_send_all(c);
	head = "HTTP/1.1 403 F\r\n\r\n";
	tunnel_client_feed(c, head, strlen(head), &used);
	assert_int_equal(tunnel_client_feed(c, page, 4095, &used),
	    TUNNEL_REFUSED | TUNNEL_IN);
	assert_int_equal(tunnel_client_feed(c, page, 2, &used),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	tunnel_client_start(c);
	client_send_all(c);
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
	struct tunnel_client *c = client_fresh(NULL, "");
	char *head = malloc(300000);
	size_t n, used;

	(void)state;
	tunnel_client_start(c);
	client_send_all(c);
	n = (size_t)sprintf(head, "HTTP/1.1 200 OK\r\nA: ");
	memset(head + n, 'x', 65536);
	n += 65536;
	n += (size_t)sprintf(head + n, "\r\nB: c\r\n\r\n");
	assert_int_equal(tunnel_client_feed(c, head, n, &used), TUNNEL_OPEN);
	assert_int_equal(strlen(tunnel_client_reply(c, "a", 0)), 65536);
	assert_string_equal(tunnel_client_reply(c, "b", 0), "c");
	tunnel_client_free(c);
	c = client_fresh(NULL, "");
	tunnel_client_start(c);
	client_send_all(c);
	memset(head + 20, 'x', 299980);
	assert_int_equal(tunnel_client_feed(c, head, 300000, &used),
	    TUNNEL_EHEAD);
	assert_int_equal(used, 262144);
	tunnel_client_free(c);
	free(head);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors), cmocka_unit_test(failing_memory),
		cmocka_unit_test(lowered_limit),
		cmocka_unit_test(early_replies), cmocka_unit_test(long_bodies),
		cmocka_unit_test(wide_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
