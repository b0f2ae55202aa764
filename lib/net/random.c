/* random.c - bytes that nobody can foresee, from the system
 *
 * The device that every Unix has.  Its opening may fail where descriptors have
 * run out: then there are none, and never any that somebody could guess.
 */
#include "net/random.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <tunnel/base.h>

int
tnl_random(void *ud, void *out, size_t n)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	(void)ud;
	if (fd < 0)
		return TUNNEL_EIO;
	do
		got = read(fd, out, n);
	while (got < 0 && errno == EINTR);
	(void)close(fd);
	return got == (ssize_t)n ? 0 : TUNNEL_EIO;
}
