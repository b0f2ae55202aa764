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

/* What a way's reads have been like. */
struct tnl_streak {
	uint8_t full, small;            /* of that kind in a row */
	uint8_t on;                     /* enum tnl_bypass_mode */
	uint8_t never;
	uint8_t big;                    /* of that kind in a row */
	uint8_t low;                    /* the low-water mark is up */
	uint8_t missed;                 /* how often that was wrong */
	uint8_t bound;                  /* the sink's socket is */
};

/* A way that may go round the ring. */
struct tnl_bypass {
	struct tnl_pipe *pipe;          /* while bytes are in it */
	uint64_t due;                   /* read then, told or not; 0: never */
	uint64_t joined;                /* bytes of a join that are counted */
	struct tnl_streak streak;
};

struct tunnel_relay {
	struct tunnel_alloc a;
	struct tunnel_pump *pump;
	struct tnl_pipes *pipes;        /* NULL: no way goes round */
	struct tnl_pipes *own;          /* the same, when they are its own */
	struct tnl_side side[2];
	struct tnl_bypass bypass[2];
	size_t budget;
	uint64_t now;                   /* of this step */
	uint8_t closes;                 /* at its end its streams are closed */
	uint8_t overdue[2];             /* why a way is read */
	int result;                     /* DONE or an error, sticky; or 0 */
};

/* A relay in place, over zeroed memory.  If pipes is not NULL, which needs
 * tnl_bypass_able(), streams may go round the ring, through these pipes where
 * it takes some; they outlive the relay. */
void tnl_relay_init(struct tunnel_relay *r, struct tunnel_pump *p,
    struct tnl_pipes *pipes);
void tnl_relay_end(struct tunnel_relay *r);

/* As tunnel_relay_fd(3), for a socket that tnl_socket_tune() has seen and a
 * loop watches, with what that has told of it so far.  When the relay ends it
 * is closed at once. */
void tnl_relay_socket(struct tunnel_relay *r, int side, int fd, int ready);

/* As tunnel_relay_step(3), when a side is ready for what a watch has told (0:
 * it is just time): what waits for the other side is left alone. */
int tnl_relay_ready(struct tunnel_relay *r, int side, int ready,
    uint64_t now);

#endif
