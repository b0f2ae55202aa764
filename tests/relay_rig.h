/* relay_rig.h - a relay between two pairs of sockets
 *
 *	client == near[0] ... near[1] = relay = far[0] ... far[1] == server
 */
#ifndef RELAY_RIG_H
#define RELAY_RIG_H

#include <tunnel.h>

enum { A = TUNNEL_A, B = TUNNEL_B };

struct relay_rig {
	struct tunnel_pump *p;
	struct tunnel_relay *r;
	int near[2], far[2];
};

void relay_up(struct relay_rig *g, size_t cap, int tcp, int nonblock);
void relay_down(struct relay_rig *g);

/* The relay and its two sockets go, the ends stay. */
void relay_close(struct relay_rig *g);

/* Step while the relay's own wants are met at once; its last answer. */
int relay_run(struct relay_rig *g);

#endif
