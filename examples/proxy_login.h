/* proxy_login.h - users and passwords for the proxies behind tunnel-proxy */
#ifndef PROXY_LOGIN_H
#define PROXY_LOGIN_H

#include <tunnel.h>

/* One proxy more, the first one first: 0, or an exit status after having said
 * why. */
int login_add(const char *url);

/* Read who we are there, in place of what was read before; NULL: no file.  The
 * same, and then nothing has changed.  From any thread, as all that follows. */
int login_read(const char *path);

/* Have the session log in with them: 0 or an error. */
int login_give(struct tunnel_session *s);

/* Is there a user and a password for this proxy; for any of them? */
int login_known(int hop);
int login_any(void);

/* What the proxy is called, "host:port"; its host alone, which stays. */
const char *login_where(int hop);
char *login_host(int hop);

/* Who we are there, as a string in out, "" if nobody. */
void login_user(int hop, char *out, size_t cap);

/* Wipe all. */
void login_forget(void);

#endif
