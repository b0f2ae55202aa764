/* tunnel/users.h - who may come in, and with which password
 *
 * Lines of htdigest(1): user:realm:H(user:realm:password), where H is MD5 or
 * SHA-256, as the length says.  No password is kept, and a check takes the same
 * time for every user, known or not.
 */
#ifndef TUNNEL_USERS_H
#define TUNNEL_USERS_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_users;

/* Nobody yet, in a realm of that name; NULL when there is no memory, or the
 * realm has a colon, a quote, a backslash or a control byte. */
struct tunnel_users *tunnel_users_new(const struct tunnel_alloc *a,
    const char *realm);

/* The digests are wiped first.  NULL is fine. */
void tunnel_users_free(struct tunnel_users *u);

/* One more, or another password for one.  Returns 0, TUNNEL_EINVAL (a colon in
 * the user's name, a control byte in either) or TUNNEL_ENOMEM. */
int tunnel_users_add(struct tunnel_users *u, const char *user,
    const char *password);

/* Read n bytes of such lines; empty ones, those that begin with '#', and those
 * of other realms are passed over.  A user may have a line of each length; one
 * of the same length as before takes its place.  Returns 0, TUNNEL_ENOMEM, or
 * TUNNEL_EINVAL for a line that cannot be read: *line is then its number, from
 * 1, and those before it have been taken. */
int tunnel_users_read(struct tunnel_users *u, const char *text, size_t n,
    unsigned *line);

/* How many there are; the realm. */
size_t tunnel_users_count(const struct tunnel_users *u);
const char *tunnel_users_realm(const struct tunnel_users *u);

/* Is this the user's password, by SHA-256 where there is one?  0 or
 * TUNNEL_EAUTH. */
int tunnel_users_check(const struct tunnel_users *u, const char *user,
    const char *password);

#ifdef __cplusplus
}
#endif
#endif
