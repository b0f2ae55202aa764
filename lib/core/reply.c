/* reply.c - a complete reply that is no tunnel
 *
 * Always framed by Content-Length, so that the client knows its end without
 * waiting for ours; says close unless the connection is kept (RFC 9112 section
 * 9.6), in the field of today and in the one that old clients look at; and
 * never repeats a byte of the request.
 */
#include "core/reply.h"

#include <assert.h>
#include <string.h>

#include "core/ascii.h"
#include "core/emit.h"
#include "core/status.h"

/* Statuses that never have a body (RFC 9110 sections 15.3.5 and 15.4.5). */
static int
bodiless_status(int status)
{
	return status == 204 || status == 304;
}

static void
write_body_fields(struct tnl_buf *out, const char *type, size_t n, int *rv)
{
	tnl_emit_field(out, "Content-Type", type, rv);
	tnl_emit_text(out, "Content-Length: ", rv);
	tnl_emit_number(out, n, rv);
	tnl_emit_text(out, "\r\n", rv);
}

/* Both say: not now; and how soon may be tried again (RFC 9110 section
 * 10.2.3, RFC 6585 section 4). */
static int
is_busy(int status)
{
	return status == 429 || status == 503;
}

/* Is there a field of that name among complete lines? */
static int
says(const struct tnl_buf *lines, const char *name)
{
	const char *p = (const char *)lines->p, *end;
	size_t left = lines->n, n = strlen(name);

	while (left > n) {
		if (p[n] == ':' && tnl_same_n(p, n, name, n))
			return 1;
		end = memchr(p, '\n', left);
		assert(end != NULL);
		left -= (size_t)(end + 1 - p);
		p = end + 1;
	}
	return 0;
}

static void
write_fields(const struct tnl_reply *r, struct tnl_buf *out, int *rv)
{
	const char *connection = r->keep ? "keep-alive" : "close";

	tnl_emit_field(out, "Connection", connection, rv);
	tnl_emit_field(out, "Proxy-Connection", connection, rv);
	/* Unless who replies knows better. */
	if (is_busy(r->status) && !says(r->extra, "retry-after"))
		tnl_emit_field(out, "Retry-After", "5", rv);
	if (r->allow)
		tnl_emit_field(out, "Allow", "CONNECT", rv);
	if (r->token != NULL) {
		tnl_emit_text(out, "Proxy-Status: libtunnel; error=", rv);
		tnl_emit_text(out, r->token, rv);
		tnl_emit_text(out, "\r\n", rv);
	}
	if (*rv == 0)
		*rv = tnl_buf_add(out, r->extra->p, r->extra->n);
}

int
tnl_reply_write(const struct tnl_reply *r, struct tnl_buf *out)
{
	const char *reason = tnl_reason(r->status);
	const char *type = r->type != NULL ? r->type : "text/plain";
	const void *body = r->body != NULL ? r->body : reason;
	size_t n = r->body != NULL ? r->n : strlen(reason);
	int line = r->body == NULL || r->line, rv = 0;

	tnl_emit_text(out, "HTTP/1.1 ", &rv);
	tnl_emit_number(out, (uint64_t)r->status, &rv);
	tnl_emit_text(out, " ", &rv);
	tnl_emit_text(out, reason, &rv);
	tnl_emit_text(out, "\r\n", &rv);
	if (!bodiless_status(r->status))
		write_body_fields(out, type, n + (line ? 1 : 0), &rv);
	write_fields(r, out, &rv);
	tnl_emit_text(out, "\r\n", &rv);
	if (bodiless_status(r->status) || r->bodiless)
		return rv;
	if (rv == 0)
		rv = tnl_buf_add(out, body, n);
	if (line)
		tnl_emit_text(out, "\n", &rv);
	return rv;
}
