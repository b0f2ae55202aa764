/* connect_greeting.h - the first bytes from the other end of a tunnel */
#ifndef CONNECT_GREETING_H
#define CONNECT_GREETING_H

#include "connect_config.h"
#include "connect_helper.h"

/* Wait a moment for them, unless n have come early, and show the doctor what
 * they are: the exit status that a tunnel would have had up to here. */
int greeting(const struct config *c, int fd, struct helper *h,
    const char *early, size_t n);

#endif
