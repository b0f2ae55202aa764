/* hops.h - the proxies on the way, one behind the other.  For dial. */
#ifndef TNL_HOPS_H
#define TNL_HOPS_H

#include <tunnel/client.h>
#include <tunnel/link.h>
#include <tunnel/loop.h>

#include "core/buf.h"

struct tnl_hops {
	const struct tunnel_alloc *a;
	struct tunnel_loop *loop;
	struct tnl_hop *first, *last;
	struct tnl_buf fields;          /* "name\0value\0" ... */
	struct tnl_hop *at;             /* the one that is asked */
	int index;                      /* its number, from 0 */
	int again;                      /* so many sockets before this one */
	struct tunnel_link *link;
	struct tunnel_watch *watch;
	const char *host;               /* the target's */
	unsigned port;
	int fd;
	void (*fn)(void *ud, int result);
	void *ud;
};

void tnl_hops_init(struct tnl_hops *h, const struct tunnel_alloc *a,
    struct tunnel_loop *l);
void tnl_hops_free(struct tnl_hops *h);

/* A proxy more, or a field more for all of them: 0 or an error. */
int tnl_hops_add(struct tnl_hops *h, const char *url);
int tnl_hops_field(struct tnl_hops *h, const char *name, const char *value);

/* The client of the hop that is asked, or before that of the one that was added
 * last; NULL when there is none. */
struct tunnel_client *tnl_hops_client(const struct tnl_hops *h);

/* The first proxy's address, or NULL when there is none. */
const char *tnl_hops_first(const struct tnl_hops *h, unsigned *port);

/* Ask them for a tunnel to host and port, over a socket that is connected to
 * the first.  fn hears 0 or an error, once, never from inside this call; or
 * RECONNECT, and then this is to be called again with another such socket.
 * Returns 0 or an error, and then fn hears nothing. */
int tnl_hops_start(struct tnl_hops *h, int fd, const char *host, unsigned port,
    void (*fn)(void *ud, int result), void *ud);

#endif
