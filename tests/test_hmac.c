/* test_hmac.c - RFC 2202 for MD5, RFC 4231 for SHA-256 */
#include "unit.h"

#include "core/hmac.h"

struct known {
	const char *key;
	size_t key_n;
	const char *text;
	size_t text_n;
	const char *code;
};

/* A string of bytes with its length. */
#define S(x) x, sizeof x - 1
#define TEN(x) x x x x x x x x x x
#define HI S("Hi There")
#define WHAT S("what do ya want for nothing?")
#define COUNT S("\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26" \
	"\27\30\31")
#define DD S(TEN("\xdd\xdd\xdd\xdd\xdd"))
#define CD S(TEN("\xcd\xcd\xcd\xcd\xcd"))
#define LARGER "Test Using Larger Than Block-Size Key"

static void
code(int kind, const struct known *k, size_t cut, char *hex)
{
	uint8_t out[TNL_HASH_MAX];
	struct tnl_hmac m, zero;
	size_t n;

	tnl_hmac_init(&m, kind, k->key, k->key_n);
	tnl_hmac_add(&m, k->text, cut);
	tnl_hmac_add(&m, k->text + cut, k->text_n - cut);
	n = tnl_hmac_end(&m, out);
	assert_int_equal(n, tnl_hash_size(kind));
	tnl_hash_hex(out, n, hex);
	memset(&zero, 0, sizeof zero);
	assert_memory_equal(&m, &zero, sizeof m);
}

static void
all(int kind, const struct known *t, size_t count)
{
	char hex[TNL_HASH_HEX];
	size_t i, cut;

	for (i = 0; i < count; i++)
		for (cut = 0; cut <= t[i].text_n; cut++) {
			code(kind, &t[i], cut, hex);
			/* One code is published cut off. */
			assert_memory_equal(hex, t[i].code, strlen(t[i].code));
		}
}

static void
md5(void **state)
{
	static const struct known t[] = {
		{ S(TEN("\x0b") "\x0b\x0b\x0b\x0b\x0b\x0b"), HI,
		    "9294727a3638bb1c13f48ef8158bfc9d" },
		{ S("Jefe"), WHAT, "750c783e6ab0b503eaa86e310a5db738" },
		{ S(TEN("\xaa") "\xaa\xaa\xaa\xaa\xaa\xaa"), DD,
		    "56be34521d144c88dbb8c733f0e8b3f6" },
		{ COUNT, CD, "697eaf0aca3a3aea3a75164746ffaa79" },
		{ S(TEN("\x0c") "\x0c\x0c\x0c\x0c\x0c\x0c"),
		    S("Test With Truncation"),
		    "56461ef2342edc00f9bab995690efd4c" },
		{ S(TEN("\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa")),
		    S(LARGER " - Hash Key First"),
		    "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
		{ S(TEN("\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa")),
		    S(LARGER " and Larger Than One Block-Size Data"),
		    "6f630fad67cda0ee1fb1f562db3aa53e" },
	};

	(void)state;
	all(TNL_MD5, t, sizeof t / sizeof t[0]);
}

#define KEY_131 S(TEN("\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa") \
	"\xaa")

static void
sha256(void **state)
{
	static const struct known t[] = {
		{ S(TEN("\x0b\x0b")), HI,
		    "b0344c61d8db38535ca8afceaf0bf12b"
		    "881dc200c9833da726e9376c2e32cff7" },
		{ S("Jefe"), WHAT,
		    "5bdcc146bf60754e6a042426089575c7"
		    "5a003f089d2739839dec58b964ec3843" },
		{ S(TEN("\xaa\xaa")), DD,
		    "773ea91e36800e46854db8ebd09181a7"
		    "2959098b3ef8c122d9635514ced565fe" },
		{ COUNT, CD,
		    "82558a389a443c0ea4cc819899f2083a"
		    "85f0faa3e578f8077a2e3ff46729665b" },
		{ S(TEN("\x0c\x0c")), S("Test With Truncation"),
		    "a3b6167473100ee06e0c796c2955552b" },
		{ KEY_131, S(LARGER " - Hash Key First"),
		    "60e431591ee0b67f0d8a26aacbf5b77f"
		    "8e0bc6213728c5140546040f0ee37f54" },
		{ KEY_131, S("This is a test using a larger than block-size "
		    "key and a larger than block-size data. The key needs to "
		    "be hashed before being used by the HMAC algorithm."),
		    "9b09ffa71b942fcb27635fbcd5b0e944"
		    "bfdc63644f0713938a7f51535c3a35e2" },
	};

	(void)state;
	all(TNL_SHA256, t, sizeof t / sizeof t[0]);
}

/* A key as long as a block is taken as it is, one byte more is hashed; zeros
 * behind a short one change nothing. */
static void
keys(void **state)
{
	char key[200] = "k", a[TNL_HASH_HEX], b[TNL_HASH_HEX];
	struct known one = { key, 1, HI, NULL }, two = one;
	uint8_t out[TNL_HASH_MAX];
	struct tnl_hash h;
	size_t size;
	int kind;

	(void)state;
	for (kind = TNL_MD4; kind <= TNL_SHA512_256; kind++) {
		size = kind == TNL_SHA512_256 ? 128 : 64;
		two.key = key;
		code(kind, &one, 0, a);
		two.key_n = size;
		code(kind, &two, 0, b);
		assert_string_equal(a, b);
		two.key_n = size + 1;
		code(kind, &two, 0, b);
		assert_string_not_equal(a, b);
		tnl_hash_init(&h, kind);
		tnl_hash_add(&h, key, size + 1);
		two.key_n = tnl_hash_end(&h, out);
		two.key = (const char *)out;
		code(kind, &two, 0, a);
		assert_string_equal(a, b);
	}
}

/* No key, and nothing to say: what others compute for it. */
static void
nothing(void **state)
{
	static const struct known none = { NULL, 0, S(""), NULL };
	char hex[TNL_HASH_HEX];

	(void)state;
	code(TNL_MD5, &none, 0, hex);
	assert_string_equal(hex, "74e6f7298a9c2d168935f58c001bad88");
	code(TNL_SHA256, &none, 0, hex);
	assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5"
	    "ff1697c493715653c6c712144292c5ad");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(md5), cmocka_unit_test(sha256),
		cmocka_unit_test(keys), cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
