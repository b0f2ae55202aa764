/* test_pump.c - two flows, in simulated time */
#include "unit.h"
#include "oom.h"

#include "core/flow.h"

enum { AB = TUNNEL_AB, BA = TUNNEL_BA };

struct heard {
	struct tunnel_pump *p;
	int pauses[2], resumes[2], stalls[2];
};

static void
on_pressure(void *ud, int way, int paused)
{
	struct heard *h = ud;
	size_t n;

	(paused ? h->pauses : h->resumes)[way]++;
	/* Nothing can be moved from inside, and nothing breaks. */
	assert_int_equal(tunnel_pump_put(h->p, way, "x", 1, &n), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_skip(h->p, way, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_eof(h->p, way), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_reset(h->p, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_tick(h->p, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_idle(h->p, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_strict(h->p, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_marks(h->p, way, 1, 2), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_take(h->p, way, &n, 1, &n),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_on_stall(h->p, NULL, NULL),
	    TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_on_pressure(h->p, NULL, NULL),
	    TUNNEL_ESTATE);
	assert_null(tunnel_pump_room(h->p, way, &n));
	assert_true(tunnel_pump_flags(h->p, way) >= 0);
}

static void
on_stall(void *ud, int way)
{
	struct heard *h = ud;

	h->stalls[way]++;
	assert_int_equal(tunnel_pump_shut(h->p, way), TUNNEL_ESTATE);
}

static struct tunnel_pump *
fresh(size_t ab, size_t ba, struct heard *h)
{
	struct tunnel_pump *p = tunnel_pump_new(NULL, ab, ba);

	assert_non_null(p);
	if (h != NULL) {
		memset(h, 0, sizeof *h);
		h->p = p;
		tunnel_pump_on_pressure(p, on_pressure, h);
		tunnel_pump_on_stall(p, on_stall, h);
	}
	return p;
}

static int
put(struct tunnel_pump *p, int way, const char *text)
{
	size_t used;
	int f = tunnel_pump_put(p, way, text, strlen(text), &used);

	if (f >= 0)
		assert_int_equal(used, strlen(text));
	return f;
}

static int
take(struct tunnel_pump *p, int way, const char *want)
{
	char got[64];
	size_t n;
	int f = tunnel_pump_take(p, way, got, strlen(want), &n);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(got, want, n);
	return f;
}

static void
birth(void **state)
{
	struct tunnel_pump *p;

	(void)state;
	assert_null(tunnel_pump_new(NULL, 0, 1));
	assert_null(tunnel_pump_new(NULL, 1, 0));
	assert_null(tunnel_pump_new(NULL, ((size_t)1 << 30) + 1, 1));
	assert_null(tunnel_pump_new(NULL, 1, ((size_t)1 << 30) + 1));
	tunnel_pump_free(NULL);
	p = fresh(10, 10, NULL);
	assert_int_equal(tunnel_pump_strict(p, 0), 0);
	assert_int_equal(tunnel_pump_idle(p, 1), 0);
	assert_int_equal(tunnel_pump_linger(p, AB, 1), 0);
	assert_int_equal(tunnel_pump_linger(p, 2, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_stall(p, BA, 1), 0);
	assert_int_equal(tunnel_pump_stall(p, -1, 1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_on_pressure(p, NULL, NULL), 0);
	assert_int_equal(tunnel_pump_on_stall(p, NULL, NULL), 0);
	/* The marks are all and half of it, unless they are set. */
	assert_int_equal(put(p, AB, "0123456789"), TUNNEL_OUT);
	assert_int_equal(take(p, AB, "0123"), TUNNEL_OUT);
	assert_int_equal(take(p, AB, "4"), TUNNEL_IN | TUNNEL_OUT);
	tunnel_pump_free(p);
}

static void
bytes(void **state)
{
	struct tunnel_pump *p = fresh(8, 3, NULL);
	size_t n;

	(void)state;
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_IN);
	assert_int_equal(tunnel_pump_flags(p, 2), TUNNEL_EINVAL);
	assert_int_equal(put(p, AB, "abcdef"), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(take(p, AB, "abc"), TUNNEL_IN | TUNNEL_OUT);
	/* Around the end of the memory and back. */
	assert_int_equal(put(p, AB, "ghijk"), TUNNEL_OUT);
	assert_int_equal(tunnel_pump_put(p, AB, "x", 1, &n), TUNNEL_OUT);
	assert_int_equal(n, 0);
	assert_int_equal(take(p, AB, "defghijk"), TUNNEL_IN);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_IN);
	assert_int_equal(tunnel_pump_put(p, BA, "wxyz", 4, &n), TUNNEL_OUT);
	assert_int_equal(n, 3);
	assert_int_equal(tunnel_pump_bytes(p, AB), 11);
	assert_int_equal(tunnel_pump_held(p, BA), 3);
	assert_int_equal(tunnel_pump_lost(p, BA), 0);
	tunnel_pump_free(p);
}

static void
lending(void **state)
{
	struct tunnel_pump *p = fresh(8, 8, NULL);
	char *room;
	const char *held;
	size_t n;

	(void)state;
	room = tunnel_pump_room(p, AB, &n);
	assert_int_equal(n, 8);
	memcpy(room, "hello", 5);
	assert_int_equal(tunnel_pump_commit(p, AB, 9), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_commit(p, AB, 5), TUNNEL_IN | TUNNEL_OUT);
	held = tunnel_pump_peek(p, AB, &n);
	assert_int_equal(n, 5);
	assert_memory_equal(held, "hello", 5);
	assert_int_equal(tunnel_pump_skip(p, AB, 6), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_skip(p, AB, 2), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_OUT);
	assert_null(tunnel_pump_room(p, AB, &n));
	assert_int_equal(n, 0);
	assert_int_equal(tunnel_pump_commit(p, AB, 0), TUNNEL_ESTATE);
	assert_int_equal(put(p, AB, "x"), TUNNEL_ESTATE);
	assert_int_equal(tunnel_pump_skip(p, AB, 3), TUNNEL_FIN);
	assert_null(tunnel_pump_peek(p, AB, &n));
	assert_null(tunnel_pump_peek(p, 7, &n));
	assert_int_equal(tunnel_pump_commit(p, -1, 0), TUNNEL_EINVAL);
	tunnel_pump_free(p);
}

static void
marks(void **state)
{
	struct heard h;
	struct tunnel_pump *p = fresh(10, 10, &h);

	(void)state;
	assert_int_equal(tunnel_pump_marks(p, AB, 2, 2), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_marks(p, AB, 2, 11), TUNNEL_EINVAL);
	assert_int_equal(tunnel_pump_marks(p, AB, 2, 6), 0);
	assert_int_equal(put(p, AB, "12345"), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(h.pauses[AB], 0);
	assert_int_equal(put(p, AB, "6"), TUNNEL_OUT);
	assert_int_equal(h.pauses[AB], 1);
	/* The mark is advice, the capacity is law. */
	assert_int_equal(put(p, AB, "7890"), TUNNEL_OUT);
	assert_int_equal(h.pauses[AB], 1);
	assert_int_equal(take(p, AB, "1234567"), TUNNEL_OUT);
	assert_int_equal(h.resumes[AB], 0);
	assert_int_equal(take(p, AB, "8"), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(h.resumes[AB], 1);
	assert_int_equal(h.pauses[AB], 1);
	assert_int_equal(take(p, AB, "90"), TUNNEL_IN);
	assert_int_equal(h.resumes[AB], 1);
	assert_int_equal(h.pauses[BA] + h.resumes[BA], 0);
	tunnel_pump_free(p);
}

static void
half_close(void **state)
{
	struct tunnel_pump *p = fresh(8, 8, NULL);

	(void)state;
	put(p, AB, "bye");
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_OUT);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_OUT);
	/* The other way lives on. */
	assert_int_equal(put(p, BA, "more"), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(take(p, AB, "bye"), TUNNEL_FIN);
	assert_int_equal(tunnel_pump_shut(p, AB), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_shut(p, AB), TUNNEL_DONE);
	assert_int_equal(take(p, BA, "more"), TUNNEL_IN);
	assert_int_equal(tunnel_pump_tick(p, 1), 0);
	assert_int_equal(tunnel_pump_eof(p, BA), TUNNEL_FIN);
	assert_int_equal(tunnel_pump_shut(p, BA), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_tick(p, 2), TUNNEL_DONE);
	tunnel_pump_free(p);
}

static void
strict(void **state)
{
	struct tunnel_pump *p = fresh(8, 8, NULL);

	(void)state;
	tunnel_pump_strict(p, 1);
	put(p, AB, "bye");
	put(p, BA, "unread");
	tunnel_pump_eof(p, AB);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(take(p, AB, "bye"), TUNNEL_FIN);
	/* Cut short is not ended. */
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_RESET);
	assert_int_equal(tunnel_pump_lost(p, BA), 6);
	tunnel_pump_free(p);
	p = fresh(8, 8, NULL);
	tunnel_pump_strict(p, 1);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_FIN);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_FIN);
	tunnel_pump_free(p);
	/* When both have ended, what came from both is delivered. */
	p = fresh(8, 8, NULL);
	tunnel_pump_strict(p, 1);
	put(p, BA, "last");
	tunnel_pump_eof(p, BA);
	assert_int_equal(tunnel_pump_eof(p, AB), TUNNEL_FIN);
	assert_int_equal(take(p, BA, "last"), TUNNEL_FIN);
	tunnel_pump_free(p);
}

static void
resets(void **state)
{
	struct tunnel_pump *p = fresh(8, 8, NULL);

	(void)state;
	put(p, AB, "last");
	put(p, BA, "lost");
	assert_int_equal(tunnel_pump_reset(p, TUNNEL_A), 0);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_lost(p, BA), 4);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_OUT);
	assert_int_equal(put(p, AB, "x"), TUNNEL_ESTATE);
	assert_int_equal(take(p, AB, "last"), TUNNEL_RESET);
	assert_int_equal(tunnel_pump_shut(p, AB), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_reset(p, 2), TUNNEL_EINVAL);
	tunnel_pump_free(p);
	/* An end that was seen does not make a reset clean. */
	p = fresh(8, 8, NULL);
	put(p, AB, "ab");
	tunnel_pump_eof(p, AB);
	tunnel_pump_reset(p, TUNNEL_A);
	assert_int_equal(take(p, AB, "ab"), TUNNEL_RESET);
	tunnel_pump_free(p);
	p = fresh(8, 8, NULL);
	tunnel_pump_eof(p, AB);
	tunnel_pump_reset(p, TUNNEL_A);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_RESET);
	tunnel_pump_free(p);
	/* A sink that takes no more has died. */
	p = fresh(8, 8, NULL);
	put(p, AB, "ab");
	assert_int_equal(tunnel_pump_shut(p, AB), TUNNEL_DONE);
	assert_int_equal(tunnel_pump_lost(p, AB), 2);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_RESET);
	tunnel_pump_free(p);
}

static void
idle(void **state)
{
	struct tunnel_pump *p = fresh(8, 8, NULL);

	(void)state;
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	tunnel_pump_idle(p, 100);
	assert_int_equal(tunnel_pump_tick(p, 1000), 0);
	assert_int_equal(tunnel_pump_deadline(p), 1100);
	put(p, AB, "a");
	assert_int_equal(tunnel_pump_tick(p, 1099), 0);
	assert_int_equal(tunnel_pump_deadline(p), 1199);
	assert_int_equal(tunnel_pump_tick(p, 1198), 0);
	assert_int_equal(tunnel_pump_tick(p, 1199), TUNNEL_ETIMEOUT);
	assert_int_equal(tunnel_pump_tick(p, 1200), TUNNEL_ETIMEOUT);
	tunnel_pump_free(p);
}

static void
linger(void **state)
{
	struct tunnel_pump *p = fresh(8, 8, NULL);

	(void)state;
	tunnel_pump_linger(p, BA, 50);
	tunnel_pump_linger(p, AB, 0);
	assert_int_equal(tunnel_pump_tick(p, 0), 0);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	tunnel_pump_eof(p, AB);
	tunnel_pump_shut(p, AB);
	assert_int_equal(tunnel_pump_tick(p, 1000), 0);
	assert_int_equal(tunnel_pump_deadline(p), 1050);
	put(p, BA, "still");
	assert_int_equal(tunnel_pump_tick(p, 1049), 0);
	/* Who is silent now is the reader, and may be. */
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	assert_int_equal(tunnel_pump_tick(p, 5000), 0);
	take(p, BA, "st");
	assert_int_equal(tunnel_pump_tick(p, 9000), 0);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	take(p, BA, "ill");
	assert_int_equal(tunnel_pump_tick(p, 9900), 0);
	assert_int_equal(tunnel_pump_deadline(p), 9950);
	assert_int_equal(tunnel_pump_tick(p, 9949), 0);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_IN);
	assert_int_equal(tunnel_pump_tick(p, 9950), 0);
	assert_int_equal(tunnel_pump_flags(p, BA), TUNNEL_FIN);
	assert_int_equal(tunnel_pump_lost(p, BA), 0);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	tunnel_pump_free(p);
	/* A source that was reset says no more, and it ends in a reset. */
	p = fresh(8, 8, NULL);
	tunnel_pump_linger(p, AB, 50);
	put(p, AB, "last");
	tunnel_pump_reset(p, TUNNEL_A);
	assert_int_equal(tunnel_pump_tick(p, 0), 0);
	assert_int_equal(tunnel_pump_deadline(p), 50);
	assert_int_equal(tunnel_pump_tick(p, 50), 0);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_RESET);
	assert_int_equal(tunnel_pump_lost(p, AB), 4);
	tunnel_pump_free(p);
	/* Without a limit the other way lives as long as it likes. */
	p = fresh(8, 8, NULL);
	tunnel_pump_linger(p, AB, 0);
	tunnel_pump_eof(p, BA);
	tunnel_pump_shut(p, BA);
	assert_int_equal(tunnel_pump_tick(p, 0), 0);
	assert_int_equal(tunnel_pump_tick(p, UINT64_MAX - 1), 0);
	assert_int_equal(tunnel_pump_flags(p, AB), TUNNEL_IN);
	tunnel_pump_free(p);
}

static void
stall(void **state)
{
	struct heard h;
	struct tunnel_pump *p = fresh(8, 8, &h);

	(void)state;
	tunnel_pump_stall(p, AB, 30);
	tunnel_pump_tick(p, 100);
	put(p, AB, "abcd");
	tunnel_pump_tick(p, 105);
	/* More coming in does not hide that nothing goes out. */
	put(p, AB, "e");
	tunnel_pump_tick(p, 120);
	assert_int_equal(tunnel_pump_deadline(p), 130);
	tunnel_pump_tick(p, 129);
	assert_int_equal(h.stalls[AB], 0);
	tunnel_pump_tick(p, 130);
	tunnel_pump_tick(p, 900);
	assert_int_equal(h.stalls[AB], 1);
	assert_int_equal(tunnel_pump_deadline(p), UINT64_MAX);
	take(p, AB, "a");
	tunnel_pump_tick(p, 1000);
	assert_int_equal(tunnel_pump_deadline(p), 1030);
	tunnel_pump_tick(p, 1030);
	assert_int_equal(h.stalls[AB], 2);
	assert_int_equal(h.stalls[BA], 0);
	tunnel_pump_free(p);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_pump *p = tunnel_pump_new(a, 5, 6);
	int done = p != NULL;

	(void)ud;
	tunnel_pump_free(p);
	return done;
}

static void
failing_memory(void **state)
{
	(void)state;
	oom_run(starved, NULL);
}

/* ---- against a model ------------------------------------------------ */

/* What one way should be: numbered bytes, of which some are held. */
struct model {
	uint64_t in, out, lost;
	int ended, broken, done;
	size_t cap;
};

static int
model_flags(const struct model *m)
{
	if (m->done)
		return TUNNEL_DONE;
	if (m->in - m->out - m->lost > 0)
		return TUNNEL_OUT;
	return m->broken ? TUNNEL_RESET : m->ended ? TUNNEL_FIN : 0;
}

static void
model_drop(struct model *m)
{
	m->lost = m->in - m->out;
	m->done = 1;
}

static void
model_reset(struct model *m, int side)
{
	if (!m[side].done)
		m[side].broken = 1;
	if (!m[1 - side].done)
		model_drop(&m[1 - side]);
}

static void
check(const struct tunnel_pump *p, const struct model *m, int way)
{
	int f = tunnel_pump_flags(p, way), want = model_flags(&m[way]);

	if (want == 0 || want == TUNNEL_OUT) {
		assert_int_equal(f & ~TUNNEL_IN, want);
		if (f & TUNNEL_IN)
			assert_true(!m[way].ended && !m[way].broken &&
			    tunnel_pump_held(p, way) < m[way].cap);
	} else {
		assert_int_equal(f, want);
	}
	assert_int_equal(tunnel_pump_bytes(p, way), m[way].out);
	assert_int_equal(tunnel_pump_lost(p, way), m[way].lost);
	assert_int_equal(tunnel_pump_held(p, way),
	    m[way].in - m[way].out - m[way].lost);
	assert_true(tunnel_pump_held(p, way) <= m[way].cap);
}

static void
random_step(struct tunnel_pump *p, struct model *m, uint32_t *seed)
{
	uint8_t buf[16];
	int way = (int)(rnd(seed) & 1), open;
	size_t n = rnd(seed) % sizeof buf, i, used;
	struct model *w = &m[way];

	open = !w->ended && !w->broken && !w->done;
	switch (rnd(seed) % 24) {
	case 20:
		tunnel_pump_eof(p, way);
		w->ended = 1;
		break;
	case 21:
		if (model_flags(w) & (TUNNEL_FIN | TUNNEL_RESET))
			w->done = 1;
		else if (!w->done)
			model_reset(m, 1 - way);
		tunnel_pump_shut(p, way);
		break;
	case 22:
		if (rnd(seed) % 4 == 0) {
			tunnel_pump_reset(p, way);
			model_reset(m, way);
		}
		break;
	case 0: case 1: case 2: case 3: case 4: case 5: case 6: case 7:
	case 8: case 9:
		for (i = 0; i < n; i++)
			buf[i] = (uint8_t)((w->in + i) * 31);
		assert_int_equal(tunnel_pump_put(p, way, buf, n, &used) >= 0,
		    open);
		w->in += used;
		break;
	default:
		assert_true(tunnel_pump_take(p, way, buf, n, &used) >= 0);
		for (i = 0; i < used; i++)
			assert_int_equal(buf[i],
			    (uint8_t)((w->out + i) * 31));
		w->out += used;
		break;
	}
}

static void
random_walks(void **state)
{
	struct tunnel_pump *p;
	struct model m[2];
	uint32_t seed = 1;
	int walk, i;

	(void)state;
	for (walk = 0; walk < 20000; walk++) {
		memset(m, 0, sizeof m);
		m[AB].cap = 1 + rnd(&seed) % 20;
		m[BA].cap = 1 + rnd(&seed) % 20;
		p = fresh(m[AB].cap, m[BA].cap, NULL);
		for (i = 0; i < 60; i++) {
			random_step(p, m, &seed);
			check(p, m, AB);
			check(p, m, BA);
		}
		/* However it stands: drained and shut, it ends. */
		for (i = 0; i < 2; i++) {
			tunnel_pump_eof(p, i);
			while (tunnel_pump_held(p, i) > 0)
				tunnel_pump_skip(p, i, 1);
			tunnel_pump_shut(p, i);
			assert_int_equal(tunnel_pump_flags(p, i), TUNNEL_DONE);
		}
		tunnel_pump_free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(birth), cmocka_unit_test(bytes),
		cmocka_unit_test(lending), cmocka_unit_test(marks),
		cmocka_unit_test(half_close), cmocka_unit_test(strict),
		cmocka_unit_test(resets), cmocka_unit_test(idle),
		cmocka_unit_test(linger), cmocka_unit_test(stall),
		cmocka_unit_test(failing_memory),
		cmocka_unit_test(random_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
