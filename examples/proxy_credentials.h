/* proxy_credentials.h - what a client says of itself */
#ifndef PROXY_CREDENTIALS_H
#define PROXY_CREDENTIALS_H

#include <tunnel.h>

enum { CREDENTIAL_MAX = 1024 };

/* In the authenticate hook: user and password, by HTTP or by SOCKS, for
 * secret_wipe; 0, or TUNNEL_EAUTH when there are none that can be read. */
int credentials_read(const struct tunnel_session *s, char user[CREDENTIAL_MAX],
    char password[CREDENTIAL_MAX]);

#endif
