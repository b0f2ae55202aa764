/* connect_way.h - programs that reach the first proxy for us */
#ifndef CONNECT_WAY_H
#define CONNECT_WAY_H

#include "connect_config.h"
#include "connect_helper.h"

enum { WAY_SOON_MS = 300 };

/* Is it a program that does so? */
int way_is_helped(const struct config *c);

/* Can it be one, by what we were told?  0 or an exit status. */
int way_check(const struct config *c);

/* Start it: 0, or an exit status after having said why. */
int way_open(const struct config *c, struct helper *h);

/* For the doctor, before and after that; else they do nothing.
 * probe    can the proxy be reached, as far as such a program does not tell?  0
 *          or an exit status after having said why
 * await    see it at work, or fail, which is not said yet */
int way_probe(const struct config *c, uint64_t deadline);
void way_await(const struct config *c, struct helper *h, uint64_t deadline);

/* Both give the program so many ms to be over, as it is a little later than its
 * connection.
 * failed   there is no reply of the proxy, for the program has ended: 1 and
 *          *status, and why has been said
 * broke    it has ended badly, and so has the tunnel, whatever it looks like:
 *          1, and that has been said */
int way_failed(const struct config *c, struct helper *h, uint64_t ms,
    int *status);
int way_broke(const struct config *c, struct helper *h, uint64_t ms);

/* Show what it said. */
void way_trace(const struct config *c, const struct helper *h);

#endif
