/* dial.h - what floor 5 needs of a dial besides its public calls. */
#ifndef TNL_DIAL_H
#define TNL_DIAL_H

#include <tunnel/dial.h>

#include "net/socket.h"

/* Do not give up the watch of the socket that has won. */
void tnl_dial_keep_watch(struct tunnel_dial *d);

/* From inside fn: that watch, which is the caller's from here on, and what it
 * has told so far.  NULL, where there are proxies on the way: none was kept. */
struct tunnel_watch *tnl_dial_watch(struct tunnel_dial *d, int *ready);

/* Who was reached: the first proxy, or the target. */
const struct tnl_endpoint *tnl_dial_peer(const struct tunnel_dial *d);

#endif
