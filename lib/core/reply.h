/* reply.h - a complete reply that is no tunnel.  For server and forward. */
#ifndef TNL_REPLY_H
#define TNL_REPLY_H

#include "core/buf.h"

enum { TNL_REPLY_MAX = 1048576 };

struct tnl_reply {
	int status;
	const char *token;              /* Proxy-Status error, or NULL */
	const char *type;               /* the body's media type; NULL: text */
	const void *body;               /* or NULL: the reason, as a line */
	size_t n;
	const struct tnl_buf *extra;    /* complete field lines */
	int keep;                       /* the connection will be used again */
	int line;                       /* a line end follows the body */
	int allow;                      /* tell which method is served */
	int bodiless;                   /* the request was HEAD */
};

/* Append it to out: 0, TUNNEL_ENOMEM, or TUNNEL_EHEAD when it is above
 * TNL_REPLY_MAX. */
int tnl_reply_write(const struct tnl_reply *r, struct tnl_buf *out);

#endif
