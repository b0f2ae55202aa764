/* floor.c - the bare forwarders: what no proxy for CONNECT can do without
 *
 * One thread, epoll, the pump and nothing else: no limits, no deadlines, no
 * policy; it trusts its client.  Either copy (recv, send, one buffer for all)
 * or splice (a pipe for each way, made at its first byte).
 *
 *     accept -> head -> connect, 200 -> move both ways -> both ended: close
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { BLOCK = 262144 };

/* What came from fd[i] and fd[1 - i] has not taken. */
struct way {
	uint8_t *bytes;
	size_t at, n;
	int pipe[2];
	unsigned char eof, done;
};

struct pair {
	struct pair *next;      /* of those that are over */
	int fd[2];              /* client, target */
	struct way way[2];
	unsigned char over;
};

static int ep;
static enum kind how;
static struct pair *over;

static void
finish(struct pair *p)
{
	if (p->over)
		return;
	p->over = 1;
	p->next = over;
	over = p;
}

/* Not before the last event of this round, which may be of the same pair. */
static void
bury(void)
{
	struct pair *p;
	int i;

	while ((p = over) != NULL) {
		over = p->next;
		for (i = 0; i < 2; i++) {
			if (p->fd[i] >= 0)
				(void)close(p->fd[i]);
			if (p->way[i].pipe[1] > 0) {
				(void)close(p->way[i].pipe[0]);
				(void)close(p->way[i].pipe[1]);
			}
			free(p->way[i].bytes);
		}
		free(p);
	}
}

/* ---- moving --------------------------------------------------------- */

/* -1: it would block or it failed, 0: the end, 1: bytes were moved. */
static int
copy(struct way *w, int from, int to)
{
	static uint8_t buf[BLOCK];
	ssize_t r, s;

	if (w->n > 0) {
		s = send(to, w->bytes + w->at, w->n, MSG_DONTWAIT);
		if (s <= 0)
			return -1;
		w->at += (size_t)s;
		w->n -= (size_t)s;
		if (w->n == 0) {
			free(w->bytes);
			w->bytes = NULL;
		}
		return 1;
	}
	r = recv(from, buf, sizeof buf, MSG_DONTWAIT);
	if (r <= 0)
		return r < 0 ? -1 : 0;
	s = send(to, buf, (size_t)r, MSG_DONTWAIT);
	if (s < 0 && errno != EAGAIN)
		return -1;
	if (s < 0)
		s = 0;
	if (s < r) {
		w->n = (size_t)(r - s);
		w->at = 0;
		w->bytes = malloc(w->n);
		if (w->bytes == NULL)
			die("malloc");
		memcpy(w->bytes, buf + s, w->n);
	}
	return 1;
}

static int
splice_once(struct way *w, int from, int to)
{
	ssize_t r;

	if (w->pipe[1] == 0) {
		if (pipe2(w->pipe, O_NONBLOCK) < 0)
			die("pipe2");
		(void)fcntl(w->pipe[1], F_SETPIPE_SZ, BLOCK);
	}
	if (w->n == 0) {
		r = splice(from, NULL, w->pipe[1], NULL, BLOCK,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (r <= 0)
			return r < 0 ? -1 : 0;
		w->n = (size_t)r;
	}
	r = splice(w->pipe[0], NULL, to, NULL, w->n,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (r <= 0)
		return -1;
	w->n -= (size_t)r;
	return 1;
}

static void
move(struct pair *p, int i)
{
	struct way *w = &p->way[i];
	int r = 1;

	while (r > 0 && !w->done) {
		r = how == SPLICE ? splice_once(w, p->fd[i], p->fd[1 - i]) :
		    copy(w, p->fd[i], p->fd[1 - i]);
		if (r < 0 && errno != EAGAIN) {
			finish(p);
			return;
		}
		if (r == 0) {
			(void)shutdown(p->fd[1 - i], SHUT_WR);
			w->done = 1;
		}
	}
	if (p->way[0].done && p->way[1].done)
		finish(p);
}

/* ---- opening -------------------------------------------------------- */

static void
watch(struct pair *p, int i)
{
	struct epoll_event e;

	e.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
	e.data.ptr = p;
	/* Copying says DONTWAIT in each call, but splice goes by this. */
	if (how == SPLICE)
		(void)fcntl(p->fd[i], F_SETFL, O_NONBLOCK);
	if (epoll_ctl(ep, EPOLL_CTL_ADD, p->fd[i], &e) < 0)
		die("epoll_ctl");
}

/* The whole head comes at once, from a client of ours. */
static void
head(struct pair *p)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\n\r\n";
	struct sockaddr_in at;
	char text[1024];
	char *port;
	ssize_t r = recv(p->fd[0], text, sizeof text - 1, MSG_DONTWAIT);

	if (r < 0 && errno == EAGAIN)
		return;
	if (r <= 0) {
		finish(p);
		return;
	}
	text[r] = '\0';
	port = strchr(text, ':');
	if (strncmp(text, "CONNECT ", 8) != 0 || port == NULL)
		die("a request");
	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_port = htons((uint16_t)atoi(port + 1));
	*port = '\0';
	at.sin_addr.s_addr = inet_addr(text + 8);
	p->fd[1] = socket(AF_INET, SOCK_STREAM, 0);
	if (p->fd[1] < 0 || connect(p->fd[1], (struct sockaddr *)(void *)&at,
	    sizeof at) < 0 || send(p->fd[0], reply, sizeof reply - 1, 0) < 0) {
		finish(p);
		return;
	}
	watch(p, 1);
}

static void
take(int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct pair *p;

	if (fd < 0)
		return;
	p = calloc(1, sizeof *p);
	if (p == NULL)
		die("calloc");
	p->fd[0] = fd;
	p->fd[1] = -1;
	watch(p, 0);
}

static void
ready(struct pair *p)
{
	int i;

	if (p->over)
		return;
	if (p->fd[1] < 0) {
		head(p);
		return;
	}
	for (i = 0; i < 2 && !p->over; i++)
		move(p, i);
}

int
floor_run(enum kind kind, int listener)
{
	struct epoll_event e[64];
	int n, i;

	how = kind;
	ep = epoll_create1(0);
	e[0].events = EPOLLIN;
	e[0].data.ptr = NULL;
	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e[0]) < 0)
		die("epoll");
	for (;;) {
		n = epoll_wait(ep, e, 64, -1);
		for (i = 0; i < n; i++) {
			if (e[i].data.ptr == NULL)
				take(listener);
			else
				ready(e[i].data.ptr);
		}
		bury();
	}
}
