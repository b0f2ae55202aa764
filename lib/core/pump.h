/* pump.h - two flows and what goes with them.  For tuning and floor 3. */
#ifndef TNL_PUMP_H
#define TNL_PUMP_H

#include <tunnel/pump.h>

#include "core/flow.h"
#include "core/watch.h"

struct tunnel_pump {
	struct tunnel_alloc a;
	struct tnl_flow flow[2];
	struct tnl_watch watch;
	tunnel_pressure_fn pressure;
	void *pressure_ud;
	tunnel_stall_fn stall;
	void *stall_ud;
	int strict;
	int timed_out;
	int inside;             /* a notification is running */
};

/* A pump in place, over zeroed memory; each way holds at most one block of the
 * pool, and only while bytes wait in it.  The pool outlives the pump. */
void tnl_pump_init(struct tunnel_pump *p, struct tnl_pool *pool);
void tnl_pump_end(struct tunnel_pump *p);

/* All that has to be known of a pump that holds nothing, has neither way ended
 * and nothing lost, besides what was set. */
struct tnl_pump_rest {
	uint64_t out[2];        /* bytes delivered */
	uint64_t moved;         /* when it last changed */
};

/* 1 and what there is to know, when that is all; and a new pump that goes on
 * from there. */
int tnl_pump_rest(const struct tunnel_pump *p, struct tnl_pump_rest *rest);
void tnl_pump_resume(struct tunnel_pump *p, const struct tnl_pump_rest *rest);

/* Has a way been found to have stalled, and not moved since? */
int tnl_pump_stalled(const struct tunnel_pump *p);

/* The way's ring, for who reads into and writes from both of its pieces: after
 * tunnel_pump_room() n bytes were put there, which may be both. */
int tnl_pump_filled(struct tunnel_pump *p, int way, size_t n);

/* tnl_flow_carried(), _landed() and _passed() of a way; bytes it holds
 * outside. */
void tnl_pump_carried(struct tunnel_pump *p, int way, size_t n);
void tnl_pump_landed(struct tunnel_pump *p, int way, size_t n);
void tnl_pump_passed(struct tunnel_pump *p, int way, uint64_t n);
size_t tnl_pump_outside(const struct tunnel_pump *p, int way);

/* May this call move the pump, and is there such a way?  0 or an error. */
int tnl_pump_entry(const struct tunnel_pump *p, int way);

#endif
