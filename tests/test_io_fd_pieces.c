/* test_io_fd_pieces.c - two pieces of memory in one call, as a ring has them */
#include "unit.h"
#include "fake.h"
#include "pattern.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "net/io_fd.h"

static struct tunnel_fd *
over(int rfd, int wfd)
{
	struct tunnel_fd *f = tunnel_fd_new(NULL, rfd, wfd);

	assert_non_null(f);
	return f;
}

static struct iovec *
cut(struct iovec v[2], void *p, size_t n, size_t at)
{
	v[0].iov_base = p;
	v[0].iov_len = at;
	v[1].iov_base = (char *)p + at;
	v[1].iov_len = n - at;
	return v;
}

/* Write a dozen bytes: a pipe that might wait takes the first piece alone. */
static void
write_all(struct tunnel_fd *f, char *text, size_t at, int waits)
{
	struct iovec v[2];
	size_t n;

	assert_int_equal(tnl_fd_writev(f, cut(v, text, 12, at), 2, &n), 0);
	assert_int_equal(n, waits ? at : 12);
	if (!waits)
		return;
	assert_int_equal(tnl_fd_writev(f, cut(v, text + at, 12 - at, 12 - at),
	    1, &n), 0);
	assert_int_equal(n, 12 - at);
}

/* A dozen bytes through f, cut at every place on both ways; from a pipe only
 * the first piece comes, and that is no end. */
static void
every_cut(struct tunnel_fd *f, int waits)
{
	static char text[] = "twelve bytes";
	char got[12];
	struct iovec v[2];
	size_t in, out, n, have;

	for (in = 1; in < 12; in++)
		for (out = 1; out < 12; out++) {
			write_all(f, text, in, waits);
			fake_wait(f->rfd, POLLIN);
			memset(got, 0, sizeof got);
			assert_int_equal(tnl_fd_readv(f, cut(v, got, 12, out),
			    2, &have), 0);
			assert_int_equal(have, f->rsocket ? 12 : out);
			if (have < 12)
				assert_int_equal(tnl_fd_readv(f, cut(v,
				    got + have, 12 - have, 12 - have), 1,
				    &n), 0);
			assert_memory_equal(got, text, 12);
			assert_int_equal(tnl_fd_readv(f, cut(v, got, 12, out),
			    2, &n), TUNNEL_IN);
			assert_int_equal(n, 0);
		}
}

static void
cuts(void **state)
{
	struct tunnel_fd *f;
	int fd[2], kind;

	(void)state;
	for (kind = 0; kind < 6; kind++) {
		if (kind < 4)
			(kind < 2 ? fake_tcp : fake_pair)(fd, kind % 2);
		else
			assert_int_equal(pipe(fd), 0);
		if (kind == 5)
			fcntl(fd[1], F_SETFL, O_NONBLOCK);
		f = kind < 4 ? over(fd[1], fd[0]) : over(fd[0], fd[1]);
		every_cut(f, kind == 4);
		tunnel_fd_free(f);
		close(fd[0]);
		close(fd[1]);
	}
}

/* Both pieces until it takes no more, which is somewhere in one of them; then
 * again as soon as it takes a little: no byte is lost, doubled or moved, and
 * nothing waits.  cuts: is it in the middle of a piece at least once? */
static void
fill_up(int wfd, int rfd, size_t one, size_t other, int cuts)
{
	static uint8_t buf[100000];
	struct tunnel_fd *f = over(wfd, wfd);
	struct iovec v[2];
	size_t sent = 0, got = 0, take, n, all = one + other;
	int round, mid = 0, rv;

	assert_true(all <= sizeof buf);
	for (round = 0; round < 40; round++) {
		do {
			pattern_write(buf, sent, all);
			rv = tnl_fd_writev(f, cut(v, buf, all, one), 2, &n);
			assert_true(rv == 0 || (rv == TUNNEL_OUT && n == 0));
			mid |= n > 0 && n < all && n != one;
			sent += n;
		} while (rv == 0);
		take = 1 + (size_t)round * 997;
		pattern_pull(rfd, &got, sent - got < take ? sent - got : take);
	}
	assert_true(mid == cuts);
	pattern_pull(rfd, &got, sent - got);
	assert_int_equal(got, sent);
	tunnel_fd_free(f);
}

static void
short_writes(void **state)
{
	int fd[2], kind;

	(void)state;
	alarm(600);
	for (kind = 0; kind < 6; kind++) {
		if (kind < 4)
			(kind < 2 ? fake_pair : fake_tcp)(fd, kind % 2);
		else
			assert_int_equal(pipe(fd), 0);
		if (kind == 5)
			fcntl(fd[1], F_SETFL, O_NONBLOCK);
		/* A byte and much, much and a byte, about as much. */
		if (kind < 4)
			fill_up(fd[0], fd[1], kind == 1 ? 1 : 33331,
			    kind == 2 ? 1 : 44449, 1);
		else
			fill_up(fd[1], fd[0], 3331, 4447, kind == 5);
		close(fd[0]);
		close(fd[1]);
	}
	alarm(0);
}

static void
ends(void **state)
{
	struct tunnel_fd *f;
	struct iovec v[2];
	char buf[8] = "abcdefg";
	int fd[2];
	size_t n;

	(void)state;
	/* SIGPIPE has its default action here: one, and this test is dead. */
	signal(SIGPIPE, SIG_DFL);
	fake_pair(fd, 1);
	f = over(fd[0], fd[0]);
	assert_int_equal(send(fd[1], "xyz", 3, 0), 3);
	close(fd[1]);
	/* A short count is no end yet. */
	assert_int_equal(tnl_fd_readv(f, cut(v, buf, 8, 2), 2, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(tnl_fd_readv(f, cut(v, buf, 8, 2), 2, &n),
	    TUNNEL_DONE);
	assert_int_equal(n, 0);
	assert_int_equal(tnl_fd_writev(f, cut(v, buf, 8, 2), 2, &n),
	    TUNNEL_ERESET);
	assert_int_equal(f->errnum, EPIPE);
	tunnel_fd_free(f);
	close(fd[0]);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	f = over(fd[1], fd[1]);
	assert_int_equal(tnl_fd_writev(f, cut(v, buf, 8, 2), 2, &n),
	    TUNNEL_ERESET);
	tunnel_fd_free(f);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts), cmocka_unit_test(short_writes),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
