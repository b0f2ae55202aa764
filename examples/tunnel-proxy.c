/* tunnel-proxy.c - an HTTP proxy that carries tunnels
 *
 * One thread, one poll(2).  When descriptors run out, accepting pauses until a
 * session has ended: the clients wait in the backlog.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common_net.h"
#include "proxy_config.h"
#include "proxy_session.h"

enum { BACKLOG = 512, ACCEPT_MAX = 64, PAUSE_MS = 1000 };

/* A session, and which entries of the table of descriptors are its own (-1:
 * none).  Only what is watched has an entry: poll(2) refuses a table longer
 * than the limit on open files. */
struct slot {
	struct session *s;
	int at[2];
};

struct proxy {
	struct config c;
	struct slot *slots;
	size_t n, cap;
	struct pollfd *fds;             /* LISTEN_MAX + 2 * cap */
	int listeners[LISTEN_MAX];
	int listeners_n;
	uint64_t paused;                /* accept nothing until then */
};

/* ---- listeners ------------------------------------------------------ */

static int
open_listener(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
	int on = 1, e;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (net_prepare(fd) == 0 &&
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
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
	struct sockaddr_storage at;
	socklen_t n = sizeof at;
	char text[80];

	if (getsockname(fd, (struct sockaddr *)(void *)&at, &n) < 0)
		return;
	net_print((struct sockaddr *)(void *)&at, n, text, sizeof text);
	(void)printf("listening on %s\n", text);
	(void)fflush(stdout);
}

/* Read "ADDR:PORT", where port 0 asks for any. */
static struct addrinfo *
listen_address(const char *text, int *error)
{
	char host[TUNNEL_HOST_MAX];
	const char *colon = strrchr(text, ':');
	unsigned port = 0;
	size_t n;

	*error = 0;
	if (colon != NULL && strcmp(colon, ":0") == 0) {
		n = (size_t)(colon - text);
		if (n > 1 && text[0] == '[' && text[n - 1] == ']') {
			text++;
			n -= 2;
		}
		if (n == 0 || n >= sizeof host)
			return NULL;
		memcpy(host, text, n);
		host[n] = '\0';
	} else if (tunnel_authority_parse(text, strlen(text), host,
	    sizeof host, &port) < 0) {
		return NULL;
	}
	return net_resolve(host, port, 1, error);
}

static int
listen_on(struct proxy *p, const char *text)
{
	struct addrinfo *list;
	int error, fd;

	list = listen_address(text, &error);
	if (list == NULL) {
		config_say("cannot listen on %s: %s", text, error != 0 ?
		    gai_strerror(error) : "write ADDR:PORT or [ADDR]:PORT");
		return 2;
	}
	fd = open_listener(list);
	freeaddrinfo(list);
	if (fd < 0) {
		config_say("cannot listen on %s: %s", text, strerror(errno));
		return 1;
	}
	p->listeners[p->listeners_n++] = fd;
	announce(fd);
	return 0;
}

/* ---- sessions ------------------------------------------------------- */

/* Room for one more session: 1, or 0 when there is no memory. */
static int
reserve(struct proxy *p)
{
	size_t cap = p->cap > 0 ? p->cap * 2 : 64;
	struct slot *slots;
	struct pollfd *fds;

	if (p->n < p->cap)
		return 1;
	slots = realloc(p->slots, cap * sizeof *slots);
	if (slots == NULL)
		return 0;
	p->slots = slots;
	fds = realloc(p->fds, (LISTEN_MAX + 2 * cap) * sizeof *fds);
	if (fds == NULL)
		return 0;
	p->fds = fds;
	p->cap = cap;
	return 1;
}

/* Take in who waits at a listener; when that fails for want of something, try
 * again a little later instead of at once. */
static void
accept_some(struct proxy *p, int listener)
{
	static const struct pollfd nothing[2] = {
		{ -1, 0, 0 }, { -1, 0, 0 }
	};
	struct session *s;
	int fd, i;

	for (i = 0; i < ACCEPT_MAX; i++) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		s = fd < 0 || net_prepare(fd) < 0 || !reserve(p) ? NULL :
		    session_new(&p->c, fd);
		if (s == NULL) {
			if (fd >= 0)
				(void)close(fd);
			p->paused = net_now() + PAUSE_MS;
			return;
		}
		/* What came with the connection is read at once, and the clock
		 * starts: who says nothing must not stay for ever. */
		if (!session_step(s, nothing)) {
			session_free(s);
			continue;
		}
		p->slots[p->n].at[0] = p->slots[p->n].at[1] = -1;
		p->slots[p->n++].s = s;
	}
}

/* Enter what is to be watched of a session; until when at the latest. */
static uint64_t
enter(struct proxy *p, struct slot *slot, size_t *n)
{
	struct pollfd want[2];
	uint64_t at = session_wants(slot->s, want);
	int i;

	for (i = 0; i < 2; i++) {
		slot->at[i] = -1;
		if (want[i].fd >= 0) {
			slot->at[i] = (int)*n;
			p->fds[(*n)++] = want[i];
		}
	}
	return at;
}

/* The table for poll; its length, and how long poll may wait. */
static size_t
collect(struct proxy *p, int *timeout)
{
	uint64_t now = net_now(), first = UINT64_MAX, at;
	int accepting = p->paused <= now;
	size_t i, n = 0;

	if (!accepting)
		first = p->paused;
	for (i = 0; i < (size_t)p->listeners_n; i++, n++) {
		p->fds[n].fd = accepting ? p->listeners[i] : -1;
		p->fds[n].events = POLLIN;
		p->fds[n].revents = 0;
	}
	for (i = 0; i < p->n; i++) {
		at = enter(p, &p->slots[i], &n);
		first = at < first ? at : first;
	}
	*timeout = net_wait(first, now);
	return n;
}

/* Let a session go on if there is anything for it to do: 0 when it has
 * ended. */
static int
attend(const struct proxy *p, const struct slot *slot)
{
	struct pollfd fds[2] = { { -1, 0, 0 }, { -1, 0, 0 } }, scratch[2];
	int i;

	for (i = 0; i < 2; i++)
		if (slot->at[i] >= 0)
			fds[i] = p->fds[slot->at[i]];
	if (fds[0].revents == 0 && fds[1].revents == 0 &&
	    session_wants(slot->s, scratch) > net_now())
		return 1;
	return session_step(slot->s, fds);
}

static void
serve(struct proxy *p)
{
	size_t i, kept = 0;

	for (i = 0; i < p->n; i++) {
		if (attend(p, &p->slots[i])) {
			p->slots[kept++] = p->slots[i];
		} else {
			session_free(p->slots[i].s);
			p->paused = 0;
		}
	}
	p->n = kept;
	for (i = 0; i < (size_t)p->listeners_n; i++)
		if (p->fds[i].revents != 0)
			accept_some(p, p->listeners[i]);
}

static int
run(struct proxy *p)
{
	int timeout, rv;
	size_t n;

	for (;;) {
		n = collect(p, &timeout);
		rv = poll(p->fds, (nfds_t)n, timeout);
		if (rv >= 0) {
			serve(p);
		} else if (errno != EINTR) {
			config_say("poll: %s", strerror(errno));
			return 1;
		}
	}
}

int
main(int argc, char **argv)
{
	static struct proxy p;
	int i, stop, status = config_read(&p.c, argc, argv, &stop);

	/* Whoever read the messages may leave, and the proxy goes on. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)net_guard_stdio();
	if (status == 0 && !stop && !reserve(&p)) {
		config_say("%s", tunnel_strerror(TUNNEL_ENOMEM));
		status = 1;
	}
	for (i = 0; status == 0 && !stop && i < p.c.listen_n; i++)
		status = listen_on(&p, p.c.listen[i]);
	if (status == 0 && !stop)
		status = run(&p);
	for (i = 0; i < p.listeners_n; i++)
		(void)close(p.listeners[i]);
	free(p.slots);
	free(p.fds);
	config_free(&p.c);
	return status;
}
