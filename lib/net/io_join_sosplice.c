/* io_join_sosplice.c - SO_SPLICE of OpenBSD (4.9) and FreeBSD (15.0)
 *
 *      apart --setsockopt(fd)--> joined --setsockopt(-1)----------> apart
 *                                   |                                 ^
 *                                   +-- end of the source, an error --+
 *
 * One way between two TCP sockets: what arrives at the source is moved to the
 * send buffer of the sink, what is there already first.  Meanwhile poll(2) and
 * kevent(2) do not tell of the source; when the join has ended they do, unless
 * there is nothing to tell.  Parting waits for what is just being moved, and
 * the count stays until the next join, so that it is exact afterwards.
 *
 * An end of the source is not passed on: it is read once the join is over, and
 * so are bytes that the sink had no room for.
 *
 * OpenBSD says an error of the sink at the source as well: as EPIPE when the
 * sink takes no more, which a source never has of its own.  So that one is not
 * its fault, and the sink is left to say what it was.  FreeBSD says only what
 * each has of its own.
 *
 * Of the limits that a join may have none is used: at one of bytes the source
 * would have EFBIG, and that of time is one of silence on OpenBSD only; on
 * FreeBSD it counts from the beginning.  Who waits looks after that (bypass).
 */
/* It is none of what POSIX has. */
#undef _POSIX_C_SOURCE
#include "net/io_join.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "net/io_fd.h"
#include "net/socket.h"

int
tnl_join_able(void)
{
	return 1;
}

static int
splice_to(int from, int to)
{
	struct splice s;

	memset(&s, 0, sizeof s);
	s.sp_fd = to;
	return setsockopt(from, SOL_SOCKET, SO_SPLICE, &s, sizeof s);
}

int
tnl_join(int from, int to)
{
	return splice_to(from, to);
}

uint64_t
tnl_joined(int from)
{
	off_t n = 0;
	socklen_t len = sizeof n;

	if (getsockopt(from, SOL_SOCKET, SO_SPLICE, &n, &len) < 0 || n < 0)
		return 0;
	return (uint64_t)n;
}

int
tnl_join_over(int from)
{
	return tnl_fd_ready(from, POLLIN);
}

/* What the source has to answer for; ELOOP is the join's own. */
static int
fault(int from)
{
	int e = tnl_socket_error(from);

	return e == EPIPE || e == ELOOP || e == EFBIG ? 0 : e;
}

void
tnl_part(int from, uint64_t *n, int *error)
{
	/* EPROTO or ENOTCONN: it had ended by itself. */
	(void)splice_to(from, -1);
	*n = tnl_joined(from);
	if (error != NULL)
		*error = fault(from);
}
