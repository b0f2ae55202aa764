/* common_auth.h - a list of ways to log in, as people write it */
#ifndef COMMON_AUTH_H
#define COMMON_AUTH_H

/* "negotiate,digest" and so on: 0, with the commas made blanks as
 * tunnel_client_schemes(3) wants them, and in *negotiate whether GSS_SCHEME is
 * among them, which has to be told to it first; or TUNNEL_EINVAL when they are
 * no such names, or TUNNEL_ENOMEM. */
int auth_read(char *text, int *negotiate);

#endif
