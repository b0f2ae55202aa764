/* sandbox_landlock.c - files that stay within reach: Landlock, since Linux 5.13
 *
 * What is handled and not allowed is refused with EACCES, whatever the file's
 * own permissions say.  Each version of the kernel's interface knows more kinds
 * of access; what it does not know it does not restrict.  The numbers of the
 * calls are the same on all architectures but alpha.
 */
#define _DEFAULT_SOURCE 1       /* syscall */
#define _GNU_SOURCE 1           /* O_PATH */

#include "sandbox.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
	CREATE = 444, ALLOW = 445, HOLD = 446,
	VERSION = 1,            /* of the interface, instead of a set */
	BENEATH = 1,

	EXECUTE = 1, WRITE_FILE = 2, READ_FILE = 4, READ_DIR = 8,
	REMOVE_FILE = 32, MAKE_REG = 256,
	ALL = (1 << 13) - 1,    /* of version 1 */
	REFER = 1 << 13,        /* rename to another directory; version 2 */
	TRUNCATE = 1 << 14,     /* 3 */
	OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
};

static int set = -1;
static uint64_t handled;

const char *
sandbox_files_begin(void)
{
	long version = syscall(CREATE, NULL, (size_t)0, (long)VERSION);

	if (version < 0)
		return errno == EOPNOTSUPP ? "Landlock is switched off" :
		    "the kernel has no Landlock";
	handled = ALL;
	if (version >= 2)
		handled |= REFER;
	if (version >= 3)
		handled |= TRUNCATE;
	set = (int)syscall(CREATE, &handled, sizeof handled, 0L);
	return set < 0 ? strerror(errno) : NULL;
}

/* The kernel's structure has no gap, and 12 bytes. */
void
sandbox_files_allow(const char *path, int how)
{
	unsigned char rule[12];
	uint64_t access = 0;
	struct stat st;
	int32_t fd;

	if (how & SANDBOX_READ)
		access |= READ_FILE | READ_DIR;
	if (how & SANDBOX_WRITE)
		access |= WRITE_FILE | MAKE_REG | TRUNCATE;
	if (how & SANDBOX_REMOVE)
		access |= REMOVE_FILE;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			access &= OF_FILES;
		access &= handled;
		memcpy(rule, &access, sizeof access);
		memcpy(rule + sizeof access, &fd, sizeof fd);
		(void)syscall(ALLOW, (long)set, (long)BENEATH, rule, 0L);
	}
	(void)close(fd);
}

const char *
sandbox_files_hold(void)
{
	const char *why = syscall(HOLD, (long)set, 0L) < 0 ?
	    strerror(errno) : NULL;

	(void)close(set);
	set = -1;
	return why;
}
