/* relay.h - a relay's state.  For bypass and floor 5. */
#ifndef TNL_RELAY_H
#define TNL_RELAY_H

#include <tunnel/relay.h>

#include "core/pump.h"
#include "net/io_splice.h"
#include "net/stream.h"

struct tnl_side {
	struct tnl_stream stream;
	int rwait, wwait;               /* what a blocked call waits for */
	int sure;                       /* short is as good as blocked */
	int error;                      /* the first one, or 0 */
	int errnum;
};

/* A way that may go round the ring. */
struct tnl_bypass {
	struct tnl_pipe *pipe;          /* while bytes are in it */
	unsigned full, small;           /* reads of that kind in a row */
	int on, never;
};

struct tunnel_relay {
	struct tunnel_alloc a;
	struct tunnel_pump *pump;
	struct tnl_pipes *pipes;        /* NULL: no way goes round */
	struct tnl_side side[2];
	struct tnl_bypass bypass[2];
	size_t budget;
	int closes;                     /* at its end its streams are closed */
	int result;                     /* DONE or an error, sticky; or 0 */
};

/* As tunnel_relay_fd(3), for a socket that tnl_socket_tune() has seen and a loop
 * watches, with what that has told of it so far.  When the relay ends it is
 * closed at once. */
void tnl_relay_socket(struct tunnel_relay *r, int side, int fd, int ready);

/* As tunnel_relay_step(3), when a side is ready for what a watch has told (0: it
 * is just time): what waits for the other side is left alone. */
int tnl_relay_ready(struct tunnel_relay *r, int side, int ready,
    uint64_t now);

/* Let streams go round, through these pipes, which outlive the relay.  Only
 * where tnl_splice_quiet(). */
void tnl_relay_pipes(struct tunnel_relay *r, struct tnl_pipes *pipes);

#endif
