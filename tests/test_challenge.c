/* test_challenge.c - what the fields of HTTP authentication hold */
#include "unit.h"
#include "vectors.h"

#include "core/challenge.h"

static const char *const names[] = {
	"realm", "nonce", "opaque", "qop", "stale", "a", "b", "c"
};

static char shown[2048];

static void
show(const char *p, size_t n)
{
	size_t have = strlen(shown), i;

	assert_true(have + n < sizeof shown);
	for (i = 0; i < n; i++)
		shown[have + i] = (char)(p[i] == ' ' ? '_' : p[i]);
	shown[have + n] = '\0';
}

static void
show_text(const char *text)
{
	show(text, strlen(text));
}

static void
show_params(const struct tnl_challenge *c)
{
	char value[512];
	int any = 0, rv;
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		rv = tnl_challenge_param(c, names[i], value, sizeof value);
		if (rv == 0)
			continue;
		show_text(any++ ? ";" : "(");
		show_text(names[i]);
		show_text("=");
		if (rv == 1)
			assert_true(tnl_challenge_has(c, names[i], value));
		else
			assert_int_equal(rv, TUNNEL_ESYNTAX);
		show_text(rv == 1 ? value : "2");
	}
	show_text(any ? ")" : "");
}

/* All challenges of a field; how many. */
static size_t
read_all(const char *text, int showing)
{
	struct tnl_challenge c;
	const char *p = text;
	size_t count = 0;

	shown[0] = '\0';
	while (tnl_challenge_next(&p, &c)) {
		count++;
		assert_true(c.scheme.n > 0 && c.scheme.p >= text);
		assert_true(p > c.scheme.p && p <= text + strlen(text));
		if (!showing)
			continue;
		show_text(count > 1 ? "+" : "");
		show(c.scheme.p, c.scheme.n);
		if (c.token.n > 0) {
			show_text("[");
			show(c.token.p, c.token.n);
			show_text("]");
		}
		show_params(&c);
		show_text(c.broken ? "!" : "");
	}
	assert_int_equal(*p, '\0');
	assert_false(tnl_challenge_next(&p, &c));
	return count;
}

/* As helper_vectors reads the input, for what is expected cannot have all
 * bytes in it. */
static void
plain(const char *expect, char *out)
{
	for (; *expect != '\0'; expect++)
		if (strncmp(expect, "\\xe9", 4) == 0) {
			*out++ = '\xe9';
			expect += 3;
		} else if (strncmp(expect, "\\t", 2) == 0) {
			*out++ = '\t';
			expect++;
		} else if (strncmp(expect, "\\\\", 2) == 0) {
			*out++ = '\\';
			expect++;
		} else {
			*out++ = *expect;
		}
	*out = '\0';
}

static void
one(const struct vector *v)
{
	char expect[600];

	plain(v->expect, expect);
	if (read_all((const char *)v->input, 1) == 0)
		show_text("-");
	assert_string_equal(shown, expect);
}

static void
vectors(void **state)
{
	(void)state;
	assert_true(vectors_run("challenges.txt", one) > 60);
}

/* Cut off anywhere, at the end of a block: it ends, and reads nothing
 * behind. */
static void
cut(const struct vector *v)
{
	size_t n;

	for (n = 0; n <= v->n; n++) {
		char *text = malloc(n + 1);

		memcpy(text, v->input, n);
		text[n] = '\0';
		(void)read_all(text, 1);
		free(text);
	}
}

static void
cut_anywhere(void **state)
{
	(void)state;
	(void)vectors_run("challenges.txt", cut);
}

static void
any_bytes(void **state)
{
	static const char bytes[] = "aB1=\", \t\\/@\xe9\x01=,";
	char text[24];
	uint32_t seed = 11;
	size_t i, n;
	int round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		n = rnd(&seed) % sizeof text;
		for (i = 0; i < n; i++)
			text[i] = bytes[rnd(&seed) % (sizeof bytes - 1)];
		text[n] = '\0';
		assert_true(read_all(text, 1) <= (n + 1) / 2);
	}
}

static void
long_ones(void **state)
{
	enum { N = 60000 };
	char *text = malloc(N + 1);
	struct tnl_challenge c;
	char value[8];

	(void)state;
	memset(text, ',', N);
	text[N] = '\0';
	assert_int_equal(read_all(text, 0), 0);
	memset(text, '"', N);
	assert_int_equal(read_all(text, 0), 0);
	memset(text, 'x', N);
	assert_int_equal(read_all(text, 0), 1);
	memcpy(text, "X a=\"", 5);
	text[N - 1] = '"';
	assert_true(tnl_challenge_only(text, &c));
	assert_int_equal(tnl_challenge_param(&c, "a", value, sizeof value),
	    TUNNEL_EHEAD);
	assert_string_equal(value, "");
	free(text);
}

/* What fits has room for its NUL. */
static void
room(void **state)
{
	struct tnl_challenge c;
	char value[4] = "zzz";

	(void)state;
	assert_true(tnl_challenge_only("X a=\"\\1\\23\", b=12, c=", &c));
	assert_true(tnl_challenge_is(&c, "x"));
	assert_false(tnl_challenge_is(&c, "xa"));
	assert_int_equal(tnl_challenge_param(&c, "A", value, 4), 1);
	assert_string_equal(value, "123");
	assert_int_equal(tnl_challenge_param(&c, "a", value, 3), TUNNEL_EHEAD);
	assert_string_equal(value, "");
	assert_int_equal(tnl_challenge_param(&c, "b", value, 3), 1);
	assert_string_equal(value, "12");
	assert_int_equal(tnl_challenge_param(&c, "c", value, 1), 1);
	assert_int_equal(tnl_challenge_param(&c, "d", value, 4), 0);
	assert_true(tnl_challenge_has(&c, "a", "123"));
	assert_false(tnl_challenge_has(&c, "a", "12"));
	assert_false(tnl_challenge_has(&c, "a", "1234"));
	assert_false(tnl_challenge_has(&c, "a", "1\\23"));
	assert_true(tnl_challenge_has(&c, "c", ""));
	assert_false(tnl_challenge_has(&c, "d", ""));
}

static void
credentials(void **state)
{
	static const char *const bad[] = {
		"", " X a=1", ",X a=1", "X a=1, Y b=1", "X abc, Y", "X, Y",
		"X a=1, @", "@, X a=1", "a=1", "X a=1 b=2", "X a=\"1",
	};
	struct tnl_challenge c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(tnl_challenge_only(bad[i], &c));
	assert_true(tnl_challenge_only("Basic QWxhZGRpbg==", &c));
	assert_int_equal(c.token.n, 12);
	assert_memory_equal(c.token.p, "QWxhZGRpbg==", 12);
	assert_true(tnl_challenge_only("X a=1, , b=2,", &c));
	assert_true(tnl_challenge_has(&c, "b", "2"));
}

static void
lists(void **state)
{
	static const char *const bad[] = {
		"X", "X a=1", "a=1 b=2", "a=1, X", "a=1, b=\"2", "@",
	};
	struct tnl_challenge c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(tnl_challenge_list(bad[i], &c));
	assert_true(tnl_challenge_has(&c, "x", "1") == 0);
	assert_true(tnl_challenge_list("", &c));
	assert_false(tnl_challenge_has(&c, "a", ""));
	assert_true(tnl_challenge_list(", a=1 , b = \"2,3\",", &c));
	assert_true(tnl_challenge_has(&c, "a", "1"));
	assert_true(tnl_challenge_has(&c, "b", "2,3"));
	/* What came before the break. */
	assert_false(tnl_challenge_list("a=1, b", &c));
	assert_true(tnl_challenge_has(&c, "a", "1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors), cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(any_bytes), cmocka_unit_test(long_ones),
		cmocka_unit_test(room), cmocka_unit_test(credentials),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
