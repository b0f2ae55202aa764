/* loop_poll.c - poll(2), which every system has
 *
 * It tells levels, not edges: a descriptor that has an error or was hung up is
 * reported each time, whether one asked or not.  So once that has been told, a
 * descriptor of which nothing is wanted is left out until something is.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "core/alloc.h"
#include "net/backend.h"

struct polled {
	struct tunnel_alloc a;
	struct pollfd *fds;             /* two tables in step */
	struct tunnel_watch **watch;    /* NULL: removed */
	size_t n, cap;
	int holes;                      /* there are removed ones */
};

static void *
open_poll(const struct tunnel_alloc *a, const struct tnl_watches *all)
{
	struct polled *b = tnl_get(a, sizeof *b);

	(void)all;
	if (b != NULL)
		b->a = *a;
	return b;
}

static void
free_tables(struct polled *b)
{
	tnl_put(&b->a, b->fds, b->cap * sizeof *b->fds);
	tnl_put(&b->a, b->watch, b->cap * sizeof(struct tunnel_watch *));
}

static void
close_poll(void *ud)
{
	struct polled *b = ud;
	struct tunnel_alloc a = b->a;

	free_tables(b);
	tnl_put(&a, b, sizeof *b);
}

static int
fd(const void *ud)
{
	(void)ud;
	return TUNNEL_ESTATE;
}

static int
grow(struct polled *b)
{
	size_t cap = b->cap > 0 ? b->cap * 2 : 16;
	struct pollfd *fds = tnl_get(&b->a, cap * sizeof *fds);
	struct tunnel_watch **watch = tnl_get(&b->a, cap * sizeof *watch);

	if (fds == NULL || watch == NULL) {
		tnl_put(&b->a, fds, cap * sizeof *fds);
		tnl_put(&b->a, watch, cap * sizeof *watch);
		return TUNNEL_ENOMEM;
	}
	if (b->n > 0) {
		memcpy(fds, b->fds, b->n * sizeof *fds);
		memcpy(watch, b->watch, b->n * sizeof *watch);
	}
	free_tables(b);
	b->fds = fds;
	b->watch = watch;
	b->cap = cap;
	return 0;
}

/* Watched from here on, for what it wants. */
static void
wants(void *ud, struct tunnel_watch *w)
{
	struct polled *b = ud;
	struct pollfd *p = &b->fds[w->place];

	p->fd = w->fd;
	p->events = (short)((w->wants & TUNNEL_IN ? POLLIN : 0) |
	    (w->wants & TUNNEL_OUT ? POLLOUT : 0));
}

static int
add(void *ud, struct tunnel_watch *w)
{
	struct polled *b = ud;

	if (b->n == b->cap && grow(b) < 0)
		return TUNNEL_ENOMEM;
	w->place = (uint32_t)b->n++;
	b->watch[w->place] = w;
	b->fds[w->place].revents = 0;
	wants(b, w);
	return 0;
}

static void
close_holes(struct polled *b)
{
	size_t i, kept = 0;

	for (i = 0; i < b->n; i++) {
		if (b->watch[i] == NULL)
			continue;
		b->fds[kept] = b->fds[i];
		b->watch[kept] = b->watch[i];
		b->watch[kept]->place = (uint32_t)kept;
		kept++;
	}
	b->n = kept;
	b->holes = 0;
}

static void
remove_watch(void *ud, struct tunnel_watch *w, int closing)
{
	struct polled *b = ud;

	(void)closing;
	b->watch[w->place] = NULL;
	b->fds[w->place].fd = -1;
	b->fds[w->place].revents = 0;
	b->holes = 1;
}

static void
moved(void *ud, struct tunnel_watch *w)
{
	struct polled *b = ud;

	b->watch[w->place] = w;
}

static void
tell_one(struct polled *b, size_t i, void (*tell)(struct tunnel_watch *w,
    int ready))
{
	short r = b->fds[i].revents;
	int ready = (r & POLLIN ? TUNNEL_IN : 0) |
	    (r & POLLOUT ? TUNNEL_OUT : 0) |
	    (r & (POLLERR | POLLNVAL) ? TUNNEL_RESET : 0);

	b->fds[i].revents = 0;
	if (r & (POLLERR | POLLHUP | POLLNVAL)) {
		/* Reading and writing go ahead: they say what it is. */
		ready |= TUNNEL_IN | TUNNEL_OUT;
		if (b->fds[i].events == 0)
			b->fds[i].fd = -1;
	}
	tell(b->watch[i], ready);
}

static int
wait_poll(void *ud, int timeout, void (*tell)(struct tunnel_watch *w,
    int ready))
{
	struct polled *b = ud;
	size_t i, n;
	int left;

	if (b->holes)
		close_holes(b);
	n = b->n;
	left = poll(b->fds, (nfds_t)n, timeout);
	if (left < 0)
		return errno == EINTR ? 0 : TUNNEL_EIO;
	for (i = 0; i < n && left > 0; i++)
		if (b->fds[i].revents != 0) {
			left--;
			tell_one(b, i, tell);
		}
	return 0;
}

const struct tnl_backend tnl_backend_poll = {
	"poll", open_poll, close_poll, fd, add, remove_watch, moved, wants,
	wait_poll
};
