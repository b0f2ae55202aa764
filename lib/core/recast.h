/* recast.h - a head as it goes on to the next hop.  For forward. */
#ifndef TNL_RECAST_H
#define TNL_RECAST_H

#include "core/framing.h"
#include "core/hop.h"
#include "core/target.h"

struct tnl_recast {
	const struct tnl_head *head;    /* what came; NULL: nothing did */
	const struct tnl_options *hop;      /* what its Connection names */
	const struct tnl_buf *gone;     /* names of fields to leave out */
	const struct tnl_buf *extra;    /* complete lines to add */
	const char *via;                /* our name; "": no Via */
	const char *upgrade;            /* the protocol to switch to, or NULL */
	struct tnl_framing framing;     /* of what follows */
	int close;                      /* the connection ends with it */
	int unexpected;                 /* Expect stays here */
};

/* What only requests have. */
struct tnl_recast_request {
	struct tnl_recast r;
	const struct tnl_target *target;
	const char *authority;          /* instead of the target's, or NULL */
	const char *path;
	int absolute;                   /* for a proxy */
	int http10;                     /* for a server of HTTP/1.0 */
};

/* What only replies have. */
struct tnl_recast_reply {
	struct tnl_recast r;
	int status;
	int keep10;                     /* tell a client of HTTP/1.0 that its
					 * connection stays */
};

/* Append the head to out.  0, or an error, with half of it in out. */
int tnl_recast_request(const struct tnl_recast_request *q,
    struct tnl_buf *out);
int tnl_recast_reply(const struct tnl_recast_reply *p, struct tnl_buf *out);

/* Has the message passed one of that name before? */
int tnl_recast_loops(const struct tnl_head *h, const char *name);

/* Max-Forwards of a TRACE or OPTIONS: 1 and *left, 0 when there is none, or
 * TUNNEL_ESYNTAX. */
int tnl_recast_forwards(const struct tnl_head *h, uint64_t *left);

#endif
