/* net.c - tunnels from the client's end to the origin's, both ours
 *
 * Client and origin are one process, so that what the forwarder between them
 * costs is not hidden by who waits for whom.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { PRIME = 131101 };

/* A length that no block divides shows what was lost, doubled or moved. */
const uint8_t *
net_bytes(uint64_t at)
{
	static uint8_t table[PRIME + NET_BLOCK];
	static int filled;
	size_t i;

	if (!filled) {
		for (i = 0; i < PRIME; i++)
			table[i] = (uint8_t)(draw() >> 11);
		for (; i < sizeof table; i++)
			table[i] = table[i - PRIME];
		filled = 1;
	}
	return table + at % PRIME;
}

static void
loopback(struct sockaddr_in *at, unsigned port)
{
	memset(at, 0, sizeof *at);
	at->sin_family = AF_INET;
	at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at->sin_port = htons((uint16_t)port);
}

int
net_listen(unsigned *port)
{
	struct sockaddr_in at;
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	loopback(&at, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&at, n) < 0 ||
	    listen(fd, 1024) < 0 ||
	    getsockname(fd, (struct sockaddr *)(void *)&at, &n) < 0)
		die("listen");
	*port = ntohs(at.sin_port);
	return fd;
}

static int
prompt(int fd)
{
	int on = 1;

	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
	    sizeof on) < 0)
		die("a connection");
	return fd;
}

static int
dial(unsigned port)
{
	struct sockaddr_in at;
	int fd = prompt(socket(AF_INET, SOCK_STREAM, 0));

	loopback(&at, port);
	if (connect(fd, (struct sockaddr *)(void *)&at, sizeof at) < 0)
		die("connect");
	return fd;
}

void
net_send(int fd, const void *bytes, size_t n)
{
	if (send(fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
		die("send");
}

void
net_expect(int fd, const void *bytes, size_t n)
{
	static uint8_t buf[NET_BLOCK];
	size_t got = 0;
	ssize_t r;

	while (got < n) {
		r = recv(fd, buf + got, n - got, 0);
		if (r <= 0)
			die("a tunnel ended early");
		got += (size_t)r;
	}
	need(memcmp(buf, bytes, n) == 0, "other bytes than were sent");
}

/* The reply's head, whatever its fields. */
static void
expect_200(int fd)
{
	char head[1024];
	size_t n = 0;
	ssize_t r;

	while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0) {
		r = recv(fd, head + n, sizeof head - n, 0);
		if (r <= 0)
			die("no reply to CONNECT");
		n += (size_t)r;
	}
	need(n > 12 && memcmp(head, "HTTP/1.1 200", 12) == 0,
	    "the reply to CONNECT is not 200");
}

void
net_open(const struct forwarder *f, int end[2])
{
	static int origin = -1;
	static unsigned port;
	char text[120];
	int n;

	if (origin < 0)
		origin = net_listen(&port);
	if (f->kind == DIRECT) {
		end[0] = dial(port);
		end[1] = prompt(accept(origin, NULL, NULL));
		return;
	}
	end[0] = dial(f->port);
	n = snprintf(text, sizeof text, "CONNECT 127.0.0.1:%u HTTP/1.1\r\n"
	    "Host: 127.0.0.1:%u\r\n\r\n", port, port);
	net_send(end[0], text, (size_t)n);
	end[1] = prompt(accept(origin, NULL, NULL));
	expect_200(end[0]);
}

void
net_close(int end[2])
{
	char c;

	(void)close(end[0]);
	need(recv(end[1], &c, 1, 0) == 0, "no end after the last byte");
	(void)close(end[1]);
}

void
net_drop(int end[2])
{
	struct linger l = { 1, 0 };
	int i;

	/* No port is kept for minutes by what was a thousand connections. */
	for (i = 0; i < 2; i++) {
		(void)setsockopt(end[i], SOL_SOCKET, SO_LINGER, &l, sizeof l);
		(void)close(end[i]);
	}
}

void
net_handshake(const struct forwarder *f)
{
	int end[2];

	net_open(f, end);
	net_send(end[0], "?", 1);
	net_expect(end[1], "?", 1);
	net_send(end[1], "!", 1);
	net_expect(end[0], "!", 1);
	net_close(end);
}
