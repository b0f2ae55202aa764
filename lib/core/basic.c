/* basic.c - the scheme Basic, as both sides have it
 *
 *      "Basic" 1*SP base64(user ":" password)          RFC 7617 section 2
 *
 * The text is taken as the UTF-8 that it is.  The first colon ends the user, so
 * one in a user's name would make another user of it: it is not written.  A NUL
 * in either would end the C string early and let "admin\0x" pass for "admin":
 * it is not read.
 */
#include "core/basic.h"

#include <string.h>

#include "core/ascii.h"
#include "core/base64.h"
#include "core/emit.h"

enum { PLAIN_MAX = 3072 };

int
tnl_basic_write(struct tnl_buf *b, const char *user, const char *password)
{
	size_t un = strlen(user), pn = strlen(password);
	size_t n = un + 1 + pn, size = tnl_base64_size(n) + 1;
	uint8_t *plain;
	char *text;
	int rv = 0;

	if (strchr(user, ':') != NULL)
		return TUNNEL_EINVAL;
	plain = tnl_get(b->a, n + size);
	if (plain == NULL)
		return TUNNEL_ENOMEM;
	text = (char *)plain + n;
	memcpy(plain, user, un);
	plain[un] = ':';
	memcpy(plain + un + 1, password, pn);
	tnl_base64_encode(plain, n, text);
	tnl_emit_text(b, "Basic ", &rv);
	tnl_emit_text(b, text, &rv);
	if (rv == 0)
		rv = tnl_buf_byte(b, '\0');
	tnl_wipe(plain, n + size);
	tnl_put(b->a, plain, n + size);
	return rv;
}

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
tnl_basic_read(const char *value, char *user, size_t user_cap,
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
