/* test_ntlm_message.c - type 1, 2 and 3, from the values of MS-NLMP section
 * 4.2.4 */
#include "unit.h"
#include "split.h"

#include "core/ntlm_message.h"

/* As of section 4.2.4.3, up to its list. */
static const uint8_t head[68] = "NTLMSSP\0\2\0\0\0" "\x0c\0\x0c\0\x38\0\0\0"
    "\x33\x82\x8a\xe2" "\x01\x23\x45\x67\x89\xab\xcd\xef" "\0\0\0\0\0\0\0\0"
    "\x24\0\x24\0\x44\0\0\0" "\x06\0\x70\x17\0\0\0\x0f" "S\0e\0r\0v\0e\0r";

#define DOMAIN "\2\0\x0c\0D\0o\0m\0a\0i\0n\0"
#define SERVER "\1\0\x0c\0S\0e\0r\0v\0e\0r\0"
#define TIME "\7\0\x08\0\0\0\0\0\0\0\0\0"
#define END "\0\0\0\0"

enum { LM = 12, NT = 20, NAME = 28, USER = 36, HOST = 44, KEY = 52 };

static struct tunnel_alloc libc;

/* Type 1 and a type 2 with that list. */
static void
hear(struct tnl_buf *b, const void *list, size_t n)
{
	uint8_t one[TNL_NTLM_TYPE1];

	tnl_alloc_init(&libc, NULL);
	tnl_buf_init(b, &libc, TNL_NTLM_TYPE1 + TNL_NTLM_TYPE2_MAX);
	tnl_ntlm_type1(one);
	assert_int_equal(tnl_buf_add(b, one, sizeof one), 0);
	assert_int_equal(tnl_buf_add(b, head, sizeof head), 0);
	assert_int_equal(tnl_buf_add(b, list, n), 0);
	b->p[TNL_NTLM_TYPE1 + 40] = b->p[TNL_NTLM_TYPE1 + 42] = (uint8_t)n;
}

/* The answer of Domain\User with Password, at time 0. */
static int
reply(struct tnl_buf *out, const struct tnl_buf *heard, const char *name)
{
	static const struct tnl_ntlm_salt salt = {
		{ 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa }, 0
	};
	struct tnl_ntlm_name m;
	uint8_t key[TNL_NTLM_KEY];

	assert_int_equal(tnl_ntlm_name(&m, name), 0);
	assert_int_equal(tnl_ntlm_key(&m, "Password", key), 0);
	tnl_buf_init(out, &libc, TNL_NTLM_TYPE3_MAX);
	return tnl_ntlm_type3(out, heard, &m, key, &salt);
}

/* What a place in the header of an answer refers to. */
static const uint8_t *
field(const struct tnl_buf *b, size_t place, size_t *n)
{
	const uint8_t *p = b->p + place;
	size_t at = (size_t)p[4] | (size_t)p[5] << 8;

	*n = (size_t)p[0] | (size_t)p[1] << 8;
	assert_memory_equal(p, p + 2, 2);
	assert_int_equal(p[6] | p[7], 0);
	assert_true(at >= 88 && at <= b->n && *n <= b->n - at);
	return b->p + at;
}

static void
is(const struct tnl_buf *b, size_t place, const void *expect, size_t n)
{
	size_t got;
	const uint8_t *p = field(b, place, &got);

	assert_int_equal(got, n);
	assert_memory_equal(p, expect, n);
}

static int
parse(const void *p, size_t n)
{
	struct tnl_ntlm_challenge c;

	return tnl_ntlm_type2(&c, p, n);
}

static void
type1(void **state)
{
	static const uint8_t expect[] = "NTLMSSP\0\1\0\0\0" "\x07\x82\x08\0"
	    "\0\0\0\0\x20\0\0\0" "\0\0\0\0\x20\0\0";
	uint8_t out[TNL_NTLM_TYPE1];

	(void)state;
	tnl_ntlm_type1(out);
	assert_int_equal(sizeof expect, sizeof out);
	assert_memory_equal(out, expect, sizeof out);
}

/* Section 4.2.4, but for the key that we do not exchange. */
static void
of_the_standard(void **state)
{
	static const uint8_t list[] = DOMAIN SERVER END;
	static const uint8_t lm[] = "\x86\xc3\x50\x97\xac\x9c\xec\x10\x25\x54"
	    "\x76\x4a\x57\xcc\xcc\x19\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa";
	static const uint8_t nt[] = "\x68\xcd\x0a\xb8\x51\xe5\x1c\x96\xaa\xbc"
	    "\x92\x7b\xeb\xef\x6a\x1c" "\1\1\0\0\0\0\0\0" "\0\0\0\0\0\0\0\0"
	    "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa" "\0\0\0\0"
	    DOMAIN SERVER END "\0\0\0";
	static const uint8_t zero[24] = { 0 };
	struct tnl_buf heard, out;

	(void)state;
	hear(&heard, list, sizeof list - 1);
	assert_int_equal(reply(&out, &heard, "Domain\\User"), 0);
	assert_memory_equal(out.p, "NTLMSSP\0\3\0\0\0", 12);
	/* What type 1 had and type 2 has, Unicode alone, and a list. */
	assert_memory_equal(out.p + 60, "\x01\x82\x88\0", 4);
	assert_memory_equal(out.p + 64, zero, 24);
	is(&out, LM, lm, 24);
	is(&out, NT, nt, sizeof nt);
	is(&out, NAME, "D\0o\0m\0a\0i\0n", 12);
	is(&out, USER, "U\0s\0e\0r", 8);
	is(&out, HOST, "W\0O\0R\0K\0S\0T\0A\0T\0I\0O\0N", 22);
	is(&out, KEY, "", 0);
	tnl_buf_free(&out);
	tnl_buf_free(&heard);
}

/* With the proxy's time there is a MIC, and no LMv2.  The codes were computed
 * with Python's hmac. */
static void
with_a_time(void **state)
{
	static const struct {
		const char *list;
		size_t n;
		const char *sent;
		const char *proof, *mic;
	} t[] = {
		{ DOMAIN SERVER TIME END, sizeof DOMAIN SERVER TIME END - 1,
		    DOMAIN SERVER TIME "\6\0\4\0\2\0\0\0",
		    "\x5d\xeb\xf3\x87\x1c\x28\x94\xb8"
		    "\x1f\x16\x42\x81\xed\xbf\x0b\xff",
		    "\x5a\x79\xab\x7a\xc5\xc3\xb7\x59"
		    "\x25\xd9\x2b\x75\x3a\xdd\xa4\x0f" },
		{ DOMAIN SERVER "\6\0\4\0\1\0\0\0" TIME END,
		    sizeof DOMAIN SERVER "\6\0\4\0\1\0\0\0" TIME END - 1,
		    DOMAIN SERVER "\6\0\4\0\3\0\0\0" TIME,
		    "\x36\xb3\x19\xc9\x04\x33\x67\xf4"
		    "\x25\x57\xcf\xa2\x16\x99\x26\x0a",
		    "\x3e\x00\x53\x0e\xc5\xbb\xf6\xc2"
		    "\xd5\x88\x5e\xa8\xa6\xab\x19\x76" },
	};
	static const uint8_t zero[24] = { 0 };
	struct tnl_buf heard, out;
	const uint8_t *nt;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		hear(&heard, t[i].list, t[i].n);
		assert_int_equal(reply(&out, &heard, "Domain\\User"), 0);
		is(&out, LM, zero, 24);
		nt = field(&out, NT, &n);
		assert_int_equal(n, 16 + 28 + 52 + 4 + 4);
		assert_memory_equal(nt, t[i].proof, 16);
		assert_memory_equal(nt + 44, t[i].sent, 52);
		assert_memory_equal(nt + 96, zero, 8);
		assert_memory_equal(out.p + 72, t[i].mic, 16);
		tnl_buf_free(&out);
		tnl_buf_free(&heard);
	}
}

/* Flags alone make no MIC: they go back as they came. */
static void
flags_without_a_time(void **state)
{
	static const uint8_t list[] = "\6\0\4\0\1\0\0\0" DOMAIN END;
	static const uint8_t zero[24] = { 0 };
	struct tnl_buf heard, out;
	const uint8_t *nt;
	size_t n;

	(void)state;
	hear(&heard, list, sizeof list - 1);
	assert_int_equal(reply(&out, &heard, "User"), 0);
	nt = field(&out, NT, &n);
	assert_int_equal(n, 44 + sizeof list - 1 + 4);
	assert_memory_equal(nt + 44, list, sizeof list - 1);
	assert_memory_equal(out.p + 72, zero, 16);
	nt = field(&out, LM, &n);
	assert_memory_not_equal(nt, zero, 16);
	is(&out, NAME, "", 0);
	tnl_buf_free(&out);
	tnl_buf_free(&heard);
}

/* Nothing but a challenge: 32 bytes, or 48 with no list in them.  The name of
 * the target may refer to nowhere, as squid's helpers have it. */
static void
without_a_list(void **state)
{
	static const size_t size[] = { 32, 40, 48, 56, 68 };
	struct tnl_buf heard, out;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof size / sizeof size[0]; i++) {
		hear(&heard, "", 0);
		heard.n = TNL_NTLM_TYPE1 + size[i];
		if (size[i] < 48)
			heard.p[TNL_NTLM_TYPE1 + 22] = 0x0a;
		memset(heard.p + TNL_NTLM_TYPE1 + 16, 0xaa, 4);
		assert_int_equal(parse(heard.p + TNL_NTLM_TYPE1, size[i]), 0);
		assert_int_equal(reply(&out, &heard, "User"), 0);
		assert_int_equal(out.p[62], size[i] < 48 ? 0x08 : 0x88);
		(void)field(&out, NT, &n);
		assert_int_equal(n, 16 + 28 + 4 + 4);
		tnl_buf_free(&out);
		tnl_buf_free(&heard);
	}
}

/* OEM is for who has no Unicode, and takes ASCII. */
static void
oem(void **state)
{
	static const uint8_t flags[] = { 0x32, 0x30 };
	struct tnl_buf heard, out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof flags; i++) {
		hear(&heard, END, 4);
		heard.p[TNL_NTLM_TYPE1 + 20] = flags[i];
		assert_int_equal(reply(&out, &heard, "Domain\\User"), 0);
		assert_memory_equal(out.p + 60, "\x02\x82\x88\0", 4);
		is(&out, NAME, "Domain", 6);
		is(&out, USER, "User", 4);
		is(&out, HOST, "WORKSTATION", 11);
		tnl_buf_free(&out);
		assert_int_equal(reply(&out, &heard, "D\\\xc3\xa4"),
		    TUNNEL_EINVAL);
		tnl_buf_free(&out);
		assert_int_equal(reply(&out, &heard, "\xc4\x80\\a"),
		    TUNNEL_EINVAL);
		tnl_buf_free(&out);
		tnl_buf_free(&heard);
	}
}

static void
lists(void **state)
{
	static const struct {
		const char *list;
		size_t n;
		int good;
	} t[] = {
#define LIST(text, good) { text, sizeof text - 1, good }
		LIST(END, 1), LIST(END "more", 1), LIST(DOMAIN DOMAIN END, 1),
		LIST("\xff\xff\0\0" END, 1), LIST("\7\0\x08\0" "12345678" END,
		    1),
		LIST("\0", 0), LIST("\0\0\0", 0), LIST("\0\0\1\0x", 0),
		LIST(DOMAIN, 0), LIST(DOMAIN "\0\0\0", 0),
		LIST("\2\0\5\0" END, 0), LIST("\2\0\xff\xff" END, 0),
		LIST("\7\0\7\0" "1234567" END, 0),
		LIST("\7\0\x09\0" "123456789" END, 0),
		LIST(TIME TIME END, 0), LIST("\7\0\0\0" END, 0),
		LIST("\6\0\2\0" "12" END, 0),
		LIST("\6\0\4\0" "1234" "\6\0\4\0" "1234" END, 0),
	};
	struct tnl_buf heard;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		hear(&heard, t[i].list, t[i].n);
		assert_int_equal(parse(heard.p + TNL_NTLM_TYPE1,
		    heard.n - TNL_NTLM_TYPE1),
		    t[i].good ? 0 : TUNNEL_ESYNTAX);
		tnl_buf_free(&heard);
	}
}

/* Cut short anywhere, with a page behind it that must not be read. */
static void
truncated(void **state)
{
	static const uint8_t list[] = DOMAIN TIME SERVER END;
	struct tnl_buf heard;
	struct split s;
	const uint8_t *piece;
	size_t n;

	(void)state;
	hear(&heard, list, sizeof list - 1);
	split_begin(&s, heard.p + TNL_NTLM_TYPE1, heard.n - TNL_NTLM_TYPE1);
	while (split_next(&s)) {
		piece = split_piece(&s, 0, &n);
		assert_int_equal(parse(piece, n), n < s.n ? TUNNEL_ESYNTAX :
		    0);
	}
	assert_int_equal(parse("", 0), TUNNEL_ESYNTAX);
	/* Without a list 32 bytes are enough. */
	heard.p[TNL_NTLM_TYPE1 + 22] = 0;
	split_begin(&s, heard.p + TNL_NTLM_TYPE1, 40);
	while (split_next(&s)) {
		piece = split_piece(&s, 0, &n);
		assert_int_equal(parse(piece, n), n < 32 ? TUNNEL_ESYNTAX : 0);
	}
	tnl_buf_free(&heard);
}

/* A list that would be good, were it not in the header or behind the end. */
static void
misplaced(void **state)
{
	static const struct {
		uint8_t at[4];
		int good;
	} t[] = {
		{ { 68 }, 1 }, { { 48 }, 1 }, { { 47 }, 0 }, { { 32 }, 0 },
		{ { 69 }, 0 }, { { 72 }, 0 }, { { 68, 1 }, 0 },
		{ { 68, 0, 1 }, 0 }, { { 68, 0, 0, 0x80 }, 0 },
		{ { 0xff, 0xff, 0xff, 0xff }, 0 },
	};
	struct tnl_buf heard;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		hear(&heard, END, 4);
		memset(heard.p + TNL_NTLM_TYPE1 + 47, 0, 5);
		memcpy(heard.p + TNL_NTLM_TYPE1 + 44, t[i].at, 4);
		assert_int_equal(parse(heard.p + TNL_NTLM_TYPE1,
		    heard.n - TNL_NTLM_TYPE1),
		    t[i].good ? 0 : TUNNEL_ESYNTAX);
		tnl_buf_free(&heard);
	}
}

/* Any byte of it another: it is refused, or there is an answer of it. */
static void
hostile(void **state)
{
	static const uint8_t list[] = DOMAIN TIME "\6\0\4\0\0\0\0\0" END;
	struct tnl_buf heard, out;
	size_t i;
	int v, rv;
	uint8_t was;

	(void)state;
	hear(&heard, list, sizeof list - 1);
	for (i = TNL_NTLM_TYPE1; i < heard.n; i++) {
		was = heard.p[i];
		for (v = 0; v < 256; v++) {
			heard.p[i] = (uint8_t)v;
			rv = parse(heard.p + TNL_NTLM_TYPE1,
			    heard.n - TNL_NTLM_TYPE1);
			assert_true(rv == 0 || rv == TUNNEL_ESYNTAX);
			if (i < TNL_NTLM_TYPE1 + 12)
				assert_int_equal(rv == 0, v == was);
			assert_int_equal(reply(&out, &heard, "User"), rv);
			tnl_buf_free(&out);
		}
		heard.p[i] = was;
	}
	tnl_buf_free(&heard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type1), cmocka_unit_test(of_the_standard),
		cmocka_unit_test(with_a_time),
		cmocka_unit_test(flags_without_a_time),
		cmocka_unit_test(without_a_list), cmocka_unit_test(oem),
		cmocka_unit_test(lists), cmocka_unit_test(truncated),
		cmocka_unit_test(misplaced),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
