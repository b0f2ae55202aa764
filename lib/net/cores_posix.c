/* cores_posix.c - the processors of the machine */
#include "net/cores.h"

#include <unistd.h>

unsigned
tnl_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned)n;
}
