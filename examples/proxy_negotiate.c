/* proxy_negotiate.c - how tunnel-proxy gives its ticket to an upstream proxy
 *
 * Tickets are those of the user that it runs as.  It is asked for them in each
 * of its threads, at once maybe, so nothing is kept but the name; why there is
 * none is told where it comes up, and clients are refused.
 */
#include "proxy_negotiate.h"

#include "common_gss.h"
#include "proxy_say.h"

static int
token(void *host, void **state, const char *challenge, char *out, size_t cap)
{
	struct gss_service s = { host, "" };
	int rv = gss_token(&s, state, challenge, out, cap);

	if (*s.why != '\0')
		say("no login by " GSS_SCHEME " at the proxy %s: %s", s.host,
		    s.why);
	return rv;
}

int
negotiate_upstream(struct tunnel_proxy *p, char *host)
{
	return tunnel_proxy_token(p, GSS_SCHEME, token, host);
}
