/* helper_pump_rig.c - see pump_rig.h */
#include "pump_rig.h"

#include "unit.h"

static void
on_pressure(void *ud, int way, int paused)
{
	struct pump_heard *h = ud;
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
	struct pump_heard *h = ud;

	h->stalls[way]++;
	assert_int_equal(tunnel_pump_shut(h->p, way), TUNNEL_ESTATE);
}

struct tunnel_pump *
pump_fresh(size_t ab, size_t ba, struct pump_heard *h)
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

int
pump_put(struct tunnel_pump *p, int way, const char *text)
{
	size_t used;
	int f = tunnel_pump_put(p, way, text, strlen(text), &used);

	if (f >= 0)
		assert_int_equal(used, strlen(text));
	return f;
}

int
pump_take(struct tunnel_pump *p, int way, const char *want)
{
	char got[64];
	size_t n;
	int f = tunnel_pump_take(p, way, got, strlen(want), &n);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(got, want, n);
	return f;
}
