/* bulk.c - as many bytes as go through, one tunnel up and 16 both ways
 *
 * Client and origin write when they can and compare what they read.  Time and
 * the forwarder's CPU are taken until the last byte has arrived.
 */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "bench.h"

enum { MOST = 16 };

/* fd[i] of a tunnel: how much it has sent, and how much the other end got. */
struct end {
	uint64_t sent, got;
};

struct load {
	int fd[MOST][2];
	struct end end[MOST][2];
	int n, both;
	int sending;
	uint64_t total;         /* arrived */
};

static void
push(struct load *l, int k, int i)
{
	struct end *e = &l->end[k][i];
	ssize_t r = send(l->fd[k][i], net_bytes(e->sent), NET_BLOCK,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (r > 0)
		e->sent += (uint64_t)r;
	else if (errno != EAGAIN)
		die("send");
}

static void
pull(struct load *l, int k, int i)
{
	static uint8_t buf[NET_BLOCK];
	struct end *e = &l->end[k][1 - i];
	ssize_t r = recv(l->fd[k][i], buf, sizeof buf, MSG_DONTWAIT);

	if (r < 0 && errno == EAGAIN)
		return;
	if (r <= 0)
		die("a tunnel ended under load");
	need(memcmp(buf, net_bytes(e->got), (size_t)r) == 0,
	    "other bytes than were sent");
	e->got += (uint64_t)r;
	l->total += (uint64_t)r;
}

/* Wait, and move what can be moved: 0 when nothing is on its way. */
static int
turn(struct load *l)
{
	struct pollfd p[MOST * 2];
	int k, i, under_way = l->sending;

	for (k = 0; k < l->n; k++)
		for (i = 0; i < 2; i++) {
			p[2 * k + i].fd = l->fd[k][i];
			p[2 * k + i].events = POLLIN;
			if (l->sending && (i == 0 || l->both))
				p[2 * k + i].events |= POLLOUT;
			under_way |= l->end[k][i].sent > l->end[k][i].got;
		}
	if (!under_way)
		return 0;
	need(poll(p, (nfds_t)l->n * 2, 5000) > 0, "bytes do not arrive");
	for (k = 0; k < l->n; k++)
		for (i = 0; i < 2; i++) {
			if (p[2 * k + i].revents & (POLLIN | POLLERR | POLLHUP))
				pull(l, k, i);
			if (p[2 * k + i].revents & POLLOUT)
				push(l, k, i);
		}
	return 1;
}

static void
open_all(struct load *l, const struct forwarder *f, int n, int both)
{
	memset(l, 0, sizeof *l);
	l->both = both;
	for (; l->n < n; l->n++)
		net_open(f, l->fd[l->n]);
	l->sending = 1;
}

static void
close_all(struct load *l)
{
	while (l->n > 0)
		net_close(l->fd[--l->n]);
}

void
bulk_run(const struct forwarder *f, int n, int both, double result[2])
{
	double warm = bench.quick ? 0.005 : 0.05, began, spent, last;
	struct load l;
	uint64_t before;

	open_all(&l, f, n, both);
	for (began = now(); now() - began < warm;)
		(void)turn(&l);
	before = l.total;
	spent = forwarder_cpu(f);
	last = began = now();
	while (turn(&l)) {
		last = now();
		l.sending = last - began < (bench.quick ? 0.02 : 0.35);
	}
	result[0] = (double)(l.total - before) * 8e-9 / (last - began);
	result[1] = (forwarder_cpu(f) - spent) * 1e9 /
	    (double)(l.total - before);
	close_all(&l);
}

void
bulk_carry(const struct forwarder *f, uint64_t n)
{
	struct load l;

	open_all(&l, f, 1, 0);
	while (turn(&l))
		l.sending = l.end[0][0].sent < n;
	close_all(&l);
}

static void
measure(const struct forwarder *f, int n, int both)
{
	static const char part[] = "relay through loopback";
	const char *name = both ? "16 both ways" : "1 up";
	double result[KINDS][2];
	int kind, r;

	for (kind = DIRECT; kind < KINDS; kind++)
		bulk_run(&f[kind], n, both, result[kind]);
	for (kind = DIRECT; kind < KINDS; kind++) {
		r = row(part, "Gbit/s", "%s, %s", name,
		    forwarder_name((enum kind)kind));
		sample(r, result[kind][0]);
		if (kind != DIRECT)
			against(r, row(part, "Gbit/s", "%s, direct", name));
	}
	for (kind = SPLICE; kind < KINDS; kind++) {
		r = row(part, "CPU s/GB", "%s, %s", name,
		    forwarder_name((enum kind)kind));
		sample(r, result[kind][1]);
		if (kind != PROXY)
			continue;
		against(r, row(part, "CPU s/GB", "%s, bare splice", name));
		against(r, row(part, "CPU s/GB", "%s, bare copy", name));
	}
}

void
bulk_measure(const struct forwarder *f)
{
	measure(f, 1, 0);
	measure(f, MOST, 1);
}
