/* test_hash.c - hashes, by the vectors of those who made them */
#include "unit.h"

#include "core/ascii.h"
#include "core/hash.h"

struct known {
	const char *in;
	const char *digest;
};

/* The digest of n bytes, cut in two at one place, as hex. */
static void
digest(int kind, const char *p, size_t n, size_t cut, char *hex)
{
	uint8_t out[TNL_HASH_MAX];
	struct tnl_hash h, zero;
	size_t got;

	tnl_hash_init(&h, kind);
	tnl_hash_add(&h, p, cut);
	tnl_hash_add(&h, p + cut, n - cut);
	got = tnl_hash_end(&h, out);
	assert_int_equal(got, tnl_hash_size(kind));
	tnl_hash_hex(out, got, hex);
	memset(&zero, 0, sizeof zero);
	assert_memory_equal(&h, &zero, sizeof h);
}

static void
all(int kind, const struct known *t, size_t count)
{
	char hex[TNL_HASH_HEX];
	size_t i, cut, n;

	for (i = 0; i < count; i++) {
		n = strlen(t[i].in);
		for (cut = 0; cut <= n; cut++) {
			digest(kind, t[i].in, n, cut, hex);
			assert_string_equal(hex, t[i].digest);
		}
	}
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZ" LETTERS "0123456789"
#define EIGHTY "1234567890123456789012345678901234567890" \
	"1234567890123456789012345678901234567890"
/* FIPS 180-4's messages of two blocks. */
#define LONG_256 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define LONG_512 "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn" \
	"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"

/* RFC 1320, appendix A.5 */
static void
md4(void **state)
{
	static const struct known t[] = {
		{ "", "31d6cfe0d16ae931b73c59d7e0c089c0" },
		{ "a", "bde52cb31de33e46245e05fbdbd6fb24" },
		{ "abc", "a448017aaf21d8525fc10ae87aa6729d" },
		{ "message digest", "d9130a8164549fe818874806e1c7014b" },
		{ LETTERS, "d79e1c308aa5bbcdeea8ed63df412da9" },
		{ ALNUM, "043f8582f241db351ce627e153e7f0e4" },
		{ EIGHTY, "e33b4ddc9c38f2199c3e7b164fcc0536" },
	};

	(void)state;
	all(TNL_MD4, t, sizeof t / sizeof t[0]);
}

/* RFC 1321, appendix A.5 */
static void
md5(void **state)
{
	static const struct known t[] = {
		{ "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ "a", "0cc175b9c0f1b6a831c399e269772661" },
		{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
		{ LETTERS, "c3fcd3d76192e4007dfb496cca67e13b" },
		{ ALNUM, "d174ab98d277d9f5a5611c2c9f419d9f" },
		{ EIGHTY, "57edf4a22be3c955ac49da2e2107b67a" },
	};

	(void)state;
	all(TNL_MD5, t, sizeof t / sizeof t[0]);
}

/* RFC 6234 section 8.5 (its TEST1, TEST2_1, TEST4), and the empty message. */
static void
sha256(void **state)
{
	static char eighty[641];
	static const struct known t[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ LONG_256, "248d6a61d20638b8e5c026930c3e6039"
		    "a33ce45964ff2167f6ecedd419db06c1" },
		{ eighty, "594847328451bdfa85056225462cc1d8"
		    "67d877fb388df0ce35f25ab5562bfbb5" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof eighty - 1; i++)
		eighty[i] = (char)('0' + i % 8);
	all(TNL_SHA256, t, sizeof t / sizeof t[0]);
}

/* NIST's examples for FIPS 180-4, and the empty message. */
static void
sha512_256(void **state)
{
	static const struct known t[] = {
		{ "", "c672b8d1ef56ed28ab87c3622c511406"
		    "9bdd3ad7b8f9737498d0c01ecef0967a" },
		{ "abc", "53048e2681941ef99b2e29b76b4c7dab"
		    "e4c2d0c634fc6d46e0e2f13107e7af23" },
		{ LONG_512, "3928e184fb8690f840da3988121d31be"
		    "65cb9d3ef83ee6146feac861e19b563a" },
	};

	(void)state;
	all(TNL_SHA512_256, t, sizeof t / sizeof t[0]);
}

/* A million times "a": RFC 6234 has it for SHA-256, others have since. */
static void
million(void **state)
{
	static const char *const t[] = {
		"bbce80cc6bb65e5c6745e30d4eeca9a4",
		"7707d6ae4e027c70eea2a935c2296f21",
		"cdc76e5c9914fb9281a1c7e284d73e67"
		    "f1809a48a497200e046d39ccc7112cd0",
		"9a59a052930187a97038cae692f30708"
		    "aa6491923ef5194394dc68d56c74fb21",
	};
	char hex[TNL_HASH_HEX], *text = malloc(1000000);
	int kind;

	(void)state;
	memset(text, 'a', 1000000);
	for (kind = TNL_MD4; kind <= TNL_SHA512_256; kind++) {
		digest(kind, text, 1000000, 333333, hex);
		assert_string_equal(hex, t[kind]);
	}
	free(text);
}

/* Lengths about the ends of blocks, where padding takes another one: bytewise
 * is as whole, and no two are the same. */
static void
padding(void **state)
{
	char text[300], hex[301][TNL_HASH_HEX], bytewise[TNL_HASH_HEX];
	uint8_t out[TNL_HASH_MAX];
	struct tnl_hash h;
	size_t n, i;
	int kind;

	(void)state;
	memset(text, 0, sizeof text);
	for (kind = TNL_MD4; kind <= TNL_SHA512_256; kind++)
		for (n = 0; n <= sizeof text; n++) {
			tnl_hash_init(&h, kind);
			for (i = 0; i < n; i++)
				tnl_hash_add(&h, text + i, 1);
			tnl_hash_hex(out, tnl_hash_end(&h, out), bytewise);
			digest(kind, text, n, n / 2, hex[n]);
			assert_string_equal(bytewise, hex[n]);
			for (i = 0; i < n; i++)
				assert_string_not_equal(hex[i], hex[n]);
		}
}

static void
hex_read(void **state)
{
	uint8_t out[3] = { 9, 9, 9 };
	char hex[TNL_HASH_HEX];

	(void)state;
	assert_true(tnl_hash_unhex("00aFf1", 6, out, 3));
	assert_memory_equal(out, "\0\xaf\xf1", 3);
	tnl_hash_hex(out, 3, hex);
	assert_string_equal(hex, "00aff1");
	assert_true(tnl_hash_unhex("", 0, out, 0));
	assert_false(tnl_hash_unhex("00aFf", 5, out, 3));
	assert_false(tnl_hash_unhex("00aFf", 5, out, 2));
	assert_false(tnl_hash_unhex("00aFf1", 6, out, 2));
	assert_false(tnl_hash_unhex("00aFg1", 6, out, 3));
	assert_false(tnl_hash_unhex(" 0aFf1", 6, out, 3));
}

static void
secrets_compared(void **state)
{
	uint8_t a[32], b[32];
	size_t i;
	int bit;

	(void)state;
	memset(a, 0x5a, sizeof a);
	memcpy(b, a, sizeof b);
	assert_int_equal(tnl_same_secret(a, b, sizeof a), 1);
	assert_int_equal(tnl_same_secret(a, b, 0), 1);
	for (i = 0; i < sizeof a; i++)
		for (bit = 0; bit < 8; bit++) {
			b[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(tnl_same_secret(a, b, sizeof a), 0);
			assert_int_equal(tnl_same_secret(a, b, i), 1);
			b[i] = a[i];
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(md4), cmocka_unit_test(md5),
		cmocka_unit_test(sha256), cmocka_unit_test(sha512_256),
		cmocka_unit_test(million), cmocka_unit_test(padding),
		cmocka_unit_test(hex_read),
		cmocka_unit_test(secrets_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
