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
tnl_socket_pipe(int fd[2])
{
	if (pipe(fd) < 0)
		return -1;
	if (tnl_socket_adopt(fd[0]) == 0 && tnl_socket_adopt(fd[1]) == 0)
		return 0;
	(void)close(fd[0]);
	(void)close(fd[1]);
	return -1;
}

int
tnl_socket_accept(int listener, struct tnl_endpoint *peer)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;
	int fd;

	sa.ss_family = AF_UNSPEC;
	fd = adopted(accept(listener, (struct sockaddr *)(void *)&sa, &n));
	if (fd >= 0) {
		tnl_socket_tune(fd);
		tnl_endpoint_get(peer,
		    (const struct sockaddr *)(const void *)&sa);
	}
	return fd;
}
