/* socket.c - sockets and their addresses, the same way everywhere
 *
 * Only the socket calls of POSIX, and getifaddrs(3), which is in no standard
 * and on every system: to know that 192.0.2.7 is this machine, too.
 */
#define _DEFAULT_SOURCE 1       /* getifaddrs */

#include "net/socket.h"

#include <sys/types.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/address.h"

/* What waits in the system for a reader who takes nothing, besides what is on
 * its way: no more than keeps a stream going. */
enum { UNSENT = 262144 };

void
tnl_endpoint_get(struct tnl_endpoint *e, const struct sockaddr *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(e, 0, sizeof *e);
	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		memcpy(e->addr, &v4.sin_addr, 4);
		e->n = 4;
		e->port = ntohs(v4.sin_port);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof v6);
		memcpy(e->addr, &v6.sin6_addr, 16);
		e->n = tnl_address_plain(e->addr, 16);
		e->port = ntohs(v6.sin6_port);
		e->scope = v6.sin6_scope_id;
	}
}

socklen_t
tnl_endpoint_put(const struct tnl_endpoint *e, struct sockaddr_storage *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(sa, 0, sizeof *sa);
	if (e->n == 4) {
		memset(&v4, 0, sizeof v4);
		v4.sin_family = AF_INET;
		v4.sin_port = htons((uint16_t)e->port);
		memcpy(&v4.sin_addr, e->addr, 4);
		memcpy(sa, &v4, sizeof v4);
		return (socklen_t)sizeof v4;
	}
	memset(&v6, 0, sizeof v6);
	v6.sin6_family = AF_INET6;
	v6.sin6_port = htons((uint16_t)e->port);
	v6.sin6_scope_id = e->scope;
	memcpy(&v6.sin6_addr, e->addr, 16);
	memcpy(sa, &v6, sizeof v6);
	return (socklen_t)sizeof v6;
}

void
tnl_endpoint_host(const struct tnl_endpoint *e, char out[TNL_ENDPOINT_TEXT])
{
	if (e->n == 0 || inet_ntop(e->n == 4 ? AF_INET : AF_INET6, e->addr,
	    out, TNL_ENDPOINT_TEXT) == NULL)
		(void)strcpy(out, "-");
}

void
tnl_endpoint_text(const struct tnl_endpoint *e, char out[TNL_ENDPOINT_TEXT])
{
	char host[TNL_ENDPOINT_TEXT];

	tnl_endpoint_host(e, host);
	if (e->n == 0)
		(void)strcpy(out, host);
	else
		(void)snprintf(out, TNL_ENDPOINT_TEXT, e->n == 4 ?
		    "%.46s:%u" : "[%.46s]:%u", host, e->port);
}

int
tnl_endpoint_same(const struct tnl_endpoint *a, const struct tnl_endpoint *b)
{
	return a->n == b->n && a->port == b->port && a->scope == b->scope &&
	    memcmp(a->addr, b->addr, a->n) == 0;
}

typedef int (*name_fn)(int, struct sockaddr *, socklen_t *);

static void
name(name_fn fn, int fd, struct tnl_endpoint *e)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;

	memset(e, 0, sizeof *e);
	if (fn(fd, (struct sockaddr *)(void *)&sa, &n) == 0)
		tnl_endpoint_get(e, (const struct sockaddr *)(const void *)
		    &sa);
}

static int
own_name(int fd, struct sockaddr *sa, socklen_t *n)
{
	return getsockname(fd, sa, n);
}

static int
peer_name(int fd, struct sockaddr *sa, socklen_t *n)
{
	return getpeername(fd, sa, n);
}

void
tnl_socket_name(int fd, struct tnl_endpoint *e)
{
	name(own_name, fd, e);
}

void
tnl_socket_peer(int fd, struct tnl_endpoint *e)
{
	name(peer_name, fd, e);
}

int
tnl_socket_adopt(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int
tnl_socket_adopt_stream(int fd)
{
	int type = 0;
	socklen_t n = sizeof type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0 ||
	    type != SOCK_STREAM)
		return -1;
	return tnl_socket_adopt(fd);
}

int
tnl_socket_error(int fd)
{
	int e = 0;
	socklen_t n = sizeof e;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) < 0 ? errno : e;
}

void
tnl_socket_tune(int fd)
{
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef SO_NOSIGPIPE
	(void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
}

/* macOS has a name of its own for the first of these. */
#if !defined(TCP_KEEPIDLE) && defined(TCP_KEEPALIVE)
#define TCP_KEEPIDLE TCP_KEEPALIVE
#endif

/* Where the system has no such times, its own are what remains. */
void
tnl_socket_keepalive(int fd, unsigned seconds)
{
	int on = seconds > 0;
#if defined(TCP_KEEPIDLE) && defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
	int every = (int)seconds, missing = 3;

	if (on) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &every,
		    sizeof every);
		(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every,
		    sizeof every);
		(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &missing,
		    sizeof missing);
	}
#endif
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

void
tnl_socket_bound(int fd)
{
#ifdef TCP_NOTSENT_LOWAT
	int n = UNSENT;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &n, sizeof n);
#else
	(void)fd;
#endif
}

void
tnl_socket_low(int fd, int n)
{
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &n, sizeof n);
}

void
tnl_socket_abort(int fd)
{
	struct linger hard;

	hard.l_onoff = 1;
	hard.l_linger = 0;
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

/* Does the system let a socket have it?  Where that cannot be tried, too, it is
 * taken for ours. */
static int
can_be_had(const struct tnl_endpoint *e)
{
	struct tnl_endpoint any_port = *e;
	struct sockaddr_storage sa;
	socklen_t n;
	int fd = tnl_socket_new(e->n == 4 ? AF_INET : AF_INET6), foreign;

	any_port.port = 0;
	n = tnl_endpoint_put(&any_port, &sa);
	foreign = fd >= 0 && bind(fd, (struct sockaddr *)(void *)&sa, n) < 0 &&
	    errno == EADDRNOTAVAIL;
	if (fd >= 0)
		(void)close(fd);
	return !foreign;
}

int
tnl_socket_local(const struct tnl_endpoint *e)
{
	static const uint8_t zero[16];
	struct tnl_endpoint own;
	struct ifaddrs *list, *i;
	int found = 0;

	/* 127.0.0.0/8 is all here, and so is "any": connect(2) takes both. */
	if ((e->n == 4 && e->addr[0] == 127) ||
	    memcmp(e->addr, zero, e->n) == 0)
		return 1;
	/* It asks over netlink, which a sandbox may forbid. */
	if (getifaddrs(&list) < 0)
		return can_be_had(e);
	for (i = list; i != NULL && !found; i = i->ifa_next) {
		if (i->ifa_addr == NULL)
			continue;
		tnl_endpoint_get(&own, i->ifa_addr);
		found = own.n == e->n && own.n > 0 &&
		    memcmp(own.addr, e->addr, e->n) == 0;
	}
	freeifaddrs(list);
	return found;
}
