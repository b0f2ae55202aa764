/* test_model.c - every order in which a pump can be used, to where no new state
 * comes any more
 *
 * A state is what a pump's next answers depend on: of each way its state in the
 * table of flow.c, where its ring stands, what is held, pauses, marks and
 * whether bytes were lost; not how many have passed, nor which.  From each one
 * that was found everything is done that may be done, on the pump and on a
 * model of it, until a round finds none that is new: then all there are have
 * been seen, however long the way to them.  That a state is no more than this
 * is tried by walks that merge nothing, to a depth that can be counted out.
 *
 * TUNNEL_MODEL=1 makes the rings larger and the walks longer.
 */
#include "unit.h"
#include "pump_model.h"

#include "core/pump.h"

enum { BYTES = 16, SLOTS = 1 << 22 };

/* A pump as it is in memory, at a place that does not move. */
struct node {
	struct pump_model m;
	unsigned char pump[sizeof(struct tunnel_pump) + BYTES];
};

struct key {
	uint8_t way[2][14];
	uint8_t strict;
};

static struct search {
	struct tunnel_pump *p;
	struct pump_model m;
	size_t size;                    /* of the pump */
	int marks, aside;               /* marks change; bytes go round */
	struct node *node;              /* all that were found, in order */
	struct key *key;
	uint32_t *slot;                 /* 1 + where in them; 0: none */
	size_t n, cap;
	unsigned long steps;
	uint8_t pair[6][6];             /* states that were met together */
} s;

static int
deep(void)
{
	return getenv("TUNNEL_MODEL") != NULL;
}

static void
save(struct node *to)
{
	to->m = s.m;
	memcpy(to->pump, s.p, s.size);
}

static void
restore(const struct node *from)
{
	s.m = from->m;
	memcpy(s.p, from->pump, s.size);
}

static void
must(const char *wrong, const char *when, int act, int way, size_t n)
{
	if (wrong != NULL)
		fail_msg("%s: %s, act %d, way %d, n %zu; states %d %d", when,
		    wrong, act, way, n, s.p->flow[0].state,
		    s.p->flow[1].state);
}

static struct key
key_now(void)
{
	struct key k;
	int w;

	memset(&k, 0, sizeof k);
	for (w = 0; w < 2; w++) {
		const struct tnl_flow *f = &s.p->flow[w];
		const struct pump_model_way *v = &s.m.way[w];
		const size_t all[14] = { (size_t)f->state, f->ring.at,
		    f->ring.n, f->outside, (size_t)f->paused, f->low, f->high,
		    f->lost > 0, (size_t)v->source, (size_t)v->done, v->ring,
		    v->outside, (size_t)v->paused, (size_t)v->heard };
		size_t i;

		for (i = 0; i < 14; i++)
			k.way[w][i] = (uint8_t)all[i];
	}
	k.strict = (uint8_t)(s.p->strict * 2 + s.m.strict);
	return k;
}

static size_t
hash(const struct key *k)
{
	const uint8_t *p = (const uint8_t *)k;
	uint64_t h = 14695981039346656037u;
	size_t i;

	for (i = 0; i < sizeof *k; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return (size_t)(h >> 20) % SLOTS;
}

/* Keep it, if such a one was not met before. */
static void
meet(void)
{
	struct key k = key_now();
	size_t at = hash(&k);

	for (; s.slot[at] != 0; at = (at + 1) % SLOTS)
		if (memcmp(&s.key[s.slot[at] - 1], &k, sizeof k) == 0)
			return;
	if (s.n == s.cap) {
		s.cap = s.cap * 2 + 1024;
		s.node = realloc(s.node, s.cap * sizeof *s.node);
		s.key = realloc(s.key, s.cap * sizeof *s.key);
		assert_true(s.node != NULL && s.key != NULL);
	}
	assert_true(s.n < SLOTS / 2);
	s.key[s.n] = k;
	save(&s.node[s.n]);
	s.slot[at] = (uint32_t)++s.n;
	s.pair[s.p->flow[0].state][s.p->flow[1].state] = 1;
}

/* Acts of which each n is another. */
static size_t
most(int act, int way)
{
	switch (act) {
	case ACT_PUT: case ACT_COMMIT: case ACT_TAKE: case ACT_SKIP:
		return s.m.way[way].cap + 1;
	case ACT_CARRY: case ACT_LAND: case ACT_PASS:
		return s.aside ? MODEL_OUTSIDE : 0;
	case ACT_MARKS:
		return s.marks ? s.m.way[way].cap * 17 : 0;
	}
	return 0;
}

/* What is promised in a state, and what it leads to. */
static void
promises(const struct node *from)
{
	int way;

	for (way = 0; way < 2; way++) {
		restore(from);
		must(pump_model_trust(s.p, &s.m, way), "trust", 0, way, 0);
	}
	restore(from);
	must(pump_model_finish(s.p, &s.m), "finish", 0, 0, 0);
}

static void
expand(size_t i)
{
	struct node from = s.node[i];
	int act, way;
	size_t n;

	promises(&from);
	for (act = 0; act < ACTS; act++)
		for (way = 0; way < 2; way++)
			for (n = 0; n <= most(act, way); n++) {
				if (!pump_model_may(&from.m, act, way, n))
					continue;
				restore(&from);
				must(pump_model_step(s.p, &s.m, act, way, n),
				    "step", act, way, n);
				must(pump_model_look(s.p, &s.m), "look", act,
				    way, n);
				s.steps++;
				meet();
			}
}

static void
begin(size_t ab, size_t ba)
{
	memset(&s, 0, sizeof s);
	s.p = pump_model_new(&s.m, ab, ba);
	s.slot = calloc(SLOTS, sizeof *s.slot);
	assert_true(s.p != NULL && s.slot != NULL && ab + ba <= BYTES);
	s.size = sizeof *s.p + ab + ba;
}

static void
end(void)
{
	tunnel_pump_free(s.p);
	free(s.node);
	free(s.key);
	free(s.slot);
}

/* All there are, round by round; the last round finds none. */
static void
search(size_t ab, size_t ba, int marks, int aside)
{
	size_t round = 0, i = 0, until;

	begin(ab, ba);
	s.marks = marks;
	s.aside = aside;
	meet();
	while (i < s.n) {
		for (until = s.n; i < until; i++)
			expand(i);
		round++;
	}
	print_message("rings of %zu and %zu%s%s: %zu states, %lu steps, none "
	    "new in round %zu\n", ab, ba, marks ? ", marks" : "",
	    aside ? ", round the ring" : "", s.n, s.steps, round);
}

/* The states of both ways that go together: a reset has the other way done, and
 * only who is strict has one broken beside another that is at its end. */
static void
covers_every_pair(void)
{
	static const char pairs[6][8] = {
		/*             RUNNING ENDING FIN FAILING BROKEN DONE */
		/* RUNNING */ "111001",
		/* ENDING  */ "111001",
		/* FIN     */ "111011",
		/* FAILING */ "000001",
		/* BROKEN  */ "001001",
		/* DONE    */ "111111",
	};
	int a, b;

	for (a = 0; a < 6; a++)
		for (b = 0; b < 6; b++)
			assert_int_equal(s.pair[a][b], pairs[a][b] == '1');
}

static void
all_states(void **state)
{
	size_t ab, ba, top = deep() ? 5 : 2;

	(void)state;
	for (ab = 1; ab <= top; ab++)
		for (ba = 1; ba <= top; ba++) {
			search(ab, ba, 0, 1);
			covers_every_pair();
			end();
		}
	search(deep() ? 5 : 3, deep() ? 5 : 2, 0, 0);
	end();
}

static void
all_marks(void **state)
{
	(void)state;
	search(2, 2, 1, deep());
	covers_every_pair();
	end();
}

/* Every walk of so many acts, of which none is taken for another. */
static void
walk(int depth)
{
	struct node from;
	int act, way;
	size_t n;

	save(&from);
	s.n++;
	must(pump_model_look(s.p, &s.m), "walk", depth, 0, 0);
	if (depth == 0) {
		must(pump_model_finish(s.p, &s.m), "end of walk", 0, 0, 0);
		return;
	}
	for (act = 0; act < ACTS; act++)
		for (way = 0; way < 2; way++) {
			n = act == ACT_PUT ? 2 : act == ACT_MARKS ? 1 :
			    act == ACT_SKIP ? s.m.way[way].ring : 1;
			if (act == ACT_COMMIT || act == ACT_PASS ||
			    !pump_model_may(&from.m, act, way, n))
				continue;
			must(pump_model_step(s.p, &s.m, act, way, n), "walk",
			    act, way, n);
			walk(depth - 1);
			restore(&from);
		}
}

static void
all_walks(void **state)
{
	int depth = deep() ? 6 : 4;

	(void)state;
	begin(2, 1);
	walk(depth);
	print_message("walks of %d acts: %zu\n", depth, s.n);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_states),
		cmocka_unit_test(all_marks),
		cmocka_unit_test(all_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
