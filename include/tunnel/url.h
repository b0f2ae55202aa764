/* tunnel/url.h - the address of a proxy, as people write it
 *
 * [http://][user[:password]@]host[:port][/]   (RFC 3986, section 3.2)
 */
#ifndef TUNNEL_URL_H
#define TUNNEL_URL_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_url;

/* An empty URL object; NULL when there is no memory. */
struct tunnel_url *tunnel_url_new(const struct tunnel_alloc *a);

/* The memory, which may hold a password, is wiped first.  NULL is fine. */
void tunnel_url_free(struct tunnel_url *u);

/* Read a proxy URL.  No scheme means http://, no port means 80.  User and
 * password are percent-decoded; control bytes in them are refused.
 * Returns 0; TUNNEL_ESCHEME for another scheme (tunnel_url_scheme then tells
 * which; of https:// the other parts are there as well, for those who bring
 * their own TLS, and no port means 443); TUNNEL_EURL for anything malformed;
 * TUNNEL_ENOMEM. */
int tunnel_url_parse(struct tunnel_url *u, const char *text);

/* The parts of the last URL that was read; they live until the next parse or
 * free.  host is without brackets.  user and password are NULL when the URL
 * had none, which is not the same as an empty one. */
const char *tunnel_url_scheme(const struct tunnel_url *u);
const char *tunnel_url_host(const struct tunnel_url *u);
unsigned tunnel_url_port(const struct tunnel_url *u);
const char *tunnel_url_user(const struct tunnel_url *u);
const char *tunnel_url_password(const struct tunnel_url *u);

#ifdef __cplusplus
}
#endif
#endif
