/* bypass.h - a streaming way goes round the ring.  For relay. */
#ifndef TNL_BYPASS_H
#define TNL_BYPASS_H

#include "net/relay.h"

/* An ordinary read of a way has filled all the room that it had, or not. */
void tnl_bypass_watch(struct tunnel_relay *r, int way, int full);

enum tnl_bypass_mode {
	TNL_BYPASS_OFF, TNL_BYPASS_PIPE, TNL_BYPASS_DIRECT, TNL_BYPASS_JOINED
};

/* Is there a way round for this thread?  1 also when only some can go it. */
int tnl_bypass_able(void);

/* At the beginning of a step: what has gone by itself, and is it time to read
 * what was not told of? */
void tnl_bypass_due(struct tunnel_relay *r);

/* Is nothing to be read for a way, since what it holds has to go first? */
int tnl_bypass_waits(const struct tunnel_relay *r, int way);

/* As tnl_stream_read() and _write(), the pump being told; TUNNEL_ASK when the
 * ring is to be used, for at most so many bytes. */
int tnl_bypass_read(struct tunnel_relay *r, int way, size_t *got,
    size_t *most);
int tnl_bypass_write(struct tunnel_relay *r, int way, size_t *put);

/* The way's pipe goes, whatever is in it, and its join ends. */
void tnl_bypass_end(struct tunnel_relay *r, int way);

#endif
