/* windows_tunnel.c - the client engine over Winsock: a tunnel to an echo
 *
 *     windows_tunnel PROXYPORT HOST PORT BYTES
 *
 * Sends so many bytes through the proxy at 127.0.0.1, then the end, and
 * compares all that comes back: 0 when nothing was lost, added or moved.
 */
#include <winsock2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

enum { PIECE = 16384 };

struct way {
	SOCKET s;
	size_t sent, got, total;
	int ended;              /* the end was sent */
};

static char
pattern(size_t i)
{
	return (char)(i * 2654435761u >> 13);
}

static void
give_up(const char *what)
{
	(void)fprintf(stderr, "windows_tunnel: %s (%d)\n", what,
	    WSAGetLastError());
	exit(1);
}

/* Compare what has come; it may hold the proxy's first bytes, too. */
static void
take(struct way *w, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (w->got + i >= w->total || p[i] != pattern(w->got + i))
			give_up("other bytes come back");
	w->got += n;
}

static SOCKET
dial(unsigned port)
{
	struct sockaddr_in to;
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	memset(&to, 0, sizeof to);
	to.sin_family = AF_INET;
	to.sin_port = htons((u_short)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (s == INVALID_SOCKET ||
	    connect(s, (struct sockaddr *)(void *)&to, sizeof to) != 0)
		give_up("no proxy");
	return s;
}

/* The handshake: send what peek lends, feed what arrives. */
static void
open_tunnel(struct tunnel_client *c, struct way *w)
{
	char in[PIECE];
	const void *out;
	size_t n, used;
	int f = tunnel_client_start(c), r;

	while (f >= 0 && !(f & (TUNNEL_OPEN | TUNNEL_DONE))) {
		if (f & TUNNEL_OUT) {
			out = tunnel_client_peek(c, &n);
			r = send(w->s, out, (int)n, 0);
			if (r < 0)
				give_up("send");
			f = tunnel_client_skip(c, (size_t)r);
			continue;
		}
		r = recv(w->s, in, sizeof in, 0);
		if (r <= 0)
			give_up("the proxy is silent");
		f = tunnel_client_feed(c, in, (size_t)r, &used);
		if (f >= 0 && f & TUNNEL_OPEN)
			take(w, in + used, (size_t)r - used);
	}
	if (f < 0 || !(f & TUNNEL_OPEN))
		give_up(f < 0 ? tunnel_strerror(f) : "refused");
}

static void
write_some(struct way *w)
{
	char out[PIECE];
	size_t n = w->total - w->sent, i;
	int r;

	if (n == 0) {
		if (shutdown(w->s, SD_SEND) != 0)
			give_up("shutdown");
		w->ended = 1;
		return;
	}
	n = n < sizeof out ? n : sizeof out;
	for (i = 0; i < n; i++)
		out[i] = pattern(w->sent + i);
	r = send(w->s, out, (int)n, 0);
	if (r < 0 && WSAGetLastError() != WSAEWOULDBLOCK)
		give_up("send");
	w->sent += r > 0 ? (size_t)r : 0;
}

/* 0 at the end. */
static int
read_some(struct way *w)
{
	char in[PIECE];
	int r = recv(w->s, in, sizeof in, 0);

	if (r < 0 && WSAGetLastError() != WSAEWOULDBLOCK)
		give_up("recv");
	if (r > 0)
		take(w, in, (size_t)r);
	return r != 0;
}

/* Both ways at once, or the echo would have nowhere to go. */
static void
carry(struct way *w)
{
	struct timeval patience = { 60, 0 };
	u_long on = 1;
	fd_set in, out;
	int open = 1;

	if (ioctlsocket(w->s, (long)FIONBIO, &on) != 0)
		give_up("ioctlsocket");
	while (open) {
		FD_ZERO(&in);
		FD_ZERO(&out);
		FD_SET(w->s, &in);
		if (!w->ended)
			FD_SET(w->s, &out);
		if (select(0, &in, &out, NULL, &patience) <= 0)
			give_up("nothing moves");
		if (FD_ISSET(w->s, &out))
			write_some(w);
		if (FD_ISSET(w->s, &in))
			open = read_some(w);
	}
	if (w->got != w->total)
		give_up("bytes are missing");
}

int
main(int argc, char **argv)
{
	struct tunnel_client *c = tunnel_client_new(NULL);
	struct way w = { 0, 0, 0, 0, 0 };
	WSADATA unused;

	if (argc != 5 || c == NULL || WSAStartup(MAKEWORD(2, 2), &unused) != 0)
		return 2;
	w.total = (size_t)strtoul(argv[4], NULL, 10);
	if (tunnel_client_target(c, argv[2],
	    (unsigned)strtoul(argv[3], NULL, 10)) < 0)
		give_up("target");
	w.s = dial((unsigned)strtoul(argv[1], NULL, 10));
	open_tunnel(c, &w);
	carry(&w);
	(void)closesocket(w.s);
	tunnel_client_free(c);
	(void)WSACleanup();
	(void)printf("%lu bytes there and back\n", (unsigned long)w.got);
	return 0;
}
