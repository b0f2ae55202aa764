/* test_preface.c - the PROXY protocol */
#include "unit.h"

#include "core/preface.h"

/* Feed it as it asks, from text that goes on behind it: how many bytes it
 * took, or -1. */
static int
take(struct tnl_preface *p, const void *text, size_t n)
{
	uint8_t in[TNL_PREFACE_MAX];
	size_t at = 0;
	int more;

	while ((more = tnl_preface_more(p, in, at)) > 0) {
		assert_true(at + (size_t)more <= sizeof in);
		if (at + (size_t)more > n)
			return -2;      /* it wants what is not there */
		memcpy(in + at, (const char *)text + at, (size_t)more);
		at += (size_t)more;
	}
	return more < 0 ? -1 : (int)at;
}

static int
line(struct tnl_preface *p, const char *text)
{
	return take(p, text, strlen(text));
}

static void
version_1(void **state)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n",
		"PROXY TCP4 1.2.3.4 5.6.7.8 1 \r\nxxxx",
		"PROXY\r\nxxxxxxxxxxxx",
		"PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
		"PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
		"PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n",
		"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\nxxxxxx",
		"PROXY TCP4 1.2.3 5.6.7.8 1 2\r\nxxx",
		"PROXY TCP4 ::1 ::2 1 2\r\nxxx",
		"PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
		"PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n",
		"PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
		"PROXY TCP4 1.2.3.4 ::5 1 2\r\nxxxxxxx",
		"PROXY TCP6 ::1 5.6.7.8 1 2\r\nxxxxxx",
		"PROXY TCP4 1.2.3.4 5.6.7.8 123456 2\r\n",
		"PROXY TCP4 1.2.3.4 5.6.7.8  2\r\nxxxx",
		"PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\nxx",
		"PROXY UNKNOWNX\r\n", "PROXY UNKNOWM\r\nxx",
		"PROXY TCP4 1.2.3.4 5.6.7.8 1 2 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxx",
	};
	struct tnl_preface p;
	size_t i;

	(void)state;
	assert_int_equal(line(&p, "PROXY TCP4 1.2.3.4 5.6.7.8 56324 443\r\n"
	    "CONNECT"), 38);
	assert_true(p.known);
	assert_int_equal(p.addr_n, 4);
	assert_memory_equal(p.src, "\1\2\3\4", 4);
	assert_memory_equal(p.dst, "\5\6\7\10", 4);
	assert_int_equal(p.sport, 56324);
	assert_int_equal(p.dport, 443);
	assert_int_equal(line(&p, "PROXY TCP6 ::1 2001:db8::1 1 2\r\nX"), 32);
	assert_int_equal(p.addr_n, 16);
	assert_int_equal(p.src[15], 1);
	assert_int_equal(line(&p, "PROXY UNKNOWN\r\nX"), 15);
	assert_false(p.known);
	assert_int_equal(line(&p, "PROXY UNKNOWN ::1 ::2 1 2\r\nX"), 27);
	assert_false(p.known);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		print_message("%s\n", bad[i]);
		assert_int_equal(line(&p, bad[i]), -1);
	}
	assert_int_equal(line(&p, "PROXY TCP4 1.2.3"), -2);
}

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static void
version_2(void **state)
{
	static const char four[] = SIGNATURE "\x21\x11\0\x0f"
	    "\1\2\3\4\5\6\7\10\xdc\4\1\xbb" "\4\0\0" "CONNECT";
	static const char local[] = SIGNATURE "\x20\0\0\0" "CONNECT";
	static const char mine[] = SIGNATURE "\x20\x11\0\x0c"
	    "\1\2\3\4\5\6\7\10\xdc\4\1\xbb" "CONNECT";
	static const char unix_[] = SIGNATURE "\x21\x31\0\2" "xxCONNECT";
	static const char short_[] = SIGNATURE "\x21\x11\0\x0b"
	    "\1\2\3\4\5\6\7\10\xdc\4\1\xbb";
	static const char huge[] = SIGNATURE "\x21\x11\xff\xff" "xxxx";
	static const char version[] = SIGNATURE "\x31\x11\0\x0c" "xxxxxxxxxxxx";
	static const char command[] = SIGNATURE "\x22\x11\0\x0c" "xxxxxxxxxxxx";
	struct tnl_preface p;

	(void)state;
	assert_int_equal(take(&p, four, sizeof four - 1), 31);
	assert_true(p.known);
	assert_memory_equal(p.src, "\1\2\3\4", 4);
	assert_int_equal(p.sport, 56324);
	assert_int_equal(p.dport, 443);
	assert_int_equal(take(&p, local, sizeof local - 1), 16);
	assert_false(p.known);
	/* What it says of addresses is not to be looked at. */
	assert_int_equal(take(&p, mine, sizeof mine - 1), 28);
	assert_false(p.known);
	assert_int_equal(take(&p, unix_, sizeof unix_ - 1), 18);
	assert_false(p.known);
	assert_int_equal(take(&p, short_, sizeof short_ - 1), -1);
	assert_int_equal(take(&p, huge, sizeof huge - 1), -1);
	assert_int_equal(take(&p, version, sizeof version - 1), -1);
	assert_int_equal(take(&p, command, sizeof command - 1), -1);
	assert_int_equal(take(&p, four, 20), -2);
}

/* What is written is read as what it was. */
static void
there_and_back(void **state)
{
	uint8_t out[TNL_PREFACE_SENT_MAX + 1];
	struct tnl_preface p, q;
	uint32_t seed = 3;
	int i, version;
	size_t j, n;

	(void)state;
	for (i = 0; i < 4000; i++) {
		version = 1 + i % 2;
		memset(&p, 0, sizeof p);
		p.known = i % 5 != 0;
		p.addr_n = !p.known ? 0 : i % 3 ? 4 : 16;
		for (j = 0; j < p.addr_n; j++) {
			p.src[j] = (uint8_t)(rnd(&seed) & (i % 7 ? 255 : 0));
			p.dst[j] = (uint8_t)rnd(&seed);
		}
		p.sport = p.known ? rnd(&seed) & 65535 : 0;
		p.dport = p.known ? rnd(&seed) & 65535 : 0;
		n = tnl_preface_write(&p, version, out);
		assert_true(n <= TNL_PREFACE_SENT_MAX);
		if (version == 2 && !p.known)
			assert_int_equal(out[13], 0);
		out[n] = 'C';
		assert_int_equal(take(&q, out, n + 1), n);
		assert_memory_equal(&p, &q, sizeof p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1), cmocka_unit_test(version_2),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
