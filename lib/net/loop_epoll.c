/* loop_epoll.c - Linux's epoll(7), edge-triggered
 *
 * Each descriptor is registered once, for both directions, and never touched
 * again: what is waited for changes without a system call, since an edge that
 * nobody waits for is answered by trying, which is what everybody does before
 * waiting anyway.  Whatever comes later is an edge of its own, also the end of a
 * stream; but an end, or urgent data, that had come before is told only once.
 */
#include <sys/epoll.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/backend.h"

enum { EVENTS = 256 };

struct epoll {
	struct tunnel_alloc a;
	int fd;
};

static void *
open_epoll(const struct tunnel_alloc *a)
{
	struct epoll *b = tnl_get(a, sizeof *b);

	if (b == NULL)
		return NULL;
	b->a = *a;
	b->fd = epoll_create1(EPOLL_CLOEXEC);
	if (b->fd < 0) {
		tnl_put(a, b, sizeof *b);
		return NULL;
	}
	return b;
}

static void
close_epoll(void *ud)
{
	struct epoll *b = ud;
	struct tunnel_alloc a = b->a;

	(void)close(b->fd);
	tnl_put(&a, b, sizeof *b);
}

static int
fd(const void *ud)
{
	const struct epoll *b = ud;

	return b->fd;
}

static int
add(void *ud, struct tunnel_watch *w)
{
	struct epoll *b = ud;
	struct epoll_event e;

	e.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
	e.data.ptr = w;
	return epoll_ctl(b->fd, EPOLL_CTL_ADD, w->fd, &e) == 0 ? 0 :
	    TUNNEL_EIO;
}

static void
remove_watch(void *ud, struct tunnel_watch *w)
{
	struct epoll *b = ud;
	struct epoll_event unused;

	(void)epoll_ctl(b->fd, EPOLL_CTL_DEL, w->fd, &unused);
}

static void
wants(void *ud, struct tunnel_watch *w)
{
	(void)ud;
	(void)w;
}

static int
meaning(uint32_t events)
{
	if (events & EPOLLHUP)
		events |= EPOLLIN | EPOLLOUT;
	return (events & (EPOLLIN | EPOLLRDHUP | EPOLLPRI) ? TUNNEL_IN : 0) |
	    (events & EPOLLOUT ? TUNNEL_OUT : 0) |
	    (events & (EPOLLRDHUP | EPOLLPRI | EPOLLHUP | EPOLLERR) ?
	    TUNNEL_NOW : 0) |
	    (events & EPOLLERR ? TUNNEL_IN | TUNNEL_OUT | TUNNEL_RESET : 0);
}

static int
wait_epoll(void *ud, int timeout, void (*tell)(struct tunnel_watch *w,
    int ready))
{
	struct epoll *b = ud;
	struct epoll_event e[EVENTS];
	int i, n = epoll_wait(b->fd, e, EVENTS, timeout);

	if (n < 0)
		return errno == EINTR ? 0 : TUNNEL_EIO;
	for (i = 0; i < n; i++)
		tell(e[i].data.ptr, meaning(e[i].events));
	return 0;
}

const struct tnl_backend tnl_backend_epoll = {
	"epoll", open_epoll, close_epoll, fd, add, remove_watch, wants,
	wait_epoll
};
