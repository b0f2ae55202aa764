/* test_policy.c - which targets are allowed */
#include "unit.h"
#include "oom.h"
#include "vectors.h"

#include "core/address.h"

/* A line of policy.txt: the verdict, then the target "host@address:port", where
 * "@address" may be missing; the rules are in the "@" line before it. */
static struct tunnel_policy *
make(const struct tunnel_alloc *a, const char *rules)
{
	struct tunnel_policy *p = tunnel_policy_new(a);
	char text[80], *word;
	int rv = 0;

	if (p == NULL)
		return NULL;
	snprintf(text, sizeof text, "%s", rules);
	for (word = strtok(text, " "); word != NULL && rv == 0;
	    word = strtok(NULL, " "))
		rv = *word == '+' ? tunnel_policy_allow(p, word + 1) :
		    tunnel_policy_deny(p, word + 1);
	if (rv < 0) {
		assert_int_equal(rv, TUNNEL_ENOMEM);
		tunnel_policy_free(p);
		return NULL;
	}
	return p;
}

static void
one(const struct vector *v)
{
	struct tunnel_policy *p = make(NULL, v->setting);
	char text[300], *at, *colon;
	uint8_t addr[16];
	size_t n = 0;
	int rv;

	snprintf(text, sizeof text, "%.290s", (const char *)v->input);
	colon = strrchr(text, ':');
	assert_non_null(colon);
	*colon = '\0';
	at = strchr(text, '@');
	if (at != NULL) {
		*at++ = '\0';
		n = tnl_address_parse(at, strlen(at), addr);
		assert_true(n > 0);
	}
	rv = tunnel_policy_judge(p, text, addr, n,
	    (unsigned)strtoul(colon + 1, NULL, 10));
	assert_string_equal(rv == 0 ? "allow" : rv == TUNNEL_EDENIED ? "deny" :
	    rv == TUNNEL_EADDRESS ? "address" : "invalid", v->expect);
	tunnel_policy_free(p);
}

static void
vectors(void **state)
{
	(void)state;
	assert_true(vectors_run("policy.txt", one) >= 200);
}

static void
unreadable_rules(void **state)
{
	static const char *const t[] = {
		"", ":", ":22", "a:", "a:0", "a:65536", "a:22-", "a:-22",
		"a:23-22", "a:22,", "a:,22", "a:x", "a:22 ", "a b", "*.", "*a",
		"a.*", "a*b", "**", "*.*", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/x", "10.0.0.0/-1", "10.0/8", "a/8", "*/8", "::/129",
		"[::1", "[::1]x", "[::1]:", "[::1]/", "[::1]/129", "[]",
		"[::1/8]/8", "127.1", "0x7f.1", "1.2.3.4.5", "a..b", "a@b",
		"[::]/", "[::]/:22", ":::", "1:2:3",
	};
	struct tunnel_policy *p = tunnel_policy_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		print_message("%s\n", t[i]);
		assert_int_equal(tunnel_policy_allow(p, t[i]), TUNNEL_EINVAL);
		assert_int_equal(tunnel_policy_deny(p, t[i]), TUNNEL_EINVAL);
	}
	/* None of them has become a rule. */
	assert_int_equal(tunnel_policy_judge(p, "a", "\x08\x08\x08\x08", 4,
	    443), 0);
	assert_int_equal(tunnel_policy_judge(p, "a", "\x08\x08\x08\x08", 4, 0),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_policy_judge(p, "a", "\x08\x08\x08\x08", 5, 1),
	    TUNNEL_EINVAL);
	tunnel_policy_free(p);
	tunnel_policy_free(NULL);
}

/* Before a name is resolved: denied only when no address could save it. */
static void
names(void **state)
{
	static const struct {
		const char *rules, *host;
		unsigned port;
		int verdict;
	} t[] = {
		{ "", "a", 443, 0 },
		{ "", "a", 80, TUNNEL_EDENIED },
		{ "", "127.0.0.1", 443, TUNNEL_EADDRESS },
		{ "", "8.8.8.8", 443, 0 },
		{ "+b", "a", 443, TUNNEL_EDENIED },
		{ "+b", "b", 443, 0 },
		{ "+b:22", "b", 443, TUNNEL_EDENIED },
		{ "-a +*", "a", 443, TUNNEL_EDENIED },
		{ "-a +*", "c", 443, 0 },
		{ "+10.0.0.0/8", "a", 443, 0 },
		{ "+10.0.0.0/8:22", "a", 443, TUNNEL_EDENIED },
		{ "-10.0.0.0/8 +a", "a", 443, 0 },
		{ "-10.0.0.0/8 +a", "b", 443, TUNNEL_EDENIED },
		{ "-10.0.0.0/8", "b", 443, TUNNEL_EDENIED },
		{ "-*.x +10.0.0.0/8", "a.x", 443, TUNNEL_EDENIED },
		{ "+10.0.0.0/8 -*.x", "a.x", 443, 0 },
		{ "+10.0.0.0/8", "10.1.2.3", 443, 0 },
		{ "+10.0.0.0/8", "11.1.2.3", 443, TUNNEL_EDENIED },
		{ "", "a", 0, TUNNEL_EINVAL },
		{ "", "a", 65536, TUNNEL_EINVAL },
	};
	struct tunnel_policy *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		print_message("%s: %s\n", t[i].rules, t[i].host);
		p = make(NULL, t[i].rules);
		assert_int_equal(tunnel_policy_judge_name(p, t[i].host,
		    t[i].port), t[i].verdict);
		tunnel_policy_free(p);
	}
}

static int
client(const struct tunnel_policy *p, const char *text)
{
	uint8_t a[16];
	size_t n = tnl_address_parse(text, strlen(text), a);

	assert_true(n > 0);
	return tunnel_policy_judge_client(p, a, n);
}

static void
clients(void **state)
{
	static const char *const bad[] = {
		"a.example", "*.a", "10.0.0.0/8:22", "*:22", "", "10.0.0.0/33"
	};
	struct tunnel_policy *p = tunnel_policy_new(NULL);
	size_t i;

	(void)state;
	assert_int_equal(client(p, "192.0.2.1"), 0);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(tunnel_policy_allow_client(p, bad[i]),
		    TUNNEL_EINVAL);
	assert_int_equal(client(p, "192.0.2.1"), 0);
	assert_int_equal(tunnel_policy_deny_client(p, "10.1.0.0/16"), 0);
	assert_int_equal(tunnel_policy_allow_client(p, "10.0.0.0/8"), 0);
	assert_int_equal(tunnel_policy_allow_client(p, "::1"), 0);
	assert_int_equal(client(p, "10.2.0.1"), 0);
	assert_int_equal(client(p, "::ffff:10.2.0.1"), 0);
	assert_int_equal(client(p, "10.1.0.1"), TUNNEL_EDENIED);
	/* Who comes through a translator may not be allowed as that address,
	 * but is denied as it. */
	assert_int_equal(client(p, "64:ff9b::10.2.0.1"), TUNNEL_EDENIED);
	assert_int_equal(client(p, "11.1.0.1"), TUNNEL_EDENIED);
	assert_int_equal(client(p, "::1"), 0);
	assert_int_equal(client(p, "::2"), TUNNEL_EDENIED);
	assert_int_equal(tunnel_policy_judge_client(p, NULL, 0), 0);
	assert_int_equal(tunnel_policy_judge_client(p, "abc", 3),
	    TUNNEL_EINVAL);
	assert_int_equal(tunnel_policy_allow_client(p, "*"), 0);
	assert_int_equal(client(p, "::2"), 0);
	assert_int_equal(client(p, "64:ff9b::10.2.0.1"), 0);
	assert_int_equal(client(p, "64:ff9b::10.1.0.1"), TUNNEL_EDENIED);
	/* They say nothing of targets. */
	assert_int_equal(tunnel_policy_judge(p, "a", "\x08\x08\x08\x08", 4,
	    443), 0);
	tunnel_policy_free(p);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_policy *p = make(a, ud);
	int done = p != NULL;

	tunnel_policy_free(p);
	return done;
}

static void
failing_memory(void **state)
{
	(void)state;
	oom_run(starved, (char[]){ "+a.example:1-9,22 -*.b +10.0.0.0/8:* +*" });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors), cmocka_unit_test(unreadable_rules),
		cmocka_unit_test(names), cmocka_unit_test(clients),
		cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
