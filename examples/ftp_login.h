/* ftp_login.h - as whom one goes to an FTP server */
#ifndef FTP_LOGIN_H
#define FTP_LOGIN_H

struct ftp_login {
	char *user;
	char *password;         /* or NULL: none was given */
};

/* What the values of Authorization (Basic alone; RFC 7617) and of a URL's
 * userinfo say, either may be NULL, the first one first; anonymous without.  0;
 * TUNNEL_EINVAL when they cannot be said to a server; TUNNEL_ENOMEM. */
int ftp_login_read(struct ftp_login *l, const char *authorization,
    const char *userinfo);
void ftp_login_free(struct ftp_login *l);

#endif
