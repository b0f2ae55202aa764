/* digest_rig.h - a client that answers challenges */
#ifndef DIGEST_RIG_H
#define DIGEST_RIG_H

#include "core/digest.h"

/* malloc and free, for those that want them told. */
const struct tunnel_alloc *plain_alloc(void);

/* Take the first challenge of a field. */
int digest_read(struct tnl_digest *d, const char *field);

/* The answer as a string, with a cnonce as it is on the wire; "" on an
 * error. */
int digest_answer(struct tnl_digest *d, struct tnl_digest_asked q,
    const char *cnonce, char *out, size_t cap);

#endif
