/* hmac.h - RFC 2104.  Floor 1. */
#ifndef TNL_HMAC_H
#define TNL_HMAC_H

#include "core/hash.h"

struct tnl_hmac {
	struct tnl_hash inner, outer;   /* both have taken the key */
};

void tnl_hmac_init(struct tnl_hmac *m, int kind, const void *key, size_t n);
void tnl_hmac_add(struct tnl_hmac *m, const void *p, size_t n);

/* The code, as many bytes as a digest has, and that number; m is then wiped. */
size_t tnl_hmac_end(struct tnl_hmac *m, uint8_t *out);

#endif
