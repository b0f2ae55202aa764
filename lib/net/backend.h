/* backend.h - what a system offers for waiting on many descriptors.  For
 * loop. */
#ifndef TNL_BACKEND_H
#define TNL_BACKEND_H

#include <tunnel/loop.h>

/* One watched descriptor.  wants is read by a backend whenever it waits; ready
 * is filled in by it. */
struct tunnel_watch {
	struct tunnel_loop *loop;
	tunnel_ready_fn fn;             /* NULL: freed */
	void *ud;
	int fd;
	int wants;
	size_t place;                   /* the backend's own */
	struct tunnel_watch *next;      /* of those that are freed */
};

struct tnl_backend {
	const char *name;
	/* A new state of the backend's own, or NULL. */
	void *(*open)(const struct tunnel_alloc *a);
	void (*close)(void *b);
	int (*fd)(const void *b);       /* for embedding, or an error */
	int (*add)(void *b, struct tunnel_watch *w);
	void (*remove)(void *b, struct tunnel_watch *w);
	/* w->wants has become another. */
	void (*wants)(void *b, struct tunnel_watch *w);
	/* Wait up to timeout ms (-1: for ever), and call tell for each watch
	 * that is ready.  0 or TUNNEL_EIO.  During the calls watches may be
	 * added and removed; w stays in memory until wait has returned. */
	int (*wait)(void *b, int timeout, void (*tell)(struct tunnel_watch *w,
	    int ready));
};

extern const struct tnl_backend tnl_backend_epoll, tnl_backend_kqueue,
    tnl_backend_poll;

#endif
