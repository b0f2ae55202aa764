/* io_splice.c - pipes through which the kernel moves bytes by itself
 *
 * splice(2) of Linux, since 2.6.17.  It raises SIGPIPE at a socket that has
 * been reset and can't be told not to, so it is used only where that signal is
 * ignored or blocked.
 */
#define _GNU_SOURCE
#include "net/io_splice.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"

enum { KEEP = 8, CAPACITY = 262144, WIDE = 1048576 };

void
tnl_pipes_init(struct tnl_pipes *p, const struct tunnel_alloc *a)
{
	p->a = a;
	p->first = NULL;
	p->resting = 0;
}

void
tnl_pipes_free(struct tnl_pipes *p)
{
	struct tnl_pipe *pipe;

	while ((pipe = p->first) != NULL) {
		p->first = pipe->next;
		tnl_pipes_drop(p, pipe);
	}
}

struct tnl_pipe *
tnl_pipes_get(struct tnl_pipes *p)
{
	struct tnl_pipe *pipe = p->first;

	if (pipe != NULL) {
		p->first = pipe->next;
		p->resting--;
		return pipe;
	}
	pipe = tnl_get(p->a, sizeof *pipe);
	if (pipe == NULL)
		return NULL;
	if (pipe2(pipe->fd, O_CLOEXEC | O_NONBLOCK) < 0) {
		tnl_put(p->a, pipe, sizeof *pipe);
		return NULL;
	}
	/* Past what a user may have it stays small, which only costs calls. */
	(void)fcntl(pipe->fd[1], F_SETPIPE_SZ, CAPACITY);
	return pipe;
}

void
tnl_pipes_put(struct tnl_pipes *p, struct tnl_pipe *pipe)
{
	if (p->resting == KEEP) {
		tnl_pipes_drop(p, pipe);
		return;
	}
	pipe->next = p->first;
	p->first = pipe;
	p->resting++;
}

void
tnl_pipes_drop(struct tnl_pipes *p, struct tnl_pipe *pipe)
{
	(void)close(pipe->fd[0]);
	(void)close(pipe->fd[1]);
	tnl_put(p->a, pipe, sizeof *pipe);
}

long
tnl_splice(int from, int to, size_t n)
{
	long got;

	do
		got = splice(from, NULL, to, NULL, n,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (got < 0 && errno == EINTR);
	return got;
}

enum tnl_splice_kind
tnl_splice_kind(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, &st) < 0)
		return TNL_SPLICE_NOT;
	/* A socket that may block does so also in splice(2). */
	if (S_ISSOCK(st.st_mode))
		return flags & O_NONBLOCK ? TNL_SPLICE_BOTH : TNL_SPLICE_NOT;
	if (S_ISFIFO(st.st_mode))
		return TNL_SPLICE_PIPE;
	return S_ISREG(st.st_mode) && !(flags & O_APPEND) ?
	    TNL_SPLICE_BOTH : TNL_SPLICE_NOT;
}

void
tnl_splice_widen(int fd)
{
	(void)fcntl(fd, F_SETPIPE_SZ, WIDE);
}

int
tnl_splice_quiet(void)
{
	struct sigaction act;
	sigset_t mask;

	if (sigaction(SIGPIPE, NULL, &act) == 0 && act.sa_handler == SIG_IGN)
		return 1;
	return pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 &&
	    sigismember(&mask, SIGPIPE) == 1;
}
