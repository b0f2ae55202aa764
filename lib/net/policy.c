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
#include "net/rule.h"

struct rules {
	struct tnl_rule *first, **last;
};

struct tunnel_policy {
	struct tunnel_alloc a;
	struct rules targets, clients;
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
	p->targets.last = &p->targets.first;
	p->clients.last = &p->clients.first;
	return p;
}

static void
free_rules(const struct tunnel_alloc *a, struct rules *l)
{
	struct tnl_rule *r;

	while ((r = l->first) != NULL) {
		l->first = r->next;
		tnl_put(a, r, r->size);
	}
}

void
tunnel_policy_free(struct tunnel_policy *p)
{
	struct tunnel_alloc a;

	if (p == NULL)
		return;
	a = p->a;
	free_rules(&a, &p->targets);
	free_rules(&a, &p->clients);
	tnl_put(&a, p, sizeof *p);
}

static void
append(struct rules *l, struct tnl_rule *r, int allow)
{
	r->allow = allow;
	*l->last = r;
	l->last = &r->next;
}

static int
add_target(struct tunnel_policy *p, const char *text, int allow)
{
	int error;
	struct tnl_rule *r = tnl_rule_read(&p->a, text, &error);

	if (r == NULL)
		return error;
	append(&p->targets, r, allow);
	return 0;
}

int
tunnel_policy_allow(struct tunnel_policy *p, const char *rule)
{
	return add_target(p, rule, 1);
}

int
tunnel_policy_deny(struct tunnel_policy *p, const char *rule)
{
	return add_target(p, rule, 0);
}

/* A client is known by its address, and its port says nothing. */
static int
add_client(struct tunnel_policy *p, const char *text, int allow)
{
	int error;
	struct tnl_rule *r = tnl_rule_read(&p->a, text, &error);

	if (r == NULL)
		return error;
	if ((r->kind != TNL_RULE_BLOCK && r->kind != TNL_RULE_ANY) ||
	    r->ports_n > 0) {
		tnl_put(&p->a, r, r->size);
		return TUNNEL_EINVAL;
	}
	append(&p->clients, r, allow);
	return 0;
}

int
tunnel_policy_allow_client(struct tunnel_policy *p, const char *block)
{
	return add_client(p, block, 1);
}

int
tunnel_policy_deny_client(struct tunnel_policy *p, const char *block)
{
	return add_client(p, block, 0);
}

static int
default_verdict(const struct tunnel_policy *p, unsigned port, int special)
{
	if (p->targets.first != NULL || (port != 22 && port != 443))
		return TUNNEL_EDENIED;
	return special ? TUNNEL_EADDRESS : 0;
}

int
tunnel_policy_judge(const struct tunnel_policy *p, const char *host,
    const void *addr, size_t n, unsigned port)
{
	size_t host_n = tnl_rule_name(host, strlen(host));
	const struct tnl_rule *r;
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
	for (r = p->targets.first; r != NULL; r = r->next) {
		if (!tnl_rule_port(r, port) ||
		    !tnl_rule_matches(r, host, host_n, a, n))
			continue;
		if (!r->allow)
			return TUNNEL_EDENIED;
		if (!special || r->kind == TNL_RULE_BLOCK)
			return 0;
		met = 1;
	}
	return met ? TUNNEL_EADDRESS : default_verdict(p, port, special);
}

int
tunnel_policy_judge_name(const struct tunnel_policy *p, const char *host,
    unsigned port)
{
	size_t host_n = tnl_rule_name(host, strlen(host));
	const struct tnl_rule *r;
	uint8_t unused[16];

	if (port == 0 || port > 65535)
		return TUNNEL_EINVAL;
	if (host_n > 0 && tnl_address_parse(host, host_n, unused) > 0)
		return tunnel_policy_judge(p, host, NULL, 0, port);
	for (r = p->targets.first; r != NULL; r = r->next) {
		if (!tnl_rule_port(r, port))
			continue;
		/* What a name leads to may be in any block. */
		if (r->kind == TNL_RULE_BLOCK ? r->allow :
		    tnl_rule_matches(r, host, host_n, NULL, 0))
			return r->allow ? 0 : TUNNEL_EDENIED;
	}
	return default_verdict(p, port, 0);
}

int
tunnel_policy_judge_client(const struct tunnel_policy *p, const void *addr,
    size_t n)
{
	const struct tnl_rule *r;
	uint8_t a[16];

	if (n != 4 && n != 16)
		return n == 0 ? 0 : TUNNEL_EINVAL;
	memcpy(a, addr, n);
	n = tnl_address_plain(a, n);
	for (r = p->clients.first; r != NULL; r = r->next)
		if (tnl_rule_matches(r, "", 0, a, n))
			return r->allow ? 0 : TUNNEL_EDENIED;
	return p->clients.first == NULL ? 0 : TUNNEL_EDENIED;
}
