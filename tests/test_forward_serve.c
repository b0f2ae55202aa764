/* test_forward_serve.c - the application is the origin, or stands in between */
#include "unit.h"
#include "forward_rig.h"
#include "oom.h"

#define HEAD(method, version, fields) \
	method " /x HTTP/" version "\r\nHost: a\r\n" fields "\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

enum { A = TUNNEL_A, B = TUNNEL_B, ABORT = TUNNEL_RESET | TUNNEL_DONE };

/* An origin of the application's: it reads the content, up to where it wants
 * to, and says the reply's, some at a time. */
struct origin {
	const char *content;    /* of the reply */
	size_t said;
	int status, sized, ended, reads;
	char read[256];
	size_t n;
};

static void
serve_turn(struct tunnel_forward *f, struct rig *r)
{
	struct origin *o = r->mine;
	const char *p;
	size_t n, used;

	while ((p = tunnel_forward_content(f, A, &n)) != NULL && o->reads) {
		n = n < r->piece ? n : r->piece;
		memcpy(o->read + o->n, p, n);
		o->n += n;
		tunnel_forward_consume(f, A, n);
	}
	if (tunnel_forward_ended(f, A) == 1 && o->reads == 1 &&
	    tunnel_forward_flags(f, A) != TUNNEL_IN) {
		o->reads = 2;
		if (o->sized)
			assert_int_equal(tunnel_forward_length(f, A,
			    strlen(o->content)), 0);
		assert_int_equal(tunnel_forward_field(f, A, "X", "y"), 0);
		assert_true(tunnel_forward_respond(f, o->status) >= 0);
	}
	if (o->reads != 2 || o->ended)
		return;
	n = strlen(o->content) - o->said;
	n = n < r->piece ? n : r->piece;
	assert_true(tunnel_forward_put(f, A, o->content + o->said, n, &used) >=
	    0);
	o->said += used;
	if (o->said == strlen(o->content)) {
		o->ended = 1;
		assert_true(tunnel_forward_end(f, A) >= 0);
	}
}

static int
serve(struct tunnel_forward *f, struct rig *r)
{
	((struct origin *)r->mine)->reads = 1;
	return tunnel_forward_serve(f);
}

/* What comes of it, in pieces and buffers of several sizes. */
static void
serves(const char *request, int status, int sized, const char *content,
    const char *read, const char *back, int flags)
{
	static const size_t sizes[] = { 1, 3, 8192 };
	static struct rig r;
	struct tunnel_forward *f;
	struct origin o;
	size_t i;

	for (i = 0; i < 9; i++) {
		f = rig_new(NULL, sizes[i / 3]);
		memset(&o, 0, sizeof o);
		o.content = content;
		o.status = status;
		o.sized = sized;
		rig_init(&r, request, "", sizes[i % 3]);
		r.ask = serve;
		r.turn = serve_turn;
		r.mine = &o;
		rig_run(&r, f);
		assert_int_equal(o.n, strlen(read));
		assert_memory_equal(o.read, read, o.n);
		rig_unchunk(r.side[A].got, &r.side[A].got_n);
		assert_string_equal(r.side[A].got, back);
		assert_int_equal(r.flags[A], flags);
		assert_int_equal(r.flags[B], 0);
		assert_int_equal(tunnel_forward_status(f), status);
		tunnel_forward_free(f);
	}
}

static void
origins(void **state)
{
	(void)state;
	serves(HEAD("GET", "1.1", ""), 200, 1, "hello", "",
	    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
	    TUNNEL_IN);
	serves(HEAD("GET", "1.1", ""), 200, 0, "hello", "",
	    "HTTP/1.1 200 OK\r\n" CHUNKED "X: y\r\n\r\nhello0\r\n\r\n",
	    TUNNEL_IN);
	serves(HEAD("GET", "1.0", ""), 200, 0, "hello", "",
	    "HTTP/1.1 200 OK\r\nConnection: close\r\nX: y\r\n\r\nhello",
	    TUNNEL_FIN | TUNNEL_IN);
	/* As an origin we may keep a client of HTTP/1.0. */
	serves(HEAD("GET", "1.0", "Connection: keep-alive\r\n"), 200, 1, "hi",
	    "", "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
	    "Content-Length: 2\r\nX: y\r\n\r\nhi", TUNNEL_IN);
	serves(HEAD("HEAD", "1.1", ""), 200, 1, "hello", "",
	    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\n", TUNNEL_IN);
	serves(HEAD("HEAD", "1.1", ""), 200, 0, "hello", "",
	    "HTTP/1.1 200 OK\r\nX: y\r\n\r\n", TUNNEL_IN);
	serves(HEAD("GET", "1.1", ""), 204, 1, "", "",
	    "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", TUNNEL_IN);
	serves(HEAD("GET", "1.1", ""), 304, 0, "no", "",
	    "HTTP/1.1 304 Not Modified\r\nX: y\r\n\r\n", TUNNEL_IN);
	serves(HEAD("GET", "1.1", ""), 200, 1, "", "",
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: y\r\n\r\n", TUNNEL_IN);
	serves(HEAD("PUT", "1.1", "Content-Length: 4\r\n") "abcd", 201, 1, "k",
	    "abcd", "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n"
	    "X: y\r\n\r\nk", TUNNEL_IN);
	serves(HEAD("PUT", "1.1", CHUNKED) "2\r\nab\r\n3;x\r\ncde\r\n0\r\n"
	    "T: 1\r\n\r\n", 200, 1, "k", "abcde", "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 1\r\nX: y\r\n\r\nk", TUNNEL_IN);
	serves(HEAD("PUT", "1.1", "Content-Length: 1\r\n"
	    "Expect: 100-continue\r\n") "a", 200, 1, "k", "a",
	    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
	    "Content-Length: 1\r\nX: y\r\n\r\nk", TUNNEL_IN);
}

static struct tunnel_forward *
at_ask(const char *request)
{
	struct tunnel_forward *f = rig_new(NULL, 8192);
	size_t used;

	assert_int_equal(tunnel_forward_feed(f, A, request, strlen(request),
	    &used), TUNNEL_ASK);
	return f;
}

static void
whole_answers(void **state)
{
	struct tunnel_forward *f = at_ask(HEAD("GET", "1.1", ""));

	(void)state;
	assert_int_equal(tunnel_forward_answer(f, 199, "a/b", "x", 1),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_answer(f, 200, "a\r\n", "x", 1),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_answer(f, 200, "a/b", "x",
	    (size_t)1 << 30), TUNNEL_EHEAD);
	assert_int_equal(tunnel_forward_answer(f, 404, "a/b", "xy", 2),
	    TUNNEL_OUT);
	assert_int_equal(tunnel_forward_answer(f, 404, "a/b", "xy", 2),
	    TUNNEL_ESTATE);
	assert_non_null(strstr(rig_take(f, A),
	    "\r\nConnection: keep-alive\r\n"));
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_IN);
	assert_int_equal(tunnel_forward_status(f), 404);
	tunnel_forward_free(f);
	/* Content that nobody wants ends the connection. */
	f = at_ask(HEAD("PUT", "1.1", "Content-Length: 9\r\n"));
	tunnel_forward_fail(f, TUNNEL_EDENIED);
	assert_non_null(strstr(rig_take(f, A), "\r\nConnection: close\r\n"));
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_IN);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EDENIED);
	tunnel_forward_free(f);
	f = at_ask(HEAD("GET", "1.1", ""));
	tunnel_forward_persist(f, 0);
	tunnel_forward_fail(f, TUNNEL_ECONNECT);
	assert_non_null(strstr(rig_take(f, A), "HTTP/1.1 502 "));
	assert_int_equal(tunnel_forward_flags(f, A), TUNNEL_FIN | TUNNEL_IN);
	tunnel_forward_free(f);
}

static void
broken_off(void **state)
{
	struct tunnel_forward *f = at_ask(HEAD("GET", "1.1", ""));
	size_t used;

	(void)state;
	assert_int_equal(tunnel_forward_put(f, A, "x", 1, &used),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_respond(f, 101), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_respond(f, 600), TUNNEL_EINVAL);
	tunnel_forward_field(f, A, "Link", "x");
	assert_int_equal(tunnel_forward_respond(f, 103),
	    TUNNEL_OUT | TUNNEL_ASK);
	assert_string_equal(rig_take(f, A),
	    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
	tunnel_forward_length(f, A, 3);
	tunnel_forward_respond(f, 200);
	assert_int_equal(tunnel_forward_put(f, A, "abcd", 4, &used),
	    TUNNEL_EINVAL);
	assert_int_equal(used, 0);
	tunnel_forward_put(f, A, "ab", 2, &used);
	/* Less than it said: never a clean end. */
	tunnel_forward_end(f, A);
	assert_non_null(strstr(rig_take(f, A), "\r\n\r\nab"));
	assert_int_equal(tunnel_forward_flags(f, A), ABORT);
	tunnel_forward_free(f);
	f = at_ask(HEAD("GET", "1.1", ""));
	tunnel_forward_respond(f, 200);
	tunnel_forward_put(f, A, "ab", 2, &used);
	assert_int_equal(tunnel_forward_fail(f, TUNNEL_EIO), TUNNEL_OUT);
	assert_null(strstr(rig_take(f, A), "0\r\n\r\n"));
	assert_int_equal(tunnel_forward_flags(f, A), ABORT);
	assert_int_equal(tunnel_forward_fault(f), TUNNEL_EIO);
	assert_int_equal(tunnel_forward_put(f, A, "x", 1, &used),
	    TUNNEL_ESTATE);
	tunnel_forward_free(f);
	/* Content that breaks: the application sees it, the client a 400. */
	f = at_ask(HEAD("PUT", "1.1", CHUNKED));
	assert_int_equal(tunnel_forward_serve(f), TUNNEL_IN);
	tunnel_forward_feed(f, A, "x", 1, &used);
	assert_int_equal(tunnel_forward_ended(f, A), TUNNEL_EFRAMING);
	assert_non_null(strstr(rig_take(f, A), "HTTP/1.1 400 "));
	assert_int_equal(tunnel_forward_respond(f, 200), TUNNEL_ESTATE);
	tunnel_forward_free(f);
}

/* ---- in between ------------------------------------------------------ */

struct seen {
	char text[2][256];
	size_t n[2];
	struct tunnel_forward *f;
};

static void
see(void *ud, int side, const void *bytes, size_t n)
{
	struct seen *s = ud;
	size_t used;

	memcpy(s->text[side] + s->n[side], bytes, n);
	s->n[side] += n;
	assert_int_equal(tunnel_forward_feed(s->f, side, bytes, n, &used),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_skip(s->f, side, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_eof(s->f, side), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_fail(s->f, TUNNEL_EIO), TUNNEL_ESTATE);
}

static void
observed(void **state)
{
	static struct rig r;
	struct seen seen;
	size_t i;

	(void)state;
	for (i = 1; i < 100; i += 7) {
		memset(&seen, 0, sizeof seen);
		seen.f = rig_new(NULL, i);
		tunnel_forward_on_content(seen.f, see, &seen);
		rig_init(&r, HEAD("PUT", "1.1", CHUNKED) "2\r\nab\r\n3\r\n"
		    "cde\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nxyz", i);
		r.side[B].end = RIG_CLOSES;
		rig_run(&r, seen.f);
		assert_string_equal(seen.text[A], "abcde");
		assert_string_equal(seen.text[B], "xyz");
		assert_int_equal(tunnel_forward_bytes(seen.f, A), 5);
		assert_int_equal(tunnel_forward_bytes(seen.f, B), 3);
		tunnel_forward_free(seen.f);
	}
}

/* Content of either side is doubled on its way. */
static void
doubling(struct tunnel_forward *f, struct rig *r)
{
	int *ended = r->mine, side;
	const char *p;
	char two[2];
	size_t n, used;

	for (side = 0; side < 2; side++) {
		p = tunnel_forward_content(f, side, &n);
		if (p != NULL) {
			two[0] = two[1] = *p;
			tunnel_forward_put(f, !side, two + (ended[side] & 1),
			    (ended[side] & 1) ? 1 : 2, &used);
			if (used == 1)
				ended[side] ^= 1;
			if (used > 0 && (ended[side] & 1) == 0)
				tunnel_forward_consume(f, side, 1);
		} else if (tunnel_forward_ended(f, side) == 1 &&
		    ended[side] == 0 && tunnel_forward_end(f, !side) >= 0) {
			ended[side] = 2;
		}
	}
}

static int
double_request(struct tunnel_forward *f, struct rig *r)
{
	(void)r;
	assert_int_equal(tunnel_forward_replace(f, B), 0);
	assert_int_equal(tunnel_forward_remove(f, B, "etag"), 0);
	assert_int_equal(tunnel_forward_remove(f, B, "e tag"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_field(f, B, "Host", "x"),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_rewrite(f, "b:81", "/y"), 0);
	assert_int_equal(tunnel_forward_rewrite(f, "b b", NULL), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_rewrite(f, NULL, "y"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_forward_rewrite(f, NULL, "/y z"),
	    TUNNEL_EINVAL);
	return tunnel_forward_pass(f, 0);
}

static int
double_reply(struct tunnel_forward *f, struct rig *r)
{
	(void)r;
	assert_int_equal(tunnel_forward_status(f), 200);
	assert_int_equal(tunnel_forward_version(f), 11);
	assert_string_equal(tunnel_forward_reply(f, "etag", 0), "x");
	assert_int_equal(tunnel_forward_remove(f, A, "Not-There"), 0);
	assert_int_equal(tunnel_forward_remove(f, A, "ETag"), 0);
	assert_int_equal(tunnel_forward_field(f, A, "Warning", "doubled"), 0);
	assert_int_equal(tunnel_forward_field(f, B, "a", "b"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_forward_replace(f, A), 0);
	return tunnel_forward_deliver(f);
}

static void
replaced(void **state)
{
	static const size_t sizes[] = { 1, 2, 64 };
	static struct rig r;
	struct tunnel_forward *f;
	int ended[2];
	size_t i;

	(void)state;
	for (i = 0; i < 9; i++) {
		f = rig_new(NULL, sizes[i / 3]);
		tunnel_forward_review(f, 1);
		ended[0] = ended[1] = 0;
		rig_init(&r, HEAD("PUT", "1.1", "ETag: z\r\n"
		    "Content-Length: 3\r\n") "abc", "HTTP/1.1 200 OK\r\n"
		    "ETag: x\r\nContent-Length: 2\r\n\r\nxy", sizes[i % 3]);
		r.ask = double_request;
		r.review = double_reply;
		r.turn = doubling;
		r.mine = ended;
		rig_run(&r, f);
		rig_unchunk(r.side[A].got, &r.side[A].got_n);
		rig_unchunk(r.side[B].got, &r.side[B].got_n);
		assert_string_equal(r.side[B].got, "PUT /y HTTP/1.1\r\n"
		    "Host: b:81\r\nVia: 1.1 p\r\n" CHUNKED "\r\n"
		    "aabbcc0\r\n\r\n");
		assert_string_equal(r.side[A].got, "HTTP/1.1 200 OK\r\n"
		    "Via: 1.1 p\r\n" CHUNKED "Warning: doubled\r\n\r\n"
		    "xxyy0\r\n\r\n");
		assert_int_equal(r.flags[A], TUNNEL_IN);
		assert_int_equal(r.flags[B], TUNNEL_REUSE | TUNNEL_DONE);
		tunnel_forward_free(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origins), cmocka_unit_test(whole_answers),
		cmocka_unit_test(broken_off), cmocka_unit_test(observed),
		cmocka_unit_test(replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
