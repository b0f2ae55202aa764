/* loop.h - what the rooms above need of the loop besides its public calls. */
#ifndef TNL_LOOP_H
#define TNL_LOOP_H

#include <tunnel/loop.h>

#include "net/backend.h"
#include "net/tasks.h"
#include "net/timer.h"

/* As tunnel_loop_post(3), which cannot fail; the task must not be posted again
 * before its fn has been called, and may be freed or reused by that. */
void tnl_loop_submit(struct tunnel_loop *l, struct tnl_task *t);

/* The same as tunnel_watch_new(3) and tunnel_watch_free(3), in place: 0 or an
 * error.  closing: the descriptor is closed next.  What was never begun may be
 * ended. */
int tnl_watches_add(struct tunnel_watch *w, struct tunnel_loop *l, int fd,
    tunnel_ready_fn fn, void *ud);
void tnl_watches_remove(struct tunnel_watch *w, int closing);

/* Put a watch into another place, for another function. */
void tnl_watches_move(struct tunnel_watch *to, struct tunnel_watch *from,
    tunnel_ready_fn fn, void *ud);

/* The same for tunnel_timer_new(3) and tunnel_timer_free(3). */
int tnl_loop_timer(struct tunnel_timer *t, struct tunnel_loop *l,
    tunnel_call_fn fn, void *ud);

/* For watches: what a loop watches; without the memory of the table. */
struct tnl_watches *tnl_loop_watches(struct tunnel_loop *l);
void tnl_watches_free(struct tnl_watches *all);

/* Take back a task that has not been called yet; any other is left alone. */
void tnl_loop_withdraw(struct tunnel_loop *l, const struct tnl_task *t);

#endif
