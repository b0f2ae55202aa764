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

/* As tunnel_pump_new(3); each way holds at most one block of the pool, and only
 * while bytes wait in it.  The pool outlives the pump. */
struct tunnel_pump *tnl_pump_new(const struct tunnel_alloc *a,
    struct tnl_pool *pool);

/* tnl_flow_carried() and _landed() of a way; bytes it holds outside. */
void tnl_pump_carried(struct tunnel_pump *p, int way, size_t n);
void tnl_pump_landed(struct tunnel_pump *p, int way, size_t n);
size_t tnl_pump_outside(const struct tunnel_pump *p, int way);

/* May this call move the pump, and is there such a way?  0 or an error. */
int tnl_pump_entry(const struct tunnel_pump *p, int way);

#endif
