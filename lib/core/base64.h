/* base64.h - RFC 4648 section 4.  For client, and for auth on floor 2. */
#ifndef TNL_BASE64_H
#define TNL_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* The length of n bytes written as base64, padded. */
size_t tnl_base64_size(size_t n);

/* Write n bytes as tnl_base64_size(n) characters; no NUL. */
void tnl_base64_encode(const uint8_t *in, size_t n, char *out);

/* Read n characters, padding required, no blanks.  out has room for n / 4 * 3
 * bytes.  Returns 1 and *got, or 0 for anything that is not canonical. */
int tnl_base64_decode(const char *in, size_t n, uint8_t *out, size_t *got);

#endif
