/* stall.c - what a reader that takes nothing costs the others: it should be
 * nothing
 *
 * It is one more tunnel, whose client sends until no more is taken, so that all
 * that may hold its bytes is full: then it is left alone, and what the others
 * carry beside it is held against what they carry without.
 */
#include <sys/socket.h>

#include <poll.h>

#include "bench.h"

enum { QUIET = 100 };           /* ms in which nothing is taken */

/* 1 as soon as more is taken, 0 when that much time has passed. */
static int
taken(int fd)
{
	struct pollfd p;

	p.fd = fd;
	p.events = POLLOUT;
	return poll(&p, 1, QUIET);
}

static void
fill(int fd)
{
	uint64_t sent = 0;
	ssize_t r;

	while (taken(fd)) {
		r = send(fd, net_bytes(sent), NET_BLOCK,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		need(r > 0, "a stalled tunnel ended");
		sent += (uint64_t)r;
	}
}

static void
beside(const struct forwarder *f, const char *part, double result[2])
{
	double spent;
	int end[2];

	net_open(f, end);
	fill(end[0]);
	spent = forwarder_cpu(f);
	need(taken(end[0]) == 0, "a stalled tunnel moves");
	sample(row(part, "CPU us", "the stalled alone, in %d ms", (int)QUIET),
	    (forwarder_cpu(f) - spent) * 1e6);
	bulk_run(f, 16, 1, result);
	net_drop(end);
}

void
stall_measure(const struct forwarder *f)
{
	static const char part[] = "16 both ways beside a stalled reader";
	double result[2][2];
	int rate, cost;

	/* By turns, or what grows warm in the first would favour the second. */
	if (bench.round % 2 == 0)
		bulk_run(&f[PROXY], 16, 1, result[0]);
	beside(&f[PROXY], part, result[1]);
	if (bench.round % 2 != 0)
		bulk_run(&f[PROXY], 16, 1, result[0]);
	rate = row(part, "Gbit/s", "without it");
	sample(rate, result[0][0]);
	cost = row(part, "CPU s/GB", "without it");
	sample(cost, result[0][1]);
	against(row(part, "Gbit/s", "beside it"), rate);
	sample(row(part, "Gbit/s", "beside it"), result[1][0]);
	against(row(part, "CPU s/GB", "beside it"), cost);
	sample(row(part, "CPU s/GB", "beside it"), result[1][1]);
}
