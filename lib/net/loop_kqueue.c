/* loop_kqueue.c - the kqueue(2) of the BSDs and macOS, with EV_CLEAR
 *
 * As with epoll, each descriptor is registered once, for both directions.  A
 * descriptor that has but one of them (a pipe's end) takes one filter and
 * refuses the other, which is as good.
 *
 * libkqueue, which has the same calls on Linux, serves to test all this there.
 */
#include <sys/types.h>
#include <sys/event.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/alloc.h"
#include "net/backend.h"

enum { EVENTS = 256 };

/* A kernel forgets a descriptor that is closed; libkqueue does not see that. */
#ifdef __linux__
enum { FORGETS = 0 };
#else
enum { FORGETS = 1 };
#endif

/* In told, beside flags: there is an end of some kind. */
enum { ENDED = 0x4000 };

struct kqueue {
	struct tunnel_alloc a;
	const struct tnl_watches *all;
	int fd;
};

static void *
open_kqueue(const struct tunnel_alloc *a, const struct tnl_watches *all)
{
	struct kqueue *b = tnl_get(a, sizeof *b);

	if (b == NULL)
		return NULL;
	b->a = *a;
	b->all = all;
	b->fd = kqueue();
	if (b->fd < 0) {
		tnl_put(a, b, sizeof *b);
		return NULL;
	}
	(void)fcntl(b->fd, F_SETFD, FD_CLOEXEC);
	return b;
}

static void
close_kqueue(void *ud)
{
	struct kqueue *b = ud;
	struct tunnel_alloc a = b->a;

	(void)close(b->fd);
	tnl_put(&a, b, sizeof *b);
}

static int
fd(const void *ud)
{
	const struct kqueue *b = ud;

	return b->fd;
}

static int
change(struct kqueue *b, struct tunnel_watch *w, short filter,
    unsigned short flags)
{
	struct kevent e;

	EV_SET(&e, (unsigned)w->fd, filter, flags, 0, 0,
	    (void *)(uintptr_t)w->turn);
	return kevent(b->fd, &e, 1, NULL, 0, NULL);
}

static int
add(void *ud, struct tunnel_watch *w)
{
	struct kqueue *b = ud;
	int in = change(b, w, EVFILT_READ, EV_ADD | EV_CLEAR);
	int out = change(b, w, EVFILT_WRITE, EV_ADD | EV_CLEAR);

	return in < 0 && out < 0 ? TUNNEL_EIO : 0;
}

static void
remove_watch(void *ud, struct tunnel_watch *w, int closing)
{
	struct kqueue *b = ud;

	if (closing && FORGETS)
		return;
	(void)change(b, w, EVFILT_READ, EV_DELETE);
	(void)change(b, w, EVFILT_WRITE, EV_DELETE);
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

/* An error beside the end of either way is a reset.  That connect(2) has failed
 * may come as the end of writing alone. */
static int
meaning(const struct kevent *e)
{
	int end = e->flags & EV_EOF;

	return (e->filter == EVFILT_READ ? TUNNEL_IN : TUNNEL_OUT) |
	    (end ? ENDED : 0) | (end && e->fflags != 0 ? TUNNEL_RESET : 0);
}

/* Whether urgent data is there is not said, so it might be: that concerns who
 * wants to read, and nobody else. */
static int
to_tell(const struct tunnel_watch *w)
{
	int now = w->told & ENDED || (w->told & w->wants & TUNNEL_IN);

	return (w->told & ~ENDED) | (now ? TUNNEL_NOW : 0);
}

static struct tunnel_watch *
meant(const struct kqueue *b, const struct kevent *e)
{
	return tnl_watches_find(b->all, (int)e->ident,
	    (uint32_t)(uintptr_t)e->udata);
}

static int
wait_kqueue(void *ud, int timeout, void (*tell)(struct tunnel_watch *w,
    int ready))
{
	struct kqueue *b = ud;
	struct kevent e[EVENTS];
	struct timespec t;
	struct tunnel_watch *w;
	int i, n, ready;

	t.tv_sec = timeout / 1000;
	t.tv_nsec = timeout % 1000 * 1000000L;
	n = kevent(b->fd, NULL, 0, e, EVENTS, timeout < 0 ? NULL : &t);
	if (n < 0)
		return errno == EINTR ? 0 : TUNNEL_EIO;
	/* The two filters of a descriptor come apart; one call tells both. */
	for (i = 0; i < n; i++) {
		w = meant(b, &e[i]);
		if (w != NULL)
			w->told |= (uint16_t)meaning(&e[i]);
	}
	for (i = 0; i < n; i++) {
		w = meant(b, &e[i]);
		if (w == NULL || w->told == 0)
			continue;
		ready = to_tell(w);
		w->told = 0;
		tell(w, ready);
	}
	return 0;
}

const struct tnl_backend tnl_backend_kqueue = {
	"kqueue", open_kqueue, close_kqueue, fd, add, remove_watch,
	moved, wants, wait_kqueue
};
