/* helper_dial_rig.c - see dial_rig.h */
#include "dial_rig.h"

#include "unit.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "net/socket.h"

struct tunnel_loop *dial_loop;
struct tunnel_resolver *dial_resolver;
const char *const *dial_table;
struct tunnel_query *dial_kept;

void
dial_lookup(void *ud, struct tunnel_query *q)
{
	uint8_t addr[16];
	int i, v6;

	(void)ud;
	assert_string_equal(tunnel_query_host(q), "host");
	if (dial_table == NULL) {
		dial_kept = q;
		return;
	}
	for (i = 0; dial_table[i] != NULL; i++) {
		v6 = strchr(dial_table[i], ':') != NULL;
		assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET,
		    dial_table[i], addr), 1);
		assert_int_equal(tunnel_query_add(q, addr, v6 ? 16 : 4), 0);
	}
	tunnel_query_done(q, 0);
}

int
dial_setup(void **state)
{
	(void)state;
	dial_loop = tunnel_loop_new(NULL, NULL);
	dial_resolver = tunnel_resolver_new(NULL, dial_loop, 0);
	tunnel_resolver_hook(dial_resolver, dial_lookup, NULL);
	dial_kept = NULL;
	return 0;
}

int
dial_teardown(void **state)
{
	(void)state;
	tunnel_resolver_free(dial_resolver);
	tunnel_loop_free(dial_loop);
	return 0;
}

/* ---- listeners ------------------------------------------------------ */

/* -1: the port is somebody else's. */
static int
listen_at(const char *text, unsigned *port, int backlog)
{
	struct tnl_endpoint e;
	struct sockaddr_storage sa;
	socklen_t n;
	int fd;

	memset(&e, 0, sizeof e);
	e.n = strchr(text, ':') != NULL ? 16 : 4;
	assert_int_equal(inet_pton(e.n == 4 ? AF_INET : AF_INET6, text,
	    e.addr), 1);
	e.port = *port;
	n = tnl_endpoint_put(&e, &sa);
	fd = socket(e.n == 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	if (bind(fd, (struct sockaddr *)&sa, n) < 0) {
		close(fd);
		return -1;
	}
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	tnl_socket_name(fd, &e);
	*port = e.port;
	return fd;
}

int
dial_listen_at(const char *text, unsigned *port, int backlog)
{
	int fd = listen_at(text, port, backlog);

	assert_true(fd >= 0);
	return fd;
}

unsigned
dial_listen_both(int *four, int at_four, int *six, int at_six)
{
	unsigned port;
	int tries;

	for (tries = 0; tries < 100; tries++) {
		port = 0;
		*four = dial_listen_at("127.0.0.1", &port, at_four);
		*six = listen_at("::1", &port, at_six);
		if (*six >= 0)
			return port;
		close(*four);
	}
	fail_msg("no port is free twice");
	return 0;
}

void
dial_fill(const char *text, unsigned port, int fd[BACKLOG_FULL])
{
	struct tnl_endpoint e;
	struct sockaddr_storage sa;
	socklen_t n;
	int i;

	memset(&e, 0, sizeof e);
	e.n = strchr(text, ':') != NULL ? 16 : 4;
	assert_int_equal(inet_pton(e.n == 4 ? AF_INET : AF_INET6, text,
	    e.addr), 1);
	e.port = port;
	n = tnl_endpoint_put(&e, &sa);
	for (i = 0; i < BACKLOG_FULL; i++) {
		fd[i] = tnl_socket_new(e.n == 4 ? AF_INET : AF_INET6);
		(void)connect(fd[i], (struct sockaddr *)&sa, n);
	}
}

void
dial_close_all(const int *fd, int n)
{
	while (n-- > 0)
		close(fd[n]);
}

/* ---- a dial and its outcome ----------------------------------------- */

void
dial_note(void *ud, struct tunnel_dial *d, int result, int fd)
{
	struct dial_outcome *o = ud;
	const void *p;

	o->calls++;
	o->result = result;
	o->fd = fd;
	o->status = tunnel_dial_status(d);
	o->hop = tunnel_dial_hop(d);
	snprintf(o->peer, sizeof o->peer, "%s", tunnel_dial_peer(d));
	snprintf(o->report, sizeof o->report, "%s", tunnel_dial_report(d));
	p = tunnel_dial_surplus(d, &o->surplus_n);
	if (o->surplus_n > 0)
		memcpy(o->surplus, p, o->surplus_n);
	tunnel_dial_free(d);
}

void
dial_finish(struct dial_outcome *o)
{
	int rounds;

	for (rounds = 0; o->calls == 0 && rounds < 10000; rounds++)
		assert_int_equal(tunnel_loop_step(dial_loop, 1000), 0);
	assert_int_equal(o->calls, 1);
	if (o->result == 0)
		assert_true(o->fd >= 0);
	else
		assert_int_equal(o->fd, -1);
}

struct tunnel_dial *
dial_make(void)
{
	struct tunnel_dial *d = tunnel_dial_new(NULL, dial_loop, dial_resolver);

	assert_non_null(d);
	return d;
}

void
dial_go(struct tunnel_dial *d, unsigned port, struct dial_outcome *o)
{
	memset(o, 0, sizeof *o);
	assert_int_equal(tunnel_dial_start(d, "host", port, dial_note, o), 0);
	assert_int_equal(tunnel_dial_delay(d, 100), TUNNEL_ESTATE);
	assert_int_equal(o->calls, 0);
	dial_finish(o);
}

int
dial_lines(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

int
dial_deny(void *ud, const char *host, const void *addr, size_t n, unsigned port)
{
	(void)ud;
	assert_string_equal(host, "host");
	assert_true(port > 0);
	return n == 4 && memcmp(addr, "\x7f\0\0\x03", 4) == 0 ?
	    TUNNEL_EADDRESS : 0;
}
