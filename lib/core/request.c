/* request.c - the head of a CONNECT request, as it will be sent
 *
 * RFC 9112 section 3.2.3 and RFC 9110 section 9.3.6: the target in
 * authority-form, and Host that repeats it.  Whatever an application adds is
 * checked when it is added, so that writing can only fail for lack of memory.
 */
#include "core/request.h"

#include <string.h>

#include "core/ascii.h"
#include "core/emit.h"

enum { EXTRA_MAX = 524288 };

void
tnl_request_init(struct tnl_request *r, const struct tunnel_alloc *a)
{
	memset(r, 0, sizeof *r);
	tnl_buf_init(&r->extra, a, EXTRA_MAX);
}

void
tnl_request_free(struct tnl_request *r)
{
	tnl_buf_free(&r->extra);
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
		r->own_connection = 1;
	if (tnl_same(name, "proxy-authorization"))
		r->own_credentials = 1;
	return 0;
}

int
tnl_request_authority(const struct tnl_request *r, char out[TNL_TARGET_MAX])
{
	size_t n;

	return tunnel_authority_print(r->host, r->port, out, TNL_TARGET_MAX,
	    &n);
}

/* Proxy-Connection is in no standard, but proxies of the old kind close after a
 * 407 without it, whatever HTTP/1.1 says. */
int
tnl_request_write(const struct tnl_request *r, const char *credentials,
    struct tnl_buf *out)
{
	char target[TNL_TARGET_MAX];
	int rv = tnl_request_authority(r, target);

	tnl_emit_text(out, "CONNECT ", &rv);
	tnl_emit_text(out, target, &rv);
	tnl_emit_text(out, " HTTP/1.1\r\n", &rv);
	tnl_emit_field(out, "Host", target, &rv);
	if (!r->own_connection)
		tnl_emit_field(out, "Proxy-Connection", "keep-alive", &rv);
	if (credentials != NULL)
		tnl_emit_field(out, "Proxy-Authorization", credentials, &rv);
	if (rv == 0)
		rv = tnl_buf_add(out, r->extra.p, r->extra.n);
	tnl_emit_text(out, "\r\n", &rv);
	return rv;
}
