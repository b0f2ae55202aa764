/* tunnel/pump.h - opaque bytes between two sides, bounded, both ways at once
 *
 * A pump is two flows: AB carries from side A to side B, BA back.  Neither
 * waits for the other.  It does no I/O and looks at no byte.  A source's end
 * passes on when all before it has been delivered, and the other way lives on;
 * a reset of one side becomes a reset of the other, never a clean end.
 */
#ifndef TUNNEL_PUMP_H
#define TUNNEL_PUMP_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum tunnel_way { TUNNEL_AB = 0, TUNNEL_BA = 1 };

struct tunnel_pump;

/* paused is 1 when the way reached its high mark, 0 when it is down at the low
 * one again.  A call on p from inside a notification gives TUNNEL_ESTATE. */
typedef void (*tunnel_pressure_fn)(void *ud, int way, int paused);

/* The way has held bytes and moved none for its stall time. */
typedef void (*tunnel_stall_fn)(void *ud, int way);

/* A pump whose ways hold at most so many bytes (1 to 2^30 each), all of it
 * allocated now; NULL when there is no memory or a capacity is out of range. */
struct tunnel_pump *tunnel_pump_new(const struct tunnel_alloc *a,
    size_t cap_ab, size_t cap_ba);
void tunnel_pump_free(struct tunnel_pump *p);

/* Setters, at any time.  Return 0, TUNNEL_EINVAL or TUNNEL_ESTATE. */

/* IN is withdrawn when the way holds high bytes, and back when it holds no more
 * than low: low < high <= capacity.  Default: high the capacity, low half. */
int tunnel_pump_marks(struct tunnel_pump *p, int way, size_t low,
    size_t high);

/* 1: when either side has ended, deliver what came from it, then end both ways
 * (RFC 9110, section 9.3.6, to the letter): the other with RESET when bytes of
 * it are dropped.  0 (default): half-close. */
int tunnel_pump_strict(struct tunnel_pump *p, int on);

/* Times in ms; 0 means never.  idle: no byte moved either way: TUNNEL_ETIMEOUT
 * from tick (default 0).  linger: the other way has ended, and nothing has come
 * into this one and nothing waits in it: it is ended as well (default 300000).
 * stall: this way holds bytes and moves none: on_stall is told (default 0). */
int tunnel_pump_idle(struct tunnel_pump *p, uint64_t ms);
int tunnel_pump_linger(struct tunnel_pump *p, int way, uint64_t ms);
int tunnel_pump_stall(struct tunnel_pump *p, int way, uint64_t ms);

int tunnel_pump_on_pressure(struct tunnel_pump *p, tunnel_pressure_fn fn,
    void *ud);
int tunnel_pump_on_stall(struct tunnel_pump *p, tunnel_stall_fn fn, void *ud);

/* Bytes.  Each returns the flags of the way: IN (it wants bytes), OUT (it holds
 * bytes), FIN (all delivered: shut the sink, then say shut), RESET (all
 * delivered: abort the sink, then say shut), DONE; or an error. */
int tunnel_pump_flags(const struct tunnel_pump *p, int way);

/* Copy in as much as fits: *used bytes, also above the high mark. */
int tunnel_pump_put(struct tunnel_pump *p, int way, const void *in, size_t n,
    size_t *used);

/* Copy out: *got bytes, 0 when there are none. */
int tunnel_pump_take(struct tunnel_pump *p, int way, void *out, size_t cap,
    size_t *got);

/* Lend free memory, *n bytes of it (NULL and 0: none), then say how many of
 * them were filled.  The same for held bytes: lend, then drop. */
void *tunnel_pump_room(struct tunnel_pump *p, int way, size_t *n);
int tunnel_pump_commit(struct tunnel_pump *p, int way, size_t n);
const void *tunnel_pump_peek(const struct tunnel_pump *p, int way, size_t *n);
int tunnel_pump_skip(struct tunnel_pump *p, int way, size_t n);

/* The way's source has ended; bytes after that are TUNNEL_ESTATE. */
int tunnel_pump_eof(struct tunnel_pump *p, int way);

/* The way's sink was shut, or aborted, as FIN or RESET asked: DONE.  Before
 * that: the sink takes no more, which is a reset of its side. */
int tunnel_pump_shut(struct tunnel_pump *p, int way);

/* A side died.  What came from it is still handed to the other side, which is
 * then to be aborted; what was meant for it is dropped.  Returns 0 or an
 * error. */
int tunnel_pump_reset(struct tunnel_pump *p, int side);

/* Tell the time (ms, monotonic, any origin): runs idle, linger and stall.
 * Returns 0, TUNNEL_DONE when both ways are done, or TUNNEL_ETIMEOUT. */
int tunnel_pump_tick(struct tunnel_pump *p, uint64_t now);

/* When tick is due at the latest; UINT64_MAX for never. */
uint64_t tunnel_pump_deadline(const struct tunnel_pump *p);

/* Bytes delivered, held now, and dropped undelivered, since birth. */
uint64_t tunnel_pump_bytes(const struct tunnel_pump *p, int way);
size_t tunnel_pump_held(const struct tunnel_pump *p, int way);
uint64_t tunnel_pump_lost(const struct tunnel_pump *p, int way);

#ifdef __cplusplus
}
#endif
#endif
