/* tasks.h - calls that other threads leave for a loop.  For loop. */
#ifndef TNL_TASKS_H
#define TNL_TASKS_H

#include <pthread.h>

#include <tunnel/base.h>

/* A call, in memory of whoever posts it. */
struct tnl_task {
	struct tnl_task *next;
	void (*fn)(void *ud);
	void *ud;
};

struct tnl_tasks {
	pthread_mutex_t mutex;
	struct tnl_task *first, **last;
};

void tnl_tasks_init(struct tnl_tasks *q);
void tnl_tasks_destroy(struct tnl_tasks *q);

/* Append t; 1 if the queue was empty before: then its owner must be woken. */
int tnl_tasks_put(struct tnl_tasks *q, struct tnl_task *t);

/* The first, taken out; NULL when there is none. */
struct tnl_task *tnl_tasks_take(struct tnl_tasks *q);

/* Take out t, if it is still there. */
void tnl_tasks_withdraw(struct tnl_tasks *q, const struct tnl_task *t);
size_t tnl_tasks_count(struct tnl_tasks *q);

#endif
