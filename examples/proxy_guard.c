/* proxy_guard.c - who is asked to log in, and how
 *
 * By HTTP the library's guard does it, Digest or Basic as the client likes; by
 * SOCKS there is a user and a password (RFC 1929).
 */
#include "proxy_guard.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common_net.h"
#include "common_secret.h"

enum {
	KEY = 32,               /* random bytes that nonces are made with */
	LIFE_MS = 300000,
	COUNTED = 4096          /* nonces whose uses are counted */
};

struct tunnel_guard *
guard_make(const struct tunnel_users *u)
{
	struct tunnel_guard *g = tunnel_guard_new(NULL, tunnel_users_realm(u));
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC), good;
	unsigned char key[KEY];

	good = g != NULL && fd >= 0 &&
	    read(fd, key, sizeof key) == (ssize_t)sizeof key &&
	    tunnel_guard_users(g, u) == 0 && tunnel_guard_basic(g, 1) == 0 &&
	    tunnel_guard_digest(g, key, sizeof key, LIFE_MS, COUNTED) == 0;
	secret_wipe(key, sizeof key);
	if (fd >= 0)
		(void)close(fd);
	if (good)
		return g;
	tunnel_guard_free(g);
	return NULL;
}

static int
ask_socks(const struct tunnel_users *u, const struct tunnel_socks *k,
    char *user, size_t cap)
{
	const char *name = tunnel_socks_user(k);

	if (name == NULL || tunnel_users_check(u, name,
	    tunnel_socks_password(k)) < 0 || strlen(name) >= cap)
		return TUNNEL_EAUTH;
	(void)strcpy(user, name);
	return 0;
}

int
guard_ask(struct tunnel_guard *g, const struct tunnel_users *u,
    const struct tunnel_session *s, char *user, size_t cap)
{
	const struct tunnel_socks *k = tunnel_session_socks(s);
	const char *client = tunnel_session_client(s);
	const char *port = strrchr(client, ':');

	if (k != NULL)
		return ask_socks(u, k, user, cap);
	/* A client has another port each time. */
	return tunnel_guard_check(g, tunnel_session_server(s), client,
	    port != NULL ? (size_t)(port - client) : strlen(client), net_now(),
	    user, cap);
}
