/* test_proof.c - what Digest computes, as others have computed it */
#include "unit.h"

#include "core/proof.h"

struct known {
	struct tnl_proof p;
	const char *user, *realm, *password, *method, *uri;
	const char *response;
};

static void
respond(const struct known *k, char *hex)
{
	uint8_t secret[TNL_HASH_MAX], out[TNL_HASH_MAX];
	size_t n = tnl_proof_secret(k->p.kind, k->user, k->realm, k->password,
	    secret);

	assert_int_equal(n, tnl_hash_size(k->p.kind));
	n = tnl_proof_response(&k->p, secret, k->method, k->uri, out);
	assert_int_equal(n, tnl_hash_size(k->p.kind));
	tnl_hash_hex(out, n, hex);
}

#define NONCE_2617 "dcd98b7102dd2f0e8b11d0f600bfb0c093"
#define NONCE_7616 "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define CNONCE_7616 "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

/* RFC 2069 section 2.4 as its errata have it, RFC 2617 section 3.5, RFC 7616
 * section 3.9.1, and 3.9.2 as its erratum 4897 has it; then what follows from
 * 3.4.2 for -sess and from 3.5 for rspauth, computed apart. */
static void
vectors(void **state)
{
	static const struct known t[] = {
		{ { TNL_MD5, 0, 0, 0, NONCE_2617, "" },
		    "Mufasa", "testrealm@host.com", "CircleOfLife", "GET",
		    "/dir/index.html", "1949323746fe6a43ef61f9606e7febea" },
		{ { TNL_MD5, 0, 1, 1, NONCE_2617, "0a4f113b" },
		    "Mufasa", "testrealm@host.com", "Circle Of Life", "GET",
		    "/dir/index.html", "6629fae49393a05397450978507c4ef1" },
		{ { TNL_MD5, 0, 1, 1, NONCE_7616, CNONCE_7616 },
		    "Mufasa", "http-auth@example.org", "Circle of Life", "GET",
		    "/dir/index.html", "8ca523f5e9506fed4657c9700eebdbec" },
		{ { TNL_SHA256, 0, 1, 1, NONCE_7616, CNONCE_7616 },
		    "Mufasa", "http-auth@example.org", "Circle of Life", "GET",
		    "/dir/index.html", "753927fa0e85d155564e2e272a28d180"
		    "2ca10daf4496794697cf8db5856cb6c1" },
		{ { TNL_SHA512_256, 0, 1, 1,
		    "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
		    "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v" },
		    "J\xc3\xa4s\xc3\xb8n Doe", "api@example.org",
		    "Secret, or not?", "GET", "/doe.json",
		    "3798d4131c277846293534c3edc11bd8"
		    "a5e4cdcbff78b05db9d95eeb1cec68a5" },
		{ { TNL_MD5, 1, 1, 18, NONCE_7616, CNONCE_7616 },
		    "Mufasa", "http-auth@example.org", "Circle of Life",
		    "CONNECT", "example.org:443",
		    "9f01df9fcb46a5a4c03ab337cb6efacd" },
		{ { TNL_SHA256, 1, 1, 18, NONCE_7616, CNONCE_7616 },
		    "Mufasa", "http-auth@example.org", "Circle of Life",
		    "CONNECT", "example.org:443",
		    "5300205ffbb2ea72f728d665392a1f8f"
		    "257450b540e569018458bd5c4e2cf524" },
		{ { TNL_SHA512_256, 1, 1, 18, NONCE_7616, CNONCE_7616 },
		    "Mufasa", "http-auth@example.org", "Circle of Life",
		    "CONNECT", "example.org:443",
		    "518557d64845a01480a613d4b8cc5172"
		    "0100d8c234954004d4589fcad8f7a21c" },
		{ { TNL_SHA256, 0, 1, 1, NONCE_7616, CNONCE_7616 },
		    "Mufasa", "http-auth@example.org", "Circle of Life", "",
		    "/dir/index.html",
		    "86d3b25618d41854ca5039a5d7e53ff6"
		    "355d5134a9b1fb088a78ac3c462195a0" },
	};
	char hex[TNL_HASH_HEX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		respond(&t[i], hex);
		assert_string_equal(hex, t[i].response);
	}
}

/* Everything that is hashed makes a difference. */
static void
all_counts(void **state)
{
	struct known k = { { TNL_SHA256, 1, 1, 1, "n", "c" },
	    "u", "r", "p", "m", "l", NULL };
	struct known other[10];
	char hex[11][TNL_HASH_HEX];
	size_t i, j;

	(void)state;
	for (i = 0; i < 10; i++)
		other[i] = k;
	other[0].p.session = 0;
	other[1].p.auth = 0;
	other[2].p.nc = 2;
	other[3].p.nonce = "N";
	other[4].p.cnonce = "C";
	other[5].user = "U";
	other[6].realm = "R";
	other[7].password = "P";
	other[8].method = "";
	other[9].uri = "L";
	respond(&k, hex[10]);
	for (i = 0; i < 10; i++) {
		respond(&other[i], hex[i]);
		for (j = 0; j < i; j++)
			assert_string_not_equal(hex[i], hex[j]);
		assert_string_not_equal(hex[i], hex[10]);
	}
}

static void
names(void **state)
{
	static const struct {
		const char *name;
		int kind, session;
	} t[] = {
		{ "MD5", TNL_MD5, 0 }, { "md5-SESS", TNL_MD5, 1 },
		{ "SHA-256", TNL_SHA256, 0 }, { "sha-256-sess", TNL_SHA256, 1 },
		{ "SHA-512-256", TNL_SHA512_256, 0 },
		{ "SHA-512-256-sess", TNL_SHA512_256, 1 },
	};
	static const char *const bad[] = {
		"", "-sess", "MD4", "MD5-", "MD5-ses", "MD5-sess-sess", "SHA",
		"SHA-1", "SHA-512", "SHA-2566", "xMD5", "MD5 ",
	};
	char nc[TNL_PROOF_NC];
	int kind, session;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		assert_true(tnl_proof_algorithm(t[i].name, &kind, &session));
		assert_int_equal(kind, t[i].kind);
		assert_int_equal(session, t[i].session);
		if (i % 2 == 0)
			assert_string_equal(tnl_proof_name(kind), t[i].name);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(tnl_proof_algorithm(bad[i], &kind, &session));
	tnl_proof_count(0x0123abcd, nc);
	assert_string_equal(nc, "0123abcd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors), cmocka_unit_test(all_counts),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
