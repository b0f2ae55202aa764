/* test_users.c - who may come in */
#include "unit.h"
#include "oom.h"

#include "core/users.h"

#define WRONG "00000000000000000000000000000000"

static int
load(struct tunnel_users *u, const char *text, unsigned *line)
{
	return tunnel_users_read(u, text, strlen(text), line);
}

/* The first is RFC 7616's: Mufasa, "Circle of Life", whose digest RFC 2617
 * section 3.5 computes from. */
static void
files(void **state)
{
	static const char text[] =
	    "# people\n"
	    "\n"
	    "Mufasa:testrealm@host.com:939e7578ed9e3c518a452acee763bce9\r\n"
	    "Scar:elsewhere:939e7578ed9e3c518a452acee763bce9\n"
	    "Nala:testrealm@host.com:00000000000000000000000000000000";
	static const char *const bad[] = {
		"x", "x:y", "x:y:", "x:y:0",
		"x:y:0000000000000000000000000000000",
		"x:y:g0000000000000000000000000000000",
		"x:y:00000000000000000000000000000000 ",
		"x:y:000000000000000000000000000000000000000000000000",
		"x:y:0000000000000000000000000000000000000000000000000000000"
		"00000000",
		"x:y:0000000000000000000000000000000000000000000000000000000"
		"0000000000",
	};
	struct tunnel_users *u = tunnel_users_new(NULL, "testrealm@host.com");
	unsigned line;
	size_t i;

	(void)state;
	assert_int_equal(load(u, text, &line), 0);
	assert_int_equal(tunnel_users_count(u), 2);
	assert_string_equal(tunnel_users_realm(u), "testrealm@host.com");
	assert_int_equal(tunnel_users_check(u, "Mufasa", "Circle Of Life"), 0);
	assert_int_equal(tunnel_users_check(u, "Mufasa", "Circle of Life"),
	    TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_check(u, "Scar", "Circle Of Life"),
	    TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_check(u, "Nala", ""), TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_check(u, "", ""), TUNNEL_EAUTH);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(load(u, "#\n", &line), 0);
		assert_int_equal(load(u, bad[i], &line), TUNNEL_EINVAL);
		assert_int_equal(line, 1);
	}
	/* a NUL, behind which another reader would not look */
	assert_int_equal(tunnel_users_read(u, "x\0y:z:" WRONG "\n", 39,
	    &line), TUNNEL_EINVAL);
	/* a realm that is as long as ours */
	assert_int_equal(load(u, "Simba:testrealm@host.org:" WRONG, &line), 0);
	assert_int_equal(tunnel_users_add(u, "a\x7f", "b"), TUNNEL_EINVAL);
	assert_int_equal(load(u, "\n\nx\n", &line), TUNNEL_EINVAL);
	assert_int_equal(line, 3);
	assert_int_equal(tunnel_users_count(u), 2);
	tunnel_users_free(u);
}

/* Of Mufasa's password in RFC 7616 section 3.9.1. */
#define BY_MD5 "3d78807defe7de2157e2b0b6573a855f"
#define BY_SHA256 "7987c64c30e25f1b74be53f966b49b90" \
	"f2808aa92faf9a00262392d7b4794232"
#define LINE "Mufasa:http-auth@example.org:"

static int
has(const struct tunnel_users *u, const char *user, int kind, const char *hex)
{
	uint8_t out[TNL_HASH_MAX], zero[TNL_HASH_MAX] = { 0 };
	char text[TNL_HASH_HEX];

	memset(out, 1, sizeof out);
	if (!tnl_users_secret(u, user, kind, out)) {
		assert_memory_equal(out, zero, sizeof out);
		return 0;
	}
	tnl_hash_hex(out, tnl_hash_size(kind), text);
	return strcmp(text, hex) == 0;
}

/* A line of each hash, in either order; the longer counts. */
static void
both_hashes(void **state)
{
	static const struct {
		const char *text;
		int md5, sha256, right;
	} t[] = {
		{ LINE BY_MD5, 1, 0, 1 }, { LINE BY_SHA256, 0, 1, 1 },
		{ LINE BY_MD5 "\n" LINE BY_SHA256 "\n", 1, 1, 1 },
		{ LINE BY_SHA256 "\n" LINE BY_MD5 "\n", 1, 1, 1 },
		{ LINE WRONG "\n" LINE BY_SHA256, 0, 1, 1 },
		{ LINE BY_MD5 "\n" LINE WRONG WRONG, 1, 0, 0 },
		{ LINE WRONG WRONG "\n" LINE BY_SHA256, 0, 1, 1 },
		{ LINE BY_SHA256 "\n" LINE WRONG WRONG, 0, 0, 0 },
	};
	struct tunnel_users *u;
	unsigned line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		u = tunnel_users_new(NULL, "http-auth@example.org");
		assert_int_equal(load(u, t[i].text, &line), 0);
		assert_int_equal(tunnel_users_count(u), 1);
		assert_int_equal(has(u, "Mufasa", TNL_MD5, BY_MD5), t[i].md5);
		assert_int_equal(has(u, "Mufasa", TNL_SHA256, BY_SHA256),
		    t[i].sha256);
		assert_false(has(u, "Scar", TNL_SHA256, BY_SHA256));
		assert_int_equal(tunnel_users_check(u, "Mufasa",
		    "Circle of Life") == 0, t[i].right);
		assert_int_equal(tunnel_users_check(u, "Mufasa",
		    "Circle Of Life"), TUNNEL_EAUTH);
		tunnel_users_free(u);
	}
}

static void
secrets(void **state)
{
	struct tunnel_users *u = tunnel_users_new(NULL,
	    "http-auth@example.org");
	uint8_t out[TNL_HASH_MAX];
	unsigned line;

	(void)state;
	assert_int_equal(tnl_users_with(u, TNL_MD5), 0);
	assert_int_equal(tunnel_users_add(u, "Mufasa", "Circle of Life"), 0);
	assert_int_equal(load(u, "x:http-auth@example.org:" WRONG, &line), 0);
	assert_true(has(u, "Mufasa", TNL_MD5, BY_MD5));
	assert_true(has(u, "Mufasa", TNL_SHA256, BY_SHA256));
	assert_false(tnl_users_secret(u, "Mufasa", TNL_SHA512_256, out));
	assert_true(has(u, "x", TNL_MD5, WRONG));
	assert_int_equal(tnl_users_with(u, TNL_MD5), 2);
	assert_int_equal(tnl_users_with(u, TNL_SHA256), 1);
	assert_int_equal(tnl_users_with(u, TNL_SHA512_256), 0);
	/* Again, it is still the same two. */
	assert_int_equal(tunnel_users_add(u, "Mufasa", "other"), 0);
	assert_int_equal(tnl_users_with(u, TNL_MD5), 2);
	assert_int_equal(tunnel_users_count(u), 2);
	assert_int_equal(tunnel_users_check(u, "Mufasa", "other"), 0);
	tunnel_users_free(u);
}

static void
passwords(void **state)
{
	struct tunnel_users *u = tunnel_users_new(NULL, "");

	(void)state;
	assert_null(tunnel_users_new(NULL, "a:b"));
	assert_null(tunnel_users_new(NULL, "a\"b"));
	assert_null(tunnel_users_new(NULL, "a\nb"));
	assert_int_equal(tunnel_users_check(u, "", ""), TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_add(u, "a:b", "c"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_users_add(u, "a\r", "c"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_users_add(u, "a", "c\n"), TUNNEL_EINVAL);
	assert_int_equal(tunnel_users_add(u, "a", "b:c"), 0);
	assert_int_equal(tunnel_users_check(u, "a", "b:c"), 0);
	assert_int_equal(tunnel_users_check(u, "a", "b:"), TUNNEL_EAUTH);
	/* Another password takes the place of the first. */
	assert_int_equal(tunnel_users_add(u, "a", ""), 0);
	assert_int_equal(tunnel_users_count(u), 1);
	assert_int_equal(tunnel_users_check(u, "a", "b:c"), TUNNEL_EAUTH);
	assert_int_equal(tunnel_users_check(u, "a", ""), 0);
	tunnel_users_free(u);
	tunnel_users_free(NULL);
}

/* By hashes of names, which RFC 7616 section 3.4.4 has with the realm. */
static void
hashed_names(void **state)
{
	static const int kinds[] = { TNL_MD5, TNL_SHA256 };
	static const char *const names[] = { "Mufasa", "J\xc3\xa4s\xc3\xb8n" };
	struct tunnel_users *u = tunnel_users_new(NULL, "r:");
	uint8_t digest[TNL_HASH_MAX];
	char hex[TNL_HASH_HEX], out[16], text[40];
	struct tnl_hash h;
	unsigned line;
	size_t i, n;

	(void)state;
	assert_null(u);
	u = tunnel_users_new(NULL, "r");
	assert_false(tnl_users_name(u, WRONG, TNL_MD5, out, sizeof out));
	assert_int_equal(tunnel_users_add(u, names[1], "p"), 0);
	assert_int_equal(load(u, "Mufasa:r:" WRONG "\nMufasa:r:" WRONG WRONG
	    "\n:r:" WRONG "\n", &line), 0);
	assert_int_equal(tunnel_users_count(u), 3);
	for (i = 0; i < 4; i++) {
		snprintf(text, sizeof text, "%s:r", names[i % 2]);
		tnl_hash_init(&h, kinds[i / 2]);
		tnl_hash_add(&h, text, strlen(text));
		n = tnl_hash_end(&h, digest);
		tnl_hash_hex(digest, n, hex);
		memset(out, 1, sizeof out);
		assert_true(tnl_users_name(u, hex, kinds[i / 2], out,
		    sizeof out));
		assert_string_equal(out, names[i % 2]);
		/* It has to fit, and be of that hash. */
		assert_false(tnl_users_name(u, hex, kinds[i / 2], out, 6));
		assert_false(tnl_users_name(u, hex, kinds[1 - i / 2], out,
		    sizeof out));
		assert_string_equal(out, "");
		hex[0] = hex[0] == '0' ? '1' : '0';
		assert_false(tnl_users_name(u, hex, kinds[i / 2], out,
		    sizeof out));
		hex[1] = 'x';
		assert_false(tnl_users_name(u, hex, kinds[i / 2], out,
		    sizeof out));
	}
	assert_false(tnl_users_name(u, hex, TNL_SHA512_256, out, sizeof out));
	tunnel_users_free(u);
}

/* So many that looking at all of them would take long: a table in few blocks,
 * which loses nobody when it grows. */
static void
many(void **state)
{
	enum { N = 20000 };
	struct tunnel_users *u;
	char name[24], password[32];
	struct oom o;
	int i, round;

	(void)state;
	oom_init(&o);
	u = tunnel_users_new(&o.alloc, "r");
	for (round = 0; round < 2; round++) {
		for (i = 0; i < N; i++) {
			snprintf(name, sizeof name, "user%d", i);
			snprintf(password, sizeof password, "%d.%d", i, round);
			assert_int_equal(tunnel_users_add(u, name, password),
			    0);
		}
		assert_int_equal(tunnel_users_count(u), N);
		assert_true(o.calls < 48);
		for (i = 0; i < N; i++) {
			snprintf(name, sizeof name, "user%d", i);
			snprintf(password, sizeof password, "%d.%d", i, round);
			assert_int_equal(tunnel_users_check(u, name, password),
			    0);
			password[0]++;
			assert_int_equal(tunnel_users_check(u, name, password),
			    TUNNEL_EAUTH);
			name[0]++;
			assert_int_equal(tunnel_users_check(u, name, password),
			    TUNNEL_EAUTH);
		}
	}
	tunnel_users_free(u);
	assert_int_equal(o.live, 0);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_users *u = tunnel_users_new(a, "r");
	char name[2] = "";
	unsigned line;
	int done, i;

	(void)ud;
	if (u == NULL)
		return 0;
	done = tunnel_users_add(u, "a", "b") == 0 && load(u,
	    "x:r:00000000000000000000000000000000\n", &line) == 0;
	/* More than the first table takes. */
	for (i = 0; i < 20 && done; i++) {
		name[0] = (char)('b' + i);
		done = tunnel_users_add(u, name, "") == 0;
	}
	if (done)
		assert_int_equal(tunnel_users_check(u, "a", "b"), 0);
	tunnel_users_free(u);
	return done;
}

static void
failing_memory(void **state)
{
	(void)state;
	oom_run(starved, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files), cmocka_unit_test(both_hashes),
		cmocka_unit_test(secrets), cmocka_unit_test(passwords),
		cmocka_unit_test(hashed_names),
		cmocka_unit_test(many), cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
