/* race.h - several addresses, and the first that connects wins.  For dial. */
#ifndef TNL_RACE_H
#define TNL_RACE_H

#include <tunnel/loop.h>

#include "core/buf.h"
#include "net/socket.h"

enum { TNL_RACE_MAX = 64 };

struct tnl_race;

/* The outcome, never from inside start: a connected socket, or an error and
 * -1.  The race may be freed in it. */
typedef void (*tnl_race_fn)(void *ud, int error, int fd,
    const struct tnl_endpoint *winner);

/* report gets a line for each attempt that failed. */
struct tnl_race *tnl_race_new(const struct tunnel_alloc *a,
    struct tunnel_loop *l, struct tnl_buf *report, tnl_race_fn fn, void *ud);

/* Closes what is still trying, and reports it as having given no answer. */
void tnl_race_free(struct tnl_race *r);

/* One address more; with an error it is reported, and not tried. */
void tnl_race_add(struct tnl_race *r, const struct tnl_endpoint *e, int error);

/* Begin, with delay ms between two attempts, from an address of ours (n 0:
 * any). */
void tnl_race_start(struct tnl_race *r, uint64_t delay,
    const struct tnl_endpoint *from);

#endif
