/* proxy_status.h - tunnel-proxy, watched: a page, metrics, health */
#ifndef PROXY_STATUS_H
#define PROXY_STATUS_H

#include <tunnel.h>

/* Serve them at this address, on the loop that p is on, which has not started:
 * 0, or -1 after having said why.  NULL: only count. */
int status_start(struct tunnel_proxy *p, struct tunnel_loop *l,
    const char *where);
void status_announce(void);

/* Can it be such an address?  The same. */
int status_check(const char *where);
void status_stop(void);

/* Health is "draining" from here on. */
void status_draining(void);

/* A session has ended.  From any thread. */
void status_session(const struct tunnel_session *s);

/* Print the open tunnels on standard error. */
void status_table(void);

#endif
