/* fault_shim.c - system calls that fail, or do less, when they are told to
 *
 *      cc -shared -fPIC -o fault_shim.so tests/fault_*.c -ldl
 *      FAULT=read-short:3 LD_PRELOAD=./fault_shim.so PROGRAM
 *
 * FAULT is KIND:N, the N-th call of that kind, or KIND:*K, every K-th.  A file
 * named by FAULT_FILE is shared memory (struct fault): it tells how many calls
 * there were, also when the program has ended, and arms the shim anew while
 * it runs.  For Linux with glibc, and for tests alone.
 *
 * What happens is what the kernel might do.  Who was told "not now", or less
 * than there is, hears an edge later, as if the rest had just come; a socket
 * whose call fails as dead is dead, and its peer is told by a reset.
 */
#define _GNU_SOURCE
#include "fault_shim.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct kind kinds[] = {
	{ "read-short", READ, SHORT, 0 },
	{ "read-intr", READ, ERROR, EINTR },
	{ "read-again", READ, AGAIN, EAGAIN },
	{ "read-reset", READ, DEAD, ECONNRESET },
	{ "read-timedout", READ, DEAD, ETIMEDOUT },
	{ "read-nobufs", READ, BUSY, ENOBUFS },
	{ "write-short", WRITE, SHORT, 0 },
	{ "write-intr", WRITE, ERROR, EINTR },
	{ "write-again", WRITE, AGAIN, EAGAIN },
	{ "write-reset", WRITE, DEAD, ECONNRESET },
	{ "write-pipe", WRITE, DEAD, EPIPE },
	{ "write-timedout", WRITE, DEAD, ETIMEDOUT },
	{ "write-nobufs", WRITE, BUSY, ENOBUFS },
	{ "splice-short", SPLICE, SHORT, 0 },
	{ "splice-intr", SPLICE, ERROR, EINTR },
	{ "splice-again", SPLICE, AGAIN, EAGAIN },
	{ "splice-inval", SPLICE, ERROR, EINVAL },
	{ "splice-nomem", SPLICE, ERROR, ENOMEM },
	{ "splice-reset", SPLICE, DEAD, ECONNRESET },
	{ "splice-pipe", SPLICE, DEAD, EPIPE },
	{ "accept-intr", ACCEPT, ERROR, EINTR },
	{ "accept-again", ACCEPT, AGAIN, EAGAIN },
	{ "accept-aborted", ACCEPT, AFTER, ECONNABORTED },
	{ "accept-mfile", ACCEPT, ERROR, EMFILE },
	{ "accept-nobufs", ACCEPT, ERROR, ENOBUFS },
	{ "connect-intr", CONNECT, AFTER, EINTR },
	{ "connect-timedout", CONNECT, ERROR, ETIMEDOUT },
	{ "connect-refused", CONNECT, ERROR, ECONNREFUSED },
	{ "connect-nobufs", CONNECT, ERROR, ENOBUFS },
	{ "socket-mfile", SOCKET, ERROR, EMFILE },
	{ "socket-nobufs", SOCKET, ERROR, ENOBUFS },
	{ "wait-intr", WAIT, ERROR, EINTR },
	{ "wait-spurious", WAIT, SPURIOUS, 0 },
	{ "wait-late", WAIT, LATE, EINTR },
	{ "wait-lost", WAIT, LOST, EINTR },
	{ "ctl-nomem", CTL, ERROR, ENOMEM },
	{ "ctl-nospc", CTL, ERROR, ENOSPC },
	{ "pipe-mfile", PIPE, ERROR, EMFILE },
	{ "resolve-again", RESOLVE, ERROR, EAI_AGAIN },
	{ "resolve-memory", RESOLVE, ERROR, EAI_MEMORY },
	{ "open-mfile", OPEN, ERROR, EMFILE },
	{ "open-intr", OPEN, ERROR, EINTR },
	{ "option-nobufs", OPTION, ERROR, ENOBUFS },
	{ "shut-notconn", SHUT, DEAD, ENOTCONN },
	{ "close-intr", CLOSE, AFTER, EINTR },
	{ "thread-again", THREAD, ERROR, EAGAIN },
	{ "fork-again", FORK, ERROR, EAGAIN },
	{ "fork-nomem", FORK, ERROR, ENOMEM },
	{ "alloc-nomem", ALLOC, ERROR, ENOMEM }
};

/* What is shared. */
struct fault {
	uint32_t loaded;        /* 1: the shim is there */
	uint32_t at, every;     /* which call; 0: none */
	uint32_t calls, hits;
	char kind[20];          /* "": nothing is armed, nor counted */
};

static struct fault own;
static struct fault *fault = &own;

enum { FDS = 1024, STASH = 256 };

static struct registered {
	int epoll;              /* 0: none */
	struct epoll_event event;
} registered[FDS];

static struct epoll_event stash[STASH];
static int stashed;

/* ---- what is due ---------------------------------------------------- */

static const struct kind *
armed(void)
{
	size_t i;

	if (fault->kind[0] == '\0')
		return NULL;
	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(fault->kind, kinds[i].name) == 0)
			return &kinds[i];
	abort();
}

static int
is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

const struct kind *
fault_due(enum family f, int fd)
{
	const struct kind *k = armed();
	uint32_t n;

	if (k == NULL || k->family != f)
		return NULL;
	if ((f == READ || f == WRITE) && k->what != ERROR &&
	    k->what != SHORT && !is_socket(fd))
		return NULL;
	n = __atomic_add_fetch(&fault->calls, 1, __ATOMIC_SEQ_CST);
	if (fault->every != 0 ? n % fault->every != 0 : n != fault->at)
		return NULL;
	__atomic_add_fetch(&fault->hits, 1, __ATOMIC_SEQ_CST);
	return k;
}

static void
share(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *p;

	if (fd < 0 || ftruncate(fd, sizeof *fault) < 0)
		abort();
	p = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (p == MAP_FAILED)
		abort();
	(void)close(fd);
	fault = p;
}

static void __attribute__((constructor))
begin(void)
{
	const char *which = getenv("FAULT"), *path = getenv("FAULT_FILE");
	size_t n = which != NULL ? strcspn(which, ":") : 0;

	if (path != NULL)
		share(path);
	if (n > 0 && which[n] == ':' && n < sizeof fault->kind) {
		if (which[n + 1] == '*')
			fault->every = (uint32_t)atoi(which + n + 2);
		else
			fault->at = (uint32_t)atoi(which + n + 1);
		memcpy(fault->kind, which, n);
	}
	fault->loaded = 1;
	/* What it starts has no faults. */
	unsetenv("LD_PRELOAD");
}

/* ---- what happens --------------------------------------------------- */

int
epoll_ctl(int epoll, int op, int fd, struct epoll_event *e)
{
	const struct kind *k = op == EPOLL_CTL_ADD ? fault_due(CTL, fd) : NULL;
	NEXT(int, epoll_ctl, int, int, int, struct epoll_event *);

	if (k != NULL) {
		errno = k->error;
		return -1;
	}
	if (fd >= 0 && fd < FDS) {
		registered[fd].epoll = op == EPOLL_CTL_DEL ? 0 : epoll;
		if (op != EPOLL_CTL_DEL)
			registered[fd].event = *e;
	}
	return next(epoll, op, fd, e);
}

void
fault_edge(int fd)
{
	NEXT(int, epoll_ctl, int, int, int, struct epoll_event *);
	int e = errno;

	if (fd >= 0 && fd < FDS && registered[fd].epoll > 0)
		(void)next(registered[fd].epoll, EPOLL_CTL_MOD, fd,
		    &registered[fd].event);
	errno = e;
}

/* Linux: connected to nothing, a socket of TCP resets its peer. */
static void
kill_socket(int fd)
{
	struct sockaddr none;
	NEXT(int, connect, int, const struct sockaddr *, socklen_t);

	memset(&none, 0, sizeof none);
	none.sa_family = AF_UNSPEC;
	(void)next(fd, &none, sizeof none);
}

int
fault_goes_on(const struct kind *k, int fd)
{
	if (k == NULL || k->what == SHORT)
		return 1;
	if (k->what == AGAIN)
		fault_edge(fd);
	if (k->what == DEAD)
		kill_socket(fd);
	errno = k->error;
	return 0;
}

/* ---- waiting -------------------------------------------------------- */

/* Is it a listener, or has it a peer?  One that is connecting is not ready,
 * and no kernel says so. */
static int
may_be_ready(int fd, uint32_t *events)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;

	if (is_socket(fd) && getpeername(fd, (struct sockaddr *)&sa, &n) < 0)
		*events &= ~(uint32_t)EPOLLOUT;
	return *events != 0;
}

static int
all_ready(int epoll, struct epoll_event *e, int n, int cap)
{
	uint32_t events;
	int fd, i;

	for (fd = 0; fd < FDS && n < cap; fd++) {
		events = registered[fd].event.events & (EPOLLIN | EPOLLOUT);
		if (registered[fd].epoll != epoll ||
		    !may_be_ready(fd, &events))
			continue;
		for (i = 0; i < n; i++)
			if (e[i].data.u64 == registered[fd].event.data.u64)
				break;
		if (i < n)
			continue;
		e[n].data = registered[fd].event.data;
		e[n++].events = events;
	}
	return n;
}

/* What was kept from the caller, and what is ready by now. */
static int
belated(int (*next)(int, struct epoll_event *, int, int), int epoll,
    struct epoll_event *e, int cap)
{
	int n = stashed < cap ? stashed : cap, more;

	memcpy(e, stash, (size_t)n * sizeof *e);
	stashed = 0;
	more = n < cap ? next(epoll, e + n, cap - n, 0) : 0;
	return more > 0 ? n + more : n;
}

int
epoll_wait(int epoll, struct epoll_event *e, int cap, int timeout)
{
	const struct kind *k;
	int n;
	NEXT(int, epoll_wait, int, struct epoll_event *, int, int);

	if (stashed > 0)
		return belated(next, epoll, e, cap);
	k = fault_due(WAIT, epoll);
	if (k == NULL)
		return next(epoll, e, cap, timeout);
	if (k->what == SPURIOUS) {
		n = next(epoll, e, cap, 0);
		return n < 0 ? n : all_ready(epoll, e, n, cap);
	}
	if (k->what != ERROR) {
		n = next(epoll, e, cap < STASH ? cap : STASH, timeout);
		if (n > 0 && k->what == LATE) {
			memcpy(stash, e, (size_t)n * sizeof *e);
			stashed = n;
		}
	}
	errno = EINTR;
	return -1;
}

void
fault_forget(int fd)
{
	if (fd >= 0 && fd < FDS)
		registered[fd].epoll = 0;
}
