/* connect_hop.h - the proxies on the way, and what they are called */
#ifndef CONNECT_HOP_H
#define CONNECT_HOP_H

#include "connect_config.h"

/* One proxy more, whose URL came from an option or a variable: 0 or an exit
 * status.  A password in it is overwritten there. */
int hop_add(struct config *c, char *url, const char *from);

/* USER[:PASSWORD], for the proxy named last, or for the first one to come. */
int hop_user(struct config *c, char *word);

/* There are none, after all. */
void hop_forget(struct config *c);

/* All of them are known: 0 or an exit status. */
int hop_settle(struct config *c);

#endif
