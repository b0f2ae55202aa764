/* loop_epoll.c - Linux's epoll(7), edge-triggered
 *
 * Each descriptor is registered once, for both directions, and never touched
 * again: what is waited for changes without a system call, since an edge that
 * nobody waits for is answered by trying, which is what everybody does before
 * waiting anyway.  Whatever comes later is an edge of its own, also the end of
 * a stream; but an end, or urgent data, that was there before is told but once.
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
	const struct tnl_watches *all;
	int fd;
};

static void *
open_epoll(const struct tunnel_alloc *a, const struct tnl_watches *all)
{
	struct epoll *b = tnl_get(a, sizeof *b);

	if (b == NULL)
		return NULL;
	b->a = *a;
	b->all = all;
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
	e.data.u64 = (uint64_t)w->turn << 32 | (uint32_t)w->fd;
	return epoll_ctl(b->fd, EPOLL_CTL_ADD, w->fd, &e) == 0 ? 0 :
	    TUNNEL_EIO;
}

static void
remove_watch(void *ud, struct tunnel_watch *w, int closing)
{
	struct epoll *b = ud;
	struct epoll_event unused;

	if (!closing)
		(void)epoll_ctl(b->fd, EPOLL_CTL_DEL, w->fd, &unused);
}

static void
moved(void *ud, struct tunnel_watch *w)
{
	(void)ud;
	(void)w;
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
	struct tunnel_watch *w;
	int i, n = epoll_wait(b->fd, e, EVENTS, timeout);

	if (n < 0)
		return errno == EINTR ? 0 : TUNNEL_EIO;
	for (i = 0; i < n; i++) {
		w = tnl_watches_find(b->all, (int)(uint32_t)e[i].data.u64,
		    (uint32_t)(e[i].data.u64 >> 32));
		if (w != NULL)
			tell(w, meaning(e[i].events));
	}
	return 0;
}

const struct tnl_backend tnl_backend_epoll = {
	"epoll", open_epoll, close_epoll, fd, add, remove_watch, moved,
	wants, wait_epoll
};
