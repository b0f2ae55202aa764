/* helper_relay_rig.c - see relay_rig.h */
#include "relay_rig.h"

#include "unit.h"
#include "fake.h"

#include <poll.h>
#include <unistd.h>

void
relay_up(struct relay_rig *g, size_t cap, int tcp, int nonblock)
{
	(tcp ? fake_tcp : fake_pair)(g->near, nonblock);
	(tcp ? fake_tcp : fake_pair)(g->far, nonblock);
	g->p = tunnel_pump_new(NULL, cap, cap);
	g->r = tunnel_relay_new(NULL, g->p);
	assert_int_equal(tunnel_relay_fd(g->r, A, g->near[1]), 0);
	assert_int_equal(tunnel_relay_fd(g->r, B, g->far[0]), 0);
}

void
relay_close(struct relay_rig *g)
{
	tunnel_relay_free(g->r);
	tunnel_pump_free(g->p);
	close(g->near[1]);
	close(g->far[0]);
}

void
relay_down(struct relay_rig *g)
{
	relay_close(g);
	close(g->near[0]);
	close(g->far[1]);
}

int
relay_run(struct relay_rig *g)
{
	struct pollfd p[2];
	int f, i, w, turns = 0;

	for (;;) {
		f = tunnel_relay_step(g->r, 0);
		assert_true(++turns < 100000);
		if (f < 0 || f & TUNNEL_DONE)
			return f;
		if (f & TUNNEL_NOW)
			continue;
		for (i = 0; i < 2; i++) {
			w = tunnel_relay_wants(g->r, i);
			p[i].fd = w != 0 ? (i == A ? g->near[1] : g->far[0]) :
			    -1;
			p[i].events = (short)((w & TUNNEL_IN ? POLLIN : 0) |
			    (w & TUNNEL_OUT ? POLLOUT : 0));
		}
		if (poll(p, 2, 0) == 0)
			return f;
	}
}
