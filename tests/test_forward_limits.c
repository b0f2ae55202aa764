/* test_forward_limits.c - what may be set, what is bounded, and no memory */
#include "unit.h"
#include "forward_rig.h"
#include "oom.h"

#define GET "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { A = TUNNEL_A, B = TUNNEL_B };

static void
setters(void **state)
{
	struct tunnel_forward *f = tunnel_forward_new(NULL);

	(void)state;
	assert_int_equal(tunnel_forward_via(f, "a b"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_via(f, "a\r\nX: y"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_via(f, "proxy.example:3128"), 0);
	assert_int_equal(tunnel_forward_via(f, "[::1]:3128"), 0);
	assert_int_equal(tunnel_forward_via(f, ""), 0);
	assert_int_equal(tunnel_forward_via(f, NULL), 0);
	assert_int_equal(tunnel_forward_buffers(f, 0, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_buffers(f, 1, 0), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_buffers(f, (size_t)1 << 31, 1),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_limit(f, 63), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_limit(f, 64), 0);
	assert_int_equal(tunnel_forward_upgrade(f, ""), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_upgrade(f, "a,b"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_upgrade(f, "a/"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_upgrade(f, "HTTP/2.0"), 0);
	assert_int_equal(tunnel_forward_upgrade(f, NULL), 0);
	/* What is for a head waits until there is one. */
	assert_int_equal(tunnel_forward_field(f, A, "a", "b"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_remove(f, B, "a"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_rewrite(f, "a", "/"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_replace(f, B), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_length(f, A, 1), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_deliver(f), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_end(f, A), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_fail(f, 0), TUNNEL_EINVAL);
	assert_null(tunnel_forward_reply(f, "a", 0));
	assert_int_equal(tunnel_forward_version(f), 0);
	assert_int_equal(tunnel_forward_status(f), 0);
	tunnel_forward_free(f);
}

static void
names_in_via(void **state)
{
	static const char *const name[] = { NULL, "", "[::1]:3128" };
	static const char *const via[] = { "Via: 1.1 libtunnel\r\n", "",
	    "Via: 1.1 [::1]:3128\r\n" };
	static struct rig r;
	struct tunnel_forward *f;
	char want[100];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		f = tunnel_forward_new(NULL);
		assert_int_equal(tunnel_forward_via(f, name[i]), 0);
		rig_init(&r, GET, OK, 100);
		rig_run(&r, f);
		snprintf(want, sizeof want, "GET / HTTP/1.1\r\nHost: a\r\n"
		    "%s\r\n", via[i]);
		assert_string_equal(r.side[B].got, want);
		tunnel_forward_free(f);
	}
}

/* What a peer can make us hold is what the limits say. */
static void
heads(void **state)
{
	static char head[200000];
	static struct rig r;
	struct tunnel_forward *f = rig_new(NULL, 100);
	size_t used, i;

	(void)state;
	/* a reply's head */
	strcpy(head, "HTTP/1.1 200 OK\r\nX: ");
	memset(head + strlen(head), 'x', 70000);
	rig_init(&r, GET, head, 5000);
	rig_run(&r, f);
	assert_int_equal(r.flags[B], TUNNEL_RESET | TUNNEL_DONE);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EREPLY);
	assert_memory_equal(r.side[A].got, "HTTP/1.1 502 ", 13);
	tunnel_forward_free(f);
	/* replies before the reply */
	f = rig_new(NULL, 100);
	head[0] = '\0';
	for (i = 0; i < 129; i++)
		strcpy(head + i * 25, "HTTP/1.1 100 Continue\r\n\r\n");
	rig_init(&r, GET, head, 1000);
	rig_run(&r, f);
	assert_int_equal(r.flags[B], TUNNEL_RESET | TUNNEL_DONE);
	tunnel_forward_free(f);
	/* trailers */
	f = rig_new(NULL, 100);
	strcpy(head, "PUT http://a/ HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\nX: ");
	memset(head + strlen(head), 'x', 20000);
	rig_init(&r, head, "", 1000);
	rig_run(&r, f);
	assert_memory_equal(r.side[A].got, "HTTP/1.1 400 ", 13);
	tunnel_forward_free(f);
	/* options of Connection, each to be looked for in each field */
	f = rig_new(NULL, 100);
	strcpy(head, "GET http://a/ HTTP/1.1\r\nHost: a\r\nConnection: ");
	for (i = 0; i < 65; i++)
		strcat(head, "a,");
	strcat(head, "\r\n\r\n");
	assert_int_equal(tunnel_forward_feed(f, A, head, strlen(head), &used),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EHEAD);
	tunnel_forward_free(f);
}

/* Between two requests nothing is held but what their heads need. */
static void
idle(void **state)
{
	static struct rig r;
	struct oom o;
	struct tunnel_forward *f;
	size_t before;

	(void)state;
	oom_init(&o);
	f = rig_new(&o.alloc, 4096);
	rig_init(&r, GET, OK, 10);
	before = o.live;
	rig_run(&r, f);
	assert_int_equal(r.flags[A], TUNNEL_IN);
	/* two heads that keep their memory */
	assert_true(o.live <= before + 2);
	tunnel_forward_free(f);
	assert_int_equal(o.live, 0);
}

struct scenario {
	const char *client, *origin;
	int serve;
};

static int
serve(struct tunnel_forward *f, struct rig *r)
{
	size_t used;
	int rv = tunnel_forward_serve(f);

	(void)r;
	if (rv >= 0)
		rv = tunnel_forward_field(f, A, "X", "y");
	if (rv >= 0)
		rv = tunnel_forward_respond(f, 200);
	if (rv >= 0)
		rv = tunnel_forward_put(f, A, "content", 7, &used);
	return rv >= 0 ? tunnel_forward_end(f, A) : rv;
}

static int
change(struct tunnel_forward *f, struct rig *r)
{
	(void)r;
	if (tunnel_forward_field(f, B, "X", "y") < 0 ||
	    tunnel_forward_remove(f, B, "Z") < 0 ||
	    tunnel_forward_remove(f, A, "Z") < 0 ||
	    tunnel_forward_rewrite(f, "b", "/c") < 0)
		return TUNNEL_ENOMEM;
	return tunnel_forward_pass(f, 0);
}

static int
exchange(const struct tunnel_alloc *a, void *ud)
{
	static struct rig r;
	const struct scenario *s = ud;
	struct tunnel_forward *f = rig_new(a, 100);
	int whole;

	if (f == NULL)
		return 0;
	rig_init(&r, s->client, s->origin, 10);
	r.side[B].end = RIG_CLOSES;
	r.ask = s->serve ? serve : change;
	rig_run(&r, f);
	whole = r.flags[A] == TUNNEL_IN;
	/* Without memory there is no half of a reply that looks whole. */
	if (!whole && r.flags[A] >= 0 && (r.flags[A] & TUNNEL_RESET) == 0)
		assert_true((r.flags[A] & ~(TUNNEL_IN | TUNNEL_ASK)) == 0 ||
		    (r.flags[A] & TUNNEL_FIN) != 0);
	tunnel_forward_free(f);
	return whole;
}

/* The request goes out twice, the second time written anew. */
static int
twice(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_forward *f = rig_new(a, 64);
	size_t used;
	int done;

	(void)ud;
	if (f == NULL)
		return 0;
	(void)tunnel_forward_feed(f, A, GET, strlen(GET), &used);
	(void)tunnel_forward_pass(f, 1);
	(void)rig_take(f, B);
	(void)tunnel_forward_eof(f, B);
	done = tunnel_forward_pass(f, 0) == 0;
	assert_true(done || tunnel_forward_flags(f, A) == TUNNEL_ENOMEM ||
	    tunnel_forward_flags(f, A) == TUNNEL_IN);
	tunnel_forward_free(f);
	return done;
}

/* A reply whose content the application puts, in pieces of any size. */
static int
put_much(const struct tunnel_alloc *a, void *ud)
{
	static char much[4096];
	struct tunnel_forward *f = rig_new(a, sizeof much);
	size_t used;
	int rv, done;

	(void)ud;
	if (f == NULL)
		return 0;
	(void)tunnel_forward_feed(f, A, GET, strlen(GET), &used);
	rv = tunnel_forward_respond(f, 200);
	if (rv >= 0)
		rv = tunnel_forward_put(f, A, much, 2000, &used);
	if (rv >= 0)
		rv = tunnel_forward_put(f, A, much, 1900, &used);
	if (rv >= 0)
		rv = tunnel_forward_end(f, A);
	done = rv >= 0;
	assert_true(done || rv == TUNNEL_ENOMEM || rv == TUNNEL_ESTATE);
	tunnel_forward_free(f);
	return done;
}

static void
without_memory(void **state)
{
	static struct scenario s[] = {
		{ GET, OK, 0 },
		{ "PUT ftp://u@a?q HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
		    "chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n",
		    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nxy",
		    0 },
		{ "TRACE http://a/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n"
		    "\r\n", "", 0 },
		{ GET, "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 0 },
		{ "PUT http://a/ HTTP/1.1\r\nHost: a\r\nExpect: 100-continue"
		    "\r\nContent-Length: 3\r\n\r\nabc", "", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof s / sizeof s[0]; i++)
		oom_run(exchange, &s[i]);
	oom_run(twice, NULL);
	oom_run(put_much, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setters), cmocka_unit_test(names_in_via),
		cmocka_unit_test(heads), cmocka_unit_test(idle),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
