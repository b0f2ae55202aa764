/* connect_brood.h - programs that reach the first proxy, one for each client */
#ifndef CONNECT_BROOD_H
#define CONNECT_BROOD_H

#include "connect_config.h"

struct brood;

/* NULL without memory. */
struct brood *brood_new(const struct config *c, struct tunnel_loop *l);

/* They end with it. */
void brood_free(struct brood *b);

/* A session is about to dial: give it a program instead.  A tunnel_hook_fn's
 * answer. */
int brood_hatch(struct brood *b, struct tunnel_session *s);

/* The session ends, well or not.  1: what it failed by has been said. */
int brood_leave(struct brood *b, struct tunnel_session *s);

#endif
