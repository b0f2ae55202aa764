/* io_nosplice.c - where the kernel moves no bytes by itself: never quiet, so
 * that nobody asks for a pipe */
#include "net/io_splice.h"

#include <errno.h>

void
tnl_pipes_init(struct tnl_pipes *p, const struct tunnel_alloc *a)
{
	p->a = a;
	p->first = NULL;
	p->resting = 0;
}

void
tnl_pipes_free(struct tnl_pipes *p)
{
	(void)p;
}

struct tnl_pipe *
tnl_pipes_get(struct tnl_pipes *p)
{
	(void)p;
	return NULL;
}

void
tnl_pipes_put(struct tnl_pipes *p, struct tnl_pipe *pipe)
{
	(void)p;
	(void)pipe;
}

void
tnl_pipes_drop(struct tnl_pipes *p, struct tnl_pipe *pipe)
{
	(void)p;
	(void)pipe;
}

long
tnl_splice(int from, int to, size_t n)
{
	(void)from;
	(void)to;
	(void)n;
	errno = EINVAL;
	return -1;
}

enum tnl_splice_kind
tnl_splice_kind(int fd)
{
	(void)fd;
	return TNL_SPLICE_NOT;
}

void
tnl_splice_widen(int fd)
{
	(void)fd;
}

int
tnl_splice_quiet(void)
{
	return 0;
}
