/* emit.c - heads are written here
 *
 * The one way a field leaves the library.  A CR, LF or NUL that came from an
 * application or from a peer would begin a line of its own at the other end
 * (request and response splitting), so it does not get into the buffer.
 */
#include "core/emit.h"

#include <string.h>

#include "core/ascii.h"

int
tnl_emit_valid(const char *name, const char *value)
{
	size_t nn = strlen(name), vn = strlen(value);

	return nn > 0 && tnl_span((const uint8_t *)name, nn, TNL_TOKEN) == nn &&
	    tnl_span((const uint8_t *)value, vn, TNL_VALUE) == vn &&
	    (vn == 0 || (!tnl_is((uint8_t)value[0], TNL_BLANK) &&
	    !tnl_is((uint8_t)value[vn - 1], TNL_BLANK)));
}

int
tnl_emit_reserved(const char *name)
{
	return tnl_same(name, "host") || tnl_same(name, "content-length") ||
	    tnl_same(name, "transfer-encoding");
}

void
tnl_emit_text(struct tnl_buf *b, const char *text, int *rv)
{
	if (*rv >= 0)
		*rv = tnl_buf_add(b, text, strlen(text));
}

void
tnl_emit_number(struct tnl_buf *b, uint64_t v, int *rv)
{
	char text[21];
	size_t i = sizeof text - 1;

	text[i] = '\0';
	do {
		text[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	tnl_emit_text(b, text + i, rv);
}

void
tnl_emit_quoted(struct tnl_buf *b, const char *before, const char *text,
    int *rv)
{
	size_t n = strlen(text), i;

	if (*rv >= 0 && tnl_span((const uint8_t *)text, n, TNL_VALUE) != n)
		*rv = TUNNEL_EINVAL;
	tnl_emit_text(b, before, rv);
	tnl_emit_text(b, "\"", rv);
	for (i = 0; i < n && *rv >= 0; i++) {
		if (text[i] == '"' || text[i] == '\\')
			*rv = tnl_buf_byte(b, '\\');
		if (*rv >= 0)
			*rv = tnl_buf_byte(b, (uint8_t)text[i]);
	}
	tnl_emit_text(b, "\"", rv);
}

void
tnl_emit_field(struct tnl_buf *b, const char *name, const char *value, int *rv)
{
	if (*rv >= 0 && !tnl_emit_valid(name, value))
		*rv = TUNNEL_EINVAL;
	tnl_emit_text(b, name, rv);
	tnl_emit_text(b, ": ", rv);
	tnl_emit_text(b, value, rv);
	tnl_emit_text(b, "\r\n", rv);
}

int
tnl_emit_extra(struct tnl_buf *b, const char *name, const char *value)
{
	size_t before = b->n;
	int rv = tnl_emit_reserved(name) ? TUNNEL_EINVAL : 0;

	tnl_emit_field(b, name, value, &rv);
	if (rv < 0)
		b->n = before;
	return rv;
}
