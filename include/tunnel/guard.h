/* tunnel/guard.h - let those in who can log in
 *
 * The server's side of Digest (RFC 7616: SHA-256 and MD5, qop=auth, nonces that
 * expire, are bound to a client and count their uses) and of Basic (RFC 7617).
 * It reads a request that is at ASK and writes into its reply: no I/O, no
 * clock.  Belongs to one thread at a time.
 */
#ifndef TUNNEL_GUARD_H
#define TUNNEL_GUARD_H

#include <tunnel/server.h>
#include <tunnel/users.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_guard;

/* The user's password, as a string of less than cap bytes: 0, or an error when
 * there is no such user. */
typedef int (*tunnel_password_fn)(void *ud, const char *user, char *password,
    size_t cap);

/* A guard of a realm (as tunnel_users_new(3) takes it) who knows nobody yet and
 * asks for nothing; NULL when there is no memory or it is no realm. */
struct tunnel_guard *tunnel_guard_new(const struct tunnel_alloc *a,
    const char *realm);

/* What was secret is wiped.  NULL is fine. */
void tunnel_guard_free(struct tunnel_guard *g);

/* Setters, at any time.  Return 0, TUNNEL_EINVAL or TUNNEL_ENOMEM. */

/* Who there is: users of the same realm, borrowed until others are set (NULL:
 * none); or what fn says, which goes first (NULL: none). */
int tunnel_guard_users(struct tunnel_guard *g, const struct tunnel_users *u);
int tunnel_guard_passwords(struct tunnel_guard *g, tunnel_password_fn fn,
    void *ud);

/* Ask for Basic (1) or not (0, default). */
int tunnel_guard_basic(struct tunnel_guard *g, int on);

/* Ask for Digest, with nonces that are good for life ms, of which the uses of
 * up to cap at a time are counted (32 bytes each; with more the oldest go
 * stale).  key: n random bytes, at least 16, others each time.  Names may come
 * as hashes (userhash), but for those of passwords above. */
int tunnel_guard_digest(struct tunnel_guard *g, const void *key, size_t n,
    uint64_t life, size_t cap);

/* At ASK: 0 with the user's name in user, as a string, and in the reply to come
 * what proves to the client who we are; or TUNNEL_EAUTH with the challenges in
 * it, for tunnel_server_fail(3).  who: n bytes that stand for the client, its
 * address say.  now: monotonic ms.  Also TUNNEL_ESTATE, TUNNEL_ENOMEM,
 * TUNNEL_EINVAL (the name does not fit). */
int tunnel_guard_check(struct tunnel_guard *g, struct tunnel_server *s,
    const void *who, size_t n, uint64_t now, char *user, size_t cap);

#ifdef __cplusplus
}
#endif
#endif
