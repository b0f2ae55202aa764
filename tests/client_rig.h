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

/* ---- logging in ------------------------------------------------------ */

#define CLIENT_NO_BODY "Content-Length: 0\r\n\r\n"

/* A 407 that offers Basic. */
extern const char client_offer_basic[];

/* The same client with the login of RFC 7617, section 2. */
struct tunnel_client *client_with_login(void);

/* Start, and send it all; what was sent is in client_sent, a string. */
extern char client_sent[70000];
void client_ask(struct tunnel_client *c);

/* Was this the Proxy-Authorization; was there none? */
void client_asked_with(const char *credentials);
void client_asked_without(void);

/* Give the client a reply, all of which it takes; the flags. */
int client_hear(struct tunnel_client *c, const char *reply);

#endif
