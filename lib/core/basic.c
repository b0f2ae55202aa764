/* basic.c - what the scheme Basic sends
 *
 * RFC 7617 section 2.  The text is taken as the UTF-8 that it is.  A colon in
 * the user's name would make another user of it.
 */
#include "core/basic.h"

#include <string.h>

#include "core/base64.h"
#include "core/emit.h"

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
