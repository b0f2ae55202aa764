/* socket_linux.c - sockets that are born as we want them, in one call
 *
 * What was set at a listener holds for the connections that come from it: Linux
 * clones the listening socket with its options, the keepalive timer included.
 */
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

#include "net/socket.h"

int
tnl_socket_new(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int
tnl_socket_pipe(int fd[2])
{
	return pipe2(fd, O_NONBLOCK | O_CLOEXEC);
}

int
tnl_socket_accept(int listener, struct tnl_endpoint *peer)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;
	int fd;

	sa.ss_family = AF_UNSPEC;
	fd = accept4(listener, (struct sockaddr *)(void *)&sa, &n,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		tnl_endpoint_get(peer,
		    (const struct sockaddr *)(const void *)&sa);
	return fd;
}
