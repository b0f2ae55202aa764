/* common_net.c - what both programs need of the system */
#include "common_net.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
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

int
net_guard_stdio(void)
{
	struct pollfd p[3];
	int fd, closed = 0;

	for (fd = 0; fd <= 2; fd++) {
		p[fd].fd = fd;
		p[fd].events = 0;
		p[fd].revents = 0;
	}
	(void)poll(p, 3, 0);
	for (fd = 0; fd <= 2; fd++)
		if (p[fd].revents & POLLNVAL) {
			closed |= 1 << fd;
			/* The lowest that is free: this one. */
			(void)open("/dev/null", O_RDWR);
		}
	return closed;
}

void
net_announce(const struct tunnel_proxy *p, int socks)
{
	size_t i, n = 0;

	while (tunnel_proxy_address(p, n) != NULL)
		n++;
	for (i = 0; i < n; i++)
		(void)printf("%s on %s\n", n - i > (size_t)socks ?
		    "listening" : "socks", tunnel_proxy_address(p, i));
	(void)fflush(stdout);
}
