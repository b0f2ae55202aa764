/* test_pump_model.c - two flows on random walks, against a model of them */
#include "unit.h"
#include "pump_rig.h"

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
		p = pump_fresh(m[AB].cap, m[BA].cap, NULL);
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
		cmocka_unit_test(random_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
