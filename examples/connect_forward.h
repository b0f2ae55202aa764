/* connect_forward.h - listen, and connect everybody who comes */
#ifndef CONNECT_FORWARD_H
#define CONNECT_FORWARD_H

#include "connect_config.h"

/* Serve until a signal: an exit status. */
int forward(struct config *c);

#endif
