/* loop.h - what the rooms above need of the loop besides its public calls. */
#ifndef TNL_LOOP_H
#define TNL_LOOP_H

#include <tunnel/loop.h>

#include "net/tasks.h"
#include "net/timer.h"

/* As tunnel_loop_post(3), which cannot fail; the task must not be posted again
 * before its fn has been called, and may be freed or reused by that. */
void tnl_loop_submit(struct tunnel_loop *l, struct tnl_task *t);

/* From now on, another function is called for a watch. */
void tnl_watch_turn(struct tunnel_watch *w, tunnel_ready_fn fn, void *ud);

/* Take back a task that has not been called yet; any other is left alone. */
void tnl_loop_withdraw(struct tunnel_loop *l, const struct tnl_task *t);

#endif
