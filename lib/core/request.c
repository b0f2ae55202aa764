/* request.c - the head of a CONNECT request, as it will be sent
 *
 * RFC 9112 section 3.2.3 and RFC 9110 section 9.3.6: the target in
 * authority-form, and Host that repeats it.  Whatever an application adds is
 * checked when it is added, so that writing can only fail for lack of memory.
 */
#include "core/request.h"

#include <string.h>

#include "core/ascii.h"
#include "core/base64.h"
#include "core/emit.h"

enum { EXTRA_MAX = 524288, SECRET_MAX = 65536 };

/* Fields that the application's own replaces. */
enum { OWN_CONNECTION = 1, OWN_CREDENTIALS = 2 };

void
tnl_request_init(struct tnl_request *r, const struct tunnel_alloc *a)
{
	memset(r, 0, sizeof *r);
	tnl_buf_init(&r->extra, a, EXTRA_MAX);
	tnl_buf_init(&r->basic, a, 4 * SECRET_MAX);
}

void
tnl_request_free(struct tnl_request *r)
{
	tnl_buf_free(&r->extra);
	tnl_buf_free(&r->basic);
}

int
tnl_request_target(struct tnl_request *r, const char *host, unsigned port)
{
	char text[TUNNEL_HOST_MAX + 8];
	size_t n;

	if (tunnel_authority_print(host, port, text, sizeof text, &n) < 0)
		return TUNNEL_ETARGET;
	memcpy(r->host, host, strlen(host) + 1);
	r->port = port;
	return 0;
}

int
tnl_request_field(struct tnl_request *r, const char *name, const char *value)
{
	int rv = tnl_emit_extra(&r->extra, name, value);

	if (rv < 0)
		return rv == TUNNEL_EHEAD ? TUNNEL_EINVAL : rv;
	if (tnl_same(name, "proxy-connection"))
		r->own |= OWN_CONNECTION;
	if (tnl_same(name, "proxy-authorization"))
		r->own |= OWN_CREDENTIALS;
	return 0;
}

static int
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((uint8_t)*s < 0x20 || *s == 0x7f)
			return 1;
	return 0;
}

/* "Basic " and user:password in base64 into b (RFC 7617 section 2). */
static int
write_basic(struct tnl_buf *b, const char *user, const char *password)
{
	size_t un = strlen(user), pn = strlen(password);
	size_t n = un + 1 + pn, size;
	uint8_t *plain;
	char *text;
	int rv = 0;

	if (un > SECRET_MAX || pn > SECRET_MAX)
		return TUNNEL_EINVAL;
	size = tnl_base64_size(n) + 1;
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

int
tnl_request_basic(struct tnl_request *r, const char *user,
    const char *password)
{
	struct tnl_buf b;
	int rv;

	if (user == NULL) {
		tnl_buf_free(&r->basic);
		return 0;
	}
	if (password == NULL || strchr(user, ':') != NULL ||
	    has_control(user) || has_control(password))
		return TUNNEL_EINVAL;
	tnl_buf_init(&b, r->basic.a, r->basic.max);
	rv = write_basic(&b, user, password);
	if (rv < 0) {
		tnl_buf_free(&b);
		return rv;
	}
	tnl_buf_free(&r->basic);
	r->basic = b;
	return 0;
}

/* Proxy-Connection is in no standard, but proxies of the old kind close after a
 * 407 without it, whatever HTTP/1.1 says. */
int
tnl_request_write(const struct tnl_request *r, struct tnl_buf *out)
{
	char target[TUNNEL_HOST_MAX + 8];
	size_t n;
	int rv;

	rv = tunnel_authority_print(r->host, r->port, target, sizeof target,
	    &n);
	tnl_emit_text(out, "CONNECT ", &rv);
	tnl_emit_text(out, target, &rv);
	tnl_emit_text(out, " HTTP/1.1\r\n", &rv);
	tnl_emit_field(out, "Host", target, &rv);
	if (!(r->own & OWN_CONNECTION))
		tnl_emit_field(out, "Proxy-Connection", "keep-alive", &rv);
	if (r->basic.n > 0 && !(r->own & OWN_CREDENTIALS))
		tnl_emit_field(out, "Proxy-Authorization",
		    tnl_buf_text(&r->basic, 0), &rv);
	if (rv == 0)
		rv = tnl_buf_add(out, r->extra.p, r->extra.n);
	tnl_emit_text(out, "\r\n", &rv);
	return rv;
}
