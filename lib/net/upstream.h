/* upstream.h - the proxies behind a proxy, and how it logs in to them.  For
 * proxy and opening. */
#ifndef TNL_UPSTREAM_H
#define TNL_UPSTREAM_H

#include <tunnel/dial.h>
#include <tunnel/proxy.h>

struct tnl_upstream;

/* Everything is wiped. */
void tnl_upstream_free(const struct tunnel_alloc *a, struct tnl_upstream *u);

/* Have a dial go through all of them: 0 or an error. */
int tnl_upstream_route(const struct tnl_upstream *u, struct tunnel_dial *d);

#endif
