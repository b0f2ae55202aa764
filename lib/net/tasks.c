/* tasks.c - calls that other threads leave for a loop
 *
 * A queue under one mutex, linked through the tasks themselves: leaving a call
 * allocates nothing and so cannot fail.
 */
#include "net/tasks.h"

void
tnl_tasks_init(struct tnl_tasks *q)
{
	(void)pthread_mutex_init(&q->mutex, NULL);
	q->first = NULL;
	q->last = &q->first;
}

void
tnl_tasks_destroy(struct tnl_tasks *q)
{
	(void)pthread_mutex_destroy(&q->mutex);
}

int
tnl_tasks_put(struct tnl_tasks *q, struct tnl_task *t)
{
	int first;

	t->next = NULL;
	(void)pthread_mutex_lock(&q->mutex);
	first = q->first == NULL;
	*q->last = t;
	q->last = &t->next;
	(void)pthread_mutex_unlock(&q->mutex);
	return first;
}

struct tnl_task *
tnl_tasks_take(struct tnl_tasks *q)
{
	struct tnl_task *t;

	(void)pthread_mutex_lock(&q->mutex);
	t = q->first;
	if (t != NULL) {
		q->first = t->next;
		if (t->next == NULL)
			q->last = &q->first;
	}
	(void)pthread_mutex_unlock(&q->mutex);
	return t;
}

void
tnl_tasks_withdraw(struct tnl_tasks *q, const struct tnl_task *t)
{
	struct tnl_task **at;

	(void)pthread_mutex_lock(&q->mutex);
	for (at = &q->first; *at != NULL; at = &(*at)->next)
		if (*at == t) {
			*at = t->next;
			if (t->next == NULL)
				q->last = at;
			break;
		}
	(void)pthread_mutex_unlock(&q->mutex);
}

size_t
tnl_tasks_count(struct tnl_tasks *q)
{
	const struct tnl_task *t;
	size_t n = 0;

	(void)pthread_mutex_lock(&q->mutex);
	for (t = q->first; t != NULL; t = t->next)
		n++;
	(void)pthread_mutex_unlock(&q->mutex);
	return n;
}
