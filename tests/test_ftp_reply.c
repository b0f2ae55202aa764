/* test_ftp_reply.c - what an FTP server replies, in any pieces */
#include "unit.h"
#include "split.h"

#include "../examples/ftp_reply.h"

struct one {
	const char *bytes;      /* up to the reply's end, or to what is wrong */
	int code;               /* 0: it is no reply */
	const char *text;
};

static const struct one replies[] = {
	{ "220 hello\r\n", 220, "hello" },
	{ "220\r\n", 220, "" },
	{ "220\n", 220, "" },
	{ "220 \r\n", 220, "" },
	{ "226 bare line end\n", 226, "bare line end" },
	{ "599 most\r\n", 599, "most" },
	{ "220-one\r\n220 two\r\n", 220, "two" },
	{ "220-one\r\ntwo\r\n 220 no\r\n221 no\r\n220-no\r\n\r\n220 yes\r\n",
	    220, "yes" },
	{ "220-\r\n220\r\n", 220, "" },
	{ "211-Features:\n MDTM\n REST STREAM\n211 End\n", 211, "End" },
	/* A shorter line behind a longer one leaves nothing of it. */
	{ "230-a long line of text\r\n230 x\r\n", 230, "x" },
	{ "226 a\rb\r\n", 226, "a\rb" },
	{ "220x\r\n", 0, NULL },
	{ "22 hello\r\n", 0, NULL },
	{ "2a0 hello\r\n", 0, NULL },
	{ "620 hello\r\n", 0, NULL },
	{ "020 hello\r\n", 0, NULL },
	{ "\r\n", 0, NULL },
	{ "HTTP/1.1 400 Bad Request\r\n", 0, NULL },
	{ "SSH-2.0-x\r\n", 0, NULL }
};

static void
in_pieces(void **state)
{
	const struct one *o = replies;
	struct ftp_reply r;
	struct split s;
	const uint8_t *p;
	size_t at, len, used;
	int rv;

	(void)state;
	for (; o < replies + sizeof replies / sizeof *replies; o++) {
		split_begin(&s, o->bytes, strlen(o->bytes));
		while (split_next(&s)) {
			ftp_reply_begin(&r);
			rv = 0;
			for (at = 0; rv == 0 && (p = split_piece(&s, at, &len))
			    != NULL; at += used)
				rv = ftp_reply_feed(&r, (const char *)p, len,
				    &used);
			assert_int_equal(rv, o->code != 0 ? 1 : -1);
			assert_int_equal(at, strlen(o->bytes));
			if (rv == 1) {
				assert_int_equal(r.code, o->code);
				assert_string_equal(r.text, o->text);
			}
		}
	}
}

static int
fed(struct ftp_reply *r, const char *text, size_t n)
{
	size_t used;

	return ftp_reply_feed(r, text, n, &used);
}

/* Neither a line nor a reply goes on for ever. */
static void
bounded(void **state)
{
	static char junk[3000];
	struct ftp_reply r;
	size_t i, sum = 0;
	int rv = 0;

	(void)state;
	memset(junk, 'x', sizeof junk);
	ftp_reply_begin(&r);
	assert_int_equal(fed(&r, "220 ", 4), 0);
	assert_int_equal(fed(&r, junk, sizeof junk), 0);
	assert_int_equal(fed(&r, "\n", 1), 1);
	assert_int_equal(strlen(r.text), FTP_TEXT_MAX - 1);
	ftp_reply_begin(&r);
	assert_int_equal(fed(&r, "220-\n", 5), 0);
	for (i = 0; rv == 0 && i < 100; i++, sum += sizeof junk)
		rv = fed(&r, junk, sizeof junk);
	assert_int_equal(rv, -1);
	assert_in_range(sum, 60000, 70000);
	/* A NUL hides nothing behind it. */
	ftp_reply_begin(&r);
	assert_int_equal(fed(&r, "220 a\0b\r\n", 9), 1);
	assert_string_equal(r.text, "a?b");
}

static void
ports(void **state)
{
	static const struct {
		const char *text;
		unsigned extended, passive;
	} t[] = {
		{ "Entering Extended Passive Mode (|||6446|)", 6446, 0 },
		{ "ok (!!!65535!)", 65535, 0 },
		{ "(|||65536|)", 0, 0 }, { "(|||0|)", 0, 0 },
		{ "(|||6446)", 0, 0 }, { "(|||6446!)", 0, 0 },
		{ "(|1|10.0.0.1|6446|)", 0, 0 }, { "(||6446|)", 0, 0 },
		{ "(1116446|)", 0, 0 }, { "(", 0, 0 }, { "(|", 0, 0 },
		{ "(|||", 0, 0 }, { "|||6446|", 0, 0 }, { "", 0, 0 },
		{ "(|||99999999999999999999|)", 0, 0 },
		{ "Entering Passive Mode (127,0,0,1,4,1)", 0, 1025 },
		{ "Entering Passive Mode 10,9,8,7,255,255.", 0, 65535 },
		{ "=10,9,8,7,0,21", 0, 21 },
		{ "mode 2 (10,9,8,7,1,0)", 0, 256 },
		{ "(10,9,8,7,256,0)", 0, 0 }, { "(10,9,8,7,1)", 0, 0 },
		{ "(10,9,8,7,1,2,3)", 0, 0 }, { "(10,9,8,7,1,)", 0, 0 },
		{ "(10,9,8,,1,1)", 0, 0 }, { "(10, 9, 8, 7, 1, 1)", 0, 0 },
		{ "(999,0,0,1,4,1)", 0, 0 }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof *t; i++) {
		assert_int_equal(ftp_reply_extended(t[i].text), t[i].extended);
		assert_int_equal(ftp_reply_passive(t[i].text), t[i].passive);
	}
}

static void
numbers(void **state)
{
	(void)state;
	assert_int_equal(ftp_reply_number("0"), 0);
	assert_int_equal(ftp_reply_number(" 42 "), 42);
	assert_int_equal(ftp_reply_number("9000000000000000000"),
	    9000000000000000000);
	assert_int_equal(ftp_reply_number("99999999999999999999"), -1);
	assert_int_equal(ftp_reply_number("-1"), -1);
	assert_int_equal(ftp_reply_number("12 bytes"), -1);
	assert_int_equal(ftp_reply_number(""), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(bounded),
		cmocka_unit_test(ports),
		cmocka_unit_test(numbers)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
