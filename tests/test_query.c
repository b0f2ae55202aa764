/* test_query.c - lookups that take long, and who waits for them
 *
 * The system's resolver is the test's own: names that begin with "slow" are
 * answered when the gate is opened. */
#include "unit.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>

enum { THREADS = 2, MOST = 64, WAITING = 4096 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static int gate, inside, most;
static struct sockaddr_in address;
static struct addrinfo found;

int
getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **list)
{
	(void)service;
	(void)hints;
	(void)pthread_mutex_lock(&mutex);
	inside++;
	if (inside > most)
		most = inside;
	while (strncmp(host, "slow", 4) == 0 && !gate)
		(void)pthread_cond_wait(&opened, &mutex);
	inside--;
	(void)pthread_mutex_unlock(&mutex);
	*list = &found;
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	assert_ptr_equal(list, &found);
}

static struct tunnel_loop *loop;
static struct tunnel_resolver *resolver;
static int answers;

static int
setup(void **state)
{
	(void)state;
	gate = inside = most = answers = 0;
	address.sin_family = AF_INET;
	found.ai_family = AF_INET;
	found.ai_addr = (struct sockaddr *)(void *)&address;
	found.ai_addrlen = sizeof address;
	loop = tunnel_loop_new(NULL, NULL);
	resolver = tunnel_resolver_new(NULL, loop, THREADS);
	return resolver == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	tunnel_resolver_free(resolver);
	tunnel_loop_free(loop);
	return 0;
}

static void
on_answer(void *ud, const struct tunnel_query *q, int error)
{
	(void)ud;
	assert_non_null(q);
	assert_int_equal(error, 0);
	answers++;
}

static struct tunnel_query *
look_up(const char *host)
{
	struct tunnel_query *q = tunnel_resolve(resolver, host, UINT64_MAX,
	    on_answer, NULL);

	assert_non_null(q);
	return q;
}

static int
now_inside(void)
{
	int n;

	(void)pthread_mutex_lock(&mutex);
	n = inside;
	(void)pthread_mutex_unlock(&mutex);
	return n;
}

static void
await_inside(int n)
{
	int i;

	for (i = 0; i < 60000 && now_inside() != n; i++)
		assert_int_equal(tunnel_loop_step(loop, 1), 0);
	assert_int_equal(now_inside(), n);
}

static void
await_answers(int n)
{
	int idle = 0, before;

	/* Not so many rounds, but so many in which nothing has come. */
	while (answers < n && idle < 60000) {
		before = answers;
		assert_int_equal(tunnel_loop_step(loop, 1), 0);
		idle = answers == before ? idle + 1 : 0;
	}
	assert_int_equal(answers, n);
}

static void
open_gate(void)
{
	(void)pthread_mutex_lock(&mutex);
	gate = 1;
	(void)pthread_cond_broadcast(&opened);
	(void)pthread_mutex_unlock(&mutex);
}

/* One that waits already, and one that comes later. */
static void
nobody_waits_for_the_abandoned(void **state)
{
	struct tunnel_query *q[THREADS];
	int i;

	(void)state;
	for (i = 0; i < THREADS; i++)
		q[i] = look_up("slow.example");
	await_inside(THREADS);
	(void)look_up("quick.example");
	for (i = 0; i < THREADS; i++)
		tunnel_query_cancel(q[i]);
	await_answers(1);
	(void)look_up("quick.example");
	await_answers(2);
	assert_int_equal(now_inside(), THREADS);
	open_gate();
	await_inside(0);
	assert_int_equal(answers, 2);
}

/* So many that the system is spared; then there is no more than was asked for,
 * and nothing is lost. */
static void
there_is_an_end_to_it(void **state)
{
	struct tunnel_query *q;
	int i;

	(void)state;
	for (i = 1; i <= MOST; i++) {
		q = look_up("slow.example");
		await_inside(i);
		tunnel_query_cancel(q);
	}
	for (i = 0; i < 10; i++)
		(void)look_up("slow.example");
	for (i = 0; i < 5; i++)
		assert_int_equal(tunnel_loop_step(loop, 1), 0);
	assert_int_equal(most, MOST);
	open_gate();
	await_answers(10);
	await_inside(0);
	(void)pthread_mutex_lock(&mutex);
	gate = most = 0;
	(void)pthread_mutex_unlock(&mutex);
	for (i = 0; i < 10; i++)
		(void)look_up("slow.example");
	await_inside(THREADS);
	open_gate();
	await_answers(20);
	assert_int_equal(most, THREADS);
}

/* Names that wait are as many as there may be, then there is an answer at once;
 * when they are through it is as before. */
static void
no_queue_without_end(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < THREADS; i++)
		(void)look_up("slow.example");
	await_inside(THREADS);
	for (i = 0; i < WAITING; i++)
		(void)look_up("quick.example");
	assert_null(tunnel_resolve(resolver, "quick.example", UINT64_MAX,
	    on_answer, NULL));
	open_gate();
	await_answers(THREADS + WAITING);
	(void)look_up("quick.example");
	await_answers(THREADS + WAITING + 1);
}

/* Who has a resolver of its own has no thread that could be lost. */
static struct tunnel_query *kept[8];
static size_t kept_n;

static void
keep(void *ud, struct tunnel_query *q)
{
	(void)ud;
	kept[kept_n++] = q;
}

static void
a_hook_takes_no_thread(void **state)
{
	size_t i;

	(void)state;
	kept_n = 0;
	tunnel_resolver_hook(resolver, keep, NULL);
	for (i = 0; i < 8; i++)
		tunnel_query_cancel(look_up("slow.example"));
	assert_int_equal(kept_n, 8);
	tunnel_resolver_hook(resolver, NULL, NULL);
	for (i = 0; i < 8; i++)
		(void)look_up("slow.example");
	await_inside(THREADS);
	for (i = 0; i < 8; i++)
		tunnel_query_done(kept[i], 0);
	open_gate();
	await_answers(8);
	assert_int_equal(most, THREADS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_waits_for_the_abandoned),
		TEST(there_is_an_end_to_it), TEST(no_queue_without_end),
		TEST(a_hook_takes_no_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
