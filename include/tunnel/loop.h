/* tunnel/loop.h - waiting for descriptors and deadlines
 *
 * One loop, one thread.  Descriptors are watched edge-triggered where the
 * system can: try first, then say what you wait for, and after each call of
 * your function try again until a call would block.  To live inside another
 * loop: watch tunnel_loop_fd() for reading, wait no longer than until
 * tunnel_loop_deadline(), then tunnel_loop_step(l, 0).
 */
#ifndef TUNNEL_LOOP_H
#define TUNNEL_LOOP_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_loop;
struct tunnel_watch;
struct tunnel_timer;

/* ready holds what was wanted and is there, IN, OUT or both.  Two more are told
 * whether anything was wanted or not: RESET, the descriptor has an error; and
 * NOW, a read that brings less than asked for is no sign that the next would
 * block, as it is otherwise (the other side has ended, or sent urgent data). */
typedef void (*tunnel_ready_fn)(void *ud, int ready);
typedef void (*tunnel_call_fn)(void *ud);

/* A loop on the system's best interface, or on the one named: "epoll",
 * "kqueue" or "poll".  NULL when there is no memory or descriptor left, or when
 * that interface is not there. */
struct tunnel_loop *tunnel_loop_new(const struct tunnel_alloc *a,
    const char *backend);

/* Watches and timers must have been freed before; what was posted and has not
 * been called is called no more. */
void tunnel_loop_free(struct tunnel_loop *l);

/* Which interface it is on; static. */
const char *tunnel_loop_backend(const struct tunnel_loop *l);

/* Monotonic time in ms, read once a round: the now of link, relay and pump. */
uint64_t tunnel_loop_now(const struct tunnel_loop *l);

/* Call what is due, having waited for it up to timeout ms (-1: for ever; 0: not
 * at all).  Returns 0, or TUNNEL_EIO when the system's wait fails.  From inside
 * a function that the loop called: TUNNEL_ESTATE. */
int tunnel_loop_step(struct tunnel_loop *l, int timeout);

/* Step until tunnel_loop_stop(), which may have been said before: 0 or an
 * error. */
int tunnel_loop_run(struct tunnel_loop *l);

/* From any thread, or a signal handler: end run, or the wait of a step. */
void tunnel_loop_stop(struct tunnel_loop *l);
void tunnel_loop_wake(struct tunnel_loop *l);

/* fn is called once a round after one or more wakes.  fn NULL takes it back.
 * Returns 0. */
int tunnel_loop_on_wake(struct tunnel_loop *l, tunnel_call_fn fn, void *ud);

/* From any thread: have fn called once, in the thread of the loop, in the order
 * of posting.  Returns 0 or TUNNEL_ENOMEM; a's functions must then be safe to
 * call from any thread. */
int tunnel_loop_post(struct tunnel_loop *l, tunnel_call_fn fn, void *ud);

/* For embedding: a descriptor that is readable when there is something to do
 * (TUNNEL_ESTATE with "poll", which has none), and the time at which step is
 * due at the latest (UINT64_MAX: never, 0: at once). */
int tunnel_loop_fd(const struct tunnel_loop *l);
uint64_t tunnel_loop_deadline(const struct tunnel_loop *l);

/* Watch a descriptor, which must not be watched already.  NULL when there is no
 * memory, or when it cannot be watched (a regular file).  Free the watch before
 * the descriptor is closed, also from inside its own function. */
struct tunnel_watch *tunnel_watch_new(struct tunnel_loop *l, int fd,
    tunnel_ready_fn fn, void *ud);
void tunnel_watch_free(struct tunnel_watch *w);

/* What is waited for: IN, OUT, both or 0 (at first).  Say it after a call that
 * would have blocked.  Costs no system call.  Returns 0. */
int tunnel_watch_wants(struct tunnel_watch *w, int wants);

/* A timer that is not set. */
struct tunnel_timer *tunnel_timer_new(struct tunnel_loop *l,
    tunnel_call_fn fn, void *ud);
void tunnel_timer_free(struct tunnel_timer *t);

/* Call fn once, at or after this time (0: in the next round, UINT64_MAX:
 * never); replaces what was set.  Returns 0. */
int tunnel_timer_set(struct tunnel_timer *t, uint64_t at);

#ifdef __cplusplus
}
#endif
#endif
