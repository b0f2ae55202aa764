/* framing.h - where the content of a message ends, or that nobody can say.  For
 * forward. */
#ifndef TNL_FRAMING_H
#define TNL_FRAMING_H

#include "core/body.h"
#include "core/head.h"

struct tnl_framing {
	int kind;               /* tnl_body_kind, never TNL_BODY_CHUNKED */
	int told;               /* length is to be told, though perhaps none of
				 * it follows */
	uint64_t length;
};

/* Of a request that was judged; 0, or TUNNEL_EFRAMING. */
int tnl_framing_request(const struct tnl_head *h, struct tnl_framing *f);

/* Of a final reply, to HEAD or to another method. */
int tnl_framing_reply(const struct tnl_head *h, int to_head,
    struct tnl_framing *f);

/* Do replies with this status have no content (RFC 9110 sections 15.3.5 and
 * 15.4.5)? */
int tnl_framing_bodiless(int status);

/* Content of kind in, for one that knows chunked or does not; told says whether
 * its length is known. */
void tnl_framing_onward(const struct tnl_framing *in, int chunked,
    struct tnl_framing *f);

#endif
