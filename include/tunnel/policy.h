/* tunnel/policy.h - which targets are allowed
 *
 * Ordered rules PATTERN[:PORTS]; the first that matches decides.  PATTERN is a
 * name, "*.suffix", "*", an IPv4 or IPv6 address or a CIDR block (IPv6 in
 * brackets when PORTS follow); PORTS a list of numbers and ranges ("22,8000-
 * 8099") or "*", and without it every port.  With no rule at all: ports 22 and
 * 443.  With rules, what none of them matches is denied.
 *
 * Judge each address that you are about to dial: loopback, private, link-local,
 * multicast and other special addresses, in every embedding form, are denied
 * unless a rule that is an address or a block allows them.
 */
#ifndef TUNNEL_POLICY_H
#define TUNNEL_POLICY_H

#include <tunnel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_policy;

struct tunnel_policy *tunnel_policy_new(const struct tunnel_alloc *a);
void tunnel_policy_free(struct tunnel_policy *p);

/* Append a rule.  Returns 0, TUNNEL_EINVAL for a rule that cannot be read, or
 * TUNNEL_ENOMEM. */
int tunnel_policy_allow(struct tunnel_policy *p, const char *rule);
int tunnel_policy_deny(struct tunnel_policy *p, const char *rule);

/* Append a rule on who may ask at all: "*", an address or a block.  With no
 * such rule everybody may; with some, whom none of them matches may not. */
int tunnel_policy_allow_client(struct tunnel_policy *p, const char *block);
int tunnel_policy_deny_client(struct tunnel_policy *p, const char *block);

/* May a client at this address (4 or 16 bytes) ask?  n 0, a client without an
 * address, may.  Returns 0, TUNNEL_EDENIED or TUNNEL_EINVAL. */
int tunnel_policy_judge_client(const struct tunnel_policy *p,
    const void *addr, size_t n);

/* Can host be allowed at this port at all, whatever its address turns out to
 * be?  Ask this before a name is resolved, so that a name that is denied is not
 * even looked up.  Returns as judge does, and 0 where judge has the say. */
int tunnel_policy_judge_name(const struct tunnel_policy *p, const char *host,
    unsigned port);

/* May host (as asked for, no brackets) be dialled at this address and port?
 * addr is 4 or 16 bytes in network order (n says which), or NULL with n 0 to
 * ask before the name is resolved: then only the rules that need no address
 * are applied, and a host that is a literal counts as its own address.
 * Returns 0: allowed; TUNNEL_EDENIED: a rule or the default denies it;
 * TUNNEL_EADDRESS: a special address that no address rule allows;
 * TUNNEL_EINVAL. */
int tunnel_policy_judge(const struct tunnel_policy *p, const char *host,
    const void *addr, size_t n, unsigned port);

#ifdef __cplusplus
}
#endif
#endif
