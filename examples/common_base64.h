/* common_base64.h - bytes as text (RFC 4648, section 4) */
#ifndef COMMON_BASE64_H
#define COMMON_BASE64_H

#include <stddef.h>

/* n bytes as a string of less than cap bytes: 1, or 0 when it does not fit. */
int base64_write(const void *in, size_t n, char *out, size_t cap);

/* The other way, in place at most: out has room for 3/4 of the text.  1 and *n
 * bytes, or 0 when it is none. */
int base64_read(const char *text, void *out, size_t *n);

#endif
