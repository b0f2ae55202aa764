/* listener.c - where clients come in
 *
 *      127.0.0.1:3128   [::1]:3128   localhost:3128   *:3128   port 0: any
 *      unix:PATH        a socket file, taken over when nobody listens there
 *      fd:N             a socket that somebody else has bound
 *
 * Threads get a queue each by SO_REUSEPORT.  With it two programs could share a
 * port without knowing, so the first socket is bound without.
 */
#define _DEFAULT_SOURCE 1       /* SO_REUSEPORT */

#include "net/listener.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tunnel/authority.h>

#include "core/ascii.h"
#include "net/socket.h"

enum { BACKLOG = 1024 };

#ifdef SO_REUSEPORT
enum { SHARED_PORTS = SO_REUSEPORT };
#else
enum { SHARED_PORTS = 0 };
#endif

enum kind { TCP, UNIX, FD, NOTHING };

struct place {
	int kind;
	const char *path;               /* UNIX */
	int fd;                         /* FD */
	int any;                        /* TCP: "*" */
	char host[TUNNEL_HOST_MAX];
	char port[8];
};

/* "host:port" where port 0 is good, too, and host may be "*". */
static int
parse_tcp(struct place *p, const char *where)
{
	const char *colon = strrchr(where, ':');
	uint64_t port;
	unsigned unused;
	size_t n;
	char text[TUNNEL_HOST_MAX + 8];

	if (colon == NULL || strlen(where) >= TUNNEL_HOST_MAX)
		return 0;
	n = strlen(colon + 1);
	if (n == 0 || n > 5 || !tnl_decimal(colon + 1, n, 65535, &port))
		return 0;
	memcpy(p->port, colon + 1, n + 1);
	n = (size_t)(colon - where);
	p->any = n == 1 && *where == '*';
	if (p->any)
		return 1;
	(void)snprintf(text, sizeof text, "%.*s:1", (int)n, where);
	return tunnel_authority_parse(text, n + 2, p->host, sizeof p->host,
	    &unused) == 0;
}

static struct place
parse(const char *where)
{
	struct place p;
	uint64_t n;

	memset(&p, 0, sizeof p);
	p.kind = NOTHING;
	if (strncmp(where, "unix:", 5) == 0) {
		p.path = where + 5;
		if (*p.path != '\0' && strlen(p.path) <
		    sizeof ((struct sockaddr_un *)0)->sun_path)
			p.kind = UNIX;
	} else if (strncmp(where, "fd:", 3) == 0) {
		if (tnl_decimal(where + 3, strlen(where + 3), 1 << 20, &n)) {
			p.fd = (int)n;
			p.kind = FD;
		}
	} else if (parse_tcp(&p, where)) {
		p.kind = TCP;
	}
	return p;
}

int
tnl_listener_valid(const char *where)
{
	return parse(where).kind != NOTHING;
}

/* Close, and keep the errno that led here. */
static int
lost(int fd)
{
	int e = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = e;
	return -1;
}

static void
reuse(int fd, int share)
{
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (share && SHARED_PORTS != 0)
		(void)setsockopt(fd, SOL_SOCKET, SHARED_PORTS, &on,
		    sizeof on);
}

static int
bind_to(const struct sockaddr *sa, socklen_t n, int share, int only)
{
	int fd = tnl_socket_new(sa->sa_family);

	if (fd < 0)
		return -1;
	reuse(fd, share);
	if (sa->sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only,
		    sizeof only);
	return bind(fd, sa, n) == 0 ? fd : lost(fd);
}

/* The same address and port again, now to be shared, once it is known that
 * nobody else has them. */
static int
share_it(int fd, int only)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;

	if (getsockname(fd, (struct sockaddr *)(void *)&sa, &n) < 0)
		return lost(fd);
	(void)close(fd);
	return bind_to((struct sockaddr *)(void *)&sa, n, 1, only);
}

static int
open_tcp(const struct place *p, int share, int *error)
{
	struct addrinfo hints, *list, *ai;
	int fd = -1;

	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE;
	*error = getaddrinfo(p->any ? "::" : p->host, p->port, &hints, &list);
	if (*error != 0)
		return -1;
	for (ai = list; ai != NULL && fd < 0; ai = ai->ai_next)
		fd = bind_to(ai->ai_addr, ai->ai_addrlen, 0, !p->any);
	freeaddrinfo(list);
	if (fd >= 0 && share)
		fd = share_it(fd, !p->any);
	return fd >= 0 && listen(fd, BACKLOG) == 0 ? fd : lost(fd);
}

static void
name_unix(const char *path, struct sockaddr_un *sa)
{
	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	(void)strncpy(sa->sun_path, path, sizeof sa->sun_path - 1);
}

/* A socket file at which nobody listens was left behind by somebody who is no
 * more. */
static int
is_stale(const struct sockaddr_un *sa)
{
	struct stat st;
	int fd, stale;

	if (lstat(sa->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return 0;
	fd = tnl_socket_new(AF_UNIX);
	if (fd < 0)
		return 0;
	stale = connect(fd, (const struct sockaddr *)(const void *)sa,
	    sizeof *sa) < 0 && errno == ECONNREFUSED;
	(void)close(fd);
	return stale;
}

static int
open_unix(const struct place *p)
{
	struct sockaddr_un sa;
	int fd = tnl_socket_new(AF_UNIX), rv;

	if (fd < 0)
		return -1;
	name_unix(p->path, &sa);
	rv = bind(fd, (struct sockaddr *)(void *)&sa, sizeof sa);
	if (rv < 0 && errno == EADDRINUSE) {
		if (is_stale(&sa) && unlink(sa.sun_path) == 0)
			rv = bind(fd, (struct sockaddr *)(void *)&sa,
			    sizeof sa);
		else
			errno = EADDRINUSE;
	}
	return rv == 0 && listen(fd, BACKLOG) == 0 ? fd : lost(fd);
}

static int
open_fd(const struct place *p)
{
	int listening = 0;
	socklen_t n = sizeof listening;

	if (getsockopt(p->fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) < 0)
		return -1;
	if (!listening) {
		errno = EINVAL;
		return -1;
	}
	return tnl_socket_adopt(p->fd) < 0 ? -1 : p->fd;
}

int
tnl_listener_open(const char *where, int share, char *reason, size_t cap)
{
	struct place p = parse(where);
	int fd = -1, error = 0;

	errno = EINVAL;
	switch ((enum kind)p.kind) {
	case TCP:
		fd = open_tcp(&p, share, &error);
		break;
	case UNIX:
		fd = open_unix(&p);
		break;
	case FD:
		fd = open_fd(&p);
		break;
	case NOTHING:
		break;
	}
	if (fd < 0)
		(void)snprintf(reason, cap, "cannot listen on %s: %s", where,
		    error != 0 ? gai_strerror(error) : strerror(errno));
	else
		tnl_socket_tune(fd);
	return fd;
}

void
tnl_listener_name(const char *where, int fd, char out[TNL_WHERE_MAX])
{
	struct tnl_endpoint e;
	char text[TNL_ENDPOINT_TEXT];

	tnl_socket_name(fd, &e);
	tnl_endpoint_text(&e, text);
	(void)snprintf(out, TNL_WHERE_MAX, "%s", e.n > 0 ? text : where);
}

int
tnl_listener_again(const char *where, int fd)
{
	struct place p = parse(where);
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;
	int again = -1;

	if (p.kind == TCP && SHARED_PORTS != 0 &&
	    getsockname(fd, (struct sockaddr *)(void *)&sa, &n) == 0) {
		again = bind_to((struct sockaddr *)(void *)&sa, n, 1, !p.any);
		if (again >= 0 && listen(again, BACKLOG) < 0)
			again = lost(again);
	}
	if (again >= 0) {
		tnl_socket_tune(again);
		return again;
	}
	again = dup(fd);
	if (again >= 0)
		(void)fcntl(again, F_SETFD, FD_CLOEXEC);
	return again;
}

void
tnl_listener_close(const char *where, int fd, int last)
{
	struct place p = parse(where);

	if (last && p.kind == UNIX)
		(void)unlink(p.path);
	if (fd >= 0)
		(void)close(fd);
}
