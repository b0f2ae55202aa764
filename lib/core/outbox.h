/* outbox.h - bytes written once and sent in pieces.  For client and server. */
#ifndef TNL_OUTBOX_H
#define TNL_OUTBOX_H

#include "core/buf.h"

struct tnl_outbox {
	struct tnl_buf buf;
	size_t sent;
};

void tnl_outbox_init(struct tnl_outbox *o, const struct tunnel_alloc *a,
    size_t max);

/* Hold nothing and give the memory back, wiped. */
void tnl_outbox_free(struct tnl_outbox *o);

/* What has not been sent: *n bytes, NULL when there are none. */
const void *tnl_outbox_peek(const struct tnl_outbox *o, size_t *n);

/* Copy at most cap bytes of it; how many. */
size_t tnl_outbox_copy(const struct tnl_outbox *o, void *out, size_t cap);

/* How many bytes have not been sent. */
size_t tnl_outbox_held(const struct tnl_outbox *o);

/* Before more is appended: forget what was sent, where that costs little.  With
 * a max of twice what is ever held, appending cannot fail for it. */
void tnl_outbox_tidy(struct tnl_outbox *o);

/* n more have been sent: 0, or TUNNEL_EINVAL when there are not so many. */
int tnl_outbox_skip(struct tnl_outbox *o, size_t n);

#endif
