/* census.h - how many there are of everything, over all threads.  For proxy. */
#ifndef TNL_CENSUS_H
#define TNL_CENSUS_H

#include <pthread.h>

#include <tunnel/proxy.h>

#include "core/alloc.h"
#include "net/socket.h"

enum { TNL_COUNTS = TUNNEL_COUNT_DOWN + 1 };

struct tnl_client;

struct tnl_census {
	struct tunnel_alloc a;
	pthread_mutex_t mutex;
	struct tnl_client **bucket;
	size_t buckets, clients;
	uint64_t count[TNL_COUNTS];
};

/* 0 or TUNNEL_ENOMEM. */
int tnl_census_init(struct tnl_census *c, const struct tunnel_alloc *a);
void tnl_census_free(struct tnl_census *c);

/* One more, or fewer, of something. */
void tnl_census_add(struct tnl_census *c, int which, int64_t n);
uint64_t tnl_census_get(struct tnl_census *c, int which);

/* One more of something, unless there are max (0: no limit): 0 or
 * TUNNEL_EBUSY. */
int tnl_census_reserve(struct tnl_census *c, int which, uint64_t max);

/* One more session of a client, unless it has max (0: no limit): 0,
 * TUNNEL_EQUOTA or TUNNEL_ENOMEM.  A client without an address has no limit. */
int tnl_census_enter(struct tnl_census *c, const struct tnl_endpoint *e,
    uint64_t max);
void tnl_census_leave(struct tnl_census *c, const struct tnl_endpoint *e);

#endif
