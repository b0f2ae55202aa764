/* test_link_socks.c - an engine of SOCKS over a stream */
#include "unit.h"
#include "fake.h"
#include "socks_rig.h"

#include <sys/socket.h>

#include <poll.h>
#include <unistd.h>

struct rig {
	struct tunnel_socks *s;
	struct tunnel_link *l;
	int fd[2];              /* the client's, ours */
};

static void
up(struct rig *g, size_t chunk)
{
	g->s = tunnel_socks_new(NULL);
	g->l = tunnel_link_socks(NULL, g->s, chunk);
	fake_tcp(g->fd, 1);
	assert_int_equal(tunnel_link_fd(g->l, g->fd[1]), 0);
	assert_int_equal(tunnel_link_timeout(g->l, 100), 0);
}

static void
down(struct rig *g)
{
	tunnel_link_free(g->l);
	tunnel_socks_free(g->s);
	close(g->fd[0]);
	close(g->fd[1]);
}

static void
say(struct rig *g, const char *p, size_t n)
{
	assert_int_equal(send(g->fd[0], p, n, 0), n);
	fake_wait(g->fd[1], POLLIN);
}

/* These bytes have come to the client, and no others. */
static void
hears(struct rig *g, const char *p, size_t n)
{
	char in[64];
	size_t got = 0;
	ssize_t r;

	while (got < n) {
		fake_wait(g->fd[0], POLLIN);
		r = recv(g->fd[0], in + got, sizeof in - got, 0);
		assert_true(r > 0);
		got += (size_t)r;
	}
	assert_int_equal(got, n);
	assert_memory_equal(in, p, n);
}

/* Step until it asks, or more; nobody comes in without logging in who can. */
static int
step(struct rig *g, uint64_t now)
{
	int f;

	do {
		f = tunnel_link_step(g->l, now);
		if (f == TUNNEL_ASK && tunnel_socks_challenge(g->s) >= 0)
			f = TUNNEL_OUT;
	} while (f >= 0 && f & (TUNNEL_IN | TUNNEL_OUT) &&
	    !(f & TUNNEL_REFUSED));
	return f;
}

/* All at once, although it is three messages and what follows: each is answered
 * in its turn, with chunks of every size. */
static void
impatient(void **state)
{
	struct rig g;
	const char *early;
	char rest[8];
	size_t chunk, n;
	ssize_t r;

	(void)state;
	for (chunk = 1; chunk < 64; chunk++) {
		up(&g, chunk);
		say(&g, BYTES(HELLO_USER USER NAMED("\x01", "a") "\x00\x16"
		    "SSH-2.0"));
		assert_int_equal(step(&g, 0), TUNNEL_ASK);
		assert_string_equal(tunnel_socks_user(g.s), "Aladdin");
		assert_int_equal(tunnel_link_wants(g.l), 0);
		assert_int_equal(tunnel_link_deadline(g.l), UINT64_MAX);
		assert_int_equal(tunnel_socks_accept(g.s), TUNNEL_OUT);
		assert_int_equal(step(&g, 999), TUNNEL_ASK);
		assert_string_equal(tunnel_socks_host(g.s), "a");
		assert_int_equal(tunnel_socks_accept(g.s), TUNNEL_OUT);
		assert_int_equal(step(&g, 9999), TUNNEL_OPEN);
		hears(&g, BYTES("\x05\x02\x01\x00" OPENED));
		early = tunnel_link_surplus(g.l, &n);
		assert_true(n <= 7);
		if (n > 0)
			assert_memory_equal(early, "SSH-2.0", n);
		r = recv(g.fd[1], rest, sizeof rest, 0);
		assert_int_equal((size_t)(r > 0 ? r : 0) + n, 7);
		down(&g);
	}
}

static void
deadline(void **state)
{
	struct rig g;

	(void)state;
	up(&g, 0);
	assert_int_equal(tunnel_link_step(g.l, 5), TUNNEL_IN);
	assert_int_equal(tunnel_link_deadline(g.l), 105);
	/* A byte now and then buys no time. */
	say(&g, BYTES("\x05"));
	assert_int_equal(tunnel_link_step(g.l, 104), TUNNEL_IN);
	assert_int_equal(tunnel_link_step(g.l, 105),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_socks_fault(g.s), TUNNEL_ESLOW);
	hears(&g, BYTES("\x05\xff"));
	down(&g);
	/* It begins anew when somebody has decided. */
	up(&g, 0);
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_IN);
	say(&g, BYTES(HELLO_USER "\x01\x02u"));
	assert_int_equal(tunnel_link_step(g.l, 99), TUNNEL_ASK);
	assert_int_equal(tunnel_socks_challenge(g.s), TUNNEL_OUT);
	assert_int_equal(tunnel_link_step(g.l, 200), TUNNEL_IN);
	assert_int_equal(tunnel_link_step(g.l, 299), TUNNEL_IN);
	assert_int_equal(tunnel_link_step(g.l, 300),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	hears(&g, BYTES("\x05\x02\x01\x01"));
	down(&g);
}

static void
leaves(void **state)
{
	struct rig g;

	(void)state;
	up(&g, 0);
	say(&g, BYTES(HELLO));
	assert_int_equal(step(&g, 0), TUNNEL_ASK);
	assert_int_equal(tunnel_socks_accept(g.s), TUNNEL_OUT);
	shutdown(g.fd[0], SHUT_WR);
	fake_wait(g.fd[1], POLLIN);
	assert_int_equal(step(&g, 0), TUNNEL_EEOF);
	down(&g);
	assert_null(tunnel_link_socks(NULL, NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impatient), cmocka_unit_test(deadline),
		cmocka_unit_test(leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
