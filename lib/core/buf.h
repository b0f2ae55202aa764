/* buf.h - bytes that grow up to a maximum set at birth.  Floor 1. */
#ifndef TNL_BUF_H
#define TNL_BUF_H

#include "core/alloc.h"

struct tnl_buf {
	const struct tunnel_alloc *a;
	uint8_t *p;
	size_t n;       /* bytes held */
	size_t cap;     /* bytes allocated */
	size_t max;     /* n never exceeds it */
};

void tnl_buf_init(struct tnl_buf *b, const struct tunnel_alloc *a, size_t max);

/* Give the memory back, wiped: heads hold credentials. */
void tnl_buf_free(struct tnl_buf *b);

/* Hold nothing, keep the memory; what was held is wiped. */
void tnl_buf_clear(struct tnl_buf *b);

/* Append.  0, TUNNEL_ENOMEM, or TUNNEL_EHEAD when max would be exceeded; on an
 * error nothing is appended. */
int tnl_buf_add(struct tnl_buf *b, const void *p, size_t n);
int tnl_buf_byte(struct tnl_buf *b, uint8_t c);

/* The string that begins at an offset; its NUL was appended by the caller. */
const char *tnl_buf_text(const struct tnl_buf *b, size_t at);

#endif
