/* connect_caller.h - who started us, and whether he is still there */
#ifndef CONNECT_CALLER_H
#define CONNECT_CALLER_H

#include "connect_config.h"

/* Has the reader of standard output gone? */
int caller_reads_no_more(void);

/* Has whoever started us gone? */
int caller_left(void);

/* The reader has gone before there was a tunnel: the exit status. */
int caller_gave_up(const struct config *c);

#endif
