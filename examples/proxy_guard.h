/* proxy_guard.h - who is asked to log in, and how */
#ifndef PROXY_GUARD_H
#define PROXY_GUARD_H

#include <tunnel.h>

/* A guard who asks for Digest and Basic of these users, whom it borrows; NULL
 * when the system lacks memory or random bytes. */
struct tunnel_guard *guard_make(const struct tunnel_users *u);

/* In the authenticate hook: whom the client has shown to be, in user; or
 * TUNNEL_EAUTH, and then it is told how to. */
int guard_ask(struct tunnel_guard *g, const struct tunnel_users *u,
    const struct tunnel_session *s, char *user, size_t cap);

#endif
