/* proxy_negotiate.h - how tunnel-proxy gives its ticket to an upstream proxy */
#ifndef PROXY_NEGOTIATE_H
#define PROXY_NEGOTIATE_H

#include <tunnel.h>

/* Negotiate with the upstream proxy that tunnel_proxy_via() was told last.
 * host is its name without the port, and is kept: it must outlive p.  To be
 * told before tunnel_proxy_schemes(), which knows the name "negotiate" by this.
 * Returns what tunnel_proxy_token(3) does. */
int negotiate_upstream(struct tunnel_proxy *p, char *host);

#endif
