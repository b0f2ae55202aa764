/* place.c - where the benchmark runs: its network, processors, descriptors
 *
 * In a network of its own nothing else uses its ports, and TCP there is reno's:
 * a congestion control that paces (bbr) measures its own timers on loopback.
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static const char *network = "on the system's loopback";
static unsigned descriptors;

static int
loopback_up(void)
{
	struct ifreq r;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), rv;

	memset(&r, 0, sizeof r);
	memcpy(r.ifr_name, "lo", 3);
	rv = ioctl(fd, SIOCGIFFLAGS, &r);
	r.ifr_flags |= IFF_UP;
	if (rv == 0)
		rv = ioctl(fd, SIOCSIFFLAGS, &r);
	(void)close(fd);
	return rv;
}

static void
own_network(void)
{
	int fd;

	if (unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return;
	if (loopback_up() < 0)
		die("a loopback of our own");
	network = "on a loopback of its own";
	fd = open("/proc/sys/net/ipv4/tcp_congestion_control", O_WRONLY);
	if (fd >= 0 && write(fd, "reno", 4) == 4)
		network = "on a loopback of its own with reno";
	if (fd >= 0)
		(void)close(fd);
}

/* The i-th last of the processors that we may use, or the last. */
static void
run_on(int i)
{
	static cpu_set_t all;
	cpu_set_t one;
	size_t k, last = 0;

	if (CPU_COUNT(&all) == 0 && sched_getaffinity(0, sizeof all, &all) < 0)
		return;
	for (k = CPU_SETSIZE; k-- > 0;) {
		if (!CPU_ISSET(k, &all))
			continue;
		last = k;
		if (i-- == 0)
			break;
	}
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	(void)sched_setaffinity(0, sizeof one, &one);
}

void
place_prepare(void)
{
	struct rlimit r;

	own_network();
	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		die("getrlimit");
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
	descriptors = r.rlim_cur > 1000000 ? 1000000 : (unsigned)r.rlim_cur;
	run_on(0);
}

void
place_forwarder(void)
{
	run_on(bench.cores - 1);
}

const char *
place_network(void)
{
	return network;
}

unsigned
place_tunnels(void)
{
	return descriptors > 200 ? (descriptors - 100) / 2 : 50;
}
