/* rule.h - one rule of a policy.  For policy. */
#ifndef TNL_RULE_H
#define TNL_RULE_H

#include "core/alloc.h"

enum tnl_rule_kind {
	TNL_RULE_ANY, TNL_RULE_NAME, TNL_RULE_SUFFIX, TNL_RULE_BLOCK
};

struct tnl_ports {
	unsigned from, to;
};

struct tnl_rule {
	struct tnl_rule *next;
	size_t size;            /* of this block */
	const char *name;       /* NAME, SUFFIX: without "*" and final dot */
	size_t name_n;
	struct tnl_ports *ports;
	size_t ports_n;         /* 0: every port */
	uint8_t addr[16];       /* BLOCK */
	size_t addr_n;
	unsigned bits;
	int allow;
	int kind;
};

/* A rule that is read, or NULL and *error. */
struct tnl_rule *tnl_rule_read(const struct tunnel_alloc *a, const char *text,
    int *error);

/* Is it about this port? */
int tnl_rule_port(const struct tnl_rule *r, unsigned port);

/* Is it about this host?  addr_n is 0 while no address is known. */
int tnl_rule_matches(const struct tnl_rule *r, const char *host,
    size_t host_n, const uint8_t *addr, size_t addr_n);

/* How many of a name's n characters count: not a final dot. */
size_t tnl_rule_name(const char *name, size_t n);

#endif
