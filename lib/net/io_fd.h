/* io_fd.h - a descriptor as a stream.  For link, relay and what is above. */
#ifndef TNL_IO_FD_H
#define TNL_IO_FD_H

#include <sys/uio.h>

#include <tunnel/io.h>

struct tunnel_fd {
	struct tunnel_alloc a;
	int rfd, wfd;           /* wfd is -1 once shut has closed it */
	int rsocket, wsocket;
	int terminal;           /* wfd is one that we can open ourselves */
	int careful;            /* wfd may block: ask poll then, write little */
	int close_at_fin;
	int quiet;              /* SIGPIPE harms nobody */
	int errnum;
};

/* The same as tunnel_fd_new(3), in place: 0 or TUNNEL_EINVAL. */
int tnl_fd_init(struct tunnel_fd *f, int rfd, int wfd);

/* The same for what is known to be a socket and has been tuned. */
void tnl_fd_socket(struct tunnel_fd *f, int fd);

/* The table's read and write over k pieces of memory, 1 or 2, so that a ring
 * that has wrapped takes one call.  Where that might wait they move the first
 * alone.  A write may make the pieces smaller. */
int tnl_fd_readv(struct tunnel_fd *f, struct iovec *v, int k, size_t *got);
int tnl_fd_writev(struct tunnel_fd *f, struct iovec *v, int k, size_t *put);

/* Would a read (POLLIN) or write (POLLOUT) of a descriptor go ahead now?  An
 * error or a hang-up says yes, for the call itself then tells which. */
int tnl_fd_ready(int fd, short events);

/* What errno means to it: wait (what is then waited for), or an error. */
int tnl_fd_verdict(struct tunnel_fd *f, int wait);

#endif
