/* field.h - the fields of a head, looked up and read.  Floor 1. */
#ifndef TNL_FIELD_H
#define TNL_FIELD_H

#include "core/head.h"

/* Step through all of them: name and *value, or NULL at the end.  *at is 0 in
 * the beginning. */
const char *tnl_field_next(const struct tnl_head *h, size_t *at,
    const char **value);

/* Name of the i-th field and *value; NULL past the end. */
const char *tnl_field_at(const struct tnl_head *h, size_t i,
    const char **value);

/* Value of the i-th field of a name, in any case; NULL when there is none. */
const char *tnl_field_get(const struct tnl_head *h, const char *name,
    size_t i);

/* Step through a comma-separated list (RFC 9110 section 5.6.1): the next
 * member that is not empty, n bytes without the blanks around it; NULL at the
 * end.  *list moves on. */
const char *tnl_field_member(const char **list, size_t *n);

/* Does any field of that name list the token? */
int tnl_field_lists(const struct tnl_head *h, const char *name,
    const char *token);

/* Content-Length: 0 when there is none, 1 and *length, or TUNNEL_EFRAMING when
 * it is repeated or no number below 2^63. */
int tnl_field_length(const struct tnl_head *h, uint64_t *length);

/* Transfer-Encoding: 0 when there is none, 1 when chunked is its last and only
 * coding, or TUNNEL_EFRAMING. */
int tnl_field_chunked(const struct tnl_head *h);

/* Would the sender of this head keep its connection?  RFC 9112 section 9.3,
 * and the Proxy-Connection that proxies send in its stead. */
int tnl_field_persists(const struct tnl_head *h);

#endif
