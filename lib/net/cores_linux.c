/* cores_linux.c - the processors of a container, or of taskset(1), are fewer
 * than the machine's: more threads than those only get in each other's way */
#define _GNU_SOURCE
#include "net/cores.h"

#include <sched.h>
#include <unistd.h>

unsigned
tnl_cores(void)
{
	cpu_set_t set;
	long n;

	/* It fails where there are more than the set holds. */
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	else
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : (unsigned)n;
}
