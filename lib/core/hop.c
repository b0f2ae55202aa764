/* hop.c - which fields go on to the next hop
 *
 * RFC 9110 section 7.6.1: what Connection names is for whoever received it, and
 * so are some fields that senders forget to name there.  Those that frame a
 * message, and Host, are written anew at each hop.
 */
#include "core/hop.h"

#include <string.h>

#include "core/ascii.h"
#include "core/field.h"

static const char *const stay[] = {
	"connection", "proxy-connection", "keep-alive", "te",
	"transfer-encoding", "content-length", "upgrade", "http2-settings",
	"proxy-authorization", "proxy-authenticate",
	"proxy-authentication-info", "host",
};

/* RFC 9110 section 6.5.1: what frames, routes, authenticates or modifies, or
 * says how to read the content, comes too late behind it. */
static const char *const lead[] = {
	"authorization", "www-authenticate", "authentication-info", "cookie",
	"set-cookie", "content-encoding", "content-type", "content-range",
	"content-location", "range", "expect", "max-forwards", "cache-control",
	"pragma", "location", "vary", "age", "date", "expires", "retry-after",
	"if-match", "if-none-match", "if-modified-since",
	"if-unmodified-since", "if-range", "via", "forwarded",
	"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "trailer",
};

static int
listed(const char *name, const char *const *list, size_t n)
{
	while (n > 0)
		if (tnl_same(name, list[--n]))
			return 1;
	return 0;
}

int
tnl_hop_read(struct tnl_options *p, const struct tnl_head *h)
{
	const char *name, *value, *member;
	size_t at = 0, n;

	p->n = 0;
	while ((name = tnl_field_next(h, &at, &value)) != NULL) {
		if (!tnl_same(name, "connection"))
			continue;
		while ((member = tnl_field_member(&value, &n)) != NULL) {
			if (p->n == TNL_HOP_OPTIONS)
				return TUNNEL_EHEAD;
			p->option[p->n].p = member;
			p->option[p->n++].n = n;
		}
	}
	return 0;
}

int
tnl_hop_stays(const struct tnl_options *p, const char *name)
{
	size_t n = strlen(name), i;

	if (listed(name, stay, sizeof stay / sizeof stay[0]))
		return 1;
	for (i = 0; i < p->n; i++)
		if (tnl_same_n(p->option[i].p, p->option[i].n, name, n))
			return 1;
	return 0;
}

int
tnl_hop_trails(const struct tnl_options *p, const char *name)
{
	return !listed(name, lead, sizeof lead / sizeof lead[0]) &&
	    !tnl_hop_stays(p, name);
}
