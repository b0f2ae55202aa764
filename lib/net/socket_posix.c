/* socket_posix.c - sockets that are made ours after their birth */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "net/socket.h"

static int
adopted(int fd)
{
	int e;

	if (fd < 0 || tnl_socket_adopt(fd) == 0)
		return fd;
	e = errno;
	(void)close(fd);
	errno = e;
	return -1;
}

int
tnl_socket_new(int family)
{
	return adopted(socket(family, SOCK_STREAM, 0));
}

int
tnl_socket_accept(int listener)
{
	return adopted(accept(listener, NULL, NULL));
}
