/* proxy_memory.c - memory of tunnels that have gone returns to the system
 *
 * malloc(3) keeps what is freed below anything that is still in use, so a proxy
 * would look for ever as large as it was on its busiest day.  When half of the
 * tunnels have gone, all that is free goes back, which takes a few milliseconds
 * for thousands of tunnels.  Only glibc has to be asked.
 */
#include "proxy_memory.h"

#include <pthread.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { FEW = 256 };             /* tunnels that are not worth the trouble */

#ifdef __GLIBC__
static void
trim(void)
{
	(void)malloc_trim(0);
}
#else
static void
trim(void)
{
}
#endif

void
memory_ended(unsigned long long open)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static unsigned long long most; /* since the last time */
	int half;

	(void)pthread_mutex_lock(&mutex);
	if (open > most)
		most = open;
	half = most >= FEW && open < most / 2;
	if (half)
		most = open;
	(void)pthread_mutex_unlock(&mutex);
	if (half)
		trim();
}
