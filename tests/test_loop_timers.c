/* test_loop_timers.c - deadlines in their order, and each in its turn */
#include "unit.h"
#include "loop_rig.h"
#include "fake.h"
#include "oom.h"

#include <unistd.h>

#include "net/heap.h"

struct ordered {
	struct tunnel_timer *t;
	int mark;
};

static int order[8], ordered;

static void
note(void *ud)
{
	order[ordered++] = ((struct ordered *)ud)->mark;
}

static void
timers(void **state)
{
	static const int delay[] = { 30, 10, 20, 0, 15 };
	struct tunnel_loop *l = loop_make();
	struct ordered o[5];
	uint64_t now = tunnel_loop_now(l);
	int i;

	(void)state;
	ordered = 0;
	for (i = 0; i < 5; i++) {
		o[i].mark = i;
		o[i].t = tunnel_timer_new(l, note, &o[i]);
		tunnel_timer_set(o[i].t, now + (uint64_t)delay[i]);
	}
	/* Later, earlier, not at all. */
	tunnel_timer_set(o[1].t, now + 40);
	tunnel_timer_set(o[0].t, now + 5);
	tunnel_timer_set(o[4].t, UINT64_MAX);
	assert_int_equal(tunnel_loop_deadline(l), 0);
	loop_await(l, &ordered, 4);
	assert_true(tunnel_loop_now(l) >= now + 40);
	assert_int_equal(order[0], 3);
	assert_int_equal(order[1], 0);
	assert_int_equal(order[2], 2);
	assert_int_equal(order[3], 1);
	assert_true(tunnel_loop_deadline(l) == UINT64_MAX);
	for (i = 0; i < 5; i++)
		tunnel_timer_free(o[i].t);
	tunnel_loop_free(l);
}

/* A timer that sets itself to "at once" is called once a round, so that it
 * cannot keep others from their turn. */
struct greedy {
	struct tunnel_timer *t;
	int calls;
};

static void
again(void *ud)
{
	struct greedy *g = ud;

	g->calls++;
	tunnel_timer_set(g->t, 0);
}

static void
fairness(void **state)
{
	struct tunnel_loop *l = loop_make();
	struct greedy a = { NULL, 0 }, b = { NULL, 0 };
	struct loop_seen s = { NULL, 0, 0 };
	int fd[2], i;

	(void)state;
	fake_pair(fd, 1);
	a.t = tunnel_timer_new(l, again, &a);
	b.t = tunnel_timer_new(l, again, &b);
	tunnel_timer_set(a.t, 0);
	tunnel_timer_set(b.t, 0);
	s.w = tunnel_watch_new(l, fd[0], loop_see, &s);
	tunnel_watch_wants(s.w, TUNNEL_IN);
	assert_int_equal(write(fd[1], "x", 1), 1);
	for (i = 1; i <= 100; i++) {
		tunnel_loop_step(l, -1);
		assert_int_equal(a.calls, i);
		assert_int_equal(b.calls, i);
	}
	assert_true(s.calls > 0);
	tunnel_timer_free(a.t);
	tunnel_timer_free(b.t);
	tunnel_watch_free(s.w);
	close(fd[0]);
	close(fd[1]);
	tunnel_loop_free(l);
}

/* Against the plainest list there is; some rounds are late. */
static void
heap(void **state)
{
	enum { N = 300 };
	static struct tnl_due due[N];
	struct tunnel_alloc a;
	struct tnl_heap h;
	uint32_t seed = 7;
	uint64_t now = 0, at;
	struct tnl_due *d;
	struct oom o;
	int i, j;

	(void)state;
	oom_init(&o);
	a = o.alloc;
	memset(&h, 0, sizeof h);
	memset(due, 0, sizeof due);
	for (i = 0; i < N; i++) {
		due[i].at = UINT64_MAX;
		assert_int_equal(tnl_heap_reserve(&h, &a, (size_t)i + 1), 0);
	}
	for (i = 0; i < 20000; i++) {
		d = &due[rnd(&seed) % N];
		at = rnd(&seed) % 8 == 0 ? UINT64_MAX :
		    now + 1 + rnd(&seed) % 1000;
		tnl_heap_set(&h, d, at);
		now += rnd(&seed) % 100 == 0 ? 300 : rnd(&seed) % 5;
		for (at = 0; (d = tnl_heap_pop(&h, now)) != NULL;
		    d->at = UINT64_MAX) {
			assert_in_range(d->at, at, now);
			at = d->at;
		}
		for (j = 0; j < N; j++)
			assert_true(due[j].at > now);
		assert_true(tnl_heap_first(&h) > now);
	}
	tnl_heap_free(&h, &a);
	assert_int_equal(o.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers), cmocka_unit_test(fairness),
		cmocka_unit_test(heap),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
