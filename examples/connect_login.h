/* connect_login.h - what is wrong with a login, and what to do about it */
#ifndef CONNECT_LOGIN_H
#define CONNECT_LOGIN_H

#include "connect_config.h"

/* Say what the proxy has against the credentials, when its reply is about
 * those: the exit status. */
int login_report(const struct config *c, const struct hop *h,
    const struct tunnel_client *cl);

/* The scheme that it was answered with, as its standard spells it; or "". */
const char *login_scheme(const struct tunnel_client *cl);

/* Could Negotiate not go on?  Then say why. */
int login_lacks_ticket(const struct config *c, const struct hop *h);

/* The same for one of the tunnels to a port of ours, which caller asked for and
 * which goes to that host and port: 1 when it has been said. */
int login_complain(const struct config *c, const struct hop *h,
    const char *caller, const char *to, int status, int error);

#endif
