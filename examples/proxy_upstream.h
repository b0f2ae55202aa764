/* proxy_upstream.h - the proxies behind tunnel-proxy, and how it logs in */
#ifndef PROXY_UPSTREAM_H
#define PROXY_UPSTREAM_H

#include "proxy_config.h"

/* Have p reach targets through them: 0, or an exit status after having said
 * why. */
int upstream_set(struct tunnel_proxy *p, const struct config *c);

/* Read credentials, and which targets need no proxy, anew: the same, and then
 * nothing has changed. */
int upstream_again(const struct config *fresh);

/* Would clients act as somebody there? */
int upstream_logs_in(void);

/* May Kerberos be asked for a ticket? */
int upstream_takes_tickets(void);

/* What --check says of them. */
void upstream_tell(const struct config *c);

/* In the hook that ends a session, before all else. */
void upstream_closed(struct tunnel_session *s);

/* Proxy and loops are gone. */
void upstream_end(void);

#endif
