/* user_table.h - digests of passwords, by a hash of the user's name.  For
 * users. */
#ifndef TNL_USER_TABLE_H
#define TNL_USER_TABLE_H

#include "core/alloc.h"
#include "core/hash.h"

enum { TNL_USER_KEY = 16 };     /* so much of the hash tells users apart */

struct tnl_user {
	uint8_t digest[TNL_HASH_MAX];
	uint8_t key[TNL_USER_KEY];
	size_t name;            /* what it stands for; 0: nobody */
};

/* All zero at birth. */
struct tnl_user_table {
	struct tnl_user *slot;
	size_t cap;             /* 0 or a power of two */
	size_t reach;           /* so many slots have to be looked at */
	size_t n;               /* users, which who puts them in counts */
};

/* Have room for one more: 0 or TUNNEL_ENOMEM. */
int tnl_user_table_room(struct tnl_user_table *t, const struct tunnel_alloc *a);

/* All is wiped. */
void tnl_user_table_free(struct tnl_user_table *t,
    const struct tunnel_alloc *a);

/* Where a key is, or could be put, which counts as taken from here on; there
 * must be room. */
struct tnl_user *tnl_user_table_find(struct tnl_user_table *t,
    const uint8_t *key);

/* A copy of what is there for the key, and 1; or zeros, and 0, in the same
 * time. */
int tnl_user_table_gather(const struct tnl_user_table *t, const uint8_t *key,
    struct tnl_user *out);

#endif
