/* authority.h - what a host is.  Floor 1. */
#ifndef TNL_AUTHORITY_H
#define TNL_AUTHORITY_H

#include <tunnel/authority.h>

/* Is it a host that we take, without brackets?  A name, an IPv4 address or,
 * known by its colons, an IPv6 address. */
int tnl_host_valid(const char *host, size_t n);

/* Split "host", "host:port", "[v6]" or "[v6]:port" and check the host.  *hn
 * characters at *host, without brackets; *port is 0 when there is none.
 * 1, or 0 for anything else. */
int tnl_authority_split(const char *text, size_t n, const char **host,
    size_t *hn, unsigned *port);

#endif
