/* proxy_credentials.c - what a client says of itself
 *
 * By HTTP it is a field of the request (Basic), by SOCKS a message before it.
 */
#include "proxy_credentials.h"

#include <string.h>

int
credentials_read(const struct tunnel_session *s, char user[CREDENTIAL_MAX],
    char password[CREDENTIAL_MAX])
{
	const struct tunnel_socks *k = tunnel_session_socks(s);
	int rv;

	if (k == NULL) {
		rv = tunnel_server_basic(tunnel_session_server(s), user,
		    CREDENTIAL_MAX, password, CREDENTIAL_MAX);
		return rv < 0 ? TUNNEL_EAUTH : 0;
	}
	if (tunnel_socks_user(k) == NULL)
		return TUNNEL_EAUTH;
	/* Neither is longer than 255 bytes. */
	(void)strcpy(user, tunnel_socks_user(k));
	(void)strcpy(password, tunnel_socks_password(k));
	return 0;
}
