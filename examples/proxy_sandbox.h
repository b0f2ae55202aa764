/* proxy_sandbox.h - what tunnel-proxy may still do once it runs */
#ifndef PROXY_SANDBOX_H
#define PROXY_SANDBOX_H

#include "proxy_config.h"

/* Give up the rest; before there is a second thread.  tickets: a login by
 * Kerberos may be asked for. */
void sandbox_enter(const struct config *c, int tickets);

#endif
