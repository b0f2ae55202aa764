/* test_loop_uv.c - the loop inside somebody else's: libuv's */
#include "unit.h"
#include "fake.h"

#include <sys/socket.h>

#include <unistd.h>

#include <uv.h>

/* All that a program has to write. */
struct guest {
	struct tunnel_loop *loop;
	uv_poll_t poll;
	uv_timer_t timer;
	uv_prepare_t prepare;
	int rounds;
};

static void
step(struct guest *g)
{
	g->rounds++;
	assert_int_equal(tunnel_loop_step(g->loop, 0), 0);
}

static void
on_poll(uv_poll_t *p, int status, int events)
{
	(void)events;
	assert_int_equal(status, 0);
	step(p->data);
}

static void
on_timer(uv_timer_t *t)
{
	step(t->data);
}

/* Before each wait of libuv's: no longer than the loop's deadline. */
static void
on_prepare(uv_prepare_t *p)
{
	struct guest *g = p->data;
	uint64_t at = tunnel_loop_deadline(g->loop);
	uint64_t now = tunnel_loop_now(g->loop);

	if (at == UINT64_MAX)
		uv_timer_stop(&g->timer);
	else
		uv_timer_start(&g->timer, on_timer, at > now ? at - now : 0,
		    0);
}

static void
invite(struct guest *g, uv_loop_t *uv)
{
	g->loop = tunnel_loop_new(NULL, NULL);
	g->rounds = 0;
	uv_poll_init(uv, &g->poll, tunnel_loop_fd(g->loop));
	uv_timer_init(uv, &g->timer);
	uv_prepare_init(uv, &g->prepare);
	g->poll.data = g->timer.data = g->prepare.data = g;
	uv_poll_start(&g->poll, UV_READABLE, on_poll);
	uv_prepare_start(&g->prepare, on_prepare);
}

/* ---- what the guest carries: a tunnel between two pairs of sockets -- */

static struct tunnel_relay *relay;
static struct tunnel_watch *watch[2];
static struct tunnel_timer *turn;
static uv_loop_t *host;
static int over;

static void
move(void *ud)
{
	int f = tunnel_relay_step(relay, 0), side;

	(void)ud;
	for (side = 0; side < 2; side++)
		tunnel_watch_wants(watch[side],
		    tunnel_relay_wants(relay, side));
	if (f < 0 || f & TUNNEL_DONE) {
		over = 1;
		uv_stop(host);
	} else if (f & TUNNEL_NOW) {
		tunnel_timer_set(turn, 0);
	}
}

static void
on_ready(void *ud, int ready)
{
	(void)ready;
	move(ud);
}

static void
tunnel_in_libuv(void **state)
{
	enum { BYTES = 300000 };
	static char sent[BYTES], got[BYTES];
	size_t out = 0, in = 0;
	struct tunnel_pump *pump = tunnel_pump_new(NULL, 4096, 4096);
	struct guest g;
	uv_loop_t uv;
	int a[2], b[2], side, i;
	ssize_t n;

	(void)state;
	for (i = 0; i < BYTES; i++)
		sent[i] = (char)(i * 7 >> 3);
	fake_pair(a, 1);
	fake_pair(b, 1);
	uv_loop_init(&uv);
	host = &uv;
	invite(&g, &uv);
	relay = tunnel_relay_new(NULL, pump);
	tunnel_relay_budget(relay, 1000);
	tunnel_relay_fd(relay, TUNNEL_A, a[1]);
	tunnel_relay_fd(relay, TUNNEL_B, b[0]);
	turn = tunnel_timer_new(g.loop, move, NULL);
	for (side = 0; side < 2; side++)
		watch[side] = tunnel_watch_new(g.loop, side ? b[0] : a[1],
		    on_ready, NULL);
	tunnel_timer_set(turn, 0);
	for (i = 0; in < BYTES && i < 100000; i++) {
		n = out < BYTES ? write(a[0], sent + out, BYTES - out) : 0;
		out += n > 0 ? (size_t)n : 0;
		if (n > 0 && out == BYTES)
			(void)shutdown(a[0], SHUT_WR);
		uv_run(&uv, UV_RUN_NOWAIT);
		n = read(b[1], got + in, BYTES - in);
		in += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(in, BYTES);
	assert_memory_equal(sent, got, BYTES);
	(void)shutdown(b[1], SHUT_WR);
	uv_run(&uv, UV_RUN_DEFAULT);
	assert_true(over);
	tunnel_relay_free(relay);
	tunnel_pump_free(pump);
	tunnel_timer_free(turn);
	tunnel_watch_free(watch[0]);
	tunnel_watch_free(watch[1]);
	uv_close((uv_handle_t *)&g.poll, NULL);
	uv_close((uv_handle_t *)&g.timer, NULL);
	uv_close((uv_handle_t *)&g.prepare, NULL);
	uv_run(&uv, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&uv), 0);
	tunnel_loop_free(g.loop);
	for (i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnel_in_libuv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
