/* stream.h - whatever carries bytes: a table and what it works on.  For link
 * and relay. */
#ifndef TNL_STREAM_H
#define TNL_STREAM_H

#include "net/io_fd.h"

struct tnl_stream {
	const struct tunnel_io *io;     /* NULL: not set yet */
	void *ud;
	struct tunnel_fd fd;            /* when it is a descriptor of ours */
};

/* Take a table of the application's, or descriptors: 0 or TUNNEL_EINVAL. */
int tnl_stream_io(struct tnl_stream *s, const struct tunnel_io *io, void *ud);
int tnl_stream_fds(struct tnl_stream *s, int rfd, int wfd);

/* Take what is known to be a socket and has been tuned. */
void tnl_stream_socket(struct tnl_stream *s, int fd);

/* The calls of the table, where optional ones may be missing. */
int tnl_stream_read(struct tnl_stream *s, void *buf, size_t cap, size_t *got);
int tnl_stream_write(struct tnl_stream *s, const void *buf, size_t n,
    size_t *put);

/* The same over two pieces of memory.  The second is empty, unless it is a
 * descriptor of ours. */
int tnl_stream_readv(struct tnl_stream *s, struct iovec v[2], size_t *got);
int tnl_stream_writev(struct tnl_stream *s, struct iovec v[2], size_t *put);

int tnl_stream_shut(struct tnl_stream *s);
void tnl_stream_abort(struct tnl_stream *s);
int tnl_stream_errnum(const struct tnl_stream *s);

#endif
