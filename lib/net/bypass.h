/* bypass.h - a streaming way goes round the ring.  For relay. */
#ifndef TNL_BYPASS_H
#define TNL_BYPASS_H

#include "net/relay.h"

/* An ordinary read of a way has filled all the room that it had, or not. */
void tnl_bypass_watch(struct tunnel_relay *r, int way, int full);

/* As tnl_stream_read() and _write(), the pump being told; TUNNEL_ASK when the
 * ring is to be used. */
int tnl_bypass_read(struct tunnel_relay *r, int way, size_t *got);
int tnl_bypass_write(struct tunnel_relay *r, int way, size_t *put);

/* The way's pipe goes, whatever is in it. */
void tnl_bypass_end(struct tunnel_relay *r, int way);

#endif
