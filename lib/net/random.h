/* random.h - bytes that nobody can foresee, from the system.  For link. */
#ifndef TNL_RANDOM_H
#define TNL_RANDOM_H

#include <stddef.h>

/* Fill out with n of them, at most 256: 0 or TUNNEL_EIO.  It is a
 * tunnel_random_fn. */
int tnl_random(void *ud, void *out, size_t n);

#endif
