/* pump_rig.h - a pump, and what it was heard to say */
#ifndef PUMP_RIG_H
#define PUMP_RIG_H

#include <tunnel.h>

enum { AB = TUNNEL_AB, BA = TUNNEL_BA };

struct pump_heard {
	struct tunnel_pump *p;
	int pauses[2], resumes[2], stalls[2];
};

/* A pump of these capacities, which reports to h, if any.  Inside its reports
 * nothing can be moved, and that is tried each time. */
struct tunnel_pump *pump_fresh(size_t ab, size_t ba, struct pump_heard *h);

/* Put and take a whole text; the flags. */
int pump_put(struct tunnel_pump *p, int way, const char *text);
int pump_take(struct tunnel_pump *p, int way, const char *want);

#endif
