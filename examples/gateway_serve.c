/* gateway_serve.c - what a gateway stands on: a listener, and how it ends
 *
 * Connections are accepted many at a time, since an edge is told once, and no
 * more of them than there may be: the others wait in the kernel's queue.  After
 * SIGTERM nobody is accepted, and the server ends when the last request has.
 */
#include "gateway_client.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <netdb.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common_say.h"

enum { BATCH = 64, BACKLOG = 511, TIRED_MS = 100 };

static const char *voice = "gateway";
static int silent;
static struct tunnel_loop *volatile signalled;
static volatile sig_atomic_t ends;

void
serve_defaults(struct serve_settings *s)
{
	memset(s, 0, sizeof *s);
	s->name = "gateway";
	s->listen = "127.0.0.1:8080";
	s->head_ms = s->drain_ms = 30000;
	s->idle_ms = 60000;
	s->connections = 256;
	s->buffer = 65536;
}

void
serve_voice(const char *name, int quiet)
{
	voice = name;
	silent = quiet;
}

void
serve_say(const char *format, ...)
{
	char prefix[64];
	va_list ap;

	if (silent)
		return;
	(void)snprintf(prefix, sizeof prefix, "%s: ", voice);
	va_start(ap, format);
	say_line(prefix, format, ap);
	va_end(ap);
}

/* ---- accepting ------------------------------------------------------ */

/* Does nobody wait to be accepted?  Then nobody has to go, either. */
static int
is_lonely(const struct serve *s)
{
	struct pollfd p;

	p.fd = s->fd;
	p.events = POLLIN;
	return s->clients >= s->set.connections && poll(&p, 1, 0) == 0;
}

/* Room for one more, at the cost of who has been idle for longest. */
static int
make_room(struct serve *s)
{
	struct serve_client *c;

	if (s->clients < s->set.connections)
		return 1;
	for (c = s->first; c != NULL; c = c->next)
		if (client_idle(c)) {
			client_end(c, 0);
			return 1;
		}
	return 0;
}

static void
accept_all(void *ud)
{
	struct serve *s = ud;
	int i, fd;

	for (i = 0; i < BATCH && s->watch != NULL; i++) {
		if (is_lonely(s)) {
			(void)tunnel_watch_wants(s->watch, TUNNEL_IN);
			return;
		}
		s->full = !make_room(s);
		if (s->full) {
			(void)tunnel_watch_wants(s->watch, 0);
			return;
		}
		fd = accept(s->fd, NULL, NULL);
		if (fd >= 0) {
			(void)client_new(s, fd);
			continue;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			(void)tunnel_watch_wants(s->watch, TUNNEL_IN);
			return;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS) {
			serve_say("cannot accept: %s", strerror(errno));
			(void)tunnel_timer_set(s->accepting,
			    tunnel_loop_now(s->loop) + TIRED_MS);
			return;
		}
	}
	if (s->watch != NULL)
		(void)tunnel_timer_set(s->accepting, 0);
}

static void
on_listener(void *ud, int ready)
{
	(void)ready;
	accept_all(ud);
}

void
serve_gone(struct serve *s)
{
	if (s->full && s->watch != NULL)
		(void)tunnel_timer_set(s->accepting, 0);
	if (s->draining && s->clients == 0)
		tunnel_loop_stop(s->loop);
}

/* ---- listening ------------------------------------------------------ */

static struct addrinfo *
find(const char *where)
{
	struct addrinfo hints, *found = NULL;
	char host[CLIENT_ADDRESS_MAX];
	const char *colon = strrchr(where, ':'), *from = where;
	size_t n = colon != NULL ? (size_t)(colon - where) : 0;
	size_t digits = n > 0 ? strspn(colon + 1, "0123456789") : 0;

	if (digits < 1 || digits > 5 || colon[1 + digits] != '\0' ||
	    strtoul(colon + 1, NULL, 10) > 65535)
		return NULL;
	if (n >= 2 && where[0] == '[' && where[n - 1] == ']') {
		from++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof host)
		return NULL;
	memcpy(host, from, n);
	host[n] = '\0';
	memset(&hints, 0, sizeof hints);
	hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	hints.ai_socktype = SOCK_STREAM;
	return getaddrinfo(host, colon + 1, &hints, &found) == 0 ? found :
	    NULL;
}

static int
open_at(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM, 0), one = 1, e;

	if (fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (a->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
		    sizeof one);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	e = errno;
	(void)close(fd);
	errno = e;
	return -1;
}

static void
announce(int fd)
{
	union {
		struct sockaddr sa;
		struct sockaddr_storage room;
	} u;
	socklen_t n = sizeof u;
	char host[CLIENT_ADDRESS_MAX], port[8];

	if (getsockname(fd, &u.sa, &n) < 0 || getnameinfo(&u.sa, n, host,
	    sizeof host, port, sizeof port,
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	(void)printf(strchr(host, ':') != NULL ? "listening on [%s]:%s\n" :
	    "listening on %s:%s\n", host, port);
	(void)fflush(stdout);
}

/* 0, or an exit status. */
static int
start_listening(struct serve *s)
{
	struct addrinfo *a = find(s->set.listen);

	if (a == NULL) {
		serve_say("--listen does not take %s; see %s --help",
		    s->set.listen, voice);
		return 2;
	}
	s->fd = open_at(a);
	freeaddrinfo(a);
	if (s->fd < 0) {
		serve_say("cannot listen on %s: %s", s->set.listen,
		    strerror(errno));
		return 1;
	}
	s->watch = tunnel_watch_new(s->loop, s->fd, on_listener, s);
	if (s->watch == NULL)
		return 1;
	announce(s->fd);
	accept_all(s);
	return 0;
}

static void
stop_listening(struct serve *s)
{
	tunnel_watch_free(s->watch);
	s->watch = NULL;
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

/* ---- signals -------------------------------------------------------- */

/* A signal may come before there is a loop, and after there was one. */
void
serve_wake_loop(void)
{
	if (signalled != NULL)
		tunnel_loop_wake(signalled);
}

static void
on_signal(int sig)
{
	(void)sig;
	if (ends < 2)
		ends++;
	serve_wake_loop();
}

static void
listen_to_signals(struct serve *s)
{
	struct sigaction act;

	signalled = s->loop;
	memset(&act, 0, sizeof act);
	act.sa_handler = on_signal;
	act.sa_flags = SA_RESTART;
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
}

static void
too_late(void *ud)
{
	struct serve *s = ud;

	tunnel_loop_stop(s->loop);
}

static void
drain(struct serve *s)
{
	struct serve_client *c, *next;

	s->draining = 1;
	stop_listening(s);
	for (c = s->first; c != NULL; c = next) {
		next = c->next;
		(void)tunnel_forward_persist(c->forward, 0);
		if (client_idle(c))
			client_end(c, 0);
	}
	if (s->clients > 0)
		serve_say("draining: %lu clients; a second signal ends them",
		    (unsigned long)s->clients);
	if (s->set.drain_ms > 0)
		(void)tunnel_timer_set(s->ending, tunnel_loop_now(s->loop) +
		    s->set.drain_ms);
	serve_gone(s);
}

static void
on_wake(void *ud)
{
	struct serve *s = ud;

	if (s->gateway.woken != NULL)
		s->gateway.woken(s->ud);
	if (ends > 1)
		tunnel_loop_stop(s->loop);
	else if (ends == 1 && !s->draining)
		drain(s);
}

/* ---- the server ----------------------------------------------------- */

struct serve *
serve_new(const struct serve_settings *set, const struct serve_gateway *g,
    void *ud)
{
	struct serve *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->set = *set;
	s->gateway = *g;
	s->ud = ud;
	s->fd = -1;
	s->loop = tunnel_loop_new(NULL, NULL);
	s->buffer = malloc(set->buffer);
	if (s->loop != NULL) {
		s->accepting = tunnel_timer_new(s->loop, accept_all, s);
		s->ending = tunnel_timer_new(s->loop, too_late, s);
	}
	if (s->buffer == NULL || s->loop == NULL || s->accepting == NULL ||
	    s->ending == NULL) {
		serve_free(s);
		return NULL;
	}
	serve_voice(set->name, set->quiet);
	return s;
}

void
serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	signalled = NULL;
	tunnel_timer_free(s->accepting);
	tunnel_timer_free(s->ending);
	tunnel_loop_free(s->loop);
	free(s->buffer);
	free(s);
}

int
serve_run(struct serve *s)
{
	struct serve_client *c;
	int rv;

	listen_to_signals(s);
	(void)tunnel_loop_on_wake(s->loop, on_wake, s);
	rv = start_listening(s);
	if (rv == 0) {
		rv = tunnel_loop_run(s->loop);
		if (rv < 0)
			serve_say("%s: %s", tunnel_strerror(rv),
			    strerror(errno));
		rv = rv < 0;
	}
	stop_listening(s);
	while ((c = s->first) != NULL)
		client_end(c, TUNNEL_ERESET);
	return rv;
}

struct tunnel_loop *
serve_loop(const struct serve *s)
{
	return s->loop;
}
