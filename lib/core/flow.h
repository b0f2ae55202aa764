/* flow.h - one direction.  For pump. */
#ifndef TNL_FLOW_H
#define TNL_FLOW_H

#include <tunnel/base.h>

#include "core/pool.h"
#include "core/ring.h"

enum tnl_flow_state {
	TNL_FLOW_RUNNING,       /* bytes come and go */
	TNL_FLOW_ENDING,        /* the source has ended, bytes are still held */
	TNL_FLOW_FIN,           /* all delivered: the sink is to be shut */
	TNL_FLOW_FAILING,       /* the source was reset, bytes are still held */
	TNL_FLOW_BROKEN,        /* all delivered: the sink is to be aborted */
	TNL_FLOW_DONE           /* nothing more will ever happen */
};

enum tnl_flow_event {
	TNL_FLOW_EOF,           /* the source ended */
	TNL_FLOW_RESET,         /* the source died */
	TNL_FLOW_EMPTY,         /* nothing is held */
	TNL_FLOW_SHUT,          /* the sink was shut or aborted as asked */
	TNL_FLOW_DIED,          /* the sink died: what is held is lost */
	TNL_FLOW_CUT            /* ended from outside: what is held is lost */
};

struct tnl_flow {
	struct tnl_ring ring;   /* over no memory while a pool has it back */
	struct tnl_pool *pool;  /* where that comes from; NULL: it is ours */
	size_t outside;         /* held as well, by whoever carries for us */
	int state;
	int paused;             /* reached high, and not yet down at low */
	size_t low, high;
	uint64_t in;            /* bytes taken in since birth */
	uint64_t out;           /* bytes delivered since birth */
	uint64_t lost;          /* bytes dropped since birth */
	unsigned turns;         /* changes of state, so that they are noticed */
};

void tnl_flow_init(struct tnl_flow *f, uint8_t *p, size_t cap);

/* The same with blocks of a pool, one while bytes are held. */
void tnl_flow_borrow(struct tnl_flow *f, struct tnl_pool *pool);

/* Drop what is held and give the block back. */
void tnl_flow_end(struct tnl_flow *f);

/* The free bytes that lie in one piece, or NULL: it is full, or (*n is 0 and
 * IN among its flags) there is no memory.  tnl_flow_filled() must follow, with
 * 0 when nothing has come. */
uint8_t *tnl_flow_room(struct tnl_flow *f, size_t *n);

/* The flags of this way, as tunnel_pump_flags(3) has them. */
int tnl_flow_flags(const struct tnl_flow *f);

/* Does it take bytes at all, full or not? */
int tnl_flow_takes(const struct tnl_flow *f);

/* n bytes were put into the ring, or taken from it.  Returns 1 when paused has
 * changed by that. */
int tnl_flow_filled(struct tnl_flow *f, size_t n);
int tnl_flow_emptied(struct tnl_flow *f, size_t n);

/* Bytes that are held, here or outside. */
size_t tnl_flow_held(const struct tnl_flow *f);

/* n bytes left the source and are held outside the ring, which is empty; n of
 * those have been delivered. */
void tnl_flow_carried(struct tnl_flow *f, size_t n);
void tnl_flow_landed(struct tnl_flow *f, size_t n);

/* n bytes have gone from the source to the sink by themselves. */
void tnl_flow_passed(struct tnl_flow *f, uint64_t n);

void tnl_flow_event(struct tnl_flow *f, enum tnl_flow_event event);

#endif
