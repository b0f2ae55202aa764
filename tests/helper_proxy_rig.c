/* helper_proxy_rig.c - see proxy_rig.h */
#include "proxy_rig.h"

#include "unit.h"

#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

struct proxy_rig rig;
const struct tunnel_alloc *rig_alloc;

static void
count(void *ud)
{
	++*(int *)ud;
}

int
rig_setup(void **state)
{
	struct sockaddr_in at;
	socklen_t n = sizeof at;

	(void)state;
	rig.loop = tunnel_loop_new(rig_alloc, backend);
	rig.proxy = tunnel_proxy_new(rig_alloc, rig.loop);
	rig.ended = 0;
	tunnel_proxy_on_end(rig.proxy, count, &rig.ended);
	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	rig.origin = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(rig.origin, (struct sockaddr *)&at, n) < 0 ||
	    listen(rig.origin, 64) < 0 ||
	    getsockname(rig.origin, (struct sockaddr *)&at, &n) < 0)
		return -1;
	rig.origin_port = ntohs(at.sin_port);
	return 0;
}

int
rig_teardown(void **state)
{
	(void)state;
	tunnel_proxy_free(rig.proxy);
	tunnel_loop_free(rig.loop);
	close(rig.origin);
	return 0;
}

void
rig_start(void)
{
	struct tunnel_policy *p = tunnel_policy_new(rig_alloc);

	assert_int_equal(tunnel_policy_allow(p, "127.0.0.0/8"), 0);
	assert_int_equal(tunnel_proxy_policy(rig.proxy, p), 0);
	assert_int_equal(tunnel_proxy_listen(rig.proxy, "127.0.0.1:0"), 0);
	assert_int_equal(tunnel_proxy_start(rig.proxy), 0);
}

static unsigned
port_of(unsigned listener)
{
	return (unsigned)strtoul(strrchr(tunnel_proxy_address(rig.proxy,
	    listener), ':') + 1, NULL, 10);
}

unsigned
rig_port(void)
{
	return port_of(0);
}

void
rig_turn(void)
{
	assert_int_equal(tunnel_loop_step(rig.loop, 2), 0);
}

int
rig_come(void)
{
	struct pollfd p;
	int rounds;

	p.fd = rig.origin;
	p.events = POLLIN;
	for (rounds = 0; poll(&p, 1, 0) == 0; rounds++) {
		assert_true(rounds < 5000);
		rig_turn();
	}
	return accept(rig.origin, NULL, NULL);
}

/* ---- the client ----------------------------------------------------- */

int
rig_client(void)
{
	return rig_client_at(0);
}

int
rig_client_at(unsigned listener)
{
	struct sockaddr_in at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port_of(listener));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

void
rig_say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
}

void
rig_ask(int fd, const char *host, unsigned port, const char *more)
{
	char text[600];

	snprintf(text, sizeof text, "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n"
	    "%s\r\n", host, port, host, port, more);
	rig_say(fd, text);
}

int
rig_hear(int fd, char *out, size_t cap, const char *until)
{
	size_t n = 0, u = until != NULL ? strlen(until) : 0;
	ssize_t r;
	int rounds;

	for (rounds = 0; rounds < 5000; rounds++) {
		rig_turn();
		r = recv(fd, out + n, 1, MSG_DONTWAIT);
		for (; r > 0; r = recv(fd, out + n, 1, MSG_DONTWAIT)) {
			out[++n] = '\0';
			assert_true(n + 1 < cap);
			if (u > 0 && n >= u &&
			    memcmp(out + n - u, until, u) == 0)
				return 0;
		}
		if (r == 0 || errno == ECONNRESET) {
			out[n] = '\0';
			assert_null(until);
			return r == 0 ? 0 : -1;
		}
	}
	fail_msg("nothing is heard");
	return -1;
}

int
rig_status(int fd, char *out, size_t cap)
{
	assert_int_equal(rig_hear(fd, out, cap, NULL), 0);
	assert_memory_equal(out, "HTTP/1.1 ", 9);
	close(fd);
	return atoi(out + 9);
}

int
rig_refused(const char *host, unsigned port, const char *more)
{
	char out[2000];
	int fd = rig_client();

	rig_ask(fd, host, port, more);
	return rig_status(fd, out, sizeof out);
}

void
rig_tunnel(int end[2], const char *host, unsigned port)
{
	char out[2000];

	end[0] = rig_client();
	rig_ask(end[0], host, port, "");
	rig_hear(end[0], out, sizeof out, "\r\n\r\n");
	assert_memory_equal(out, "HTTP/1.1 200 ", 13);
	end[1] = accept(rig.origin, NULL, NULL);
	assert_true(end[1] >= 0);
}

void
rig_close_both(int end[2])
{
	close(end[0]);
	close(end[1]);
}

void
rig_await_count(int which, uint64_t n)
{
	int rounds;

	for (rounds = 0; rounds < 3000 &&
	    tunnel_proxy_count(rig.proxy, which) != n; rounds++)
		rig_turn();
	assert_int_equal(tunnel_proxy_count(rig.proxy, which), n);
}
