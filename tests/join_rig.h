/* join_rig.h - a relay over a double of io_join
 *
 * The library's own gives way to the double in the program that includes this,
 * which only one of its files may do.  The double moves bytes when a test says
 * so, and ends as the systems' do.
 */
#ifndef JOIN_RIG_H
#define JOIN_RIG_H

#include "unit.h"
#include "fake.h"
#include "pattern.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/carrier.h"
#include "net/io_join.h"

enum { BLOCK = 4096, MUCH = 300000, LOOK = 1000 };

/* ---- the double --------------------------------------------------------- */

static struct joint {
	int from, to;                   /* sockets; 0, 0: not used */
	int on;
	int error;                      /* of the source */
	uint64_t n;
} joints[2];
static unsigned joins;                  /* made so far */
static int refuse;
static int in_time;                     /* parted before the sink is shut? */

static struct joint *
joint(int from)
{
	return joints[0].from == from ? &joints[0] : &joints[1];
}

int
tnl_join_able(void)
{
	return 1;
}

int
tnl_join(int from, int to)
{
	struct joint *j = &joints[joints[0].on];

	if (refuse) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	assert_false(j->on);
	memset(j, 0, sizeof *j);
	j->from = from;
	j->to = to;
	j->on = 1;
	joins++;
	return 0;
}

uint64_t
tnl_joined(int from)
{
	return joint(from)->n;
}

int
tnl_join_over(int from)
{
	return !joint(from)->on;
}

void
tnl_part(int from, uint64_t *n, int *error)
{
	struct joint *j = joint(from);

	assert_int_equal(j->from, from);
	if (in_time && j->on)
		assert_int_equal(send(j->to, "", 0, MSG_NOSIGNAL), 0);
	j->on = 0;
	*n = j->n;
	if (error != NULL)
		*error = j->error;
}

/* Move what can be moved; end what has ended. */
static void
move(struct joint *j)
{
	char buf[4096];
	ssize_t n, sent;

	while (j->on) {
		n = recv(j->from, buf, sizeof buf, MSG_PEEK | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return;
		j->error = n < 0 ? errno : 0;
		j->on = n > 0;
		if (n <= 0)
			return;
		sent = send(j->to, buf, (size_t)n, MSG_DONTWAIT |
		    MSG_NOSIGNAL);
		if (sent < 0 && errno == EAGAIN)
			return;
		j->on = sent > 0;
		if (sent <= 0)
			return;
		assert_int_equal(recv(j->from, buf, (size_t)sent, 0), sent);
		j->n += (uint64_t)sent;
	}
}

static void
kernel(void)
{
	move(&joints[0]);
	move(&joints[1]);
}

/* ---- the rig ------------------------------------------------------------ */

struct rig {
	struct tunnel_alloc a;
	struct tnl_pool pool;
	struct tnl_pipes pipes;
	struct tnl_carriers cs;
	struct tnl_carrier *c;
	struct tunnel_pump *p;
	struct tunnel_relay *r;
	int src[2], dst[2];             /* [0] is the relay's */
	size_t sent, got;
	uint64_t now;
};

static int
setup(void **state)
{
	struct rig *g = calloc(1, sizeof *g);

	memset(joints, 0, sizeof joints);
	joins = 0;
	refuse = in_time = 0;
	tnl_alloc_init(&g->a, NULL);
	tnl_pool_init(&g->pool, &g->a, BLOCK);
	tnl_pipes_init(&g->pipes, &g->a);
	g->cs.a = &g->a;
	g->cs.pool = &g->pool;
	g->cs.pipes = &g->pipes;
	g->cs.idle = 10000;
	g->cs.linger = 700;
	g->cs.stall = 3000;
	fake_tcp(g->src, 1);
	fake_tcp(g->dst, 1);
	g->c = tnl_carrier_get(&g->cs);
	g->p = &g->c->pump;
	g->r = &g->c->relay;
	tunnel_relay_fd(g->r, TUNNEL_A, g->src[0]);
	tunnel_relay_fd(g->r, TUNNEL_B, g->dst[0]);
	g->now = 1;
	*state = g;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *g = *state;
	int i;

	tnl_carrier_put(&g->cs, g->c);
	assert_false(joints[0].on || joints[1].on);
	assert_int_equal(g->pipes.resting, 0);
	assert_int_equal(g->pool.lent, 0);
	tnl_carriers_free(&g->cs);
	tnl_pool_free(&g->pool);
	tnl_pipes_free(&g->pipes);
	for (i = 0; i < 2; i++) {
		close(g->src[i]);
		close(g->dst[i]);
	}
	free(g);
	return 0;
}

/* As long as it says so. */
static int
step(struct rig *g)
{
	int rv;

	do
		rv = tunnel_relay_step(g->r, g->now);
	while (rv > 0 && rv & TUNNEL_NOW);
	return rv;
}

/* To the next time that something is due. */
static int
wait_step(struct rig *g)
{
	g->now = tunnel_relay_deadline(g->r);
	assert_true(g->now != UINT64_MAX);
	return step(g);
}

/* Carry n bytes more: the relay and the kernel by turns. */
static void
carry(struct rig *g, size_t n)
{
	size_t all = g->sent + n;
	int i;

	for (i = 0; g->got < all && i < 100000; i++) {
		pattern_push(g->src[1], &g->sent, all);
		assert_int_equal(step(g), 0);
		kernel();
		pattern_pull(g->dst[1], &g->got, all - g->got);
	}
	assert_int_equal(g->got, all);
}

/* Stream until the sockets are joined. */
static void
stream(struct rig *g)
{
	carry(g, MUCH);
	assert_true(joints[0].on);
	assert_int_equal(joints[0].from, g->src[0]);
	assert_int_equal(joints[0].to, g->dst[0]);
}

#endif
