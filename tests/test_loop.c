/* test_loop.c - waiting for descriptors and threads, on each interface */
#include "unit.h"
#include "loop_rig.h"
#include "fake.h"
#include "oom.h"

#include <sys/socket.h>

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "net/loop.h"

static void
readiness(void **state)
{
	struct tunnel_loop *l = loop_make();
	struct loop_seen s = { NULL, 0, 0 };
	char byte;
	int fd[2];

	(void)state;
	fake_pair(fd, 1);
	s.w = tunnel_watch_new(l, fd[0], loop_see, &s);
	/* Nothing is wanted: nothing is told. */
	assert_int_equal(write(fd[1], "x", 1), 1);
	tunnel_loop_step(l, 0);
	assert_int_equal(s.calls, 0);
	assert_int_equal(read(fd[0], &byte, 1), 1);
	tunnel_watch_wants(s.w, TUNNEL_IN);
	tunnel_loop_step(l, 0);
	assert_int_equal(s.calls, 0);
	assert_int_equal(write(fd[1], "y", 1), 1);
	loop_await(l, &s.calls, 1);
	/* Not every system says that there is no urgent data. */
	assert_int_equal(s.ready & ~TUNNEL_NOW, TUNNEL_IN);
	assert_int_equal(read(fd[0], &byte, 1), 1);
	/* Readable and writable, as far as wanted. */
	tunnel_watch_wants(s.w, TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(write(fd[1], "z", 1), 1);
	loop_await(l, &s.calls, 2);
	assert_true(s.ready & TUNNEL_IN);
	/* The end of the other side is read. */
	assert_int_equal(read(fd[0], &byte, 1), 1);
	tunnel_watch_wants(s.w, TUNNEL_IN);
	close(fd[1]);
	loop_await(l, &s.calls, 3);
	assert_true(s.ready & TUNNEL_IN);
	tunnel_watch_free(s.w);
	close(fd[0]);
	tunnel_loop_free(l);
}

/* A reset is told of though nothing is wanted, and only once. */
static void
hang_up(void **state)
{
	struct tunnel_loop *l = loop_make();
	struct loop_seen s = { NULL, 0, 0 };
	struct linger hard = { 1, 0 };
	int fd[2], i;

	(void)state;
	fake_tcp(fd, 1);
	s.w = tunnel_watch_new(l, fd[0], loop_see, &s);
	setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	close(fd[1]);
	loop_await(l, &s.calls, 1);
	assert_true(s.ready & TUNNEL_RESET);
	for (i = 0; i < 5; i++)
		tunnel_loop_step(l, 10);
	assert_int_equal(s.calls, 1);
	tunnel_watch_free(s.w);
	close(fd[0]);
	tunnel_loop_free(l);
}

/* ---- freeing inside ------------------------------------------------- */

enum { PAIRS = 40 };

struct crowd {
	struct tunnel_loop *l;
	struct tunnel_watch *w[PAIRS];
	int calls;
};

static void
free_all(void *ud, int ready)
{
	struct crowd *c = ud;
	int i;

	(void)ready;
	c->calls++;
	for (i = 0; i < PAIRS; i++)
		tunnel_watch_free(c->w[i]);
	/* And a new one, which takes a place. */
	assert_int_equal(tunnel_loop_step(c->l, 0), TUNNEL_ESTATE);
}

static void
freed_inside(void **state)
{
	struct crowd c;
	int fd[PAIRS][2], i;

	(void)state;
	c.l = loop_make();
	c.calls = 0;
	for (i = 0; i < PAIRS; i++) {
		fake_pair(fd[i], 1);
		c.w[i] = tunnel_watch_new(c.l, fd[i][0], free_all, &c);
		tunnel_watch_wants(c.w[i], TUNNEL_IN);
		assert_int_equal(write(fd[i][1], "x", 1), 1);
	}
	/* All are ready, and the first that is told frees all. */
	loop_await(c.l, &c.calls, 1);
	tunnel_loop_step(c.l, 10);
	assert_int_equal(c.calls, 1);
	for (i = 0; i < PAIRS; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
	tunnel_loop_free(c.l);
}

/* ---- other threads -------------------------------------------------- */

enum { POSTS = 2000 };

static struct tunnel_loop *shared;
static int posted;

static void *
post_many(void *ud)
{
	int i;

	(void)ud;
	for (i = 0; i < POSTS; i++)
		assert_int_equal(tunnel_loop_post(shared, loop_count, &posted),
		    0);
	return NULL;
}

static void *
stop_it(void *ud)
{
	(void)ud;
	tunnel_loop_stop(shared);
	return NULL;
}

static void
threads(void **state)
{
	pthread_t t[3];
	int i, woken = 0;

	(void)state;
	shared = loop_make();
	posted = 0;
	tunnel_loop_on_wake(shared, loop_count, &woken);
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&t[i], NULL, post_many, NULL),
		    0);
	loop_await(shared, &posted, 3 * POSTS);
	for (i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	assert_true(woken > 0);
	/* run ends when told, also when that was before. */
	assert_int_equal(pthread_create(&t[0], NULL, stop_it, NULL), 0);
	assert_int_equal(tunnel_loop_run(shared), 0);
	pthread_join(t[0], NULL);
	tunnel_loop_stop(shared);
	assert_int_equal(tunnel_loop_run(shared), 0);
	/* What is not called any more is given back. */
	assert_int_equal(tunnel_loop_post(shared, loop_count, &posted), 0);
	tunnel_loop_free(shared);
	assert_int_equal(posted, 3 * POSTS);
}

/* ---- inside another loop -------------------------------------------- */

static void
embedded(void **state)
{
	struct tunnel_loop *l = loop_make();
	struct loop_seen s = { NULL, 0, 0 };
	struct tunnel_timer *t;
	struct pollfd p;
	int fd[2], fired = 0, rounds;
	uint64_t at;

	(void)state;
	if (strcmp(backend, "poll") == 0) {
		assert_int_equal(tunnel_loop_fd(l), TUNNEL_ESTATE);
		tunnel_loop_free(l);
		return;
	}
	fake_pair(fd, 1);
	s.w = tunnel_watch_new(l, fd[0], loop_see, &s);
	tunnel_watch_wants(s.w, TUNNEL_IN);
	t = tunnel_timer_new(l, loop_count, &fired);
	tunnel_timer_set(t, tunnel_loop_now(l) + 30);
	assert_int_equal(write(fd[1], "x", 1), 1);
	for (rounds = 0; rounds < 100 && (!s.calls || !fired); rounds++) {
		p.fd = tunnel_loop_fd(l);
		p.events = POLLIN;
		at = tunnel_loop_deadline(l);
		assert_true(poll(&p, 1, at == UINT64_MAX ? 1000 :
		    at > tnl_clock() ? (int)(at - tnl_clock()) : 0) >= 0);
		assert_int_equal(tunnel_loop_step(l, 0), 0);
	}
	assert_int_equal(s.calls, 1);
	assert_int_equal(fired, 1);
	/* It has not been a busy loop. */
	assert_true(rounds < 20);
	tunnel_timer_free(t);
	tunnel_watch_free(s.w);
	close(fd[0]);
	close(fd[1]);
	tunnel_loop_free(l);
}

/* ---- memory --------------------------------------------------------- */

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_loop *l = tunnel_loop_new(a, backend);
	struct tunnel_watch *w = NULL;
	struct tunnel_timer *t = NULL;
	int fd[2], calls = 0, done;

	(void)ud;
	if (l == NULL)
		return 0;
	fake_pair(fd, 1);
	w = tunnel_watch_new(l, fd[0], loop_see, NULL);
	t = tunnel_timer_new(l, loop_count, &calls);
	if (t != NULL)
		tunnel_timer_set(t, 0);
	done = w != NULL && t != NULL &&
	    tunnel_loop_post(l, loop_count, &calls) == 0;
	tunnel_loop_step(l, 0);
	assert_true(!done || calls == 2);
	tunnel_watch_free(w);
	tunnel_timer_free(t);
	tunnel_loop_free(l);
	close(fd[0]);
	close(fd[1]);
	return done;
}

static void
failing_memory(void **state)
{
	(void)state;
	oom_run(scenario, NULL);
	tunnel_loop_free(NULL);
	tunnel_watch_free(NULL);
	tunnel_timer_free(NULL);
	assert_null(tunnel_loop_new(NULL, "nonsense"));
}

static void
not_watchable(void **state)
{
	struct tunnel_loop *l = loop_make();
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	/* epoll says no to a file; poll says yes to everything. */
	if (strcmp(backend, "epoll") == 0)
		assert_null(tunnel_watch_new(l, fileno(f), loop_see, NULL));
	fclose(f);
	tunnel_loop_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readiness), cmocka_unit_test(hang_up),
		cmocka_unit_test(freed_inside), cmocka_unit_test(threads),
		cmocka_unit_test(embedded), cmocka_unit_test(failing_memory),
		cmocka_unit_test(not_watchable),
	};
	int failed = 0;

	while (backend_next())
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
