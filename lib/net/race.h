/* race.h - several addresses, and the first that connects wins.  For dial. */
#ifndef TNL_RACE_H
#define TNL_RACE_H

#include <tunnel/loop.h>

#include "core/buf.h"
#include "net/socket.h"

enum { TNL_RACE_MAX = 64 };

struct tnl_race;

/* A connected socket, its watch and what that told last, and who it reaches. */
struct tnl_won {
	int fd;
	struct tunnel_watch *watch;     /* to be moved from inside fn */
	int ready;
	struct tnl_endpoint peer;
};

/* The outcome, never from inside start: the winner, who is the receiver's, or
 * an error and NULL.  The race may be freed in it. */
typedef void (*tnl_race_fn)(void *ud, int error, const struct tnl_won *won);

/* A race of at most n addresses, or TNL_RACE_MAX.  report gets a line for each
 * attempt that failed. */
struct tnl_race *tnl_race_new(const struct tunnel_alloc *a, size_t n,
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
