/* socket_linux.c - sockets that are born as we want them, in one call */
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/socket.h>

#include "net/socket.h"

int
tnl_socket_new(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int
tnl_socket_accept(int listener)
{
	return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
