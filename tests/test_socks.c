/* test_socks.c - what a client of SOCKS is told, and when it ends */
#include "unit.h"
#include "socks_rig.h"
#include "oom.h"

enum { GREETING, LOGIN, WHO, WHO_BARE, REQUEST, TARGET, STAGES };

static const int is_ask[STAGES] = { 0, 0, 1, 1, 0, 1 };

/* Do what it wants until it has come so far. */
static struct tunnel_socks *
until(const struct tunnel_alloc *a, int stage)
{
	static const struct { const char *in; size_t n; } said[STAGES] = {
		{ BYTES("\x05") }, { BYTES(HELLO_USER "\x01\x05sec") },
		{ BYTES(HELLO_USER "\x01\x06secret\x06secret") },
		{ BYTES(HELLO) }, { BYTES(HELLO "\x05\x01") },
		{ BYTES(HELLO NAMED("\x01", "a") "\x00\x50") },
	};
	struct tunnel_socks *s = tunnel_socks_new(a);
	size_t at = 0, used, got;
	uint8_t out[20];

	while (s != NULL) {
		(void)tunnel_socks_feed(s, said[stage].in + at,
		    said[stage].n - at, &used);
		at += used;
		if (at == said[stage].n)
			break;
		if (tunnel_socks_challenge(s) < 0)
			(void)tunnel_socks_accept(s);
		(void)tunnel_socks_drain(s, out, sizeof out, &got);
	}
	return s;
}

/* Refusals in the words of where the client is. */
static void
refusals(void **state)
{
	static const struct { const char *out; size_t n; } want[STAGES] = {
		{ BYTES("\x05\xff") }, { BYTES("\x01\x01") },
		{ BYTES("\x01\x01") }, { BYTES("\x05\xff") },
		{ BYTES(REFUSED_WITH("\x05")) },
		{ BYTES(REFUSED_WITH("\x05")) },
	};
	struct tunnel_socks *s;
	struct heard h;
	int i;

	(void)state;
	for (i = 0; i < STAGES; i++) {
		s = until(NULL, i);
		assert_int_equal(tunnel_socks_flags(s), is_ask[i] ?
		    TUNNEL_ASK : TUNNEL_IN);
		assert_int_equal(tunnel_socks_fail(s, 0), TUNNEL_EINVAL);
		assert_int_equal(tunnel_socks_fail(s, -999), TUNNEL_EINVAL);
		assert_int_equal(tunnel_socks_fail(s, TUNNEL_ECONNECT),
		    TUNNEL_REFUSED | TUNNEL_OUT);
		assert_int_equal(tunnel_socks_fail(s, TUNNEL_EBUSY),
		    TUNNEL_ESTATE);
		assert_int_equal(tunnel_socks_accept(s), TUNNEL_ESTATE);
		assert_int_equal(tunnel_socks_fault(s), TUNNEL_ECONNECT);
		memset(&h, 0, sizeof h);
		socks_listen(s, &h);
		assert_int_equal(h.n, want[i].n);
		assert_memory_equal(h.said, want[i].out, want[i].n);
		assert_int_equal(tunnel_socks_eof(s),
		    TUNNEL_REFUSED | TUNNEL_DONE);
		tunnel_socks_free(s);
	}
}

static void
ends(void **state)
{
	struct tunnel_socks *s;
	size_t n;
	int i;

	(void)state;
	for (i = 0; i < STAGES; i++) {
		s = until(NULL, i);
		/* It has logged in, does not offer to, or is not asked. */
		assert_int_equal(tunnel_socks_challenge(s), TUNNEL_ESTATE);
		assert_int_equal(tunnel_socks_eof(s), i == TARGET ?
		    TUNNEL_ASK : TUNNEL_EEOF);
		assert_int_equal(tunnel_socks_feed(s, HELLO, 3, &n),
		    i == TARGET ? TUNNEL_ASK : TUNNEL_EEOF);
		assert_int_equal(n, 0);
		assert_int_equal(tunnel_socks_accept(s), i == TARGET ?
		    TUNNEL_OUT : TUNNEL_ESTATE);
		tunnel_socks_free(s);
	}
	tunnel_socks_free(NULL);
}

static void
replies(void **state)
{
	struct tunnel_socks *s = until(NULL, TARGET);
	size_t n;

	(void)state;
	assert_null(tunnel_socks_peek(s, &n));
	assert_int_equal(n, 0);
	assert_int_equal(tunnel_socks_skip(s, 0), TUNNEL_ASK);
	assert_int_equal(tunnel_socks_accept(s), TUNNEL_OUT);
	assert_memory_equal(tunnel_socks_peek(s, &n), OPENED, 10);
	assert_int_equal(n, 10);
	assert_int_equal(tunnel_socks_skip(s, 11), TUNNEL_EINVAL);
	assert_int_equal(tunnel_socks_skip(s, 0), TUNNEL_OUT);
	assert_int_equal(tunnel_socks_skip(s, 9), TUNNEL_OUT);
	assert_int_equal(tunnel_socks_skip(s, 1), TUNNEL_OPEN);
	assert_int_equal(tunnel_socks_accept(s), TUNNEL_ESTATE);
	assert_int_equal(tunnel_socks_fail(s, TUNNEL_EBUSY), TUNNEL_ESTATE);
	tunnel_socks_free(s);
}

/* ---- memory --------------------------------------------------------- */

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_socks *s = until(a, *(const int *)ud);
	int there = s != NULL;

	tunnel_socks_free(s);
	return there;
}

/* One block, and no password in it when it is given back. */
static void
memory(void **state)
{
	struct oom o;
	int stage;

	(void)state;
	for (stage = 0; stage < STAGES; stage++) {
		oom_run(scenario, &stage);
		oom_init(&o);
		o.secret = "sec";
		assert_true(scenario(&o.alloc, &stage));
		assert_int_equal(o.calls, 1);
		assert_int_equal(o.live, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals), cmocka_unit_test(ends),
		cmocka_unit_test(replies), cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
