/* users.h - what claim's callers ask of users.  Floor 2. */
#ifndef TNL_USERS_H
#define TNL_USERS_H

#include <tunnel/users.h>

#include "core/hash.h"

/* What tnl_proof_secret makes of a user's password with that hash, and 1; 0
 * when there is no such user, or none with that hash, in the same time, and out
 * is then all zero. */
int tnl_users_secret(const struct tunnel_users *u, const char *user, int kind,
    uint8_t out[TNL_HASH_MAX]);

/* Whose H(user ":" realm) this is in hex, with that hash, and 1; 0 when it is
 * nobody's, or the name is empty or does not fit, in the same time. */
int tnl_users_name(const struct tunnel_users *u, const char *hex, int kind,
    char *out, size_t cap);

/* How many users have it for that hash. */
size_t tnl_users_with(const struct tunnel_users *u, int kind);

#endif
