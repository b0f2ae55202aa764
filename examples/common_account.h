/* common_account.h - users and passwords that stand in files */
#ifndef COMMON_ACCOUNT_H
#define COMMON_ACCOUNT_H

#include <stddef.h>

#include "common_private.h"

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

/* Read a credentials file that has been named: 0 when it is there, nobody
 * else's business, and well; else -1, and why in words.  f is for private_drop
 * then as well. */
int account_file(struct private_file *f, const char *path, char *why,
    size_t cap);

#endif
