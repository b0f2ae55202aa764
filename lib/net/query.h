/* query.h - a question for addresses, and the threads that look it up.  For
 * resolve. */
#ifndef TNL_QUERY_H
#define TNL_QUERY_H

#include <tunnel/resolve.h>

#include <tunnel/authority.h>

#include "net/loop.h"

enum { TNL_ADDRESSES_MAX = 64 };

enum tnl_query_state { TNL_WAITING, TNL_LOOKING, TNL_ANSWERED };

struct tnl_query_pool;

struct tnl_answer {
	uint8_t addr[16];
	size_t n;
};

struct tunnel_query {
	struct tunnel_query *next;      /* in the queue */
	struct tnl_task task;
	struct tnl_query_pool *pool;
	struct tunnel_loop *loop;
	struct tunnel_timer *timer;     /* the deadline, or the answer's */
	tunnel_resolved_fn fn;
	void *ud;
	const char *reason;
	size_t n;
	int error;
	int state;
	int tasked;                     /* the answer comes by the task */
	int threaded;                   /* a thread looks it up, not the hook */
	int orphan;                     /* for nobody any more */
	struct tnl_answer answer[TNL_ADDRESSES_MAX];
	char host[TUNNEL_HOST_MAX];
};

/* So many threads at most, besides those whose query was abandoned; they are
 * started when needed.  NULL: no memory. */
struct tnl_query_pool *tnl_query_pool_new(unsigned threads);

/* The threads that are at work end it when they come back. */
void tnl_query_pool_close(struct tnl_query_pool *p);

/* Put q into its pool's queue: 0 when it cannot be served. */
int tnl_query_submit(struct tunnel_query *q);

/* Take q out of the queue, or leave it to whoever works on it. */
void tnl_query_abandon(struct tunnel_query *q);

/* The answer is there; *tasked: it comes, or came, by q's task. */
int tnl_query_answered(struct tunnel_query *q, int *tasked);

#endif
