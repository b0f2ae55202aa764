/* connect_credentials.h - users and passwords, found where people keep them */
#ifndef CONNECT_CREDENTIALS_H
#define CONNECT_CREDENTIALS_H

#include "connect_config.h"

/* Find those of each proxy that are not there yet: 0 or an exit status. */
int credentials_find(struct config *c);

#endif
