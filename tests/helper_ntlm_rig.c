/* helper_ntlm_rig.c - see ntlm_rig.h */
#include "ntlm_rig.h"

#include "unit.h"

#include "core/base64.h"

const struct tnl_ntlm_login ntlm_login = {
	"Domain\\User", "Password",
	{ 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa }, 0
};

/* From MS-NLMP section 4.2.4.3. */
const char *
ntlm_challenge(size_t n, int timed)
{
	static const uint8_t start[] = "NTLMSSP\0\2\0\0\0"
	    "\0\0\0\0\x30\0\0\0" "\x33\x82\x8a\xe2"
	    "\x01\x23\x45\x67\x89\xab\xcd\xef" "\0\0\0\0\0\0\0\0";
	static uint8_t m[TNL_NTLM_TYPE2_MAX + 64];
	static char text[TNL_NTLM_TYPE2_MAX / 3 * 4 + 128];
	size_t at = 48;

	memset(m, 0, sizeof m);
	memcpy(m, start, sizeof start - 1);
	m[44] = 48;
	if (timed) {
		m[at] = 7;
		m[at + 2] = 8;
		at += 12;
	}
	if (n >= 4) {
		m[at] = 99;
		m[at + 2] = (uint8_t)(n - 4);
		m[at + 3] = (uint8_t)((n - 4) >> 8);
		at += n;
	}
	at += 4;
	m[40] = m[42] = (uint8_t)(at - 48);
	m[41] = m[43] = (uint8_t)((at - 48) >> 8);
	tnl_base64_encode(m, at, text);
	text[tnl_base64_size(at)] = '\0';
	return text;
}

int
ntlm_say(struct ntlm_rig *r)
{
	tnl_buf_clear(&r->out);
	return tnl_ntlm_write(&r->s, &ntlm_login, &r->out);
}

int
ntlm_hear(struct ntlm_rig *r, const char *token)
{
	return tnl_ntlm_read(&r->s, token, strlen(token));
}

void
ntlm_begin(struct ntlm_rig *r, enum tnl_ntlm_state state)
{
	tnl_alloc_init(&r->libc, NULL);
	tnl_ntlm_init(&r->s, &r->libc);
	tnl_buf_init(&r->out, &r->libc, 65536);
	if (state == TNL_NTLM_START)
		return;
	assert_int_equal(ntlm_say(r), 0);
	if (state == TNL_NTLM_REJECTED)
		assert_int_equal(ntlm_hear(r, ""), TUNNEL_EAUTH);
	if (state == TNL_NTLM_REJECTED || state == TNL_NTLM_ASKED)
		return;
	assert_int_equal(ntlm_hear(r, ntlm_challenge(0, 1)), 0);
	if (state == TNL_NTLM_CHALLENGED)
		return;
	assert_int_equal(ntlm_say(r), 0);
	if (state == TNL_NTLM_DONE)
		tnl_ntlm_accepted(&r->s);
}

void
ntlm_end(struct ntlm_rig *r)
{
	tnl_ntlm_free(&r->s);
	tnl_buf_free(&r->out);
}

const char *
ntlm_text(const struct ntlm_rig *r)
{
	const char *text = tnl_buf_text(&r->out, 0);

	assert_int_equal(strlen(text), r->out.n - 1);
	return text;
}

size_t
ntlm_bytes(const struct ntlm_rig *r, uint8_t *p)
{
	const char *text = ntlm_text(r);
	size_t n;

	assert_memory_equal(text, "NTLM ", 5);
	assert_true(tnl_base64_decode(text + 5, strlen(text + 5), p, &n));
	return n;
}
