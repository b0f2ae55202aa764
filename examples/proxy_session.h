/* proxy_session.h - one client of tunnel-proxy, from accept to close */
#ifndef PROXY_SESSION_H
#define PROXY_SESSION_H

#include <poll.h>

#include "proxy_config.h"

struct session;

/* A session for an accepted socket, which it owns from here on; NULL when there
 * is no memory (the socket is then still the caller's). */
struct session *session_new(const struct config *c, int fd);
void session_free(struct session *s);

/* What to wait for: two entries (fd -1 where there is nothing), and until when
 * (UINT64_MAX: for ever). */
uint64_t session_wants(const struct session *s, struct pollfd *fds);

/* Go on, with the two entries as poll left them: 1, or 0 when it has ended. */
int session_step(struct session *s, const struct pollfd *fds);

#endif
