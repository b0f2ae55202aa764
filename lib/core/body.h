/* body.h - where the body of a message ends.  Floor 1. */
#ifndef TNL_BODY_H
#define TNL_BODY_H

#include <tunnel/base.h>

enum tnl_body_kind {
	TNL_BODY_NONE,          /* ends at once */
	TNL_BODY_LENGTH,        /* so many bytes */
	TNL_BODY_CHUNKED,       /* RFC 9112 section 7.1 */
	TNL_BODY_CHUNKS,        /* the same, complete before its trailers */
	TNL_BODY_CLOSE          /* until the connection closes */
};

struct tnl_body {
	int kind;
	int state;
	int digits;             /* of the chunk size so far */
	uint64_t left;          /* bytes left of the body or chunk */
	size_t spare;           /* bytes left for sizes, extensions, trailers */
};

/* left counts for TNL_BODY_LENGTH alone. */
void tnl_body_init(struct tnl_body *b, int kind, uint64_t left);

/* Read on: *used bytes of n, of which the last *content are the body's own (the
 * ones before them are framing).  1: the body is complete; 0: go on, with what
 * was not used or with more; TUNNEL_EFRAMING: it is broken. */
int tnl_body_feed(struct tnl_body *b, const uint8_t *in, size_t n,
    size_t *used, size_t *content);

/* The connection closed: 1 when the body is complete by that, else
 * TUNNEL_EEOF. */
int tnl_body_eof(const struct tnl_body *b);

#endif
