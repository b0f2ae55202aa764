/* ftp_login.c - as whom one goes to an FTP server
 *
 * Authorization wins over the URL: a browser that was told 401 for what the URL
 * says has asked its user since.
 */
#include "ftp_login.h"

#include <stdlib.h>
#include <string.h>

#include <tunnel/base.h>

#include "common_base64.h"
#include "common_secret.h"
#include "ftp_path.h"

/* user:password, or user alone, percent-encoded or not; n bytes. */
static int
take(struct ftp_login *l, const char *text, size_t n, int encoded)
{
	const char *colon = memchr(text, ':', n);
	size_t user_n = colon != NULL ? (size_t)(colon - text) : n;

	l->user = secret_copy(text, user_n);
	if (colon != NULL)
		l->password = secret_copy(colon + 1, n - user_n - 1);
	if (l->user == NULL || (colon != NULL && l->password == NULL))
		return TUNNEL_ENOMEM;
	/* Decoded, it is no longer than it was. */
	if (encoded && (!ftp_decode(text, user_n, l->user) ||
	    (colon != NULL &&
	    !ftp_decode(colon + 1, n - user_n - 1, l->password))))
		return TUNNEL_EINVAL;
	return 0;
}

static int
take_basic(struct ftp_login *l, const char *text)
{
	char *plain = secret_copy(text, strlen(text));
	size_t n;
	int rv = TUNNEL_EINVAL;

	if (plain == NULL)
		return TUNNEL_ENOMEM;
	if (base64_read(text, plain, &n) && memchr(plain, ':', n) != NULL &&
	    memchr(plain, '\0', n) == NULL)
		rv = take(l, plain, n, 0);
	secret_drop(&plain);
	return rv;
}

/* The credentials in "Basic TEXT", or NULL. */
static const char *
basic(const char *field)
{
	static const char scheme[] = "basic";
	size_t i;

	for (i = 0; field != NULL && scheme[i] != '\0'; i++)
		if ((field[i] | 0x20) != scheme[i])
			return NULL;
	return field != NULL && field[i] == ' ' ?
	    field + i + strspn(field + i, " ") : NULL;
}

static int
can_be_said(const char *text)
{
	return strpbrk(text, "\r\n") == NULL && strlen(text) <= FTP_PART_MAX;
}

int
ftp_login_read(struct ftp_login *l, const char *authorization,
    const char *userinfo)
{
	static const char nobody[] = "anonymous";
	const char *text = basic(authorization);
	int rv;

	memset(l, 0, sizeof *l);
	if (text != NULL)
		rv = take_basic(l, text);
	else if (userinfo != NULL && *userinfo != '\0')
		rv = take(l, userinfo, strlen(userinfo), 1);
	else
		rv = take(l, nobody, strlen(nobody), 0);
	/* Of the password of nobody a server asks that it be an address. */
	if (rv == 0 && l->password == NULL && (strcmp(l->user, nobody) == 0 ||
	    strcmp(l->user, "ftp") == 0)) {
		l->password = secret_copy("anonymous@", 10);
		rv = l->password != NULL ? 0 : TUNNEL_ENOMEM;
	}
	if (rv == 0 && (!can_be_said(l->user) ||
	    (l->password != NULL && !can_be_said(l->password))))
		rv = TUNNEL_EINVAL;
	if (rv < 0)
		ftp_login_free(l);
	return rv;
}

void
ftp_login_free(struct ftp_login *l)
{
	secret_drop(&l->user);
	secret_drop(&l->password);
}
