/* test_ntlm.c - one exchange, and every way in which it ends */
#include "unit.h"
#include "ntlm_rig.h"

#include "core/base64.h"

static void
let_in(void **state)
{
	static uint8_t m[TNL_NTLM_TYPE3_MAX];
	struct ntlm_rig r;
	size_t n, at;

	(void)state;
	ntlm_begin(&r, TNL_NTLM_START);
	assert_int_equal(ntlm_hear(&r, ""), 0);
	assert_int_equal(r.s.state, TNL_NTLM_START);
	assert_int_equal(ntlm_say(&r), 0);
	assert_string_equal(ntlm_text(&r), NTLM_ASKS);
	assert_int_equal(ntlm_hear(&r, ntlm_challenge(0, 0)), 0);
	assert_int_equal(r.s.state, TNL_NTLM_CHALLENGED);
	assert_int_equal(ntlm_say(&r), 0);
	n = ntlm_bytes(&r, m);
	assert_memory_equal(m, "NTLMSSP\0\3\0\0\0", 12);
	at = (size_t)m[24] | (size_t)m[25] << 8;
	assert_true(at + 40 <= n);
	/* 1970 in steps of 100 ns since 1601, and the nonce */
	assert_memory_equal(m + at + 24, "\0\x80\x3e\xd5\xde\xb1\x9d\x01", 8);
	assert_memory_equal(m + at + 32, ntlm_login.nonce, 8);
	/* The challenge is not needed any more. */
	assert_int_equal(r.s.heard.cap, 0);
	tnl_ntlm_accepted(&r.s);
	assert_int_equal(r.s.state, TNL_NTLM_DONE);
	ntlm_end(&r);
}

/* What was on the wire, and nothing else, is under the MIC. */
static void
whole_exchange_is_signed(void **state)
{
	static uint8_t m[TNL_NTLM_TYPE3_MAX];
	uint8_t heard[TNL_NTLM_TYPE1 + 256], mic[16], key[16], session[16];
	struct tnl_ntlm_name name;
	struct ntlm_rig r;
	const char *token = ntlm_challenge(0, 1);
	size_t n, got, at;

	(void)state;
	ntlm_begin(&r, TNL_NTLM_START);
	assert_int_equal(ntlm_say(&r), 0);
	assert_int_equal(ntlm_bytes(&r, heard), TNL_NTLM_TYPE1);
	assert_true(tnl_base64_decode(token, strlen(token),
	    heard + TNL_NTLM_TYPE1, &got));
	assert_int_equal(ntlm_hear(&r, token), 0);
	assert_int_equal(ntlm_say(&r), 0);
	n = ntlm_bytes(&r, m);
	memcpy(mic, m + 72, 16);
	memset(m + 72, 0, 16);
	at = (size_t)m[24] | (size_t)m[25] << 8;
	assert_int_equal(tnl_ntlm_name(&name, ntlm_login.user), 0);
	assert_int_equal(tnl_ntlm_key(&name, ntlm_login.password, key), 0);
	tnl_ntlm_proof(key, m + at, 16, NULL, 0, session);
	tnl_ntlm_proof(session, heard, TNL_NTLM_TYPE1 + got, m, n, key);
	assert_memory_equal(mic, key, 16);
	ntlm_end(&r);
}

/* What each call comes to in each state, and the state behind it. */
static void
every_state(void **state)
{
	enum { S = TNL_NTLM_START, A, C, W, D, R };
	static const int wrote[] = { A, -1, W, -1, -1, -1 };
	static const int offer[][2] = {
		{ 0, S }, { TUNNEL_EAUTH, R }, { TUNNEL_ESTATE, C },
		{ TUNNEL_EAUTH, R }, { 0, S }, { TUNNEL_EAUTH, R },
	};
	static const int challenged[][2] = {
		{ TUNNEL_ESYNTAX, R }, { 0, C }, { TUNNEL_ESTATE, C },
		{ TUNNEL_EAUTH, R }, { TUNNEL_ESYNTAX, R },
		{ TUNNEL_EAUTH, R },
	};
	static const int reconnected[][2] = {
		{ 0, S }, { 0, S }, { 0, S }, { 0, S }, { 0, S },
		{ TUNNEL_EAUTH, R },
	};
	struct ntlm_rig r;
	int i;

	(void)state;
	for (i = S; i <= R; i++) {
		ntlm_begin(&r, (enum tnl_ntlm_state)i);
		assert_int_equal(r.s.state, i);
		assert_int_equal(ntlm_say(&r),
		    wrote[i] < 0 ? TUNNEL_ESTATE : 0);
		assert_int_equal(r.s.state, wrote[i] < 0 ? i : wrote[i]);
		ntlm_end(&r);
		ntlm_begin(&r, (enum tnl_ntlm_state)i);
		assert_int_equal(ntlm_hear(&r, ""), offer[i][0]);
		assert_int_equal(r.s.state, offer[i][1]);
		ntlm_end(&r);
		ntlm_begin(&r, (enum tnl_ntlm_state)i);
		assert_int_equal(ntlm_hear(&r, ntlm_challenge(0, 1)),
		    challenged[i][0]);
		assert_int_equal(r.s.state, challenged[i][1]);
		ntlm_end(&r);
		ntlm_begin(&r, (enum tnl_ntlm_state)i);
		assert_int_equal(tnl_ntlm_reconnected(&r.s), reconnected[i][0]);
		assert_int_equal(r.s.state, reconnected[i][1]);
		ntlm_end(&r);
		ntlm_begin(&r, (enum tnl_ntlm_state)i);
		tnl_ntlm_accepted(&r.s);
		assert_int_equal(r.s.state, i == R ? R : D);
		ntlm_end(&r);
	}
}

/* One lost connection may be an accident; the second is how it is. */
static void
lost_connections(void **state)
{
	struct ntlm_rig r;
	int i;

	(void)state;
	for (i = TNL_NTLM_ASKED; i <= TNL_NTLM_ANSWERED; i++) {
		ntlm_begin(&r, (enum tnl_ntlm_state)i);
		assert_int_equal(tnl_ntlm_reconnected(&r.s), 0);
		assert_int_equal(tnl_ntlm_reconnected(&r.s), 0);
		assert_int_equal(ntlm_say(&r), 0);
		assert_string_equal(ntlm_text(&r), NTLM_ASKS);
		assert_int_equal(ntlm_hear(&r, ntlm_challenge(0, 1)), 0);
		assert_int_equal(tnl_ntlm_reconnected(&r.s), TUNNEL_EEOF);
		assert_int_equal(r.s.state, TNL_NTLM_REJECTED);
		assert_int_equal(tnl_ntlm_reconnected(&r.s), TUNNEL_EAUTH);
		ntlm_end(&r);
		/* Success wipes the slate. */
		ntlm_begin(&r, (enum tnl_ntlm_state)i);
		assert_int_equal(tnl_ntlm_reconnected(&r.s), 0);
		tnl_ntlm_accepted(&r.s);
		assert_int_equal(tnl_ntlm_reconnected(&r.s), 0);
		assert_int_equal(ntlm_say(&r), 0);
		assert_int_equal(tnl_ntlm_reconnected(&r.s), 0);
		ntlm_end(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(let_in),
		cmocka_unit_test(whole_exchange_is_signed),
		cmocka_unit_test(every_state),
		cmocka_unit_test(lost_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
