/* tunnel/authority.h - host and port, read and written in one place
 *
 * The authority-form of RFC 9112, section 3.2.3: what CONNECT names its target
 * by.  Client, server and programs all use these two functions, so no two of
 * them can understand a name differently.
 */
#ifndef TUNNEL_AUTHORITY_H
#define TUNNEL_AUTHORITY_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that hold any host this library accepts, with its NUL. */
enum { TUNNEL_HOST_MAX = 256 };

/* Read "host:port", n bytes.  host receives the host without brackets, with a
 * NUL (cap >= TUNNEL_HOST_MAX always suffices); port receives 1-65535.
 * Accepted hosts: names of letters, digits, '-', '_' and '.' up to 255 bytes,
 * dotted IPv4 of four decimals, IPv6 in brackets without a zone.  Refused:
 * userinfo, paths, percent-encoding, numbers that only inet_aton would take for
 * an address (127.1, 0x7f.1, 2130706433).
 * Returns 0, TUNNEL_ETARGET, or TUNNEL_EINVAL when cap is too small. */
int tunnel_authority_parse(const char *text, size_t n, char *host, size_t cap,
    unsigned *port);

/* Write host (no brackets) and port as "host:port" with a NUL, an IPv6 literal
 * in brackets.  *got is the length without the NUL.
 * Returns 0, TUNNEL_ETARGET for a host or port that parse would refuse, or
 * TUNNEL_EINVAL when cap is too small (TUNNEL_HOST_MAX + 8 always suffices). */
int tunnel_authority_print(const char *host, unsigned port, char *out,
    size_t cap, size_t *got);

#ifdef __cplusplus
}
#endif
#endif
