/* tunnel/io.h - a stream, as link and relay see one
 *
 * Fill the table to run a tunnel over TLS or over anything else that never
 * blocks.  For descriptors the library has its own: tunnel_link_fd(3) and
 * tunnel_relay_fd(3) use it, and struct tunnel_fd is the same by hand.
 */
#ifndef TUNNEL_IO_H
#define TUNNEL_IO_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each function moves what it can without waiting, and returns
 *   0               call again at once, if you have more to do
 *   TUNNEL_IN       wait until the stream is readable before the next call
 *   TUNNEL_OUT      wait until it is writable before the next call
 *   TUNNEL_DONE     (read) the stream has ended
 *   < 0             TUNNEL_ERESET: the peer is gone; TUNNEL_EIO: anything else
 * A call may both move bytes and ask for a wait.  A reader may answer OUT and a
 * writer IN, as TLS needs it. */
struct tunnel_io {
	size_t size;    /* sizeof (struct tunnel_io): how the table may grow */
	int (*read)(void *ud, void *buf, size_t cap, size_t *got);
	int (*write)(void *ud, const void *buf, size_t n, size_t *put);
	int (*shut)(void *ud);  /* no more writes: pass the end on */
	int (*abort)(void *ud); /* make the coming close a reset; may be NULL */
	int (*errnum)(void *ud); /* errno behind the last error; may be NULL */
};

struct tunnel_fd;

/* A stream that reads from rfd and writes to wfd (often the same).  Sockets,
 * pipes, terminals and files serve; their flags are used as found and never
 * changed, so a blocking descriptor is good too (a socket is then used with
 * MSG_DONTWAIT, a terminal opened once more to be written to, anything else
 * used only when poll(2) says it is ready).  It never raises SIGPIPE and sets
 * TCP_NODELAY on TCP.  NULL when there is no memory or a descriptor is not
 * open. */
struct tunnel_fd *tunnel_fd_new(const struct tunnel_alloc *a, int rfd,
    int wfd);

/* Closes no descriptor. */
void tunnel_fd_free(struct tunnel_fd *f);

/* A socket's FIN is shutdown(2); a pipe can only say it by being closed.  With
 * 1, shut closes wfd unless it is a socket; with 0 (default) it is left to
 * you.  Returns 0. */
int tunnel_fd_close_at_fin(struct tunnel_fd *f, int on);

/* The table to hand over together with f. */
const struct tunnel_io *tunnel_fd_io(void);

#ifdef __cplusplus
}
#endif
#endif
