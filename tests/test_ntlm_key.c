/* test_ntlm_key.c - NTOWFv2, LMv2 and the session's key: MS-NLMP section
 * 4.2.4 */
#include "unit.h"

#include "core/ntlm_key.h"

static const uint8_t server[8] = {
	0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef
};
static const uint8_t client[8] = {
	0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa
};

static void
hex(const uint8_t out[TNL_NTLM_KEY], const char *expect)
{
	char text[2 * TNL_NTLM_KEY + 1];
	size_t i;

	for (i = 0; i < TNL_NTLM_KEY; i++)
		snprintf(text + 2 * i, 3, "%02x", out[i]);
	assert_string_equal(text, expect);
}

static void
key_of(const char *name, const char *password, uint8_t key[TNL_NTLM_KEY])
{
	struct tnl_ntlm_name m;

	assert_int_equal(tnl_ntlm_name(&m, name), 0);
	assert_int_equal(tnl_ntlm_key(&m, password, key), 0);
}

static void
of_the_standard(void **state)
{
	uint8_t key[TNL_NTLM_KEY], out[TNL_NTLM_KEY];

	(void)state;
	key_of("Domain\\User", "Password", key);
	hex(key, "0c868a403bfd7a93a3001ef22ef02e3f");
	tnl_ntlm_proof(key, server, 8, client, 8, out);
	hex(out, "86c35097ac9cec102554764a57cccc19");
	/* NTProofStr of section 4.2.4.2.2 */
	tnl_ntlm_proof(key, "\x68\xcd\x0a\xb8\x51\xe5\x1c\x96\xaa\xbc\x92\x7b"
	    "\xeb\xef\x6a\x1c", 16, NULL, 0, out);
	hex(out, "8de40ccadbc14a82f15cb0ad0de95ca3");
}

/* The case of the user does not matter, that of the domain does; so does all of
 * the password.  The last values are from Python's hmac and its UTF-16. */
static void
what_matters(void **state)
{
	static const char *const same[] = {
		"Domain\\uSER", "Domain/user", "Domain\\USER",
	};
	uint8_t a[TNL_NTLM_KEY], b[TNL_NTLM_KEY];
	size_t i;

	(void)state;
	key_of("Domain\\User", "Password", a);
	for (i = 0; i < sizeof same / sizeof same[0]; i++) {
		key_of(same[i], "Password", b);
		assert_memory_equal(a, b, sizeof a);
	}
	key_of("domain\\User", "Password", b);
	assert_memory_not_equal(a, b, sizeof a);
	key_of("Domain\\User", "password", b);
	assert_memory_not_equal(a, b, sizeof a);
	key_of("\xd0\x94\xd0\xbe\xd0\xbc\\\xc3\xa4rger",
	    "\xe2\x82\xac\xf0\x9d\x84\x9e", a);
	hex(a, "f9d118ecdde5c0efc88e219c35e51068");
	key_of("user@a.example", "", a);
	hex(a, "3a5dca484a8fb4299fbe911fca307565");
}

static void
names(void **state)
{
	static const struct {
		const char *text, *domain, *user;
	} t[] = {
		{ "a", "", "a" }, { "a@b.c", "", "a@b.c" },
		{ "D\\a", "D", "a" }, { "D/a", "D", "a" }, { "\\a", "", "a" },
		{ "D\\a@b", "D", "a@b" }, { "D\\a\\b", "D", "a\\b" },
		{ "a b", "", "a b" },
	};
	static const char *const bad[] = {
		"", "\\", "D\\", "D/", "\xff", "D\\\xc3", "\x80\\a",
	};
	struct tnl_ntlm_name m;
	char text[TNL_NTLM_NAME_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		assert_int_equal(tnl_ntlm_name(&m, t[i].text), 0);
		assert_int_equal(m.domain_n, strlen(t[i].domain));
		assert_memory_equal(m.domain, t[i].domain, m.domain_n);
		assert_int_equal(m.user_n, strlen(t[i].user));
		assert_memory_equal(m.user, t[i].user, m.user_n);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(tnl_ntlm_name(&m, bad[i]), TUNNEL_EINVAL);
	memset(text, 'a', sizeof text);
	text[TNL_NTLM_NAME_MAX] = '\0';
	assert_int_equal(tnl_ntlm_name(&m, text), 0);
	text[TNL_NTLM_NAME_MAX] = 'a';
	text[TNL_NTLM_NAME_MAX + 1] = '\0';
	assert_int_equal(tnl_ntlm_name(&m, text), TUNNEL_EINVAL);
}

static void
passwords(void **state)
{
	static const char *const bad[] = { "\xff", "a\xc3", "\xed\xa0\x80" };
	char text[TNL_NTLM_PASSWORD_MAX + 2];
	uint8_t key[TNL_NTLM_KEY];
	struct tnl_ntlm_name m;
	size_t i;

	(void)state;
	assert_int_equal(tnl_ntlm_name(&m, "a"), 0);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(tnl_ntlm_key(&m, bad[i], key),
		    TUNNEL_EINVAL);
	memset(text, 'a', sizeof text);
	text[TNL_NTLM_PASSWORD_MAX] = '\0';
	assert_int_equal(tnl_ntlm_key(&m, text, key), 0);
	text[TNL_NTLM_PASSWORD_MAX] = 'a';
	text[TNL_NTLM_PASSWORD_MAX + 1] = '\0';
	assert_int_equal(tnl_ntlm_key(&m, text, key), TUNNEL_EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_standard),
		cmocka_unit_test(what_matters), cmocka_unit_test(names),
		cmocka_unit_test(passwords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
