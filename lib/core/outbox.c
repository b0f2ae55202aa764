/* outbox.c - bytes written once and sent in pieces
 *
 * The engines write a head whole and then lend it out until it has left.  What
 * is lent leaves in one write where the stream takes it.
 */
#include "core/outbox.h"

#include <assert.h>
#include <string.h>

void
tnl_outbox_init(struct tnl_outbox *o, const struct tunnel_alloc *a, size_t max)
{
	tnl_buf_init(&o->buf, a, max);
	o->sent = 0;
}

void
tnl_outbox_free(struct tnl_outbox *o)
{
	tnl_buf_free(&o->buf);
	o->sent = 0;
}

const void *
tnl_outbox_peek(const struct tnl_outbox *o, size_t *n)
{
	assert(o->sent <= o->buf.n);
	*n = o->buf.n - o->sent;
	return *n > 0 ? o->buf.p + o->sent : NULL;
}

size_t
tnl_outbox_held(const struct tnl_outbox *o)
{
	return o->buf.n - o->sent;
}

/* What moves is no more than what was sent since the last time, so that a sink
 * that takes one byte at a time does not make us move all the others. */
void
tnl_outbox_tidy(struct tnl_outbox *o)
{
	size_t held = o->buf.n - o->sent;

	if (o->sent == 0 || o->sent < held)
		return;
	if (held > 0)
		memmove(o->buf.p, o->buf.p + o->sent, held);
	o->buf.n = held;
	o->sent = 0;
}

size_t
tnl_outbox_copy(const struct tnl_outbox *o, void *out, size_t cap)
{
	size_t n = o->buf.n - o->sent;

	if (n > cap)
		n = cap;
	if (n > 0)
		memcpy(out, o->buf.p + o->sent, n);
	return n;
}

int
tnl_outbox_skip(struct tnl_outbox *o, size_t n)
{
	if (n > o->buf.n - o->sent)
		return TUNNEL_EINVAL;
	o->sent += n;
	return 0;
}
