/* common_gss.h - Negotiate, by the system's GSSAPI (RFC 4559) */
#ifndef COMMON_GSS_H
#define COMMON_GSS_H

#include <stddef.h>

/* The name of the scheme. */
#define GSS_SCHEME "Negotiate"

struct gss_service {
	const char *host;       /* of the proxy, whose HTTP is the service */
	char why[700];          /* there is no answer: in words, or "" */
};

/* A hook for tunnel_client_token(3), tunnel_dial_token(3) and
 * tunnel_proxy_token(3), with a struct gss_service of its own for each thread
 * as ud.  It may ask the KDC, and waits for that.  TUNNEL_EAUTH, with why, for
 * all that can be put right by a person. */
int gss_token(void *ud, void **state, const char *challenge, char *out,
    size_t cap);

#endif
