/* connect_netrc.h - the file in which ftp(1) and others keep passwords */
#ifndef CONNECT_NETRC_H
#define CONNECT_NETRC_H

#include "common_account.h"

/* Look through such a file, in which quoted tokens are undone: 1 or 0. */
int account_in_netrc(struct account *a, char *text);

#endif
