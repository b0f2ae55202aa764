/* test_server.c - requests, whole and in pieces, and what is read in them */
#include "unit.h"
#include "server_rig.h"
#include "oom.h"
#include "split.h"
#include "vectors.h"

static struct tunnel_server *
fresh(const struct tunnel_alloc *a, const char *setting)
{
	struct tunnel_server *s = tunnel_server_new(a);
	unsigned line, head;

	if (s == NULL)
		return NULL;
	if (sscanf(setting, "limits %u %u", &line, &head) == 2)
		assert_int_equal(tunnel_server_limits(s, line, head), 0);
	else if (strcmp(setting, "lf 1") == 0)
		assert_int_equal(tunnel_server_bare_lf(s, 1), 0);
	else if (strcmp(setting, "methods 1") == 0)
		assert_int_equal(tunnel_server_methods(s, 1), 0);
	else
		assert_string_equal(setting, "");
	return s;
}

static void
check_outcome(struct tunnel_server *s, const struct vector *v)
{
	char target[TUNNEL_HOST_MAX + 8];
	size_t n;

	if (strncmp(v->expect, "TUNNEL_", 7) == 0) {
		assert_string_equal(tunnel_error_name(tunnel_server_fault(s)),
		    v->expect);
		server_check_refusal(s, tunnel_server_fault(s));
		return;
	}
	assert_int_equal(tunnel_server_flags(s), TUNNEL_ASK);
	assert_int_equal(tunnel_server_fault(s), 0);
	if (strncmp(v->expect, "method:", 7) == 0) {
		assert_string_equal(tunnel_server_method(s), v->expect + 7);
		assert_null(tunnel_server_host(s));
		assert_int_equal(tunnel_server_accept(s), TUNNEL_ESTATE);
		return;
	}
	assert_int_equal(tunnel_authority_print(tunnel_server_host(s),
	    tunnel_server_port(s), target, sizeof target, &n), 0);
	assert_string_equal(target, v->expect);
	assert_int_equal(tunnel_server_accept(s), TUNNEL_OUT);
	assert_string_equal(server_reply_of(s),
	    "HTTP/1.1 200 Connection established\r\n\r\n");
	assert_int_equal(tunnel_server_flags(s), TUNNEL_OPEN);
	assert_int_equal(tunnel_server_status(s), 200);
}

/* However it is cut: the same outcome, found at the same byte, and not one byte
 * more is taken. */
static void
every_cut(const struct vector *v)
{
	struct split cut;
	struct tunnel_server *s;
	const uint8_t *p;
	size_t at, len, used, stop = (size_t)-1;
	int f;

	for (split_begin(&cut, v->input, v->n); split_next(&cut);) {
		/* What is wrong must be seen without looking further. */
		if (strncmp(v->expect, "TUNNEL_", 7) == 0)
			cut.total = cut.n;
		s = fresh(NULL, v->setting);
		at = 0;
		while ((p = split_piece(&cut, at, &len)) != NULL) {
			f = tunnel_server_feed(s, p, len, &used);
			at += used;
			if (f != TUNNEL_IN)
				break;
			assert_int_equal(used, len);
		}
		if (stop == (size_t)-1)
			stop = at;
		assert_int_equal(at, stop);
		if (strncmp(v->expect, "TUNNEL_", 7) != 0)
			assert_int_equal(at, v->n);
		/* Whatever comes now is nobody's request. */
		f = tunnel_server_flags(s);
		assert_int_equal(tunnel_server_feed(s, "GET / HTTP/1.1\r\n",
		    16, &used), f);
		assert_int_equal(used, 0);
		check_outcome(s, v);
		tunnel_server_free(s);
	}
}

static void
vectors(void **state)
{
	(void)state;
	assert_true(vectors_run("requests.txt", every_cut) > 150);
}

/* A vector with allocations that fail: 1 when none did. */
static int
starved(const struct tunnel_alloc *a, void *ud)
{
	const struct vector *v = ud;
	struct tunnel_server *s = fresh(a, v->setting);
	size_t used, i;
	int f = 0, done;

	if (s == NULL)
		return 0;
	for (i = 0; i < v->n && f >= 0 && !(f & ~TUNNEL_IN); i += used) {
		f = tunnel_server_feed(s, v->input + i, 1, &used);
		if (used == 0)
			break;
	}
	if (f == TUNNEL_ASK)
		f = tunnel_server_field(s, "X-Y", "z");
	if (tunnel_server_flags(s) == TUNNEL_ASK)
		f = tunnel_server_host(s) != NULL ? tunnel_server_accept(s) :
		    tunnel_server_refuse(s, 404, NULL);
	done = f >= 0;
	if (!done)
		assert_int_equal(f, TUNNEL_ENOMEM);
	tunnel_server_free(s);
	return done;
}

static void
starve(const struct vector *v)
{
	struct vector copy = *v;

	oom_run(starved, &copy);
}

static void
failing_memory(void **state)
{
	(void)state;
	vectors_run("requests.txt", starve);
}

static void
getters(void **state)
{
	struct tunnel_server *s = server_asked(SERVER_HEAD
	    "X: 1\r\nY: 2\r\nx: 3\r\n\r\n");
	const char *value;

	(void)state;
	assert_string_equal(tunnel_server_method(s), "CONNECT");
	assert_string_equal(tunnel_server_target(s), "a:443");
	assert_string_equal(tunnel_server_host(s), "a");
	assert_int_equal(tunnel_server_port(s), 443);
	assert_int_equal(tunnel_server_version(s), 11);
	assert_string_equal(tunnel_server_request(s, "X", 0), "1");
	assert_string_equal(tunnel_server_request(s, "X", 1), "3");
	assert_null(tunnel_server_request(s, "X", 2));
	assert_null(tunnel_server_request(s, "Z", 0));
	assert_string_equal(tunnel_server_request_at(s, 2, &value), "Y");
	assert_string_equal(value, "2");
	assert_null(tunnel_server_request_at(s, 4, &value));
	tunnel_server_free(s);
	s = tunnel_server_new(NULL);
	assert_null(tunnel_server_method(s));
	assert_null(tunnel_server_target(s));
	assert_null(tunnel_server_host(s));
	assert_null(tunnel_server_request(s, "X", 0));
	assert_int_equal(tunnel_server_status(s), 0);
	tunnel_server_free(s);
	tunnel_server_free(NULL);
}

static void
limits(void **state)
{
	struct tunnel_server *s = tunnel_server_new(NULL);
	char *head = malloc(70000);
	size_t n, used;

	(void)state;
	assert_int_equal(tunnel_server_limits(s, 15, 100), TUNNEL_EINVAL);
	assert_int_equal(tunnel_server_limits(s, 100, 15), TUNNEL_EINVAL);
	/* One field of a Kerberos token's length, within 64 KiB. */
	n = (size_t)sprintf(head, SERVER_HEAD "P: ");
	memset(head + n, 'x', 60000);
	n += 60000;
	n += (size_t)sprintf(head + n, "\r\n\r\n");
	assert_int_equal(tunnel_server_feed(s, head, n, &used), TUNNEL_ASK);
	assert_int_equal(strlen(tunnel_server_request(s, "p", 0)), 60000);
	tunnel_server_free(s);
	s = tunnel_server_new(NULL);
	memset(head, 'C', 70000);
	assert_int_equal(tunnel_server_feed(s, head, 70000, &used),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(used, 8192);
	assert_int_equal(tunnel_server_fault(s), TUNNEL_ELINE);
	tunnel_server_free(s);
	s = tunnel_server_new(NULL);
	n = (size_t)sprintf(head, SERVER_HEAD "P: ");
	memset(head + n, 'x', 70000 - n);
	assert_int_equal(tunnel_server_feed(s, head, 70000, &used),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(used, 65536);
	assert_int_equal(tunnel_server_fault(s), TUNNEL_EHEAD);
	tunnel_server_free(s);
	free(head);
}

/* Longer than any credentials are. */
static void
long_basic(void)
{
	static char head[8192], user[16], password[16];
	struct tunnel_server *s;
	size_t n = (size_t)sprintf(head, SERVER_HEAD
	    "Proxy-Authorization: Basic ");

	memset(head + n, 'A', 6000);
	strcpy(head + n + 6000, "\r\n\r\n");
	s = server_asked(head);
	assert_int_equal(tunnel_server_basic(s, user, 16, password, 16),
	    TUNNEL_EINVAL);
	tunnel_server_free(s);
}

static void
basic(void **state)
{
	static const struct { const char *value; int rv; const char *u, *p; }
	t[] = {
		{ "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", 0, "Aladdin",
		    "open sesame" },        /* RFC 7617 section 2 */
		{ "bAsIc   dTpw", 0, "u", "p" },
		{ "Basic dTpwOnE=", 0, "u", "p:q" },
		{ "Basic Og==", 0, "", "" },
		{ "Basic", TUNNEL_EAUTH, NULL, NULL },
		{ "Basic ", TUNNEL_EAUTH, NULL, NULL },
		{ "Basicx dTpw", TUNNEL_EAUTH, NULL, NULL },
		{ "Digest dTpw", TUNNEL_EAUTH, NULL, NULL },
		{ "Basic dXA=", TUNNEL_EAUTH, NULL, NULL },     /* no colon */
		{ "Basic dTpw=", TUNNEL_EAUTH, NULL, NULL },
		{ "Basic dTpwCg", TUNNEL_EAUTH, NULL, NULL },
		{ "Basic d?pw", TUNNEL_EAUTH, NULL, NULL },
		{ "Basic dQA6cA==", TUNNEL_EAUTH, NULL, NULL }, /* u NUL : p */
		{ "Basic MTIzNDU2Nzg5MDEyMzQ1NjpwCg==", TUNNEL_EINVAL, NULL,
		    NULL },                 /* a user of 16 */
	};
	char head[256], user[16], password[16];
	struct tunnel_server *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		snprintf(head, sizeof head, SERVER_HEAD
		    "Proxy-Authorization: %s\r\n" "\r\n", t[i].value);
		s = server_asked(head);
		assert_int_equal(tunnel_server_basic(s, user, sizeof user,
		    password, sizeof password), t[i].rv);
		if (t[i].rv == 0) {
			assert_string_equal(user, t[i].u);
			assert_string_equal(password, t[i].p);
		}
		tunnel_server_free(s);
	}
	s = server_asked(SERVER_HEAD "Proxy-Authorization: Basic dTpw\r\n"
	    "Proxy-Authorization: Basic dTpw\r\n\r\n");
	assert_int_equal(tunnel_server_basic(s, user, 16, password, 16),
	    TUNNEL_EAUTH);
	tunnel_server_free(s);
	s = server_asked(SERVER_HEAD "\r\n");
	assert_int_equal(tunnel_server_basic(s, user, 16, password, 16),
	    TUNNEL_EAUTH);
	tunnel_server_free(s);
	long_basic();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors), cmocka_unit_test(failing_memory),
		cmocka_unit_test(getters), cmocka_unit_test(limits),
		cmocka_unit_test(basic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
