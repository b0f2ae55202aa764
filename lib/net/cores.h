/* cores.h - how many processors there are for us.  For settings. */
#ifndef TNL_CORES_H
#define TNL_CORES_H

/* Those that this thread may run on, where the system tells; at least 1. */
unsigned tnl_cores(void);

#endif
