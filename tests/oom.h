/* oom.h - an allocator that counts, checks, and fails when told to */
#ifndef OOM_H
#define OOM_H

#include <tunnel.h>

struct oom {
	struct tunnel_alloc alloc;
	size_t live, bytes;     /* blocks and bytes not given back */
	size_t calls;           /* of get */
	size_t fail_at;         /* this one fails, counted from 1; 0: none */
	int all_after;          /* and all behind it */
	size_t failed;
	const char *secret;     /* must not be in a block that is given back */
};

void oom_init(struct oom *o);

/* Run a scenario with the n-th allocation failing, for n = 1, 2 ... until it
 * needs no n-th; then the same with all from the n-th on.  It must give all
 * back each time, and must not fail when no allocation does: it returns 1 when
 * it got to its end. */
void oom_run(int (*scenario)(const struct tunnel_alloc *a, void *ud),
    void *ud);

#endif
