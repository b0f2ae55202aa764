/* credentials.c - read what a client presents
 *
 *      "Basic" 1*SP base64(user ":" password)          RFC 7617 section 2
 *
 * The first colon ends the user.  A NUL in either would end the C string early
 * and let "admin\0x" pass for "admin", so it is refused.
 */
#include "core/credentials.h"

#include <string.h>

#include <tunnel/base.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/base64.h"

enum { PLAIN_MAX = 3072 };

static int
split(const uint8_t *plain, size_t n, char *user, size_t user_cap,
    char *password, size_t password_cap)
{
	const uint8_t *colon = n > 0 ? memchr(plain, ':', n) : NULL;
	size_t un, pn;

	if (colon == NULL || memchr(plain, '\0', n) != NULL)
		return TUNNEL_EAUTH;
	un = (size_t)(colon - plain);
	pn = n - un - 1;
	if (un >= user_cap || pn >= password_cap)
		return TUNNEL_EINVAL;
	memcpy(user, plain, un);
	user[un] = '\0';
	memcpy(password, colon + 1, pn);
	password[pn] = '\0';
	return 0;
}

int
tnl_credentials_basic(const char *value, char *user, size_t user_cap,
    char *password, size_t password_cap)
{
	uint8_t plain[PLAIN_MAX];
	size_t n = strlen(value), got;
	int rv = TUNNEL_EAUTH;

	if (n < 6 || !tnl_same_n(value, 6, "basic ", 6))
		return TUNNEL_EAUTH;
	for (value += 6, n -= 6; n > 0 && *value == ' '; value++, n--)
		continue;
	if (n / 4 * 3 > sizeof plain)
		return TUNNEL_EINVAL;
	if (tnl_base64_decode(value, n, plain, &got))
		rv = split(plain, got, user, user_cap, password, password_cap);
	tnl_wipe(plain, sizeof plain);
	return rv;
}
