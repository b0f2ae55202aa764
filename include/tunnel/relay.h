/* tunnel/relay.h - one pump over two streams
 *
 * step it whenever a stream of its is ready or its deadline has come; wait for
 * what wants says, side by side.  Surplus of a handshake is seeded by an
 * ordinary tunnel_pump_put() before the first step.
 */
#ifndef TUNNEL_RELAY_H
#define TUNNEL_RELAY_H

#include <tunnel/io.h>
#include <tunnel/pump.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_relay;

/* A relay for a pump, which is borrowed and must outlive it. */
struct tunnel_relay *tunnel_relay_new(const struct tunnel_alloc *a,
    struct tunnel_pump *p);

/* Closes nothing. */
void tunnel_relay_free(struct tunnel_relay *r);

/* The stream of a side: one descriptor; one to read and one to write; or a
 * table of your own, which must outlive the relay.  Before the first step.
 * 0 or an error. */
int tunnel_relay_fd(struct tunnel_relay *r, int side, int fd);
int tunnel_relay_fds(struct tunnel_relay *r, int side, int rfd, int wfd);
int tunnel_relay_io(struct tunnel_relay *r, int side,
    const struct tunnel_io *io, void *ud);

/* With 1, the descriptor that the side writes to is closed when its FIN is due,
 * unless it is a socket: a pipe has no other way to say it. */
int tunnel_relay_close_at_fin(struct tunnel_relay *r, int side, int on);

/* The most bytes one step moves each way before it answers NOW, so that one
 * tunnel cannot starve the others: default 1048576, at least 1. */
int tunnel_relay_budget(struct tunnel_relay *r, size_t n);

/* With 1, let streams between descriptors go through the kernel, where the
 * system can: by splice(2) of Linux, between sockets that do not block, pipes
 * (made to hold up to 1 MiB) and files, in a thread in which SIGPIPE is ignored
 * or blocked, for that call raises it; by SO_SPLICE of OpenBSD and FreeBSD,
 * between TCP sockets, which stay open until the relay has ended or was freed.
 * Else nothing changes.  Before the first step.  0 or TUNNEL_ENOMEM. */
int tunnel_relay_splice(struct tunnel_relay *r, int on);

/* Move what can be moved.  now is monotonic time in ms.  Returns 0, NOW (call
 * again without waiting), or DONE: close both sides.  Errors: TUNNEL_ERESET (a
 * side died, and the other has been told so), TUNNEL_EIO, TUNNEL_ETIMEOUT
 * (idle).  After an error close both sides: what had to be a reset is set up
 * to become one. */
int tunnel_relay_step(struct tunnel_relay *r, uint64_t now);

/* The side's descriptor reports POLLERR or POLLHUP although nothing was wanted
 * of it: whoever reads there has gone.  What can still be read is delivered,
 * then this counts as a reset.  Returns as step does. */
int tunnel_relay_hangup(struct tunnel_relay *r, int side, uint64_t now);

/* What to wait for on a side (IN, OUT, both or 0), and until when
 * (UINT64_MAX: for ever).  Both are as of the last step. */
int tunnel_relay_wants(const struct tunnel_relay *r, int side);
uint64_t tunnel_relay_deadline(const struct tunnel_relay *r);

/* The error that a side's stream gave, or 0; and the errno behind it, or 0. */
int tunnel_relay_error(const struct tunnel_relay *r, int side);
int tunnel_relay_errno(const struct tunnel_relay *r, int side);

#ifdef __cplusplus
}
#endif
#endif
