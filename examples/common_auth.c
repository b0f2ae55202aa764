/* common_auth.c - a list of ways to log in, as people write it */
#include "common_auth.h"

#include <string.h>

#include <tunnel.h>

#include "common_gss.h"

int
auth_read(char *text, int *negotiate)
{
	struct tunnel_client *probe = tunnel_client_new(NULL);
	char *at;
	int rv;

	if (probe == NULL)
		return TUNNEL_ENOMEM;
	for (at = text; (at = strchr(at, ',')) != NULL;)
		*at = ' ';
	/* Without Negotiate first, to know whether it is among them. */
	*negotiate = tunnel_client_schemes(probe, text) < 0;
	rv = tunnel_client_token(probe, GSS_SCHEME, gss_token, NULL);
	if (rv == 0)
		rv = tunnel_client_schemes(probe, text);
	tunnel_client_free(probe);
	return rv;
}
