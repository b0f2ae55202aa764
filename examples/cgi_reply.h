/* cgi_reply.h - from what a program says to a reply */
#ifndef CGI_REPLY_H
#define CGI_REPLY_H

#include "cgi_exchange.h"

/* Take some of the program's output, once: 1 when something has moved. */
int reply_take(struct exchange *x);

#endif
