/* census.h - how many there are of everything, over all threads.  For proxy. */
#ifndef TNL_CENSUS_H
#define TNL_CENSUS_H

#include <pthread.h>

#include <tunnel/proxy.h>

#include "core/alloc.h"
#include "net/socket.h"

enum { TNL_COUNTS = TUNNEL_COUNT_PASSED + 1 };

struct tnl_client;

/* What one thread has counted: written by it alone, read by any, and in no
 * cache line that another writes. */
struct tnl_tally {
	uint64_t count[TNL_COUNTS];
	uint64_t apart[8];
};

struct tnl_census {
	struct tunnel_alloc a;
	struct tnl_tally *tally;        /* one a thread */
	unsigned threads;
	pthread_mutex_t mutex;          /* of what follows */
	struct tnl_client **bucket;
	size_t buckets, clients;
	uint64_t tunnels;
};

/* 0 or TUNNEL_ENOMEM. */
int tnl_census_init(struct tnl_census *c, const struct tunnel_alloc *a);
void tnl_census_free(struct tnl_census *c);

/* So many threads will count, from nothing: 0 or TUNNEL_ENOMEM. */
int tnl_census_open(struct tnl_census *c, unsigned threads);

/* More, or fewer, of anything but tunnels, from the thread that has the
 * tally. */
void tnl_tally_add(struct tnl_tally *t, int which, int64_t n);

/* How many there are, over all threads; from any. */
uint64_t tnl_census_get(struct tnl_census *c, int which);

/* One more tunnel, unless there are max (0: no limit): 0 or TUNNEL_EBUSY; and
 * one fewer. */
int tnl_census_reserve(struct tnl_census *c, uint64_t max);
void tnl_census_release(struct tnl_census *c);

/* One more session of a client, unless it has max (0: no limit): 0,
 * TUNNEL_EQUOTA or TUNNEL_ENOMEM.  A client without an address has no limit. */
int tnl_census_enter(struct tnl_census *c, const struct tnl_endpoint *e,
    uint64_t max);
void tnl_census_leave(struct tnl_census *c, const struct tnl_endpoint *e);

#endif
