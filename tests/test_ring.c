/* test_ring.c - bytes in a circle, in one piece or in two */
#include "unit.h"

#include "core/ring.h"

enum { MOST = 9 };

/* A ring in the state at, n; what it holds counts on from first. */
static void
stand(struct tnl_ring *r, uint8_t *p, size_t cap, size_t at, size_t n)
{
	size_t i;

	tnl_ring_init(r, p, cap);
	if (at > 0) {
		tnl_ring_commit(r, at + 1 <= cap ? at + 1 : cap);
		tnl_ring_skip(r, at);
		assert_int_equal(r->at, at);
		r->n = n;
	} else {
		tnl_ring_commit(r, n);
	}
	for (i = 0; i < n; i++)
		p[(at + i) % cap] = (uint8_t)i;
}

/* What is held, gathered from both pieces. */
static size_t
gather(const struct tnl_ring *r, uint8_t *out)
{
	size_t n, more = tnl_ring_peek_more(r);
	const uint8_t *p = tnl_ring_peek(r, &n);

	assert_int_equal(n + more, r->n);
	memcpy(out, p, n);
	memcpy(out + n, r->p, more);
	return n + more;
}

/* Fill n bytes into both pieces of the room: their values count on. */
static void
scatter(struct tnl_ring *r, size_t n, size_t from)
{
	size_t i, len, more = tnl_ring_room_more(r);
	uint8_t *p = tnl_ring_room(r, &len);

	assert_int_equal(len + more, r->cap - r->n);
	for (i = 0; i < n; i++)
		*(i < len ? p + i : r->p + (i - len)) = (uint8_t)(from + i);
	tnl_ring_commit(r, n);
}

/* From one state: so many bytes come, then so many go. */
static void
once(size_t cap, size_t at, size_t n, size_t come)
{
	uint8_t memory[MOST], out[MOST];
	struct tnl_ring r;
	size_t i, go;

	for (go = 0; go <= n + come; go++) {
		stand(&r, memory, cap, at, n);
		scatter(&r, come, n);
		assert_int_equal(gather(&r, out), n + come);
		for (i = 0; i < n + come; i++)
			assert_int_equal(out[i], i);
		tnl_ring_skip(&r, go);
		assert_int_equal(gather(&r, out), n + come - go);
		for (i = 0; i < n + come - go; i++)
			assert_int_equal(out[i], go + i);
		/* Small talk has it in one piece. */
		if (r.n == 0)
			assert_int_equal(tnl_ring_room_more(&r), 0);
	}
}

static void
every_state(void **state)
{
	size_t cap, at, n, come;

	(void)state;
	for (cap = 1; cap <= MOST; cap++)
		for (at = 0; at < cap; at++)
			for (n = at > 0; n <= cap; n++)
				for (come = 0; come <= cap - n; come++)
					once(cap, at, n, come);
}

static void
cleared(void **state)
{
	uint8_t memory[MOST];
	struct tnl_ring r;

	(void)state;
	stand(&r, memory, MOST, 5, 7);
	assert_int_equal(tnl_ring_peek_more(&r), 3);
	assert_int_equal(tnl_ring_room_more(&r), 0);
	tnl_ring_clear(&r);
	assert_int_equal(tnl_ring_peek_more(&r), 0);
	assert_int_equal(r.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state), cmocka_unit_test(cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
