/* nonces.h - what a server hands out to be answered once.  Floor 2. */
#ifndef TNL_NONCES_H
#define TNL_NONCES_H

#include "core/alloc.h"
#include "core/hmac.h"

enum { TNL_NONCE_TEXT = 65 };           /* a nonce, with its NUL */

enum {
	TNL_NONCE_GOOD,
	TNL_NONCE_FOREIGN,              /* not one of ours, or not this one's */
	TNL_NONCE_EXPIRED,
	TNL_NONCE_FORGOTTEN,            /* a newer one has its place */
	TNL_NONCE_REPLAYED              /* nc was there before, or is 0 */
};

struct tnl_nonces {
	const struct tunnel_alloc *a;
	struct tnl_hmac keyed;          /* has taken the key */
	struct tnl_nonce *slot;
	size_t cap;
	uint64_t life;                  /* ms */
	uint64_t serial;                /* of the last one made */
};

/* Nonces that last for life ms, of which the uses of up to cap are counted.
 * The key is n random bytes, at least 16, and another for each init: with an
 * old one what was used before could be used again.  a must outlive it.  0,
 * TUNNEL_EINVAL (cap 0, a short key) or TUNNEL_ENOMEM. */
int tnl_nonces_init(struct tnl_nonces *ns, const struct tunnel_alloc *a,
    size_t cap, uint64_t life, const void *key, size_t n);

/* Fine also when init failed, or all was zero. */
void tnl_nonces_free(struct tnl_nonces *ns);

/* A new one, good for whoever the n bytes of who stand for. */
void tnl_nonces_make(struct tnl_nonces *ns, const void *who, size_t n,
    uint64_t now, char out[TNL_NONCE_TEXT]);

/* Use it for the nc-th time; what it is worth.  Only when it is good, and only
 * by this, a place is taken: call it when all else is right. */
int tnl_nonces_use(struct tnl_nonces *ns, const char *nonce, const void *who,
    size_t n, uint32_t nc, uint64_t now);

/* Has one that is good less than a quarter of its life before it? */
int tnl_nonces_ageing(const struct tnl_nonces *ns, const char *nonce,
    uint64_t now);

#endif
