/* io_join.h - two sockets that the kernel joins.  For bypass and floor 5. */
#ifndef TNL_IO_JOIN_H
#define TNL_IO_JOIN_H

#include <stdint.h>

/* Can this system join sockets at all? */
int tnl_join_able(void);

/* From now on what comes to one socket goes to the other, without us: 0, or -1
 * with errno.  Neither is written to or read from meanwhile, that way. */
int tnl_join(int from, int to);

/* How many bytes have gone since then, also after the end. */
uint64_t tnl_joined(int from);

/* Is there something to be read from the source again?  Then the kernel has
 * ended it, or is about to, and it is to be parted. */
int tnl_join_over(int from);

/* End it, if the kernel has not: what has gone is in *n, all that comes is read
 * from the source again.  The error of the source, or 0, is in *error, and no
 * read will tell it; NULL: it is left for the read. */
void tnl_part(int from, uint64_t *n, int *error);

#endif
