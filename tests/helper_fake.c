/* helper_fake.c - see fake.h */
#include "fake.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "unit.h"

/* The entry that is due, and on to the next. */
static struct fake_step
due(const struct fake_step **script)
{
	struct fake_step s = **script;

	if (s.n == 0 && s.rv == 0)
		s.rv = TUNNEL_IN;
	else
		(*script)++;
	return s;
}

static int
fake_read(void *ud, void *buf, size_t cap, size_t *got)
{
	struct fake *f = ud;
	struct fake_step s = due(&f->reads);
	size_t left = strlen(f->in + f->in_at);

	if (s.n > cap)
		s.n = cap;
	if (s.n > left)
		s.n = left;
	memcpy(buf, f->in + f->in_at, s.n);
	f->in_at += s.n;
	*got = s.n;
	return s.rv;
}

static int
fake_write(void *ud, const void *buf, size_t n, size_t *put)
{
	struct fake *f = ud;
	struct fake_step s = due(&f->writes);

	if (s.n > n)
		s.n = n;
	assert_true(s.n <= sizeof f->out - f->out_n);
	memcpy(f->out + f->out_n, buf, s.n);
	f->out_n += s.n;
	*put = s.n;
	return s.rv;
}

static int
fake_shut(void *ud)
{
	struct fake *f = ud;

	f->shuts++;
	return f->shut_rv;
}

static int
fake_abort(void *ud)
{
	struct fake *f = ud;

	f->aborts++;
	return 0;
}

const struct tunnel_io *
fake_io(void)
{
	static const struct tunnel_io io = {
		sizeof(struct tunnel_io), fake_read, fake_write, fake_shut,
		fake_abort, NULL
	};

	return &io;
}

static void
prepare(int fd, int nonblock)
{
	if (nonblock)
		assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

void
fake_tcp(int fd[2], int nonblock)
{
	struct sockaddr_in at;
	socklen_t n = sizeof at;
	int l = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(l, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(l, 1), 0);
	assert_int_equal(getsockname(l, (struct sockaddr *)&at, &n), 0);
	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd[0], (struct sockaddr *)&at, n), 0);
	fd[1] = accept(l, NULL, NULL);
	assert_true(fd[1] >= 0);
	close(l);
	prepare(fd[0], nonblock);
	prepare(fd[1], nonblock);
}

void
fake_pair(int fd[2], int nonblock)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	prepare(fd[0], nonblock);
	prepare(fd[1], nonblock);
}

void
fake_wait(int fd, short events)
{
	struct pollfd p;

	p.fd = fd;
	p.events = events;
	fake_wait_one(&p, 1);
}

void
fake_wait_one(struct pollfd *p, nfds_t n)
{
	assert_true(poll(p, n, 60000) > 0);
}

int
fake_end(int fd, size_t *n)
{
	char buf[4096];
	ssize_t r;

	for (*n = 0;; *n += (size_t)r) {
		fake_wait(fd, POLLIN);
		r = recv(fd, buf, sizeof buf, 0);
		if (r < 0)
			assert_int_equal(errno, ECONNRESET);
		if (r <= 0)
			return (int)r;
	}
}
