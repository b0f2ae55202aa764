/* test_socks_message.c - what a client of SOCKS says, whole and in pieces */
#include "unit.h"
#include "socks_rig.h"
#include "split.h"

/* A conversation of which the client's part is said at once.  It ends where the
 * outcome is known. */
static const struct talk {
	const char *in;
	size_t n;
	const char *out;        /* all that it is told */
	size_t out_n;
	int challenge;          /* have it log in, if it offers to */
	int fault;
	const char *user;       /* "user password", NULL: did not say */
	const char *target;
} talks[] = {
	/* Ways in. */
	{ BYTES(HELLO NAMED("\x09", "a.example") "\x01\xbb"),
	    BYTES("\x05\x00" OPENED), 0, 0, NULL, "a.example:443" },
	{ BYTES(HELLO_USER NAMED("\x09", "a.example") "\x01\xbb"),
	    BYTES("\x05\x00" OPENED), 0, 0, NULL, "a.example:443" },
	{ BYTES(HELLO NAMED("\x09", "a.example") "\x01\xbb"),
	    BYTES("\x05\x00" OPENED), 1, 0, NULL, "a.example:443" },
	{ BYTES(HELLO_USER USER NAMED("\x09", "a.example") "\x01\xbb"),
	    BYTES("\x05\x02\x01\x00" OPENED), 1, 0, "Aladdin open sesame",
	    "a.example:443" },
	{ BYTES("\x05\x01\x02" "\x01\x01u\x01p" NAMED("\x01", "a") "\x00\x16"),
	    BYTES("\x05\x02\x01\x00" OPENED), 1, 0, "u p", "a:22" },
	{ BYTES("\x05\x03\x01\x80\x02" "\x01\x00\x00" NAMED("\x01", "a")
	    "\xff\xff"), BYTES("\x05\x02\x01\x00" OPENED), 1, 0, " ",
	    "a:65535" },
	/* Nobody wants it, but it offers nothing else. */
	{ BYTES("\x05\x01\x02" USER NAMED("\x01", "a") "\x00\x16"),
	    BYTES("\x05\x02\x01\x00" OPENED), 0, 0, "Aladdin open sesame",
	    "a:22" },
	/* Nothing that we take is offered. */
	{ BYTES("\x05\x00"), BYTES("\x05\xff"), 0, TUNNEL_EAUTH, NULL, NULL },
	{ BYTES("\x05\x01\x01"), BYTES("\x05\xff"), 1, TUNNEL_EAUTH, NULL,
	    NULL },
	{ BYTES("\x05\x03\x01\x03\xff"), BYTES("\x05\xff"), 0, TUNNEL_EAUTH,
	    NULL, NULL },
	/* Addresses. */
	{ BYTES(HELLO "\x05\x01\x00\x01\xc0\x00\x02\x07\x1f\x90"),
	    BYTES("\x05\x00" OPENED), 0, 0, NULL, "192.0.2.7:8080" },
	{ BYTES(HELLO "\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0"
	    "\x00\x01\x00\x50"), BYTES("\x05\x00" OPENED), 0, 0, NULL,
	    "[2001:db8::1]:80" },
	{ BYTES(HELLO "\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\x00"
	    "\x00\x01\x00\x50"), BYTES("\x05\x00" OPENED), 0, 0, NULL,
	    "127.0.0.1:80" },
	{ BYTES(HELLO "\x05\x01\xaa\x01\x01\x02\x03\x04\x00\x01"),
	    BYTES("\x05\x00" OPENED), 0, 0, NULL, "1.2.3.4:1" },
	{ BYTES(HELLO NAMED("\x09", "127.0.0.1") "\x00\x50"),
	    BYTES("\x05\x00" OPENED), 0, 0, NULL, "127.0.0.1:80" },
	{ BYTES(HELLO NAMED("\x03", "::1") "\x00\x50"),
	    BYTES("\x05\x00" OPENED), 0, 0, NULL, "[::1]:80" },
	/* What is no target. */
	{ BYTES(HELLO NAMED("\x00", "") "\x00\x50"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	{ BYTES(HELLO NAMED("\x01", "a") "\x00\x00"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	{ BYTES(HELLO NAMED("\x05", "127.1") "\x00\x50"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	{ BYTES(HELLO NAMED("\x04", "a\0.b") "\x00\x50"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	{ BYTES(HELLO NAMED("\x04", "a\r\nb") "\x00\x50"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	{ BYTES(HELLO NAMED("\x05", "[::1]") "\x00\x50"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	{ BYTES(HELLO "\x05\x01\x00\x00"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	{ BYTES(HELLO "\x05\x01\x00\x02"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	{ BYTES(HELLO "\x05\x01\x00\xff"),
	    BYTES("\x05\x00" REFUSED_WITH("\x08")), 0, TUNNEL_ETARGET, NULL,
	    NULL },
	/* BIND, UDP ASSOCIATE, and what has no name. */
	{ BYTES(HELLO "\x05\x02\x00\x01\x01\x02\x03\x04\x00\x50"),
	    BYTES("\x05\x00" REFUSED_WITH("\x07")), 0, TUNNEL_EMETHOD, NULL,
	    NULL },
	{ BYTES(HELLO "\x05\x03\x00\x03\x01" "a\x00\x50"),
	    BYTES("\x05\x00" REFUSED_WITH("\x07")), 0, TUNNEL_EMETHOD, NULL,
	    NULL },
	{ BYTES(HELLO "\x05\x00\x00\x02"),
	    BYTES("\x05\x00" REFUSED_WITH("\x07")), 0, TUNNEL_EMETHOD, NULL,
	    NULL },
	/* Broken later on. */
	{ BYTES(HELLO "\x04"), BYTES("\x05\x00" REFUSED_WITH("\x01")), 0,
	    TUNNEL_ENOTSOCKS, NULL, NULL },
	{ BYTES(HELLO_USER "\x05"), BYTES("\x05\x02\x01\x01"), 1,
	    TUNNEL_ENOTSOCKS, NULL, NULL },
	{ BYTES(HELLO_USER "\x01\x03u\0x\x01p"), BYTES("\x05\x02\x01\x01"), 1,
	    TUNNEL_EAUTH, NULL, NULL },
	{ BYTES(HELLO_USER "\x01\x01u\x02p\0"), BYTES("\x05\x02\x01\x01"), 1,
	    TUNNEL_EAUTH, NULL, NULL },
	/* Somebody else. */
	{ BYTES("\x04"), BYTES("\x00\x5b\0\0\0\0\0\0"), 0, TUNNEL_ENOTSOCKS,
	    NULL, NULL },
	{ BYTES("C"), BYTES("HTTP/1.1 400 Bad Request\r\nContent-Type: "
	    "text/plain\r\nContent-Length: 34\r\nConnection: close\r\n\r\n"
	    "this port speaks SOCKS5, not HTTP\n"), 0, TUNNEL_ENOTSOCKS, NULL,
	    NULL },
	{ BYTES("\x16"), BYTES(""), 1, TUNNEL_ENOTSOCKS, NULL, NULL },
	{ BYTES("\0"), BYTES(""), 0, TUNNEL_ENOTSOCKS, NULL, NULL },
};

struct outcome {
	struct heard heard;
	char user[40];
	char target[TUNNEL_HOST_MAX + 8];
};

/* An ASK: agree, but for a challenge. */
static void
agree(struct tunnel_socks *s, int challenge, struct outcome *o)
{
	const char *user = tunnel_socks_user(s);
	size_t n;

	if (tunnel_socks_host(s) != NULL) {
		assert_null(user);
		assert_int_equal(tunnel_authority_print(tunnel_socks_host(s),
		    tunnel_socks_port(s), o->target, sizeof o->target, &n), 0);
	} else if (user != NULL) {
		snprintf(o->user, sizeof o->user, "%s %s", user,
		    tunnel_socks_password(s));
	}
	if (!challenge || tunnel_socks_challenge(s) != TUNNEL_OUT)
		assert_int_equal(tunnel_socks_accept(s), TUNNEL_OUT);
	assert_null(tunnel_socks_user(s));
	assert_null(tunnel_socks_password(s));
	socks_listen(s, &o->heard);
}

/* One way of cutting: how many bytes were taken. */
static size_t
hold(struct tunnel_socks *s, struct split *cut, int challenge,
    struct outcome *o)
{
	const uint8_t *p;
	size_t at = 0, len, used;
	int f;

	while ((p = split_piece(cut, at, &len)) != NULL) {
		f = tunnel_socks_feed(s, p, len, &used);
		at += used;
		if (f == TUNNEL_IN)
			assert_int_equal(used, len);
		else if (f == TUNNEL_ASK)
			agree(s, challenge, o);
		else if (f >= 0 && f & TUNNEL_OUT)
			socks_listen(s, &o->heard);
		f = tunnel_socks_flags(s);
		if (f < 0 || f & (TUNNEL_OPEN | TUNNEL_DONE))
			break;
	}
	return at;
}

/* However it is cut: the same outcome at the same byte. */
static void
conversations(void **state)
{
	struct tunnel_socks *s;
	const struct talk *t;
	struct split cut;
	struct outcome o;
	size_t used;

	(void)state;
	for (t = talks; t < talks + sizeof talks / sizeof talks[0]; t++) {
		print_message("%d\n", (int)(t - talks));
		for (split_begin(&cut, t->in, t->n); split_next(&cut);) {
			s = tunnel_socks_new(NULL);
			memset(&o, 0, sizeof o);
			assert_int_equal(hold(s, &cut, t->challenge, &o),
			    t->n);
			assert_int_equal(o.heard.n, t->out_n);
			assert_memory_equal(o.heard.said, t->out, t->out_n);
			assert_int_equal(tunnel_socks_fault(s), t->fault);
			assert_int_equal(tunnel_socks_flags(s), t->fault == 0 ?
			    TUNNEL_OPEN : TUNNEL_REFUSED | TUNNEL_DONE);
			assert_string_equal(o.user, t->user != NULL ? t->user :
			    "");
			assert_string_equal(o.target, t->target != NULL ?
			    t->target : "");
			/* Whatever comes now is no message. */
			(void)tunnel_socks_feed(s, HELLO, 3, &used);
			assert_int_equal(used, 0);
			tunnel_socks_free(s);
		}
	}
}

/* ---- lengths -------------------------------------------------------- */

/* Feed it byte by byte: how many it takes until it wants no more. */
static size_t
takes(struct tunnel_socks *s, const uint8_t *in, size_t n)
{
	size_t i, used;

	for (i = 0; i < n; i++) {
		if (tunnel_socks_flags(s) != TUNNEL_IN)
			break;
		(void)tunnel_socks_feed(s, in + i, 1, &used);
		assert_int_equal(used, 1);
	}
	return i;
}

static void
every_length(void **state)
{
	uint8_t in[600];
	struct tunnel_socks *s;
	struct heard h;
	int n, other, i;

	(void)state;
	for (n = 0; n < 256; n++) {
		/* So many ways, the last of which is ours. */
		s = tunnel_socks_new(NULL);
		memset(in, 9, sizeof in);
		in[0] = 5;
		in[1] = (uint8_t)n;
		if (n > 0)
			in[1 + n] = 0;
		assert_int_equal(takes(s, in, sizeof in), n + 2);
		assert_int_equal(tunnel_socks_fault(s),
		    n > 0 ? 0 : TUNNEL_EAUTH);
		memset(&h, 0, sizeof h);
		(void)tunnel_socks_accept(s);
		socks_listen(s, &h);
		/* A name that is so long. */
		memset(in, 'a', sizeof in);
		memcpy(in, "\x05\x01\x00\x03", 4);
		in[4] = (uint8_t)n;
		if (n > 0)
			assert_int_equal(takes(s, in, sizeof in), n + 7);
		if (n > 0)
			assert_int_equal(strlen(tunnel_socks_host(s)), n);
		tunnel_socks_free(s);
	}
	/* Both lengths of a login, the longest among them. */
	for (i = 0; i < 512; i++) {
		n = i < 256 ? i : 255;
		other = i < 256 ? 255 : i - 256;
		s = tunnel_socks_new(NULL);
		assert_int_equal(takes(s, (const uint8_t *)HELLO_USER, 4), 4);
		assert_int_equal(tunnel_socks_challenge(s), TUNNEL_OUT);
		memset(&h, 0, sizeof h);
		socks_listen(s, &h);
		memset(in, 'a', sizeof in);
		in[0] = 1;
		in[1] = (uint8_t)n;
		in[2 + n] = (uint8_t)other;
		assert_int_equal(takes(s, in, sizeof in), 3 + n + other);
		assert_int_equal(strlen(tunnel_socks_user(s)), n);
		assert_int_equal(strlen(tunnel_socks_password(s)), other);
		tunnel_socks_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversations),
		cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
