/* loop_rig.h - a loop on the backend that is tried, and what it called */
#ifndef LOOP_RIG_H
#define LOOP_RIG_H

#include <tunnel.h>

#include "backend.h"

struct loop_seen {
	struct tunnel_watch *w;
	int calls, ready;
};

struct tunnel_loop *loop_make(void);

/* A watch's fn; ud is a struct loop_seen. */
void loop_see(void *ud, int ready);

/* A timer's fn or a post; ud is an int. */
void loop_count(void *ud);

/* Step until a count is reached. */
void loop_await(struct tunnel_loop *l, const int *calls, int n);

#endif
