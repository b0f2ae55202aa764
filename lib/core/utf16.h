/* utf16.h - text as Windows has it.  For ntlm_key. */
#ifndef TNL_UTF16_H
#define TNL_UTF16_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes n bytes of UTF-8 are in UTF-16: 1 and *size, or 0 for what is
 * not UTF-8. */
int tnl_utf16_size(const char *text, size_t n, size_t *size);

/* The next character of text that is UTF-8, in UTF-16LE: 2 or 4 bytes in out
 * and their number, 0 at the end.  text and n move on. */
size_t tnl_utf16_next(const char **text, size_t *n, uint8_t out[4]);

/* The same in upper case, as far as utf16.c says. */
size_t tnl_utf16_upper(const char **text, size_t *n, uint8_t out[4]);

#endif
