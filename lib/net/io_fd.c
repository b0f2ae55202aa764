/* io_fd.c - a descriptor as a stream
 *
 * O_NONBLOCK belongs to the open file, not to us: on standard input it is
 * shared with the shell and with every program on that terminal, and who sets
 * it breaks them.  So no flag is ever changed, and nothing here waits all the
 * same:
 *
 *   socket        recv and send with MSG_DONTWAIT
 *   terminal      written to through an open file of our own, which does not
 *                 block; where that cannot be had, like anything else
 *   file          as it is: it is always ready
 *   anything else poll(2) first; to a blocking one at most PIPE_BUF bytes at a
 *                 time, which POSIX promises of a pipe after POLLOUT.  Whether
 *                 it blocks is asked each time, for others may change that
 *
 * A ring that has wrapped is two pieces of memory, which go in one call where
 * two pieces wait no longer than one.
 *
 * SIGPIPE never reaches the application: MSG_NOSIGNAL on sockets, and elsewhere
 * the signal is blocked around the write and taken back when the write made it,
 * unless it is known to be ignored.
 */
#include "net/io_fd.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/socket.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0          /* there SO_NOSIGPIPE does it */
#endif
#ifndef PIPE_BUF
#define PIPE_BUF 512            /* the least that POSIX allows */
#endif

/* What a descriptor is, for the S_IS macros; 0 when it is not open. */
static mode_t
kind(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_mode : 0;
}

/* A write that is answered by a write must not wait for a delayed ACK.  Not
 * every socket is TCP, so failure is no failure. */
static void
prepare_socket(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef SO_NOSIGPIPE
	(void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

int
tnl_fd_init(struct tunnel_fd *f, int rfd, int wfd)
{
	mode_t w = kind(wfd), r = rfd == wfd ? w : kind(rfd);

	if (r == 0 || w == 0)
		return TUNNEL_EINVAL;
	f->rfd = rfd;
	f->wfd = wfd;
	f->rsocket = S_ISSOCK(r);
	f->wsocket = S_ISSOCK(w);
	f->terminal = S_ISCHR(w) && isatty(wfd);
	f->careful = !S_ISSOCK(w) && !S_ISREG(w);
	f->errnum = 0;
	if (f->rsocket)
		prepare_socket(rfd);
	if (f->wsocket && wfd != rfd)
		prepare_socket(wfd);
	return 0;
}

void
tnl_fd_socket(struct tunnel_fd *f, int fd)
{
	f->rfd = f->wfd = fd;
	f->rsocket = f->wsocket = 1;
	f->terminal = f->careful = 0;
	f->errnum = 0;
}

struct tunnel_fd *
tunnel_fd_new(const struct tunnel_alloc *a, int rfd, int wfd)
{
	struct tunnel_alloc own;
	struct tunnel_fd *f;

	tnl_alloc_init(&own, a);
	f = tnl_get(&own, sizeof *f);
	if (f == NULL)
		return NULL;
	f->a = own;
	if (tnl_fd_init(f, rfd, wfd) < 0) {
		tnl_put(&own, f, sizeof *f);
		return NULL;
	}
	return f;
}

void
tunnel_fd_free(struct tunnel_fd *f)
{
	struct tunnel_alloc a;

	if (f == NULL)
		return;
	a = f->a;
	tnl_put(&a, f, sizeof *f);
}

int
tunnel_fd_close_at_fin(struct tunnel_fd *f, int on)
{
	f->close_at_fin = on != 0;
	return 0;
}

/* What errno means to a stream: wait, gone, or broken. */
int
tnl_fd_verdict(struct tunnel_fd *f, int wait)
{
	int e = errno;

	if (e == EAGAIN || e == EWOULDBLOCK)
		return wait;
	f->errnum = e;
	return e == ECONNRESET || e == EPIPE || e == ENOTCONN ||
	    e == ECONNABORTED ? TUNNEL_ERESET : TUNNEL_EIO;
}

int
tnl_fd_ready(int fd, short events)
{
	struct pollfd p;
	int n;

	p.fd = fd;
	p.events = events;
	p.revents = 0;
	do
		n = poll(&p, 1, 0);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

/* A message of two pieces and nothing else. */
static struct msghdr *
message(struct msghdr *m, struct iovec *v)
{
	memset(m, 0, sizeof *m);
	m->msg_iov = v;
	m->msg_iovlen = 2;
	return m;
}

/* From what is no socket one piece at a time: a device may go on to the second
 * when the first is full, and wait there. */
static ssize_t
receive(const struct tunnel_fd *f, struct iovec *v, int k)
{
	struct msghdr m;

	if (!f->rsocket)
		return read(f->rfd, v->iov_base, v->iov_len);
	if (k == 1)
		return recv(f->rfd, v->iov_base, v->iov_len, MSG_DONTWAIT);
	return recvmsg(f->rfd, message(&m, v), MSG_DONTWAIT);
}

int
tnl_fd_readv(struct tunnel_fd *f, struct iovec *v, int k, size_t *got)
{
	ssize_t n;

	*got = 0;
	if (!f->rsocket && !tnl_fd_ready(f->rfd, POLLIN))
		return TUNNEL_IN;
	do
		n = receive(f, v, k);
	while (n < 0 && errno == EINTR);
	/* Linux: a pseudo-terminal whose other end was closed says EIO. */
	if (n == 0 || (n < 0 && errno == EIO && !f->rsocket))
		return TUNNEL_DONE;
	if (n < 0)
		return tnl_fd_verdict(f, TUNNEL_IN);
	*got = (size_t)n;
	return 0;
}

static int
fd_read(void *ud, void *buf, size_t cap, size_t *got)
{
	struct iovec v;

	v.iov_base = buf;
	v.iov_len = cap;
	return tnl_fd_readv(ud, &v, 1, got);
}

/* The SIGPIPE that our own write made: take it back. */
static void
swallow(const sigset_t *sigpipe)
{
	sigset_t pending;
	int sig;

	if (sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE))
		(void)sigwait(sigpipe, &sig);
}

static ssize_t
quiet_write(int fd, struct iovec *v, int k)
{
	sigset_t sigpipe, old, pending;
	int theirs, e;
	ssize_t r;

	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	sigemptyset(&pending);
	(void)sigpending(&pending);
	theirs = sigismember(&pending, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &sigpipe, &old);
	r = writev(fd, v, k);
	e = errno;
	if (r < 0 && e == EPIPE && !theirs)
		swallow(&sigpipe);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = e;
	return r;
}

/* Would a call wait?  Whoever shares the open file may have set it anew. */
static int
blocks(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

/* The terminal behind a descriptor, opened once more, or -1.  A master is not
 * its name: that makes a new pseudo-terminal each time. */
static int
open_again(int fd)
{
	char name[128] = "";

	if (ttyname_r(fd, name, sizeof name) != 0 ||
	    strstr(name, "ptmx") != NULL)
		return -1;
	return open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

static ssize_t
write_once(int fd, struct iovec *v, int k)
{
	ssize_t r = quiet_write(fd, v, k);
	int e = errno;

	(void)close(fd);
	errno = e;
	return r;
}

static ssize_t
transmit(const struct tunnel_fd *f, struct iovec *v, int k)
{
	const int how = MSG_DONTWAIT | MSG_NOSIGNAL;
	struct msghdr m;

	return k == 1 ? send(f->wfd, v->iov_base, v->iov_len, how) :
	    sendmsg(f->wfd, message(&m, v), how);
}

/* A write that does not wait: as writev(2).  A terminal may take a byte after
 * POLLOUT and let the second wait.  It is opened for each write, so that there
 * is nothing to be closed later: a terminal is not where speed counts. */
static ssize_t
write_now(struct tunnel_fd *f, struct iovec *v, int k)
{
	int own = f->terminal ? open_again(f->wfd) : -1;
	int careful = own < 0 && f->careful && blocks(f->wfd);

	f->terminal = own >= 0;
	if (own >= 0)
		return write_once(own, v, k);
	if (f->wsocket)
		return transmit(f, v, k);
	if (careful && !tnl_fd_ready(f->wfd, POLLOUT)) {
		errno = EAGAIN;
		return -1;
	}
	if (careful && v->iov_len > PIPE_BUF)
		v->iov_len = PIPE_BUF;
	k = careful ? 1 : k;
	return f->quiet ? writev(f->wfd, v, k) : quiet_write(f->wfd, v, k);
}

int
tnl_fd_writev(struct tunnel_fd *f, struct iovec *v, int k, size_t *put)
{
	ssize_t r;

	*put = 0;
	do
		r = write_now(f, v, k);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return tnl_fd_verdict(f, TUNNEL_OUT);
	*put = (size_t)r;
	return 0;
}

static int
fd_write(void *ud, const void *buf, size_t n, size_t *put)
{
	struct iovec v;

	/* An iovec has no const, and is only read here. */
	v.iov_base = (void *)(uintptr_t)buf;
	v.iov_len = n;
	return tnl_fd_writev(ud, &v, 1, put);
}

static int
fd_shut(void *ud)
{
	struct tunnel_fd *f = ud;
	int wfd = f->wfd;

	if (f->wsocket)
		return shutdown(wfd, SHUT_WR) < 0 ?
		    tnl_fd_verdict(f, TUNNEL_OUT) : 0;
	if (!f->close_at_fin || wfd == f->rfd)
		return 0;
	f->wfd = -1;
	/* A file may say only now that its last bytes found no place. */
	return close(wfd) < 0 && errno != EINTR ?
	    tnl_fd_verdict(f, TUNNEL_OUT) : 0;
}

static int
fd_abort(void *ud)
{
	struct tunnel_fd *f = ud;
	if (f->wsocket)
		tnl_socket_abort(f->wfd);
	return 0;
}

static int
fd_errnum(void *ud)
{
	struct tunnel_fd *f = ud;

	return f->errnum;
}

const struct tunnel_io *
tunnel_fd_io(void)
{
	static const struct tunnel_io io = {
		sizeof(struct tunnel_io), fd_read, fd_write, fd_shut, fd_abort,
		fd_errnum
	};

	return &io;
}
