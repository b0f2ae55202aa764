/* basic.h - what the scheme Basic sends (RFC 7617).  For scheme. */
#ifndef TNL_BASIC_H
#define TNL_BASIC_H

#include "core/buf.h"

/* Append "Basic " and user:password in base64, as a string: 0 or an error;
 * EINVAL when there is a colon in the user's name. */
int tnl_basic_write(struct tnl_buf *b, const char *user, const char *password);

#endif
