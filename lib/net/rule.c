/* rule.c - one rule of a policy: PATTERN[:PORTS]
 *
 *      name   *.suffix   *   192.0.2.7   10.0.0.0/8   2001:db8::/32
 *      [2001:db8::1]:443     [2001:db8::/32]:22,8000-8099
 *
 * A pattern that reads as an address is one; else it has to be a name.
 */
#include "net/rule.h"

#include <string.h>

#include "core/address.h"
#include "core/ascii.h"
#include "core/authority.h"

/* The parts of a rule's text. */
struct parts {
	const char *pattern, *bits, *ports;
	size_t pattern_n, bits_n, ports_n;      /* bits, ports: NULL if none */
};

/* Where c is first in n characters; n when it is nowhere. */
static size_t
find(const char *p, size_t n, char c)
{
	const char *at = n > 0 ? memchr(p, c, n) : NULL;

	return at != NULL ? (size_t)(at - p) : n;
}

/* Take "/bits" from the end of the pattern, if it is there. */
static void
split_bits(struct parts *s)
{
	size_t slash = find(s->pattern, s->pattern_n, '/');

	if (slash == s->pattern_n)
		return;
	s->bits = s->pattern + slash + 1;
	s->bits_n = s->pattern_n - slash - 1;
	s->pattern_n = slash;
}

/* "[v6]:ports", "[v6/bits]:ports" or "[v6]/bits:ports", behind the "[". */
static int
split_bracket(struct parts *s, const char *p, size_t n)
{
	size_t end = find(p, n, ']');

	if (end == n)
		return 0;
	s->pattern = p;
	s->pattern_n = end;
	split_bits(s);
	p += end + 1;
	n -= end + 1;
	if (n > 0 && *p == '/' && s->bits == NULL) {
		s->bits = p + 1;
		s->bits_n = find(p, n, ':') - 1;
		p += s->bits_n + 1;
		n -= s->bits_n + 1;
	}
	if (n > 0 && *p == ':') {
		s->ports = p + 1;
		s->ports_n = n - 1;
		n = 0;
	}
	return n == 0;
}

static int
split(struct parts *s, const char *p)
{
	size_t n = strlen(p), colon = find(p, n, ':');

	memset(s, 0, sizeof *s);
	if (n > 0 && *p == '[')
		return split_bracket(s, p + 1, n - 1);
	s->pattern = p;
	s->pattern_n = n;
	if (colon < n && find(p + colon + 1, n - colon - 1, ':') ==
	    n - colon - 1) {
		s->pattern_n = colon;
		s->ports = p + colon + 1;
		s->ports_n = n - colon - 1;
	}
	split_bits(s);
	return 1;
}

/* "22", "8000-8099" */
static int
parse_range(struct tnl_ports *r, const char *p, size_t n)
{
	size_t dash = find(p, n, '-');
	uint64_t from, to;

	if (!tnl_decimal(p, dash, 65535, &from))
		return 0;
	to = from;
	if (dash < n && !tnl_decimal(p + dash + 1, n - dash - 1, 65535, &to))
		return 0;
	r->from = (unsigned)from;
	r->to = (unsigned)to;
	return from > 0 && from <= to;
}

static size_t
count_ports(const struct parts *s)
{
	size_t i, n = 1;

	if (s->ports == NULL || (s->ports_n == 1 && *s->ports == '*'))
		return 0;
	for (i = 0; i < s->ports_n; i++)
		n += s->ports[i] == ',';
	return n;
}

static int
parse_ports(struct tnl_rule *r, const char *p, size_t n)
{
	size_t i, len;

	for (i = 0; i < r->ports_n; i++) {
		len = find(p, n, ',');
		if (!parse_range(&r->ports[i], p, len))
			return 0;
		if (len < n)
			len++;
		p += len;
		n -= len;
	}
	return 1;
}

static int
parse_block(struct tnl_rule *r, const struct parts *s)
{
	uint64_t bits = 8 * r->addr_n;

	if (s->bits != NULL && !tnl_decimal(s->bits, s->bits_n, bits, &bits))
		return 0;
	/* A block of v4-mapped addresses is a block of IPv4. */
	if (r->addr_n == 16 && bits >= 96) {
		r->addr_n = tnl_address_plain(r->addr, 16);
		bits -= r->addr_n == 4 ? 96 : 0;
	}
	r->bits = (unsigned)bits;
	r->kind = TNL_RULE_BLOCK;
	return 1;
}

size_t
tnl_rule_name(const char *p, size_t n)
{
	return n > 1 && p[n - 1] == '.' ? n - 1 : n;
}

/* name is where the pattern's text is kept. */
static int
parse_pattern(struct tnl_rule *r, const struct parts *s, char *name)
{
	const char *p = s->pattern;
	size_t n = s->pattern_n;

	r->addr_n = n > 0 ? tnl_address_parse(p, n, r->addr) : 0;
	if (r->addr_n > 0)
		return parse_block(r, s);
	if (s->bits != NULL)
		return 0;
	r->kind = TNL_RULE_NAME;
	if (n == 1 && *p == '*') {
		r->kind = TNL_RULE_ANY;
		return 1;
	}
	if (n > 2 && p[0] == '*' && p[1] == '.') {
		r->kind = TNL_RULE_SUFFIX;
		p++;
		n--;
	}
	if (!tnl_host_valid(p + (r->kind == TNL_RULE_SUFFIX),
	    n - (r->kind == TNL_RULE_SUFFIX)))
		return 0;
	memcpy(name, p, n);
	r->name = name;
	r->name_n = tnl_rule_name(p, n);
	return 1;
}

struct tnl_rule *
tnl_rule_read(const struct tunnel_alloc *a, const char *text, int *error)
{
	struct parts s;
	struct tnl_rule *r;
	size_t ports_n, size;

	*error = TUNNEL_EINVAL;
	if (!split(&s, text))
		return NULL;
	ports_n = count_ports(&s);
	size = sizeof *r + ports_n * sizeof(struct tnl_ports) + s.pattern_n;
	r = tnl_get(a, size);
	if (r == NULL) {
		*error = TUNNEL_ENOMEM;
		return NULL;
	}
	r->size = size;
	r->ports = (struct tnl_ports *)(r + 1);
	r->ports_n = ports_n;
	if (!parse_pattern(r, &s, (char *)(r->ports + ports_n)) ||
	    !parse_ports(r, s.ports, s.ports_n)) {
		tnl_put(a, r, size);
		return NULL;
	}
	return r;
}

int
tnl_rule_port(const struct tnl_rule *r, unsigned port)
{
	size_t i;

	for (i = 0; i < r->ports_n; i++)
		if (port >= r->ports[i].from && port <= r->ports[i].to)
			return 1;
	return r->ports_n == 0;
}

/* A block that is denied is so by every way there: a translator or a tunnel
 * knows IPv4 addresses inside IPv6 ones.  What is allowed is only the address
 * that was written. */
static int
within_block(const struct tnl_rule *r, const uint8_t *addr, size_t n)
{
	const uint8_t *v4;

	if (n == r->addr_n)
		return tnl_address_within(addr, r->addr, n, r->bits);
	if (r->allow || n != 16)
		return 0;
	v4 = tnl_address_embedded(addr);
	return v4 != NULL && tnl_address_within(v4, r->addr, 4, r->bits);
}

int
tnl_rule_matches(const struct tnl_rule *r, const char *host, size_t host_n,
    const uint8_t *addr, size_t addr_n)
{
	switch ((enum tnl_rule_kind)r->kind) {
	case TNL_RULE_ANY:
		return 1;
	case TNL_RULE_NAME:
		return tnl_same_n(host, host_n, r->name, r->name_n);
	case TNL_RULE_SUFFIX:
		return host_n > r->name_n && tnl_same_n(host + host_n -
		    r->name_n, r->name_n, r->name, r->name_n);
	case TNL_RULE_BLOCK:
		break;
	}
	return within_block(r, addr, addr_n);
}
