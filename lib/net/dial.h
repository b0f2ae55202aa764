/* dial.h - a dial, and what floor 5 needs of it besides its public calls.  For
 * dial, route and session. */
#ifndef TNL_DIAL_H
#define TNL_DIAL_H

#include <tunnel/dial.h>

#include <tunnel/authority.h>

#include "core/buf.h"
#include "net/backend.h"
#include "net/hops.h"
#include "net/race.h"
#include "net/timer.h"

enum tnl_dial_state {
	TNL_DIAL_NEW, TNL_DIAL_RESOLVING, TNL_DIAL_RACING, TNL_DIAL_ASKING,
	TNL_DIAL_ENDED
};

struct tunnel_dial {
	struct tunnel_alloc a;
	struct tunnel_loop *loop;
	struct tunnel_resolver *resolver;
	struct tunnel_timer timer;      /* the deadline of all */
	struct tunnel_query *query;
	struct tnl_race *race;
	struct tnl_hops hops;
	struct tnl_buf report;
	struct tnl_endpoint from;
	tunnel_judge_fn judge;
	void *judge_ud;
	tunnel_dialled_fn fn;
	void *ud;
	uint64_t timeout, delay;
	int family;
	int keepalive;                  /* seconds; below 0: the system's */
	int state;
	int result;                     /* an error found by start itself */
	int fd;                         /* while asking, or brought by use */
	struct tunnel_watch watch;      /* of the winner, and what it told */
	int ready;
	int keeps_watch;
	char host[TUNNEL_HOST_MAX];
	unsigned port;
	struct tnl_endpoint peer;
	char peer_text[TNL_ENDPOINT_TEXT];
};

/* Do not give up the watch of the socket that has won. */
void tnl_dial_keep_watch(struct tunnel_dial *d);

/* From inside fn: that watch, to w and for another function; and what it has
 * told so far.  Where there are proxies on the way none was kept: 0, and w is
 * left as it is. */
int tnl_dial_watch(struct tunnel_dial *d, struct tunnel_watch *w,
    tunnel_ready_fn fn, void *ud);

/* Who was reached: the first proxy, or the target. */
const struct tnl_endpoint *tnl_dial_peer(const struct tunnel_dial *d);

#endif
