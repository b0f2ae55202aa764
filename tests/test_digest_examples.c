/* test_digest_examples.c - answers byte for byte, as the standards have them */
#include "unit.h"
#include "digest_rig.h"

#define NONCE "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define CNONCE "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
#define OPAQUE "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
#define NONCE_2617 "dcd98b7102dd2f0e8b11d0f600bfb0c093"
#define OPAQUE_2617 "5ccc069c403ebaf9f0171e9517f40e41"
#define NONCE_DOE "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK"
#define CNONCE_DOE "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v"
#define DOE "J\xc3\xa4s\xc3\xb8n Doe"

/* RFC 7616 section 3.9.1, RFC 2617 section 3.5, RFC 2069 section 2.4 (by its
 * errata) and RFC 7616 section 3.9.2 (by erratum 4897); the last is that one
 * without userhash. */
static const struct {
	const char *challenge;
	struct tnl_digest_asked q;
	const char *cnonce, *credentials;
} examples[] = {
	{ "Digest realm=\"http-auth@example.org\", qop=\"auth, "
	    "auth-int\", algorithm=SHA-256, nonce=\"" NONCE "\", "
	    "opaque=\"" OPAQUE "\"",
	    { "Mufasa", "Circle of Life", "GET", "/dir/index.html",
	    NULL, 0 }, CNONCE,
	    "Digest username=\"Mufasa\", "
	    "realm=\"http-auth@example.org\", "
	    "uri=\"/dir/index.html\", algorithm=SHA-256, "
	    "nonce=\"" NONCE "\", nc=00000001, cnonce=\"" CNONCE "\", "
	    "qop=auth, response=\"753927fa0e85d155564e2e272a28d1802ca1"
	    "0daf4496794697cf8db5856cb6c1\", opaque=\"" OPAQUE "\"" },
	{ "Digest realm=\"http-auth@example.org\", qop=\"auth, "
	    "auth-int\", algorithm=MD5, nonce=\"" NONCE "\", "
	    "opaque=\"" OPAQUE "\"",
	    { "Mufasa", "Circle of Life", "GET", "/dir/index.html",
	    NULL, 0 }, CNONCE,
	    "Digest username=\"Mufasa\", "
	    "realm=\"http-auth@example.org\", "
	    "uri=\"/dir/index.html\", algorithm=MD5, "
	    "nonce=\"" NONCE "\", nc=00000001, cnonce=\"" CNONCE "\", "
	    "qop=auth, response=\"8ca523f5e9506fed4657c9700eebdbec\", "
	    "opaque=\"" OPAQUE "\"" },
	{ "Digest realm=\"testrealm@host.com\", "
	    "qop=\"auth,auth-int\", nonce=\"" NONCE_2617 "\", "
	    "opaque=\"" OPAQUE_2617 "\"",
	    { "Mufasa", "Circle Of Life", "GET", "/dir/index.html",
	    NULL, 0 }, "0a4f113b",
	    "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
	    "uri=\"/dir/index.html\", nonce=\"" NONCE_2617 "\", "
	    "nc=00000001, cnonce=\"0a4f113b\", qop=auth, "
	    "response=\"6629fae49393a05397450978507c4ef1\", "
	    "opaque=\"" OPAQUE_2617 "\"" },
	{ "Digest realm=\"testrealm@host.com\", "
	    "nonce=\"" NONCE_2617 "\", opaque=\"" OPAQUE_2617 "\"",
	    { "Mufasa", "CircleOfLife", "GET", "/dir/index.html",
	    NULL, 0 }, "0a4f113b",
	    "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
	    "uri=\"/dir/index.html\", nonce=\"" NONCE_2617 "\", "
	    "response=\"1949323746fe6a43ef61f9606e7febea\", "
	    "opaque=\"" OPAQUE_2617 "\"" },
	{ "Digest realm=\"api@example.org\", qop=\"auth\", "
	    "algorithm=SHA-512-256, nonce=\"" NONCE_DOE "\", "
	    "charset=UTF-8, userhash=true",
	    { DOE, "Secret, or not?", "GET", "/doe.json", NULL, 0 },
	    CNONCE_DOE,
	    "Digest username=\"793263caabb707a56211940d90411ea4a575ade"
	    "ccb7e360aeb624ed06ece9b0b\", realm=\"api@example.org\", "
	    "uri=\"/doe.json\", algorithm=SHA-512-256, "
	    "nonce=\"" NONCE_DOE "\", nc=00000001, "
	    "cnonce=\"" CNONCE_DOE "\", qop=auth, "
	    "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b0"
	    "5db9d95eeb1cec68a5\", userhash=true" },
	{ "Digest realm=\"api@example.org\", qop=\"auth\", "
	    "algorithm=SHA-512-256, nonce=\"" NONCE_DOE "\", "
	    "userhash=false",
	    { DOE, "Secret, or not?", "GET", "/doe.json", NULL, 0 },
	    CNONCE_DOE,
	    "Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, "
	    "realm=\"api@example.org\", "
	    "uri=\"/doe.json\", algorithm=SHA-512-256, "
	    "nonce=\"" NONCE_DOE "\", nc=00000001, "
	    "cnonce=\"" CNONCE_DOE "\", qop=auth, "
	    "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b0"
	    "5db9d95eeb1cec68a5\"" },
};

static void
answers(void **state)
{
	struct tnl_digest d;
	char out[1024];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		tnl_digest_init(&d, plain_alloc());
		assert_int_equal(digest_read(&d, examples[i].challenge), 0);
		assert_false(d.stale);
		assert_int_equal(digest_answer(&d, examples[i].q,
		    examples[i].cnonce, out, sizeof out), 0);
		assert_string_equal(out, examples[i].credentials);
		tnl_digest_free(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
