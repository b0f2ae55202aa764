/* ascii.h - bytes by class, without a locale.  For all floors. */
#ifndef TNL_ASCII_H
#define TNL_ASCII_H

#include <stddef.h>
#include <stdint.h>

enum tnl_class {
	TNL_DIGIT = 1,          /* 0-9 */
	TNL_HEX = 2,            /* 0-9 a-f A-F */
	TNL_ALPHA = 4,          /* a-z A-Z */
	TNL_TOKEN = 8,          /* tchar, RFC 9110 section 5.6.2 */
	TNL_VALUE = 16,         /* of a field: HTAB SP VCHAR obs-text */
	TNL_TARGET = 32,        /* what a request-target may hold: VCHAR */
	TNL_NAME = 64,          /* a byte of a host name: letter digit - _ . */
	TNL_BLANK = 128         /* SP HTAB */
};

extern const uint8_t tnl_class[256];

/* Is c of one of these classes? */
static inline int
tnl_is(uint8_t c, int classes)
{
	return (tnl_class[c] & classes) != 0;
}

/* How many of the n bytes at p, from the first, are of these classes. */
size_t tnl_span(const uint8_t *p, size_t n, int classes);

/* The lower case of an ASCII letter; any other byte as it is. */
uint8_t tnl_lower(uint8_t c);

/* The value of a hex digit, 0-15; -1 for any other byte. */
int tnl_hex(uint8_t c);

/* Are two strings equal but for the case of ASCII letters? */
int tnl_same(const char *a, const char *b);
int tnl_same_n(const char *a, size_t an, const char *b, size_t bn);

/* Are n bytes the same?  1 or 0, in a time that does not tell where they
 * differ. */
int tnl_same_secret(const void *a, const void *b, size_t n);

/* Read n bytes as a decimal of no more than max: 1 and *value, or 0.  No sign,
 * no blank, never wraps, at least one digit. */
int tnl_decimal(const char *p, size_t n, uint64_t max, uint64_t *value);

#endif
