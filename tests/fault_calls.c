/* fault_calls.c - the calls that fail when told to; see fault_shim.c */
#define _GNU_SOURCE
#include "fault_shim.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- transfers ------------------------------------------------------ */

/* What has been moved is what was there: an edge tells of the rest. */
static ssize_t
went(const struct kind *k, int fd, ssize_t n)
{
	if (k != NULL)
		fault_edge(fd);
	return n;
}

#define LESS(k, n) ((k) != NULL && (n) > 1 ? 1 : (n))

ssize_t
read(int fd, void *p, size_t n)
{
	const struct kind *k = fault_due(READ, fd);
	NEXT(ssize_t, read, int, void *, size_t);

	return fault_goes_on(k, fd) ?
	    went(k, fd, next(fd, p, LESS(k, n))) : -1;
}

ssize_t
recv(int fd, void *p, size_t n, int how)
{
	const struct kind *k = fault_due(READ, fd);
	NEXT(ssize_t, recv, int, void *, size_t, int);

	return fault_goes_on(k, fd) ?
	    went(k, fd, next(fd, p, LESS(k, n), how)) : -1;
}

/* The first piece that is one: of a short transfer, its first byte. */
static struct iovec
piece(const struct iovec *v, size_t n)
{
	struct iovec none = { NULL, 0 };

	while (n > 0 && v->iov_len == 0) {
		v++;
		n--;
	}
	if (n == 0)
		return none;
	none.iov_base = v->iov_base;
	none.iov_len = 1;
	return none;
}

ssize_t
readv(int fd, const struct iovec *v, int n)
{
	const struct kind *k = fault_due(READ, fd);
	struct iovec one = piece(v, (size_t)n);
	NEXT(ssize_t, readv, int, const struct iovec *, int);

	return !fault_goes_on(k, fd) ? -1 : k != NULL ?
	    went(k, fd, next(fd, &one, 1)) : next(fd, v, n);
}

ssize_t
recvmsg(int fd, struct msghdr *m, int how)
{
	const struct kind *k = fault_due(READ, fd);
	struct msghdr less = *m;
	struct iovec one = piece(m->msg_iov, m->msg_iovlen);
	NEXT(ssize_t, recvmsg, int, struct msghdr *, int);

	less.msg_iov = &one;
	less.msg_iovlen = 1;
	return !fault_goes_on(k, fd) ? -1 : k != NULL ?
	    went(k, fd, next(fd, &less, how)) : next(fd, m, how);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	const struct kind *k = fault_due(WRITE, fd);
	NEXT(ssize_t, write, int, const void *, size_t);

	return fault_goes_on(k, fd) ?
	    went(k, fd, next(fd, p, LESS(k, n))) : -1;
}

ssize_t
send(int fd, const void *p, size_t n, int how)
{
	const struct kind *k = fault_due(WRITE, fd);
	NEXT(ssize_t, send, int, const void *, size_t, int);

	return fault_goes_on(k, fd) ?
	    went(k, fd, next(fd, p, LESS(k, n), how)) : -1;
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	const struct kind *k = fault_due(WRITE, fd);
	struct iovec one = piece(v, (size_t)n);
	NEXT(ssize_t, writev, int, const struct iovec *, int);

	return !fault_goes_on(k, fd) ? -1 : k != NULL ?
	    went(k, fd, next(fd, &one, 1)) : next(fd, v, n);
}

ssize_t
sendmsg(int fd, const struct msghdr *m, int how)
{
	const struct kind *k = fault_due(WRITE, fd);
	struct msghdr less = *m;
	struct iovec one = piece(m->msg_iov, m->msg_iovlen);
	NEXT(ssize_t, sendmsg, int, const struct msghdr *, int);

	less.msg_iov = &one;
	less.msg_iovlen = 1;
	return !fault_goes_on(k, fd) ? -1 : k != NULL ?
	    went(k, fd, next(fd, &less, how)) : next(fd, m, how);
}

ssize_t
splice(int from, off64_t *at, int to, off64_t *where, size_t n, unsigned how)
{
	const struct kind *k = fault_due(SPLICE, from);
	ssize_t r;
	NEXT(ssize_t, splice, int, off64_t *, int, off64_t *, size_t,
	    unsigned);

	/* One of the two is a socket, and the other takes it well. */
	if (!fault_goes_on(k, from)) {
		(void)fault_goes_on(k, to);
		return -1;
	}
	r = next(from, at, to, where, LESS(k, n), how);
	return went(k, to, went(k, from, r));
}

/* ---- sockets -------------------------------------------------------- */

int
accept4(int fd, struct sockaddr *sa, socklen_t *n, int how)
{
	const struct kind *k = fault_due(ACCEPT, fd);
	int client;
	NEXT(int, accept4, int, struct sockaddr *, socklen_t *, int);

	/* Who was aborted is in the queue no more. */
	if (k != NULL && k->what == AFTER) {
		client = next(fd, NULL, NULL, how);
		if (client >= 0)
			(void)close(client);
		errno = k->error;
		return -1;
	}
	return fault_goes_on(k, fd) ? next(fd, sa, n, how) : -1;
}

int
accept(int fd, struct sockaddr *sa, socklen_t *n)
{
	return accept4(fd, sa, n, 0);
}

int
connect(int fd, const struct sockaddr *sa, socklen_t n)
{
	const struct kind *k = fault_due(CONNECT, fd);
	int r;
	NEXT(int, connect, int, const struct sockaddr *, socklen_t);

	if (k != NULL && k->what == AFTER) {
		r = next(fd, sa, n);
		if (r == 0 || errno == EINPROGRESS) {
			errno = k->error;
			r = -1;
		}
		return r;
	}
	return fault_goes_on(k, fd) ? next(fd, sa, n) : -1;
}

int
socket(int family, int type, int protocol)
{
	const struct kind *k = fault_due(SOCKET, -1);
	NEXT(int, socket, int, int, int);

	return fault_goes_on(k, -1) ? next(family, type, protocol) : -1;
}

int
setsockopt(int fd, int level, int name, const void *p, socklen_t n)
{
	const struct kind *k = fault_due(OPTION, fd);
	NEXT(int, setsockopt, int, int, int, const void *, socklen_t);

	return fault_goes_on(k, fd) ? next(fd, level, name, p, n) : -1;
}

int
shutdown(int fd, int how)
{
	const struct kind *k = fault_due(SHUT, fd);
	NEXT(int, shutdown, int, int);

	return fault_goes_on(k, fd) ? next(fd, how) : -1;
}

/* ---- whatever else -------------------------------------------------- */

/* Of sockets alone: whoever polls a pipe that blocks may trust the answer. */
static int
all_polled(struct pollfd *p, nfds_t n)
{
	struct sockaddr_storage sa;
	socklen_t size;
	nfds_t i;
	int ready = 0;

	for (i = 0; i < n; i++) {
		size = sizeof sa;
		if (p[i].fd >= 0 && getpeername(p[i].fd,
		    (struct sockaddr *)&sa, &size) == 0)
			p[i].revents |= p[i].events & (POLLIN | POLLOUT);
		ready += p[i].revents != 0;
	}
	return ready;
}

int
poll(struct pollfd *p, nfds_t n, int timeout)
{
	const struct kind *k = fault_due(WAIT, -1);
	NEXT(int, poll, struct pollfd *, nfds_t, int);

	if (k != NULL && k->what == SPURIOUS)
		return next(p, n, 0) < 0 ? -1 : all_polled(p, n);
	/* It asks for states and not for edges: what is lost comes again. */
	if (k != NULL) {
		errno = EINTR;
		return -1;
	}
	return next(p, n, timeout);
}

int
pipe2(int fd[2], int how)
{
	const struct kind *k = fault_due(PIPE, -1);
	NEXT(int, pipe2, int *, int);

	return fault_goes_on(k, -1) ? next(fd, how) : -1;
}

int
pipe(int fd[2])
{
	return pipe2(fd, 0);
}

pid_t
fork(void)
{
	const struct kind *k = fault_due(FORK, -1);
	NEXT(pid_t, fork, void);

	return fault_goes_on(k, -1) ? next() : -1;
}

int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **list)
{
	const struct kind *k = fault_due(RESOLVE, -1);
	NEXT(int, getaddrinfo, const char *, const char *,
	    const struct addrinfo *, struct addrinfo **);

	return k != NULL ? k->error : next(host, port, hints, list);
}

int
open(const char *path, int how, ...)
{
	const struct kind *k = fault_due(OPEN, -1);
	mode_t mode = 0;
	va_list args;
	NEXT(int, open, const char *, int, ...);

	if (how & O_CREAT) {
		va_start(args, how);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return fault_goes_on(k, -1) ? next(path, how, mode) : -1;
}

int
close(int fd)
{
	const struct kind *k = fault_due(CLOSE, fd);
	int r;
	NEXT(int, close, int);

	fault_forget(fd);
	r = next(fd);
	if (k == NULL || r < 0)
		return r;
	errno = k->error;
	return -1;
}

int
pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*fn)(void *),
    void *ud)
{
	const struct kind *k = fault_due(THREAD, -1);
	NEXT(int, pthread_create, pthread_t *, const pthread_attr_t *,
	    void *(*)(void *), void *);

	return k != NULL ? k->error : next(t, attr, fn, ud);
}

/* ---- memory --------------------------------------------------------- */

/* glibc's own: dlsym(3) may want memory. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

void *
malloc(size_t n)
{
	return fault_goes_on(fault_due(ALLOC, -1), -1) ? __libc_malloc(n) :
	    NULL;
}

void *
calloc(size_t n, size_t size)
{
	return fault_goes_on(fault_due(ALLOC, -1), -1) ?
	    __libc_calloc(n, size) : NULL;
}

void *
realloc(void *p, size_t n)
{
	return fault_goes_on(fault_due(ALLOC, -1), -1) ?
	    __libc_realloc(p, n) : NULL;
}
