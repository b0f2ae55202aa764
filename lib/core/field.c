/* field.c - the fields of a head, looked up and read
 *
 * A field that frames a message has one meaning or none: Content-Length twice,
 * even with equal values, or codings besides chunked, are TUNNEL_EFRAMING, and
 * the caller decides whether that is a 400 (RFC 9112 section 6.3) or the end of
 * the connection's use.
 */
#include "core/field.h"

#include <string.h>

#include "core/ascii.h"

const char *
tnl_field_next(const struct tnl_head *h, size_t *at, const char **value)
{
	size_t here = h->fields + *at;
	const char *name;

	if (here >= h->text.n)
		return NULL;
	name = tnl_buf_text(&h->text, here);
	here += strlen(name) + 1;
	*value = tnl_buf_text(&h->text, here);
	*at = here + strlen(*value) + 1 - h->fields;
	return name;
}

const char *
tnl_field_at(const struct tnl_head *h, size_t i, const char **value)
{
	size_t at = 0;
	const char *name;

	do
		name = tnl_field_next(h, &at, value);
	while (name != NULL && i-- > 0);
	return name;
}

const char *
tnl_field_get(const struct tnl_head *h, const char *name, size_t i)
{
	size_t at = 0;
	const char *have, *value;

	while ((have = tnl_field_next(h, &at, &value)) != NULL)
		if (tnl_same(have, name) && i-- == 0)
			return value;
	return NULL;
}

const char *
tnl_field_member(const char **list, size_t *n)
{
	const char *p = *list, *end;

	while (*p == ',' || tnl_is((uint8_t)*p, TNL_BLANK))
		p++;
	for (end = p; *end != '\0' && *end != ','; end++)
		continue;
	*list = end;
	if (p == end)
		return NULL;
	while (tnl_is((uint8_t)end[-1], TNL_BLANK))
		end--;
	*n = (size_t)(end - p);
	return p;
}

int
tnl_field_lists(const struct tnl_head *h, const char *name, const char *token)
{
	size_t at = 0, n;
	const char *have, *value, *member;

	while ((have = tnl_field_next(h, &at, &value)) != NULL) {
		if (!tnl_same(have, name))
			continue;
		while ((member = tnl_field_member(&value, &n)) != NULL)
			if (tnl_same_n(member, n, token, strlen(token)))
				return 1;
	}
	return 0;
}

int
tnl_field_length(const struct tnl_head *h, uint64_t *length)
{
	const char *value = tnl_field_get(h, "content-length", 0);

	if (value == NULL)
		return 0;
	if (tnl_field_get(h, "content-length", 1) != NULL ||
	    !tnl_decimal(value, strlen(value), INT64_MAX, length))
		return TUNNEL_EFRAMING;
	return 1;
}

int
tnl_field_chunked(const struct tnl_head *h)
{
	const char *value = tnl_field_get(h, "transfer-encoding", 0);

	if (value == NULL)
		return 0;
	if (tnl_field_get(h, "transfer-encoding", 1) != NULL ||
	    !tnl_same(value, "chunked"))
		return TUNNEL_EFRAMING;
	return 1;
}

int
tnl_field_persists(const struct tnl_head *h)
{
	if (tnl_field_lists(h, "connection", "close") ||
	    tnl_field_lists(h, "proxy-connection", "close"))
		return 0;
	return h->version >= 11 ||
	    tnl_field_lists(h, "connection", "keep-alive") ||
	    tnl_field_lists(h, "proxy-connection", "keep-alive");
}
