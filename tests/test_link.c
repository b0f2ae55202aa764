/* test_link.c - an engine over a stream */
#include "unit.h"
#include "fake.h"
#include "oom.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define OK "HTTP/1.1 200 OK\r\n\r\n"
#define REQUEST "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"

/* For scripts that count reads, whatever the default is. */
enum { CHUNK = 4096 };

static const struct fake_step at_once[] = { { 65536, 0 }, { 0, 0 } };
static const struct fake_step for_ever[] = { { 0, 0 } };

/* An engine, its link, and the stream below. */
struct rig {
	struct tunnel_client *c;
	struct tunnel_server *s;
	struct tunnel_link *l;
	struct fake f;
};

static struct tunnel_client *
asking(void)
{
	struct tunnel_client *c = tunnel_client_new(NULL);

	assert_int_equal(tunnel_client_target(c, "a", 1), 0);
	assert_true(tunnel_client_start(c) >= 0);
	return c;
}

static void
attach(struct rig *g, const char *in, const struct fake_step *reads,
    const struct fake_step *writes)
{
	memset(&g->f, 0, sizeof g->f);
	g->f.in = in;
	g->f.reads = reads;
	g->f.writes = writes;
	assert_int_equal(tunnel_link_io(g->l, fake_io(), &g->f), 0);
}

static void
client_up(struct rig *g, const char *in, const struct fake_step *reads,
    const struct fake_step *writes)
{
	g->c = asking();
	g->s = NULL;
	g->l = tunnel_link_client(NULL, g->c, CHUNK);
	attach(g, in, reads, writes);
}

static void
server_up(struct rig *g, const char *in, const struct fake_step *reads,
    const struct fake_step *writes)
{
	g->c = NULL;
	g->s = tunnel_server_new(NULL);
	g->l = tunnel_link_server(NULL, g->s, CHUNK);
	attach(g, in, reads, writes);
}

static void
rig_down(struct rig *g)
{
	tunnel_link_free(g->l);
	tunnel_client_free(g->c);
	tunnel_server_free(g->s);
}

static void
birth(void **state)
{
	struct tunnel_client *c = asking();
	struct tunnel_link *l;

	(void)state;
	assert_null(tunnel_link_client(NULL, c, (1 << 20) + 1));
	assert_null(tunnel_link_client(NULL, NULL, 0));
	l = tunnel_link_client(NULL, c, 0);
	assert_int_equal(tunnel_link_step(l, 0), TUNNEL_ESTATE);
	assert_int_equal(tunnel_link_fd(l, -1), TUNNEL_EINVAL);
	assert_int_equal(tunnel_link_io(l, NULL, NULL), TUNNEL_EINVAL);
	assert_int_equal(tunnel_link_errno(l), 0);
	tunnel_link_free(l);
	tunnel_link_free(NULL);
	tunnel_client_free(c);
}

/* The reply in pieces of every size, and what follows it stays. */
static void
surplus(void **state)
{
	struct fake_step reads[] = { { 0, 0 }, { 0, TUNNEL_IN }, { 0, 0 } };
	struct tunnel_client *c;
	struct tunnel_link *l;
	struct fake f;
	const char *text;
	size_t piece, n;
	int flags;

	(void)state;
	for (piece = 1; piece < 64; piece++) {
		memset(&f, 0, sizeof f);
		f.in = OK "SSH-2.0-here";
		c = asking();
		l = tunnel_link_client(NULL, c, 32);
		tunnel_link_io(l, fake_io(), &f);
		do {
			reads[0].n = piece;
			f.reads = reads;
			f.writes = at_once;
			flags = tunnel_link_step(l, 0);
			assert_true(flags >= 0);
		} while (!(flags & TUNNEL_OPEN));
		text = tunnel_link_surplus(l, &n);
		/* Read and not used, plus not read, is all that followed. */
		assert_int_equal(f.in_at - n, strlen(OK));
		if (n > 0)
			assert_memory_equal(text, "SSH-2.0-here", n);
		assert_int_equal(tunnel_link_wants(l), 0);
		tunnel_link_free(l);
		tunnel_client_free(c);
	}
}

/* What was read behind a refusal is the beginning of the next reply. */
static void
again_from_the_surplus(void **state)
{
	struct rig g;
	size_t n;

	(void)state;
	client_up(&g, "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno" OK
	    "SSH-", at_once, at_once);
	assert_int_equal(tunnel_link_step(g.l, 0),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_true(tunnel_client_reusable(g.c));
	(void)tunnel_link_surplus(g.l, &n);
	assert_int_equal(n, strlen(OK "SSH-"));
	assert_true(tunnel_client_start(g.c) >= 0);
	g.f.writes = at_once;
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_OPEN);
	assert_memory_equal(tunnel_link_surplus(g.l, &n), "SSH-", 4);
	assert_int_equal(n, 4);
	rig_down(&g);
}

/* What is no HTTP is left as it came. */
static void
foreign(void **state)
{
	struct rig g;
	const void *text;
	size_t n;

	(void)state;
	client_up(&g, "SSH-2.0-here", at_once, at_once);
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_ENOTHTTP);
	text = tunnel_link_surplus(g.l, &n);
	assert_int_equal(n, 12);
	assert_memory_equal(text, "SSH-2.0-here", 12);
	rig_down(&g);
}

/* TLS may read when it writes, and the other way about. */
static void
crosswise_waits(void **state)
{
	static const struct fake_step no_read[] = { { 0, TUNNEL_OUT },
	    { 0, 0 } };
	static const struct fake_step no_write[] = { { 9, TUNNEL_IN },
	    { 0, 0 } };
	struct rig g;

	(void)state;
	client_up(&g, "", for_ever, no_write);
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(tunnel_link_wants(g.l), TUNNEL_IN);
	g.f.reads = no_read;
	g.f.writes = at_once;
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_IN);
	assert_int_equal(tunnel_link_wants(g.l), TUNNEL_OUT);
	rig_down(&g);
}

/* The proxy refuses a long request and closes before it has read it all. */
static void
refused_early(void **state)
{
	static const struct fake_step broken[] = { { 5, TUNNEL_ERESET },
	    { 0, 0 } };
	static const struct fake_step reply[] = { { 999, 0 },
	    { 0, TUNNEL_DONE }, { 0, 0 } };
	static const struct fake_step reset[] = { { 0, TUNNEL_ERESET },
	    { 0, 0 } };
	static const struct fake_step failed[] = { { 5, TUNNEL_EIO },
	    { 0, 0 } };
	struct rig g;

	(void)state;
	client_up(&g, "HTTP/1.1 431 Long\r\n\r\nsorry", reply, broken);
	assert_int_equal(tunnel_link_step(g.l, 0),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_status(g.c), 431);
	rig_down(&g);
	/* While the reply is awaited, nothing more is written. */
	client_up(&g, "", for_ever, broken);
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(tunnel_link_wants(g.l), TUNNEL_IN);
	g.f.writes = at_once;
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(g.f.out_n, 5);
	rig_down(&g);
	/* Only a peer that has gone may have left a reply. */
	client_up(&g, "", for_ever, failed);
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_EIO);
	rig_down(&g);
	/* And without a reply it is the reset that it is, for good. */
	client_up(&g, "", reset, broken);
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_ERESET);
	g.f.reads = at_once;
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_ERESET);
	assert_int_equal(tunnel_link_wants(g.l), 0);
	rig_down(&g);
}

static void
client_deadline(void **state)
{
	static const struct fake_step dribble[] = { { 1, TUNNEL_IN },
	    { 1, TUNNEL_IN }, { 1, TUNNEL_IN }, { 0, 0 } };
	struct rig g;

	(void)state;
	client_up(&g, OK, dribble, at_once);
	tunnel_link_timeout(g.l, 100);
	assert_int_equal(tunnel_link_deadline(g.l), UINT64_MAX);
	assert_int_equal(tunnel_link_step(g.l, 1000), TUNNEL_IN);
	assert_int_equal(tunnel_link_deadline(g.l), 1100);
	/* A byte now and then buys no time. */
	assert_int_equal(tunnel_link_step(g.l, 1090), TUNNEL_IN);
	assert_int_equal(tunnel_link_deadline(g.l), 1100);
	assert_int_equal(tunnel_link_step(g.l, 1100), TUNNEL_ETIMEOUT);
	assert_int_equal(tunnel_link_step(g.l, 1), TUNNEL_ETIMEOUT);
	assert_int_equal(tunnel_link_deadline(g.l), UINT64_MAX);
	rig_down(&g);
}

static void
server_deadline(void **state)
{
	struct rig g;

	(void)state;
	server_up(&g, "CONN", for_ever, at_once);
	tunnel_link_timeout(g.l, 100);
	assert_int_equal(tunnel_link_step(g.l, 5), TUNNEL_IN);
	assert_int_equal(tunnel_link_deadline(g.l), 105);
	assert_int_equal(tunnel_link_step(g.l, 105),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	assert_memory_equal(g.f.out, "HTTP/1.1 408 ", 13);
	rig_down(&g);
	/* Who does not even take the 408 is let go of. */
	server_up(&g, "CONN", for_ever, for_ever);
	tunnel_link_timeout(g.l, 100);
	tunnel_link_step(g.l, 0);
	assert_int_equal(tunnel_link_step(g.l, 100),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(tunnel_link_deadline(g.l), 200);
	assert_int_equal(tunnel_link_step(g.l, 200), TUNNEL_ETIMEOUT);
	rig_down(&g);
}

/* At ASK nothing is read, nothing wanted, and no clock runs. */
static void
asking_costs_no_time(void **state)
{
	static const struct fake_step one[] = { { 999, TUNNEL_IN }, { 999, 0 },
	    { 0, 0 } };
	struct rig g;
	size_t n;

	(void)state;
	server_up(&g, REQUEST "early", one, at_once);
	tunnel_link_timeout(g.l, 100);
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_ASK);
	assert_int_equal(tunnel_link_wants(g.l), 0);
	assert_int_equal(tunnel_link_deadline(g.l), UINT64_MAX);
	assert_int_equal(tunnel_link_step(g.l, 99999), TUNNEL_ASK);
	assert_ptr_equal(g.f.reads, one + 1);
	assert_int_equal(tunnel_server_accept(g.s), TUNNEL_OUT);
	assert_int_equal(tunnel_link_step(g.l, 99999), TUNNEL_OPEN);
	assert_memory_equal(tunnel_link_surplus(g.l, &n), "early", 5);
	assert_int_equal(n, 5);
	rig_down(&g);
}

static void
peer_leaves(void **state)
{
	static const struct fake_step end[] = { { 4, 0 }, { 0, TUNNEL_DONE },
	    { 0, 0 } };
	struct rig g;

	(void)state;
	client_up(&g, "HTTP", end, at_once);
	assert_int_equal(tunnel_link_step(g.l, 0), TUNNEL_EEOF);
	rig_down(&g);
}

/* Both engines over a real connection. */
static void
over_tcp(void **state)
{
	struct tunnel_client *c = asking();
	struct tunnel_server *s = tunnel_server_new(NULL);
	struct tunnel_link *lc = tunnel_link_client(NULL, c, 0);
	struct tunnel_link *ls = tunnel_link_server(NULL, s, 0);
	int fd[2], f;

	(void)state;
	fake_tcp(fd, 0);
	assert_int_equal(tunnel_link_fd(lc, fd[0]), 0);
	assert_int_equal(tunnel_link_fd(ls, fd[1]), 0);
	assert_int_equal(tunnel_link_step(lc, 0), TUNNEL_IN);
	fake_wait(fd[1], POLLIN);
	assert_int_equal(tunnel_link_step(ls, 0), TUNNEL_ASK);
	assert_int_equal(tunnel_server_fail(s, TUNNEL_EDENIED),
	    TUNNEL_REFUSED | TUNNEL_OUT);
	assert_int_equal(tunnel_link_step(ls, 0),
	    TUNNEL_REFUSED | TUNNEL_DONE);
	do {
		fake_wait(fd[0], POLLIN);
		f = tunnel_link_step(lc, 0);
	} while (!(f & TUNNEL_DONE));
	assert_int_equal(f, TUNNEL_REFUSED | TUNNEL_DONE);
	assert_int_equal(tunnel_client_status(c), 403);
	tunnel_link_free(lc);
	tunnel_link_free(ls);
	tunnel_client_free(c);
	tunnel_server_free(s);
	close(fd[0]);
	close(fd[1]);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_link *l = tunnel_link_client(a, ud, 100);
	int done = l != NULL;

	tunnel_link_free(l);
	return done;
}

static void
failing_memory(void **state)
{
	struct tunnel_client *c = asking();

	(void)state;
	oom_run(starved, c);
	tunnel_client_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(birth), cmocka_unit_test(surplus),
		cmocka_unit_test(foreign),
		cmocka_unit_test(again_from_the_surplus),
		cmocka_unit_test(crosswise_waits),
		cmocka_unit_test(refused_early),
		cmocka_unit_test(client_deadline),
		cmocka_unit_test(server_deadline),
		cmocka_unit_test(asking_costs_no_time),
		cmocka_unit_test(peer_leaves), cmocka_unit_test(over_tcp),
		cmocka_unit_test(failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
