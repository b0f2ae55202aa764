/* blind-relay.c - what a proxy for plain HTTP must not be: a blind relay
 *
 *     blind-relay 3128
 *
 * It takes a request with an absolute target, sends the origin all of it, with
 * no look at what the fields mean, and gives back whatever comes until the
 * origin closes.  That was a proxy once, when every reply ended with its
 * connection.  It hangs as soon as both ends know better (RFC 9112, appendix
 * C.2.2):
 *
 *     client                     relay                      origin
 *       | Connection: keep-alive   | Connection: keep-alive   |
 *       |------------------------->|------------------------->|
 *       |     ... a reply, whole, Connection: keep-alive      |
 *       |<-------------------------|<-------------------------|
 *       | the next request         | waits for the close      | waits for the
 *       |------------------------->|                          | next request
 *
 * Connection is a matter between two neighbours (RFC 9110, section 7.6.1), and
 * here each end takes it for the word of the relay, which has not read it.  So
 * the origin keeps open what the relay wants closed, and the client asks on a
 * connection that nobody reads: until somebody's patience is over, and then
 * what it asked is lost.  Proxy-Connection was to help, since an origin ignores
 * it; but a proxy behind the relay does not, and it is the same again.
 *
 * What is right: read the framing of the reply and stop at its end, remove
 * Connection and all it names, and agree with each side for itself.
 *
 * It is blind otherwise, too: it has a single client at a time, a body that
 * does not come with its head is lost, and whoever may connect reaches
 * everything.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
dial(const char *host, const char *port)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *a;
	int fd;

	if (getaddrinfo(host, port, &want, &a) != 0)
		return -1;
	fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
	if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
		(void)close(fd);
		fd = -1;
	}
	freeaddrinfo(a);
	return fd;
}

static void
relay(int client)
{
	char buf[8192], method[16], host[256], port[6] = "80";
	size_t n = 0;
	ssize_t got;
	int at = 0, origin;

	do {
		got = read(client, buf + n, sizeof buf - 1 - n);
		if (got <= 0)
			return;
		n += (size_t)got;
		buf[n] = '\0';
	} while (strstr(buf, "\r\n\r\n") == NULL);
	(void)sscanf(buf, "%15s http://%255[^:/ ]%n:%5[0-9]%n", method, host,
	    &at, port, &at);
	if (at == 0 || (origin = dial(host, port)) < 0)
		return;
	/* All fields as they came: here it is blind. */
	(void)dprintf(origin, "%s %s%s", method, buf[at] == '/' ? "" : "/",
	    buf + at);
	/* And here it hangs: a reply may end before its connection does. */
	while ((got = read(origin, buf, sizeof buf)) > 0 &&
	    write(client, buf, (size_t)got) == got)
		;
	(void)close(origin);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0), client;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)(argc > 1 ?
	    strtol(argv[1], NULL, 10) : 3128));
	if (bind(fd, (struct sockaddr *)&a, n) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0) {
		perror("blind-relay");
		(void)close(fd);
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
	(void)fflush(stdout);
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		relay(client);
		(void)close(client);
	}
	perror("blind-relay: accept");
	(void)close(fd);
	return 1;
}
