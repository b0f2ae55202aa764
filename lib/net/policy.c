/* policy.c - which targets are allowed
 *
 * A list of rules, first match first.  A rule that is a name says who may be
 * asked for, never where that leads: names are in the hands of whoever runs
 * their DNS, so a special address (address.h) needs a rule that is an address.
 * A rule without one that meets a special address therefore does not decide; a
 * later rule may.
 */
#include <tunnel/policy.h>

#include <string.h>

#include "core/address.h"
#include "core/alloc.h"
#include "core/ascii.h"
#include "core/authority.h"

enum kind { ANY, NAME, SUFFIX, BLOCK };

struct range {
	unsigned from, to;
};

struct rule {
	struct rule *next;
	size_t size;            /* of this block */
	const char *name;       /* NAME, SUFFIX: without "*" and final dot */
	size_t name_n;
	struct range *ports;
	size_t ports_n;         /* 0: every port */
	uint8_t addr[16];       /* BLOCK */
	size_t addr_n;
	unsigned bits;
	int allow;
	int kind;
};

struct tunnel_policy {
	struct tunnel_alloc a;
	struct rule *first, **last;
};

struct tunnel_policy *
tunnel_policy_new(const struct tunnel_alloc *a)
{
	struct tunnel_alloc own;
	struct tunnel_policy *p;

	tnl_alloc_init(&own, a);
	p = tnl_get(&own, sizeof *p);
	if (p == NULL)
		return NULL;
	p->a = own;
	p->last = &p->first;
	return p;
}

void
tunnel_policy_free(struct tunnel_policy *p)
{
	struct tunnel_alloc a;
	struct rule *r, *next;

	if (p == NULL)
		return;
	a = p->a;
	for (r = p->first; r != NULL; r = next) {
		next = r->next;
		tnl_put(&a, r, r->size);
	}
	tnl_put(&a, p, sizeof *p);
}

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
parse_range(struct range *r, const char *p, size_t n)
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
parse_ports(struct rule *r, const char *p, size_t n)
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
parse_block(struct rule *r, const struct parts *s)
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
	r->kind = BLOCK;
	return 1;
}

static size_t
without_dot(const char *p, size_t n)
{
	return n > 1 && p[n - 1] == '.' ? n - 1 : n;
}

/* name is where the pattern's text is kept. */
static int
parse_pattern(struct rule *r, const struct parts *s, char *name)
{
	const char *p = s->pattern;
	size_t n = s->pattern_n;

	r->addr_n = n > 0 ? tnl_address_parse(p, n, r->addr) : 0;
	if (r->addr_n > 0)
		return parse_block(r, s);
	if (s->bits != NULL)
		return 0;
	r->kind = NAME;
	if (n == 1 && *p == '*') {
		r->kind = ANY;
		return 1;
	}
	if (n > 2 && p[0] == '*' && p[1] == '.') {
		r->kind = SUFFIX;
		p++;
		n--;
	}
	if (!tnl_host_valid(p + (r->kind == SUFFIX),
	    n - (r->kind == SUFFIX)))
		return 0;
	memcpy(name, p, n);
	r->name = name;
	r->name_n = without_dot(p, n);
	return 1;
}

static int
append(struct tunnel_policy *p, const char *text, int allow)
{
	struct parts s;
	struct rule *r;
	size_t ports_n, size;

	if (!split(&s, text))
		return TUNNEL_EINVAL;
	ports_n = count_ports(&s);
	size = sizeof *r + ports_n * sizeof(struct range) + s.pattern_n;
	r = tnl_get(&p->a, size);
	if (r == NULL)
		return TUNNEL_ENOMEM;
	r->size = size;
	r->allow = allow;
	r->ports = (struct range *)(r + 1);
	r->ports_n = ports_n;
	if (!parse_pattern(r, &s, (char *)(r->ports + ports_n)) ||
	    !parse_ports(r, s.ports, s.ports_n)) {
		tnl_put(&p->a, r, size);
		return TUNNEL_EINVAL;
	}
	*p->last = r;
	p->last = &r->next;
	return 0;
}

int
tunnel_policy_allow(struct tunnel_policy *p, const char *rule)
{
	return append(p, rule, 1);
}

int
tunnel_policy_deny(struct tunnel_policy *p, const char *rule)
{
	return append(p, rule, 0);
}

static int
port_matches(const struct rule *r, unsigned port)
{
	size_t i;

	for (i = 0; i < r->ports_n; i++)
		if (port >= r->ports[i].from && port <= r->ports[i].to)
			return 1;
	return r->ports_n == 0;
}

/* addr_n is 0 while no address is known. */
static int
matches(const struct rule *r, const char *host, size_t host_n,
    const uint8_t *addr, size_t addr_n)
{
	switch ((enum kind)r->kind) {
	case ANY:
		return 1;
	case NAME:
		return tnl_same_n(host, host_n, r->name, r->name_n);
	case SUFFIX:
		return host_n > r->name_n && tnl_same_n(host + host_n -
		    r->name_n, r->name_n, r->name, r->name_n);
	case BLOCK:
		break;
	}
	return addr_n == r->addr_n &&
	    tnl_address_within(addr, r->addr, addr_n, r->bits);
}

static int
default_verdict(const struct tunnel_policy *p, unsigned port, int special)
{
	if (p->first != NULL || (port != 22 && port != 443))
		return TUNNEL_EDENIED;
	return special ? TUNNEL_EADDRESS : 0;
}

int
tunnel_policy_judge(const struct tunnel_policy *p, const char *host,
    const void *addr, size_t n, unsigned port)
{
	size_t host_n = without_dot(host, strlen(host));
	const struct rule *r;
	uint8_t a[16];
	int special, met = 0;

	if (port == 0 || port > 65535 || (n != 0 && n != 4 && n != 16))
		return TUNNEL_EINVAL;
	if (n > 0)
		memcpy(a, addr, n);
	else if (host_n > 0)
		n = tnl_address_parse(host, host_n, a);
	n = tnl_address_plain(a, n);
	special = n > 0 && tnl_address_special(a, n);
	for (r = p->first; r != NULL; r = r->next) {
		if (!port_matches(r, port) ||
		    !matches(r, host, host_n, a, n))
			continue;
		if (!r->allow)
			return TUNNEL_EDENIED;
		if (!special || r->kind == BLOCK)
			return 0;
		met = 1;
	}
	return met ? TUNNEL_EADDRESS : default_verdict(p, port, special);
}
