/* test_io_fd.c - descriptors of every kind as streams */
#define _XOPEN_SOURCE 700
#include "unit.h"
#include "fake.h"
#include "oom.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "net/io_fd.h"

static const struct tunnel_io *io;

static struct tunnel_fd *
over(int rfd, int wfd)
{
	struct tunnel_fd *f = tunnel_fd_new(NULL, rfd, wfd);

	assert_non_null(f);
	return f;
}

/* One byte there and none left, over a blocking or a non-blocking stream: it
 * never waits, and the flags stay. */
static void
talk(int a, int b)
{
	struct tunnel_fd *fa = over(a, a), *fb = over(b, b);
	int flags = fcntl(a, F_GETFL);
	char buf[8];
	size_t n;

	assert_int_equal(io->read(fb, buf, 8, &n), TUNNEL_IN);
	assert_int_equal(io->write(fa, "abc", 3, &n), 0);
	assert_int_equal(n, 3);
	fake_wait(b, POLLIN);
	assert_int_equal(io->read(fb, buf, 8, &n), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(io->read(fb, buf, 8, &n), TUNNEL_IN);
	assert_int_equal(n, 0);
	assert_int_equal(io->shut(fa), 0);
	fake_wait(b, POLLIN);
	assert_int_equal(io->read(fb, buf, 8, &n), TUNNEL_DONE);
	assert_int_equal(io->write(fb, "d", 1, &n), 0);
	assert_int_equal(fcntl(a, F_GETFL), flags);
	tunnel_fd_free(fa);
	tunnel_fd_free(fb);
	close(a);
	close(b);
}

static void
sockets(void **state)
{
	int fd[2], nonblock;

	(void)state;
	for (nonblock = 0; nonblock < 2; nonblock++) {
		fake_pair(fd, nonblock);
		talk(fd[0], fd[1]);
		fake_tcp(fd, nonblock);
		talk(fd[0], fd[1]);
	}
}

/* Until it is full, and not a moment longer, whether it blocks or not. */
static size_t
stuff(struct tunnel_fd *f)
{
	static char chunk[65536];
	size_t n, all = 0;
	int rv;

	while ((rv = io->write(f, chunk, sizeof chunk, &n)) == 0)
		all += n;
	assert_int_equal(rv, TUNNEL_OUT);
	return all;
}

static void
full_ones(void **state)
{
	struct tunnel_fd *f;
	int fd[2], nonblock;

	(void)state;
	for (nonblock = 0; nonblock < 2; nonblock++) {
		fake_pair(fd, nonblock);
		f = over(fd[0], fd[0]);
		assert_true(stuff(f) > 4096);
		tunnel_fd_free(f);
		close(fd[0]);
		close(fd[1]);
		assert_int_equal(pipe(fd), 0);
		if (nonblock)
			fcntl(fd[1], F_SETFL, O_NONBLOCK);
		f = over(fd[0], fd[1]);
		assert_true(stuff(f) > 4096);
		tunnel_fd_free(f);
		close(fd[0]);
		close(fd[1]);
	}
}

/* The flag is another's, who may take it back at any time. */
static void
flag_withdrawn(void **state)
{
	struct tunnel_fd *f;
	int fd[2];

	(void)state;
	alarm(600);
	assert_int_equal(pipe(fd), 0);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	f = over(fd[0], fd[1]);
	fcntl(fd[1], F_SETFL, 0);
	assert_true(stuff(f) > 4096);
	tunnel_fd_free(f);
	close(fd[0]);
	close(fd[1]);
	alarm(0);
}

static void
pipes(void **state)
{
	struct tunnel_fd *f;
	int fd[2], flags;
	char buf[8];
	size_t n;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	flags = fcntl(fd[1], F_GETFL);
	f = over(fd[0], fd[1]);
	assert_int_equal(io->read(f, buf, 8, &n), TUNNEL_IN);
	assert_int_equal(io->write(f, "ab", 2, &n), 0);
	assert_int_equal(io->read(f, buf, 8, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(fcntl(fd[1], F_GETFL), flags);
	/* Left to the owner, unless asked to close. */
	assert_int_equal(io->shut(f), 0);
	assert_int_equal(io->read(f, buf, 8, &n), TUNNEL_IN);
	tunnel_fd_close_at_fin(f, 1);
	assert_int_equal(io->shut(f), 0);
	assert_int_equal(fcntl(fd[1], F_GETFD), -1);
	assert_int_equal(io->read(f, buf, 8, &n), TUNNEL_DONE);
	tunnel_fd_free(f);
	close(fd[0]);
}

/* SIGPIPE has its default action here: one signal, and this test is dead. */
static void
no_sigpipe(void **state)
{
	struct tunnel_fd *f;
	sigset_t set;
	int fd[2], i;
	size_t n;

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	f = over(fd[1], fd[1]);
	for (i = 0; i < 3; i++)
		assert_int_equal(io->write(f, "x", 1, &n), TUNNEL_ERESET);
	assert_int_equal(io->errnum(f), EPIPE);
	assert_int_equal(sigpending(&set), 0);
	assert_false(sigismember(&set, SIGPIPE));
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
	assert_false(sigismember(&set, SIGPIPE));
	tunnel_fd_free(f);
	close(fd[1]);
	fake_pair(fd, 1);
	close(fd[0]);
	f = over(fd[1], fd[1]);
	assert_int_equal(io->write(f, "x", 1, &n), TUNNEL_ERESET);
	tunnel_fd_free(f);
	close(fd[1]);
	/* One that was pending before stays so. */
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	raise(SIGPIPE);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	f = over(fd[1], fd[1]);
	assert_int_equal(io->write(f, "x", 1, &n), TUNNEL_ERESET);
	sigpending(&set);
	assert_true(sigismember(&set, SIGPIPE));
	sigwait(&set, &i);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	tunnel_fd_free(f);
	close(fd[1]);
}

static void
aborts(void **state)
{
	struct tunnel_fd *f;
	int fd[2];
	char c;
	size_t n;

	(void)state;
	fake_tcp(fd, 0);
	f = over(fd[0], fd[0]);
	assert_int_equal(io->abort(f), 0);
	tunnel_fd_free(f);
	close(fd[0]);
	assert_int_equal(recv(fd[1], &c, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	f = over(fd[1], fd[1]);
	assert_int_equal(io->write(f, "x", 1, &n), TUNNEL_ERESET);
	assert_int_equal(io->shut(f), TUNNEL_ERESET);
	tunnel_fd_free(f);
	close(fd[1]);
}

static void
files_and_terminals(void **state)
{
	static char bulk[65536];
	char path[] = "/tmp/tunnel-test-XXXXXX", buf[8];
	int fd = mkstemp(path), master, slave;
	struct pollfd p = { -1, POLLIN, 0 };
	struct tunnel_fd *f;
	size_t n, echoed;

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	f = over(fd, fd);
	assert_int_equal(io->write(f, "hello", 5, &n), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(io->read(f, buf, 8, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(io->read(f, buf, 8, &n), TUNNEL_DONE);
	/* A file takes it all at once. */
	assert_int_equal(io->write(f, bulk, sizeof bulk, &n), 0);
	assert_int_equal(n, sizeof bulk);
	tunnel_fd_free(f);
	close(fd);
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0)
		skip();
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	f = over(master, master);
	p.fd = master;
	assert_int_equal(io->read(f, buf, 8, &n), TUNNEL_IN);
	assert_int_equal(io->write(f, "hi\n", 3, &n), 0);
	/* A pty is one descriptor both ways: it is never closed for us. */
	tunnel_fd_close_at_fin(f, 1);
	assert_int_equal(io->shut(f), 0);
	assert_true(fcntl(master, F_GETFD) >= 0);
	/* The echo, which a worker of the kernel may bring behind an end. */
	for (echoed = 0; echoed < strlen("hi\r\n"); echoed += n) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		assert_int_equal(io->read(f, buf, 8, &n), 0);
	}
	close(slave);
	assert_int_equal(io->read(f, buf, 8, &n), TUNNEL_DONE);
	tunnel_fd_free(f);
	close(master);
}

/* A pseudo-terminal that takes no more when nobody reads: the master's and the
 * slave's descriptor, of which the slave's blocks. */
static void
open_terminal(int fd[2], int cooked)
{
	struct termios t;

	fd[0] = posix_openpt(O_RDWR | O_NOCTTY);
	if (fd[0] < 0)
		skip();
	assert_int_equal(grantpt(fd[0]), 0);
	assert_int_equal(unlockpt(fd[0]), 0);
	fd[1] = open(ptsname(fd[0]), O_RDWR | O_NOCTTY);
	assert_true(fd[1] >= 0);
	assert_int_equal(tcgetattr(fd[1], &t), 0);
	if (cooked)
		t.c_oflag |= OPOST;
	else
		t.c_oflag &= ~(tcflag_t)OPOST;
	assert_int_equal(tcsetattr(fd[1], TCSANOW, &t), 0);
}

/* A write that waits is ended by SIGALRM, and this test with it. */
static void
full_terminals(void **state)
{
	struct tunnel_fd *f;
	char buf[4096];
	int fd[2], flags, cooked, next;
	size_t n;

	(void)state;
	alarm(600);
	for (cooked = 0; cooked < 2; cooked++) {
		open_terminal(fd, cooked);
		flags = fcntl(fd[1], F_GETFL);
		next = dup(0);
		close(next);
		f = over(fd[1], fd[1]);
		assert_true(stuff(f) > 0);
		assert_int_equal(fcntl(fd[1], F_GETFL), flags);
		while (io->write(f, "x", 1, &n) == TUNNEL_OUT)
			assert_true(read(fd[0], buf, sizeof buf) > 0);
		assert_int_equal(n, 1);
		tunnel_fd_free(f);
		/* Nothing is left open. */
		assert_int_equal(dup(0), next);
		close(next);
		/* What is written to a master comes to this slave. */
		f = over(fd[0], fd[0]);
		assert_int_equal(io->write(f, "hi\n", 3, &n), 0);
		assert_int_equal(read(fd[1], buf, sizeof buf), 3);
		tunnel_fd_free(f);
		close(fd[0]);
		close(fd[1]);
	}
	alarm(0);
}

static int
starved(const struct tunnel_alloc *a, void *ud)
{
	struct tunnel_fd *f = tunnel_fd_new(a, *(int *)ud, *(int *)ud);
	int done = f != NULL;

	tunnel_fd_free(f);
	return done;
}

static void
birth(void **state)
{
	struct oom o;
	int fd[2];

	(void)state;
	oom_init(&o);
	assert_null(tunnel_fd_new(&o.alloc, -1, 0));
	assert_int_equal(o.live, 0);
	assert_null(tunnel_fd_new(NULL, 0, 12345));
	tunnel_fd_free(NULL);
	fake_pair(fd, 0);
	oom_run(starved, fd);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets), cmocka_unit_test(full_ones),
		cmocka_unit_test(flag_withdrawn), cmocka_unit_test(pipes),
		cmocka_unit_test(no_sigpipe), cmocka_unit_test(aborts),
		cmocka_unit_test(files_and_terminals),
		cmocka_unit_test(full_terminals), cmocka_unit_test(birth),
	};

	io = tunnel_fd_io();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
