/* io_nojoin.c - where the kernel joins no sockets */
#include "net/io_join.h"

#include <errno.h>
#include <stddef.h>

int
tnl_join_able(void)
{
	return 0;
}

int
tnl_join(int from, int to)
{
	(void)from;
	(void)to;
	errno = ENOPROTOOPT;
	return -1;
}

uint64_t
tnl_joined(int from)
{
	(void)from;
	return 0;
}

int
tnl_join_over(int from)
{
	(void)from;
	return 1;
}

void
tnl_part(int from, uint64_t *n, int *error)
{
	(void)from;
	*n = 0;
	if (error != NULL)
		*error = 0;
}
