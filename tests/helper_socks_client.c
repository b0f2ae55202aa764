/* helper_socks_client.c - a client of a proxy, for socks_rig.h */
#include "socks_rig.h"

#include "unit.h"
#include "proxy_rig.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

void
socks_say(int fd, const char *p, size_t n)
{
	assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), n);
}

void
socks_hears(int fd, const char *want, size_t n)
{
	char in[300];
	size_t got = 0;
	ssize_t r;
	int rounds;

	for (rounds = 0; got < n && rounds < 5000; rounds++) {
		rig_turn();
		r = recv(fd, in + got, n - got, MSG_DONTWAIT);
		assert_true(r > 0 || (r < 0 && errno == EAGAIN));
		got += r > 0 ? (size_t)r : 0;
	}
	assert_int_equal(got, n);
	assert_memory_equal(in, want, n);
}

void
socks_hears_last(int fd, const char *want, size_t n)
{
	char out[10];

	socks_hears(fd, want, n);
	assert_int_equal(rig_hear(fd, out, sizeof out, NULL), 0);
	assert_string_equal(out, "");
	close(fd);
	rig_await_count(TUNNEL_COUNT_SESSIONS, 0);
}

int
socks_comes(void)
{
	struct pollfd p = { rig.origin, POLLIN, 0 };
	int rounds;

	for (rounds = 0; rounds < 5000 && poll(&p, 1, 0) == 0; rounds++)
		rig_turn();
	assert_int_equal(p.revents, POLLIN);
	return accept(rig.origin, NULL, NULL);
}

void
socks_ask(int fd, const char *host, unsigned port)
{
	char out[300];
	size_t n = socks_request(out, host, port);

	socks_say(fd, out, n);
}
