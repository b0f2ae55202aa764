/* link.h - what floor 5 needs of a link besides its public calls. */
#ifndef TNL_LINK_H
#define TNL_LINK_H

#include <tunnel/link.h>

/* The engines are one shape; this is its table.  lost and idle may be NULL. */
struct tnl_engine {
	int (*flags)(const void *e);
	int (*feed)(void *e, const void *in, size_t n, size_t *used);
	int (*eof)(void *e);
	const void *(*peek)(const void *e, size_t *n);
	int (*skip)(void *e, size_t n);
	int (*expire)(void *e);         /* the time is over: flags or error */
	/* The peer takes no more bytes (deaf), or is gone. */
	void (*lost)(void *e, int deaf);
	int (*idle)(const void *e);     /* between two exchanges */
};

/* A link over an engine that is none of the public three. */
struct tunnel_link *tnl_link_new(const struct tunnel_alloc *a,
    const struct tnl_engine *engine, void *e, size_t chunk);

/* Both sides of a forwarding engine. */
extern const struct tnl_engine tnl_forward_a, tnl_forward_b;

/* Move bytes until the engine or the stream makes us wait, or an exchange has
 * ended: did any move?  The stream's failures are told to the engine alone. */
int tnl_link_move(struct tunnel_link *l);

/* As tunnel_link_fd(3), for a socket that tnl_socket_tune() has seen. */
void tnl_link_socket(struct tunnel_link *l, int fd);

#endif
