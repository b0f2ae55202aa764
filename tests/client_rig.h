/* client_rig.h - a client that has a target, and its request sent */
#ifndef CLIENT_RIG_H
#define CLIENT_RIG_H

#include <tunnel.h>

/* How a request of client_fresh begins. */
#define CLIENT_FIRST \
	"CONNECT a.example:22 HTTP/1.1\r\nHost: a.example:22\r\n"

/* To a.example:22, with a vector's setting, which may be ""; NULL when there is
 * no memory. */
struct tunnel_client *client_fresh(const struct tunnel_alloc *a,
    const char *setting);

/* Skip all that waits to be sent; the flags. */
int client_send_all(struct tunnel_client *c);

#endif
