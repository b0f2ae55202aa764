/* sandbox_privileges.c - no program that is run gets more rights: Linux 3.5
 *
 * A file that is setuid or has capabilities is then one like any other.  It is
 * inherited, and cannot be taken back; a filter of system calls and Landlock
 * want it of those who are not root.
 */
#include "sandbox.h"

#include <sys/prctl.h>

#include <errno.h>
#include <string.h>

enum { NO_NEW_PRIVS = 38 };     /* older headers lack it */

const char *
sandbox_begin(void)
{
	return prctl(NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ? strerror(errno) : NULL;
}
