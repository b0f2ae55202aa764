/* watches.c - which descriptors a loop watches, and for whom
 *
 * The system is told the descriptor and a turn, and never a pointer: it may
 * tell of a descriptor that was closed here and lives on in another process,
 * long after its watch is gone.  So a watch can be taken away at any time, and
 * to do so for one whose descriptor is closed next costs no system call.
 */
#include "net/loop.h"

#include <string.h>

#include "core/alloc.h"
#include "net/backend.h"

enum { FIRST = 64 };

struct tunnel_watch *
tnl_watches_find(const struct tnl_watches *all, int fd, uint32_t turn)
{
	struct tunnel_watch *w = all->by_fd[fd];

	return w != NULL && w->turn == turn ? w : NULL;
}

/* A place for this descriptor. */
static int
reserve(struct tnl_watches *all, int fd)
{
	size_t cap = all->cap > 0 ? all->cap : FIRST;
	struct tunnel_watch **by_fd;

	if (fd < 0)
		return TUNNEL_EINVAL;
	if ((size_t)fd < all->cap)
		return all->by_fd[fd] == NULL ? 0 : TUNNEL_EINVAL;
	while ((size_t)fd >= cap)
		cap *= 2;
	by_fd = tnl_get(&all->a, cap * sizeof *by_fd);
	if (by_fd == NULL)
		return TUNNEL_ENOMEM;
	if (all->cap > 0)
		memcpy(by_fd, all->by_fd, all->cap * sizeof *by_fd);
	tnl_watches_free(all);
	all->by_fd = by_fd;
	all->cap = cap;
	return 0;
}

void
tnl_watches_free(struct tnl_watches *all)
{
	tnl_put(&all->a, all->by_fd,
	    all->cap * sizeof(struct tunnel_watch *));
}

int
tnl_watches_add(struct tunnel_watch *w, struct tunnel_loop *l, int fd,
    tunnel_ready_fn fn, void *ud)
{
	struct tnl_watches *all = tnl_loop_watches(l);
	int rv = reserve(all, fd);

	if (rv < 0)
		return rv;
	memset(w, 0, sizeof *w);
	w->all = all;
	w->fn = fn;
	w->ud = ud;
	w->fd = fd;
	w->turn = ++all->turns;
	rv = all->backend->add(all->b, w);
	if (rv < 0)
		w->all = NULL;
	else
		all->by_fd[fd] = w;
	return rv;
}

void
tnl_watches_remove(struct tunnel_watch *w, int closing)
{
	struct tnl_watches *all = w->all;

	if (all == NULL)
		return;
	all->backend->remove(all->b, w, closing);
	all->by_fd[w->fd] = NULL;
	w->all = NULL;
}

void
tnl_watches_move(struct tunnel_watch *to, struct tunnel_watch *from,
    tunnel_ready_fn fn, void *ud)
{
	struct tnl_watches *all = from->all;

	*to = *from;
	to->fn = fn;
	to->ud = ud;
	from->all = NULL;
	all->by_fd[to->fd] = to;
	all->backend->moved(all->b, to);
}

struct tunnel_watch *
tunnel_watch_new(struct tunnel_loop *l, int fd, tunnel_ready_fn fn, void *ud)
{
	const struct tunnel_alloc *a = &tnl_loop_watches(l)->a;
	struct tunnel_watch *w = tnl_get(a, sizeof *w);

	if (w == NULL)
		return NULL;
	if (tnl_watches_add(w, l, fd, fn, ud) < 0) {
		tnl_put(a, w, sizeof *w);
		return NULL;
	}
	return w;
}

void
tunnel_watch_free(struct tunnel_watch *w)
{
	const struct tunnel_alloc *a;

	if (w == NULL)
		return;
	a = &w->all->a;
	tnl_watches_remove(w, 0);
	tnl_put(a, w, sizeof *w);
}

int
tunnel_watch_wants(struct tunnel_watch *w, int wants)
{
	if (wants != w->wants) {
		w->wants = (uint8_t)wants;
		w->all->backend->wants(w->all->b, w);
	}
	return 0;
}
