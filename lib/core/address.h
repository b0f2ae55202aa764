/* address.h - IP addresses as text and as bytes.  Floor 1; also for policy. */
#ifndef TNL_ADDRESS_H
#define TNL_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

/* Read n characters as an address into out, which has room for 16 bytes.
 * Returns the address' size, 4 or 16, or 0 when it is none.  IPv4 is four
 * decimals without leading zeros; IPv6 is RFC 4291 section 2.2, no zone. */
size_t tnl_address_parse(const char *text, size_t n, uint8_t *out);

/* Bytes of an address as text, with its NUL. */
enum { TNL_ADDRESS_TEXT = 40 };

/* Write an address of n bytes (4 or 16) as text: IPv6 as RFC 5952 has it, all
 * of it in hex.  How many characters it took. */
size_t tnl_address_print(const uint8_t *addr, size_t n,
    char out[TNL_ADDRESS_TEXT]);

/* Reduce a v4-mapped IPv6 address (::ffff:a.b.c.d) to its four bytes, in place;
 * returns the size, which may be as it was. */
size_t tnl_address_plain(uint8_t *addr, size_t n);

/* The four bytes of an IPv4 address in an IPv6 address of a form that carries
 * one (compatible, translated, NAT64, 6to4; what is mapped is plain already),
 * or NULL. */
const uint8_t *tnl_address_embedded(const uint8_t addr[16]);

/* Do the first bits of two addresses of n bytes agree? */
int tnl_address_within(const uint8_t *addr, const uint8_t *net, size_t n,
    unsigned bits);

/* Is it an address that must not be reached through a proxy unless somebody
 * says so: private, loopback, link-local, multicast, reserved, or one of those
 * inside an IPv6 form that embeds IPv4? */
int tnl_address_special(const uint8_t *addr, size_t n);

#endif
