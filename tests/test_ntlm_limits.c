/* test_ntlm_limits.c - what no challenge is, and where there is no room */
#include "unit.h"
#include "ntlm_rig.h"
#include "oom.h"

#include "core/base64.h"

static void
no_challenge(const char *token, size_t n)
{
	struct ntlm_rig r;

	ntlm_begin(&r, TNL_NTLM_ASKED);
	assert_int_equal(tnl_ntlm_read(&r.s, token, n), TUNNEL_ESYNTAX);
	assert_int_equal(r.s.state, TNL_NTLM_REJECTED);
	assert_int_equal(ntlm_say(&r), TUNNEL_ESTATE);
	assert_int_equal(r.out.n, 0);
	ntlm_end(&r);
}

static void
no_challenges(void **state)
{
	static const char *const t[] = {
		"=", "A", "AAAA", "TlRM", "TlRMTVNTUAACAAAA", "x y", "\xff",
	};
	static const char own[] = NTLM_ASKS;
	size_t i, n = strlen(ntlm_challenge(500, 1));

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++)
		no_challenge(t[i], strlen(t[i]));
	/* Our own type 1, sent back, and any that is cut short. */
	no_challenge(&own[5], strlen(own) - 5);
	for (i = 1; i < n; i++)
		no_challenge(ntlm_challenge(500, 1), i);
}

/* Padding is for the end of a text, and no place in it is another's. */
static void
padding(void **state)
{
	static uint8_t m[150] = "NTLMSSP\0\2";
	char text[201];
	struct ntlm_rig r;
	size_t i;

	(void)state;
	for (i = 4; i <= 200; i += 4) {
		tnl_base64_encode(m, sizeof m, text);
		memcpy(text + i - 4, "AA==", 4);
		text[200] = '\0';
		ntlm_begin(&r, TNL_NTLM_ASKED);
		/* With no flags there is nothing behind 32 bytes. */
		assert_int_equal(ntlm_hear(&r, text),
		    i == 200 ? 0 : TUNNEL_ESYNTAX);
		ntlm_end(&r);
	}
}

/* The longest that is taken, and what is longer. */
static void
long_ones(void **state)
{
	const size_t most = TNL_NTLM_TYPE2_MAX - 48 - 12 - 4;
	static char name[TNL_NTLM_NAME_MAX + 1];
	static uint8_t m[TNL_NTLM_TYPE3_MAX];
	struct tnl_ntlm_login l = ntlm_login;
	struct ntlm_rig r;
	const char *token;
	size_t i;

	(void)state;
	/* Names that get longest in UTF-16. */
	for (i = 0; i < TNL_NTLM_NAME_MAX; i++)
		name[i] = i == 500 ? '\\' : 'a';
	l.user = name;
	ntlm_begin(&r, TNL_NTLM_ASKED);
	assert_int_equal(ntlm_hear(&r, ntlm_challenge(most, 1)), 0);
	tnl_buf_clear(&r.out);
	assert_int_equal(tnl_ntlm_write(&r.s, &l, &r.out), 0);
	assert_int_equal(ntlm_bytes(&r, m), 88 + 2 * 1023 + 22 + 24 + 44 +
	    most + 12 + 8 + 4 + 4);
	ntlm_end(&r);
	token = ntlm_challenge(most + 1, 1);
	no_challenge(token, strlen(token));
}

static void
credentials(void **state)
{
	static const char *const bad[] = { "", "D\\", "\xff" };
	struct tnl_ntlm_login l = ntlm_login;
	struct ntlm_rig r;
	size_t i;

	(void)state;
	ntlm_begin(&r, TNL_NTLM_START);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		l.user = bad[i];
		assert_int_equal(tnl_ntlm_write(&r.s, &l, &r.out),
		    TUNNEL_EINVAL);
	}
	l.user = "a";
	l.password = "\xc3";
	assert_int_equal(tnl_ntlm_write(&r.s, &l, &r.out), TUNNEL_EINVAL);
	l.password = "";
	l.now = UINT64_MAX / 10000000 - 11644473600 + 1;
	assert_int_equal(tnl_ntlm_write(&r.s, &l, &r.out), TUNNEL_EINVAL);
	assert_int_equal(r.s.state, TNL_NTLM_START);
	assert_int_equal(r.out.n, 0);
	l.now--;
	assert_int_equal(tnl_ntlm_write(&r.s, &l, &r.out), 0);
	ntlm_end(&r);
}

/* Where out is full it stays as it was, and the exchange as well. */
static void
no_room(void **state)
{
	struct tnl_buf small;
	struct ntlm_rig r;
	size_t max;
	int i;

	(void)state;
	for (i = TNL_NTLM_START; i <= TNL_NTLM_CHALLENGED; i += 2) {
		ntlm_begin(&r, (enum tnl_ntlm_state)i);
		for (max = 3; ; max++) {
			tnl_buf_init(&small, &r.libc, max);
			assert_int_equal(tnl_buf_add(&small, "abc", 3), 0);
			if (tnl_ntlm_write(&r.s, &ntlm_login, &small) == 0)
				break;
			assert_int_equal(small.n, 3);
			assert_int_equal(r.s.state, i);
			tnl_buf_free(&small);
		}
		assert_int_equal(small.n, max);
		assert_memory_equal(small.p, "abcNTLM TlRM", 12);
		tnl_buf_free(&small);
		ntlm_end(&r);
	}
}

/* What an exchange that nothing disturbs ends with. */
static const char *
undisturbed(void)
{
	static char text[16384];
	struct ntlm_rig r;

	ntlm_begin(&r, TNL_NTLM_ASKED);
	assert_int_equal(ntlm_hear(&r, ntlm_challenge(3000, 1)), 0);
	assert_int_equal(ntlm_say(&r), 0);
	assert_true(r.out.n <= sizeof text);
	memcpy(text, ntlm_text(&r), r.out.n);
	ntlm_end(&r);
	return text;
}

/* What fails once works later, as if nothing had been. */
static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct oom *o = a->ud;
	const char *expect = undisturbed();
	struct ntlm_rig r;
	int done;

	o->secret = ud;
	tnl_ntlm_init(&r.s, a);
	tnl_buf_init(&r.out, a, 65536);
	done = ntlm_say(&r) == 0 || (!o->all_after && ntlm_say(&r) == 0);
	assert_int_equal(r.s.state, done ? TNL_NTLM_ASKED : TNL_NTLM_START);
	done = done && (ntlm_hear(&r, ntlm_challenge(3000, 1)) == 0 ||
	    (!o->all_after && ntlm_hear(&r, ntlm_challenge(3000, 1)) == 0));
	if (done) {
		assert_int_equal(r.s.state, TNL_NTLM_CHALLENGED);
		done = ntlm_say(&r) == 0 ||
		    (!o->all_after && ntlm_say(&r) == 0);
		assert_int_equal(r.s.state, done ? TNL_NTLM_ANSWERED :
		    TNL_NTLM_CHALLENGED);
	}
	if (!o->all_after)
		assert_true(done);
	if (done)
		assert_string_equal(ntlm_text(&r), expect);
	ntlm_end(&r);
	return done;
}

/* Nor is a secret in any block that is given back: the password, how its MD4
 * begins, and the key. */
static void
failing_memory(void **state)
{
	static char secrets[][13] = {
		"Password",
		"\xa4\xf4\x9c\x40\x65\x10\xbd\xca\xb6\x82\x4e\xe7",
		"\x0c\x86\x8a\x40\x3b\xfd\x7a\x93\xa3",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		oom_run(starved, secrets[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_challenges),
		cmocka_unit_test(padding),
		cmocka_unit_test(long_ones),
		cmocka_unit_test(credentials),
		cmocka_unit_test(no_room),
		cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
