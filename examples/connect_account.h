/* connect_account.h - users and passwords that stand in files */
#ifndef CONNECT_ACCOUNT_H
#define CONNECT_ACCOUNT_H

#include <stddef.h>

/* Whose are looked for, and what was found: parts of the file, or NULL. */
struct account {
	const char *host;       /* of the proxy; "": not known */
	unsigned port;
	const char *user;       /* this one, or NULL for any */
	int bare;               /* a line that names no proxy serves, too */
	const char *found_user, *found_password;
	size_t user_n, password_n;
};

/* Look through a credentials file of n bytes, which has a NUL behind it: 1, 0,
 * or a negative number, that of a line that is none. */
int account_in_file(struct account *a, const char *text, size_t n);

/* Look through a netrc file, in which quoted tokens are undone: 1 or 0. */
int account_in_netrc(struct account *a, char *text);

#endif
