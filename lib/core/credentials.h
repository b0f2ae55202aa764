/* credentials.h - read what a client presents.  For server. */
#ifndef TNL_CREDENTIALS_H
#define TNL_CREDENTIALS_H

#include <stddef.h>

/* Read the value of a Proxy-Authorization field of the scheme Basic (RFC 7617)
 * into two strings: 0, TUNNEL_EAUTH when it is of another scheme or broken, or
 * TUNNEL_EINVAL when one of them does not fit. */
int tnl_credentials_basic(const char *value, char *user, size_t user_cap,
    char *password, size_t password_cap);

#endif
