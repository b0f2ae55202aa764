/* basic.h - the scheme Basic (RFC 7617).  For scheme and server. */
#ifndef TNL_BASIC_H
#define TNL_BASIC_H

#include "core/buf.h"

/* Append "Basic " and user:password in base64, as a string: 0 or an error;
 * EINVAL when there is a colon in the user's name. */
int tnl_basic_write(struct tnl_buf *b, const char *user, const char *password);

/* Read the value of a Proxy-Authorization field into two strings: 0,
 * TUNNEL_EAUTH when it is of another scheme or broken, or TUNNEL_EINVAL when
 * one of them does not fit. */
int tnl_basic_read(const char *value, char *user, size_t user_cap,
    char *password, size_t password_cap);

#endif
