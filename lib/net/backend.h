/* backend.h - what a system offers for waiting on many descriptors.  For
 * loop. */
#ifndef TNL_BACKEND_H
#define TNL_BACKEND_H

#include <tunnel/loop.h>

/* One watched descriptor.  wants is read by a backend whenever it waits. */
struct tunnel_watch {
	struct tnl_watches *all;
	tunnel_ready_fn fn;
	void *ud;
	int fd;
	uint32_t turn;                  /* which watch of its fd it is */
	uint32_t place;                 /* the backend's own */
	uint8_t wants;
	uint16_t told;                  /* the backend's own */
};

/* The watches of a loop, by descriptor. */
struct tnl_watches {
	struct tunnel_loop *loop;
	struct tunnel_alloc a;
	const struct tnl_backend *backend;
	void *b;
	struct tunnel_watch **by_fd;
	size_t cap;
	uint32_t turns;
};

struct tnl_backend {
	const char *name;
	/* A new state of the backend's own, or NULL. */
	void *(*open)(const struct tunnel_alloc *a,
	    const struct tnl_watches *all);
	void (*close)(void *b);
	int (*fd)(const void *b);       /* for embedding, or an error */
	int (*add)(void *b, struct tunnel_watch *w);
	/* closing: the descriptor is closed next. */
	void (*remove)(void *b, struct tunnel_watch *w, int closing);
	/* w is what was another watch before. */
	void (*moved)(void *b, struct tunnel_watch *w);
	/* w->wants has become another. */
	void (*wants)(void *b, struct tunnel_watch *w);
	/* Wait up to timeout ms (-1: for ever), and call tell for each watch
	 * that is ready.  0 or TUNNEL_EIO.  During the calls watches may be
	 * added and removed. */
	int (*wait)(void *b, int timeout, void (*tell)(struct tunnel_watch *w,
	    int ready));
};

/* The watch of that descriptor, if it is still that turn's; else NULL. */
struct tunnel_watch *tnl_watches_find(const struct tnl_watches *all, int fd,
    uint32_t turn);

extern const struct tnl_backend tnl_backend_epoll, tnl_backend_kqueue,
    tnl_backend_poll;

#endif
