/* socks_message.h - what a client of SOCKS says, as bytes.  For socks. */
#ifndef TNL_SOCKS_MESSAGE_H
#define TNL_SOCKS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <tunnel/authority.h>

enum { TNL_SOCKS_VERSION = 5, TNL_SOCKS_LOGIN_VERSION = 1 };

/* Ways in (RFC 1928 section 3): nothing is needed, or a user and a password. */
enum { TNL_SOCKS_NONE = 0, TNL_SOCKS_LOG_IN = 2 };

enum tnl_socks_message {
	TNL_SOCKS_GREETING,             /* RFC 1928 section 3 */
	TNL_SOCKS_LOGIN,                /* RFC 1929 section 2 */
	TNL_SOCKS_REQUEST               /* RFC 1928 section 4 */
};

/* The longest: a login of two times 255 bytes. */
enum { TNL_SOCKS_MESSAGE_MAX = 3 + 255 + 255 };

/* How long the message is, as far as the n bytes that there are of it tell: n
 * when it is whole, or when enough is there to see that it is none. */
size_t tnl_socks_size(enum tnl_socks_message m, const uint8_t *in, size_t n);

/* Of whole messages: */

/* Does the greeting offer this way? */
int tnl_socks_offers(const uint8_t *in, int way);

/* Make two strings of a login where it stands, which has room for a NUL behind
 * it: 0, or -1 when a NUL is in one of them. */
int tnl_socks_split(uint8_t *in, const char **user, const char **password);

/* The target of a request of n bytes: 0, TUNNEL_EMETHOD when it is no CONNECT,
 * or TUNNEL_ETARGET. */
int tnl_socks_target(const uint8_t *in, size_t n, char host[TUNNEL_HOST_MAX],
    unsigned *port);

#endif
