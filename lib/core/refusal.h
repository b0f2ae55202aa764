/* refusal.h - what follows the head of a refused reply.  For client. */
#ifndef TNL_REFUSAL_H
#define TNL_REFUSAL_H

#include "core/body.h"
#include "core/head.h"

struct tnl_refusal {
	struct tnl_body body;
	struct tnl_buf excerpt;         /* the beginning of its content */
	size_t skipped;                 /* bytes read over */
	int persists;                   /* the connection can be used again */
};

void tnl_refusal_init(struct tnl_refusal *r, const struct tunnel_alloc *a);
void tnl_refusal_free(struct tnl_refusal *r);

/* Begin behind a complete head, or with none (NULL).  Returns 1 when nothing
 * follows it, else 0. */
int tnl_refusal_begin(struct tnl_refusal *r, const struct tnl_head *h);

/* Read on: 1 when there is no more worth reading, else 0. */
int tnl_refusal_feed(struct tnl_refusal *r, const uint8_t *in, size_t n,
    size_t *used);

#endif
