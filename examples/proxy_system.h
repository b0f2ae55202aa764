/* proxy_system.h - tunnel-proxy as a service: signals, systemd, privileges */
#ifndef PROXY_SYSTEM_H
#define PROXY_SYSTEM_H

#include <tunnel.h>

enum { HEARD_END = 1, HEARD_RELOAD = 2, HEARD_TABLE = 4 };

/* From now on SIGTERM and SIGINT, SIGHUP and SIGUSR1 wake this loop. */
void system_listen(struct tunnel_loop *l);

/* Which have come since the last call, as HEARD_ bits; SIGTERM may have come
 * *ends times. */
int system_heard(int *ends);

/* How many sockets systemd has opened for us, from descriptor 3 on. */
int system_sockets(void);

/* Tell systemd ("READY=1"), if it is there. */
void system_notify(const char *state);

/* As many open files as may be. */
void system_raise_limits(void);

/* Can that be done, but for the right to do it?  The same. */
int system_check(const char *root, const char *user);

/* Change root and user, where asked for: 0, or -1 after having said why. */
int system_drop(const char *root, const char *user);

#endif
