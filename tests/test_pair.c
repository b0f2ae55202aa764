/* test_pair.c - client engine against server engine, through a pump whose ways
 * hold a few bytes, and then a tunnel's bytes behind the handshake's */
#include "unit.h"
#include "oom.h"

enum { EARLY = 300, GREETING = 200 };

struct pair {
	struct tunnel_client *c;
	struct tunnel_server *s;
	struct tunnel_pump *wire;       /* A: client, B: server */
	uint8_t early[EARLY], greeting[GREETING];
	size_t early_sent, early_got, greeting_sent, greeting_got;
	int fatal;
};

/* The client's end of the wire: as much as fits, and the greeting behind. */
static void
client_turn(struct pair *q)
{
	uint8_t buf[8];
	size_t n, used, got;
	const void *p = tunnel_client_peek(q->c, &n);
	int f;

	if (n > 0) {
		tunnel_pump_put(q->wire, TUNNEL_AB, p, n, &used);
		tunnel_client_skip(q->c, used);
	} else if (q->early_sent < EARLY) {
		/* Early data, in hope: legal, if rash. */
		tunnel_pump_put(q->wire, TUNNEL_AB, q->early + q->early_sent,
		    EARLY - q->early_sent, &used);
		q->early_sent += used;
	}
	f = tunnel_pump_take(q->wire, TUNNEL_BA, buf, sizeof buf, &got);
	if (f < 0)
		q->fatal = f;
	used = 0;
	if (tunnel_client_flags(q->c) >= 0 &&
	    tunnel_client_flags(q->c) & TUNNEL_IN && got > 0) {
		f = tunnel_client_feed(q->c, buf, got, &used);
		q->fatal = f < 0 ? f : q->fatal;
	}
	for (; used < got && q->fatal == 0; used++)
		assert_int_equal(buf[used], q->greeting[q->greeting_got++]);
}

/* The server's: it takes nothing while it is asked. */
static void
server_turn(struct pair *q, uint32_t *seed)
{
	uint8_t buf[8];
	size_t n, used, got = 0;
	const void *p;
	int f = tunnel_server_flags(q->s);

	if (f == TUNNEL_ASK && rnd(seed) % 8 == 0)
		f = tunnel_server_accept(q->s);
	if (f < 0) {
		q->fatal = f;
		return;
	}
	if (f & TUNNEL_OUT) {
		p = tunnel_server_peek(q->s, &n);
		tunnel_pump_put(q->wire, TUNNEL_BA, p, n, &used);
		f = tunnel_server_skip(q->s, used);
	} else if (f & TUNNEL_OPEN && q->greeting_sent < GREETING) {
		tunnel_pump_put(q->wire, TUNNEL_BA, q->greeting +
		    q->greeting_sent, GREETING - q->greeting_sent, &used);
		q->greeting_sent += used;
	}
	if (!(f & (TUNNEL_IN | TUNNEL_OPEN)))
		return;
	tunnel_pump_take(q->wire, TUNNEL_AB, buf, sizeof buf, &got);
	used = 0;
	if (f & TUNNEL_IN && got > 0)
		f = tunnel_server_feed(q->s, buf, got, &used);
	q->fatal = f < 0 ? f : q->fatal;
	for (; used < got && q->fatal == 0; used++)
		assert_int_equal(buf[used], q->early[q->early_got++]);
}

/* 1 when every byte has come through, 0 when memory failed. */
static int
converse(struct pair *q, uint32_t seed)
{
	int i;

	for (i = 0; i < EARLY; i++)
		q->early[i] = (uint8_t)rnd(&seed);
	for (i = 0; i < GREETING; i++)
		q->greeting[i] = (uint8_t)rnd(&seed);
	for (i = 0; i < 100000 && q->fatal == 0; i++) {
		if (rnd(&seed) & 1)
			client_turn(q);
		else
			server_turn(q, &seed);
		if (q->early_got == EARLY && q->greeting_got == GREETING)
			return 1;
	}
	assert_int_equal(q->fatal, TUNNEL_ENOMEM);
	return 0;
}

struct plan {
	size_t ab, ba;
	uint32_t seed;
};

static int
scenario(const struct tunnel_alloc *a, void *ud)
{
	const struct plan *plan = ud;
	struct pair q;
	int done = 0;

	memset(&q, 0, sizeof q);
	q.c = tunnel_client_new(a);
	q.s = tunnel_server_new(a);
	q.wire = tunnel_pump_new(a, plan->ab, plan->ba);
	if (q.c != NULL && q.s != NULL && q.wire != NULL &&
	    tunnel_client_target(q.c, "a.example", 443) == 0 &&
	    tunnel_client_basic(q.c, "user", "password") == 0 &&
	    tunnel_client_start(q.c) >= 0)
		done = converse(&q, plan->seed);
	if (done) {
		assert_int_equal(tunnel_client_flags(q.c), TUNNEL_OPEN);
		assert_int_equal(tunnel_server_flags(q.s), TUNNEL_OPEN);
		assert_string_equal(tunnel_server_host(q.s), "a.example");
	}
	tunnel_pump_free(q.wire);
	tunnel_server_free(q.s);
	tunnel_client_free(q.c);
	return done;
}

static void
tiny_rings(void **state)
{
	struct plan plan;
	uint32_t i;

	(void)state;
	for (plan.ab = 1; plan.ab <= 7; plan.ab++)
		for (plan.ba = 1; plan.ba <= 7; plan.ba++)
			for (i = 1; i <= 20; i++) {
				plan.seed = i * 2654435761u;
				assert_true(scenario(NULL, &plan));
			}
}

static void
failing_memory(void **state)
{
	struct plan plan = { 3, 5, 99 };

	(void)state;
	oom_run(scenario, &plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tiny_rings), cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
