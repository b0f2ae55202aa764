/* test_nonces.c - nonces that expire, and of which each use counts once */
#include "unit.h"
#include "oom.h"

#include "core/nonces.h"

enum { LIFE = 1000, CAP = 8 };

static const uint8_t key[32] = "sixteen bytes or more of a key";

struct rig {
	struct oom o;
	struct tnl_nonces ns;
};

static void
begin(struct rig *r)
{
	oom_init(&r->o);
	assert_int_equal(tnl_nonces_init(&r->ns, &r->o.alloc, CAP, LIFE, key,
	    sizeof key), 0);
}

static void
end(struct rig *r)
{
	/* Nothing has grown. */
	assert_int_equal(r->o.calls, 1);
	tnl_nonces_free(&r->ns);
	assert_int_equal(r->o.live, 0);
}

static int
use(struct rig *r, const char *nonce, uint32_t nc, uint64_t now)
{
	return tnl_nonces_use(&r->ns, nonce, "me", 2, nc, now);
}

static void
make(struct rig *r, uint64_t now, char *out)
{
	tnl_nonces_make(&r->ns, "me", 2, now, out);
	assert_int_equal(strlen(out), TNL_NONCE_TEXT - 1);
}

static void
times(void **state)
{
	uint64_t now = UINT64_MAX - 2 * LIFE;
	char nonce[TNL_NONCE_TEXT];
	struct rig r;

	(void)state;
	begin(&r);
	make(&r, 100, nonce);
	assert_int_equal(use(&r, nonce, 1, 99), TNL_NONCE_EXPIRED);
	assert_int_equal(use(&r, nonce, 1, 100), TNL_NONCE_GOOD);
	assert_int_equal(use(&r, nonce, 2, 100 + LIFE - 1), TNL_NONCE_GOOD);
	assert_false(tnl_nonces_ageing(&r.ns, nonce, 100));
	assert_false(tnl_nonces_ageing(&r.ns, nonce, 99 + LIFE - LIFE / 4));
	assert_true(tnl_nonces_ageing(&r.ns, nonce, 100 + LIFE - LIFE / 4));
	assert_int_equal(use(&r, nonce, 3, 100 + LIFE), TNL_NONCE_EXPIRED);
	assert_int_equal(use(&r, nonce, 3, UINT64_MAX), TNL_NONCE_EXPIRED);
	make(&r, now, nonce);
	assert_int_equal(use(&r, nonce, 1, now + LIFE - 1), TNL_NONCE_GOOD);
	end(&r);
}

/* Each bit of it counts, and each of the one it is for. */
static void
tampering(void **state)
{
	char nonce[TNL_NONCE_TEXT], other[TNL_NONCE_TEXT];
	static const uint8_t another[32] = { 1 };
	struct tnl_nonces foreign;
	struct rig r;
	size_t i;

	(void)state;
	begin(&r);
	make(&r, 0, nonce);
	for (i = 0; i < sizeof nonce - 1; i++) {
		memcpy(other, nonce, sizeof other);
		other[i] = other[i] == '0' ? '1' : '0';
		assert_int_equal(use(&r, other, 1, 0), TNL_NONCE_FOREIGN);
		other[i] = 'g';
		assert_int_equal(use(&r, other, 1, 0), TNL_NONCE_FOREIGN);
		other[i] = '\0';
		assert_int_equal(use(&r, other, 1, 0), TNL_NONCE_FOREIGN);
	}
	assert_int_equal(use(&r, "", 1, 0), TNL_NONCE_FOREIGN);
	assert_int_equal(tnl_nonces_use(&r.ns, nonce, "mE", 2, 1, 0),
	    TNL_NONCE_FOREIGN);
	assert_int_equal(tnl_nonces_use(&r.ns, nonce, "me", 1, 1, 0),
	    TNL_NONCE_FOREIGN);
	assert_int_equal(tnl_nonces_init(&foreign, &r.o.alloc, 1, LIFE,
	    another, sizeof another), 0);
	r.o.calls--;
	assert_int_equal(tnl_nonces_use(&foreign, nonce, "me", 2, 1, 0),
	    TNL_NONCE_FOREIGN);
	tnl_nonces_free(&foreign);
	assert_int_equal(use(&r, nonce, 1, 0), TNL_NONCE_GOOD);
	end(&r);
}

/* No two are the same, also at the same time and for the same one. */
static void
distinct(void **state)
{
	char all[100][TNL_NONCE_TEXT];
	struct rig r;
	int i, j;

	(void)state;
	begin(&r);
	for (i = 0; i < 100; i++) {
		make(&r, 5, all[i]);
		for (j = 0; j < i; j++)
			assert_string_not_equal(all[i], all[j]);
	}
	end(&r);
}

static void
replays(void **state)
{
	static const struct {
		uint32_t nc;
		int want;
	} t[] = {
		{ 0, TNL_NONCE_REPLAYED }, { 2, TNL_NONCE_GOOD },
		{ 2, TNL_NONCE_REPLAYED }, { 1, TNL_NONCE_GOOD },
		{ 1, TNL_NONCE_REPLAYED }, { 0, TNL_NONCE_REPLAYED },
		{ 66, TNL_NONCE_GOOD }, { 2, TNL_NONCE_REPLAYED },
		{ 3, TNL_NONCE_GOOD }, { 3, TNL_NONCE_REPLAYED },
		{ 65, TNL_NONCE_GOOD }, { 65, TNL_NONCE_REPLAYED },
		{ 67, TNL_NONCE_GOOD }, { 3, TNL_NONCE_REPLAYED },
		{ 4, TNL_NONCE_GOOD }, { 131, TNL_NONCE_GOOD },
		{ 67, TNL_NONCE_REPLAYED }, { 68, TNL_NONCE_GOOD },
		{ 0xffffffff, TNL_NONCE_GOOD },
		{ 0xffffffff, TNL_NONCE_REPLAYED },
		{ 0xfffffffe, TNL_NONCE_GOOD }, { 200, TNL_NONCE_REPLAYED },
	};
	char nonce[TNL_NONCE_TEXT];
	struct rig r;
	size_t i;

	(void)state;
	begin(&r);
	make(&r, 0, nonce);
	for (i = 0; i < sizeof t / sizeof t[0]; i++)
		assert_int_equal(use(&r, nonce, t[i].nc, 1), t[i].want);
	end(&r);
}

/* Whatever comes in whatever order, nothing is good twice: held against a list
 * of all that was. */
static void
never_twice(void **state)
{
	enum { N = 40, NC = 150 };
	static char nonce[N][TNL_NONCE_TEXT];
	static uint8_t used[N][NC];
	uint32_t seed = 7, i, nc;
	int round, rv, good = 0;
	struct rig r;

	(void)state;
	begin(&r);
	memset(used, 0, sizeof used);
	for (i = 0; i < N; i++)
		make(&r, i, nonce[i]);
	for (round = 0; round < 50000; round++) {
		i = rnd(&seed) % N;
		nc = rnd(&seed) % NC;
		if (round < 2000)
			i %= CAP;
		rv = use(&r, nonce[i], nc, N);
		assert_true(rv != TNL_NONCE_GOOD || (nc > 0 && !used[i][nc]));
		if (rv == TNL_NONCE_GOOD)
			good += used[i][nc] = 1;
	}
	assert_true(good > 500);
	end(&r);
}

/* A full table: the newest are remembered, what made way never comes back. */
static void
full(void **state)
{
	char nonce[3 * CAP][TNL_NONCE_TEXT];
	struct rig r;
	int i;

	(void)state;
	begin(&r);
	for (i = 0; i < 3 * CAP; i++)
		make(&r, 0, nonce[i]);
	for (i = 0; i < 2 * CAP; i++)
		assert_int_equal(use(&r, nonce[i], 1, 0), TNL_NONCE_GOOD);
	for (i = 0; i < CAP; i++)
		assert_int_equal(use(&r, nonce[i], 2, 0),
		    TNL_NONCE_FORGOTTEN);
	for (i = CAP; i < 2 * CAP; i++) {
		assert_int_equal(use(&r, nonce[i], 1, 0), TNL_NONCE_REPLAYED);
		assert_int_equal(use(&r, nonce[i], 2, 0), TNL_NONCE_GOOD);
	}
	/* One that was handed out and never used takes no place. */
	assert_int_equal(use(&r, nonce[3 * CAP - 1], 0, 0),
	    TNL_NONCE_REPLAYED);
	assert_int_equal(use(&r, nonce[2 * CAP - 1], 3, 0), TNL_NONCE_GOOD);
	end(&r);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tnl_nonces ns;
	int rv = tnl_nonces_init(&ns, a, CAP, LIFE, key, sizeof key);

	(void)ud;
	assert_true(rv == 0 || rv == TUNNEL_ENOMEM);
	tnl_nonces_free(&ns);
	return rv == 0;
}

static void
beginnings(void **state)
{
	struct tnl_nonces ns;
	struct rig r;

	(void)state;
	oom_run(starved, NULL);
	begin(&r);
	assert_int_equal(tnl_nonces_init(&ns, &r.o.alloc, 0, LIFE, key, 32),
	    TUNNEL_EINVAL);
	tnl_nonces_free(&ns);
	assert_int_equal(tnl_nonces_init(&ns, &r.o.alloc, CAP, LIFE, key, 15),
	    TUNNEL_EINVAL);
	assert_int_equal(tnl_nonces_init(&ns, &r.o.alloc, SIZE_MAX, LIFE, key,
	    16), TUNNEL_ENOMEM);
	tnl_nonces_free(&ns);
	end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times), cmocka_unit_test(tampering),
		cmocka_unit_test(distinct), cmocka_unit_test(replays),
		cmocka_unit_test(never_twice), cmocka_unit_test(full),
		cmocka_unit_test(beginnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
