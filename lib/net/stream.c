/* stream.c - whatever carries bytes: a table and what it works on
 *
 * The one place that knows how far an application's table reaches: size says
 * which of its functions exist, so a table compiled against an older header
 * works with a newer library.
 */
#include "net/stream.h"

/* Does the table have this member, and is it filled in? */
#define HAS(io, member) \
	((io)->size >= offsetof(struct tunnel_io, member) + \
	sizeof (io)->member && (io)->member != NULL)

int
tnl_stream_io(struct tnl_stream *s, const struct tunnel_io *io, void *ud)
{
	if (io == NULL || !HAS(io, read) || !HAS(io, write) || !HAS(io, shut))
		return TUNNEL_EINVAL;
	s->io = io;
	s->ud = ud;
	return 0;
}

int
tnl_stream_fds(struct tnl_stream *s, int rfd, int wfd)
{
	int rv = tnl_fd_init(&s->fd, rfd, wfd);

	if (rv < 0)
		return rv;
	return tnl_stream_io(s, tunnel_fd_io(), &s->fd);
}

void
tnl_stream_socket(struct tnl_stream *s, int fd)
{
	tnl_fd_socket(&s->fd, fd);
	s->io = tunnel_fd_io();
	s->ud = &s->fd;
}

int
tnl_stream_read(struct tnl_stream *s, void *buf, size_t cap, size_t *got)
{
	*got = 0;
	return s->io->read(s->ud, buf, cap, got);
}

int
tnl_stream_write(struct tnl_stream *s, const void *buf, size_t n, size_t *put)
{
	*put = 0;
	return s->io->write(s->ud, buf, n, put);
}

int
tnl_stream_readv(struct tnl_stream *s, struct iovec v[2], size_t *got)
{
	return v[1].iov_len > 0 ? tnl_fd_readv(s->ud, v, 2, got) :
	    tnl_stream_read(s, v->iov_base, v->iov_len, got);
}

int
tnl_stream_writev(struct tnl_stream *s, struct iovec v[2], size_t *put)
{
	return v[1].iov_len > 0 ? tnl_fd_writev(s->ud, v, 2, put) :
	    tnl_stream_write(s, v->iov_base, v->iov_len, put);
}

int
tnl_stream_shut(struct tnl_stream *s)
{
	return s->io->shut(s->ud);
}

void
tnl_stream_abort(struct tnl_stream *s)
{
	if (HAS(s->io, abort))
		(void)s->io->abort(s->ud);
}

int
tnl_stream_errnum(const struct tnl_stream *s)
{
	return s->io != NULL && HAS(s->io, errnum) ? s->io->errnum(s->ud) : 0;
}
