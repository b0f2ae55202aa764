/* passage.h - content on its way from one side to the other.  For forward. */
#ifndef TNL_PASSAGE_H
#define TNL_PASSAGE_H

#include "core/body.h"
#include "core/framing.h"
#include "core/head.h"
#include "core/hop.h"
#include "core/outbox.h"

enum { TNL_TRAILERS_MAX = 16384 };

/* Who is told of content as it passes. */
struct tnl_witness {
	void (*fn)(void *ud, int side, const void *bytes, size_t n);
	void *ud;
	int busy;               /* is being told */
};

enum tnl_coming {
	TNL_NOTHING,            /* there is no source */
	TNL_CONTENT,
	TNL_TRAILING,
	TNL_WHOLE,              /* all of it has come */
	TNL_CUT                 /* and more will not, though it should */
};

struct tnl_passage {
	/* the source */
	struct tnl_body body;
	struct tnl_head trailers;
	int coming;
	int error;              /* why it was cut */
	int side;
	struct tnl_witness *witness;
	uint64_t bytes;
	/* the sink: NULL when content goes nowhere */
	struct tnl_outbox *out;
	size_t cap;             /* of content that waits */
	int kind;               /* how it is framed: tnl_body_kind */
	uint64_t left;          /* with TNL_BODY_LENGTH */
	int sealed;             /* its end has been written */
	/* the application in between */
	struct tnl_outbox taken;
	int taking;             /* content goes there */
	int given;              /* content for the sink comes from there */
};

void tnl_passage_init(struct tnl_passage *p, const struct tunnel_alloc *a,
    int side, struct tnl_witness *w);

/* No source and no sink; the memory goes back. */
void tnl_passage_clear(struct tnl_passage *p);

void tnl_passage_source(struct tnl_passage *p, const struct tnl_framing *f);
void tnl_passage_sink(struct tnl_passage *p, struct tnl_outbox *out,
    const struct tnl_framing *f);

/* What is taken is so much at most at a time. */
void tnl_passage_cap(struct tnl_passage *p, size_t cap);

/* Would it take bytes of the source now? */
int tnl_passage_wants(const struct tnl_passage *p);

/* Bytes of the source: what fits.  0, or an error: broken framing or trailers,
 * or no memory; it is then cut. */
int tnl_passage_feed(struct tnl_passage *p, const uint8_t *in, size_t n,
    size_t *used);

/* The source has closed: 0 when it is whole, also by that; else TUNNEL_EEOF. */
int tnl_passage_eof(struct tnl_passage *p);

/* It will not be whole. */
void tnl_passage_cut(struct tnl_passage *p, int error);

/* Content for the sink: what fits.  TUNNEL_EINVAL: more than its length. */
int tnl_passage_put(struct tnl_passage *p, const uint8_t *in, size_t n,
    size_t *used);

/* All content has been put; hop says which trailers go behind it, NULL for none
 * at all.  TUNNEL_EFRAMING: less than its length. */
int tnl_passage_seal(struct tnl_passage *p, const struct tnl_options *hop);

#endif
