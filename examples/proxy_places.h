/* proxy_places.h - where tunnel-proxy listens */
#ifndef PROXY_PLACES_H
#define PROXY_PLACES_H

#include "proxy_config.h"

/* Have p listen there, c being completed by what systemd hands over and by the
 * default: 0 or an exit status. */
int places_set(struct tunnel_proxy *p, struct config *c);

/* May everybody who reaches the places of one configuration act as who we log
 * in upstream, as the other says who may come in?  0, or an exit status. */
int places_guarded(const struct config *places, const struct config *who);

/* Is it only for this machine? */
int places_are_inner(const struct config *c);

#endif
