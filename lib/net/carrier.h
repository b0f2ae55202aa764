/* carrier.h - what carries a tunnel's bytes, while they move.  For worker and
 * session. */
#ifndef TNL_CARRIER_H
#define TNL_CARRIER_H

#include "net/relay.h"

struct tnl_carrier {
	struct tnl_carrier *next;       /* of those at rest */
	struct tunnel_pump pump;
	struct tunnel_relay relay;
};

/* What is kept of a tunnel that has none: all that there is to know of a relay
 * between two sockets that waits for nothing but bytes. */
struct tnl_rest {
	struct tnl_pump_rest pump;
	struct tnl_streak streak[2];
	uint8_t sure[2];
};

/* Those of one thread, and what they work with. */
struct tnl_carriers {
	const struct tunnel_alloc *a;   /* outlives them, as the others do */
	struct tnl_pool *pool;
	struct tnl_pipes *pipes;        /* NULL: streams do not go round */
	uint64_t idle, linger, stall;   /* ms, of all pumps */
	struct tnl_carrier *first;
	size_t resting;
};

void tnl_carriers_free(struct tnl_carriers *cs);

/* A carrier of a new tunnel, without sockets; NULL: no memory. */
struct tnl_carrier *tnl_carrier_get(struct tnl_carriers *cs);
void tnl_carrier_put(struct tnl_carriers *cs, struct tnl_carrier *c);

/* Can the tunnel do without it?  1, and what to keep; then it may be put. */
int tnl_carrier_rest(const struct tnl_carrier *c, struct tnl_rest *rest);

/* One that goes on from there, between these sockets; NULL: no memory. */
struct tnl_carrier *tnl_carrier_resume(struct tnl_carriers *cs,
    const struct tnl_rest *rest, const int fd[2]);

#endif
