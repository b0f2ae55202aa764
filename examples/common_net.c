/* common_net.c - clocks, addresses and sockets for both programs */
#include "common_net.h"

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t
net_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int
net_wait(uint64_t deadline, uint64_t now)
{
	if (deadline == UINT64_MAX)
		return -1;
	if (deadline <= now)
		return 0;
	return deadline - now > 3600000 ? 3600000 : (int)(deadline - now);
}

struct addrinfo *
net_resolve(const char *host, unsigned port, int passive, int *error)
{
	struct addrinfo hints, *list = NULL;
	char service[8];

	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = passive ? AI_PASSIVE : 0;
	(void)snprintf(service, sizeof service, "%u", port);
	*error = getaddrinfo(host, service, &hints, &list);
	return *error == 0 ? list : NULL;
}

size_t
net_bytes(const struct sockaddr *sa, const void **bytes)
{
	if (sa->sa_family == AF_INET) {
		*bytes = &((const struct sockaddr_in *)(const void *)sa)->
		    sin_addr;
		return 4;
	}
	if (sa->sa_family == AF_INET6) {
		*bytes = &((const struct sockaddr_in6 *)(const void *)sa)->
		    sin6_addr;
		return 16;
	}
	return 0;
}

void
net_print(const struct sockaddr *sa, socklen_t n, char *out, size_t cap)
{
	char host[64], port[8];

	if (getnameinfo(sa, n, host, sizeof host, port, sizeof port,
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		(void)snprintf(out, cap, "?");
	else
		(void)snprintf(out, cap, strchr(host, ':') != NULL ?
		    "[%s]:%s" : "%s:%s", host, port);
}

int
net_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL), on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int
net_guard_stdio(void)
{
	int fd, closed = 0;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
			closed |= 1 << fd;
			/* The lowest that is free: this one. */
			(void)open("/dev/null", O_RDWR);
		}
	return closed;
}

int
net_connect(const struct addrinfo *ai, int *done)
{
	int fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
	int e;

	*done = 0;
	if (fd < 0)
		return -1;
	if (net_prepare(fd) == 0) {
		if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0) {
			*done = 1;
			return fd;
		}
		if (errno == EINPROGRESS || errno == EINTR)
			return fd;
	}
	e = errno;
	(void)close(fd);
	errno = e;
	return -1;
}

int
net_connected(int fd)
{
	int e = 0;
	socklen_t n = sizeof e;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) < 0 ? errno : e;
}
