/* fuzz_policy.c - lines of any text as rules, then targets to judge: what a rule
 * says does not depend on how often or where it is asked, and no rule but an
 * address lets anybody reach a special one
 *
 *      +RULE  -RULE  >CLIENT  <CLIENT  ?HOST
 */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

#include "core/address.h"
#include "net/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const uint8_t place[][16] = {
	{ 169, 254, 169, 254 }, { 127, 0, 0, 1 }, { 10, 1, 2, 3 },
	{ 192, 0, 2, 1 }, { 8, 8, 8, 8 }, { 93, 184, 216, 34 }
};
static const uint8_t six[16] = { 0x2a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	12, 13, 14 };
static const uint8_t mapped[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
	127, 0, 0, 1 };

static void
must(int truth)
{
	if (!truth)
		abort();
}

static int
is_literal(const char *host)
{
	uint8_t addr[16];

	return tnl_address_parse(host, tnl_rule_name(host, strlen(host)),
	    addr) > 0;
}

/* Who is denied by name is denied at every address; one in two forms is one. */
static void
judge(const struct tunnel_policy *p, const char *host, unsigned port, int open)
{
	int name = tunnel_policy_judge_name(p, host, port), rv;
	size_t i;

	must(name <= 0);
	for (i = 0; i < sizeof place / sizeof place[0]; i++) {
		rv = tunnel_policy_judge(p, host, place[i], 4, port);
		must(rv == tunnel_policy_judge(p, host, place[i], 4, port));
		must(rv == 0 || rv == TUNNEL_EDENIED ||
		    rv == TUNNEL_EADDRESS || rv == TUNNEL_EINVAL);
		/* An address as the host has no other. */
		must(name == 0 || name == TUNNEL_EADDRESS || rv < 0 ||
		    is_literal(host));
		must(i > 2 || open || rv < 0);
	}
	rv = tunnel_policy_judge(p, host, place[1], 4, port);
	must((rv == 0) == (tunnel_policy_judge(p, host, mapped, 16, port) ==
	    0));
	(void)tunnel_policy_judge(p, host, six, 16, port);
	(void)tunnel_policy_judge(p, host, NULL, 0, port);
}

/* Could the rule be an address?  Then it may allow a special one. */
static int
has_address(const char *rule)
{
	return strpbrk(rule, "0123456789[") != NULL;
}

static void
line(struct tunnel_policy *p, char *text, int *open)
{
	switch (text[0]) {
	case '+':
		if (tunnel_policy_allow(p, text + 1) == 0)
			*open |= has_address(text + 1);
		break;
	case '-':
		(void)tunnel_policy_deny(p, text + 1);
		break;
	case '>':
		(void)tunnel_policy_allow_client(p, text + 1);
		break;
	case '<':
		(void)tunnel_policy_deny_client(p, text + 1);
		break;
	default:
		judge(p, text, 443, *open);
		judge(p, text, 1, *open);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tunnel_policy *p = tunnel_policy_new(NULL);
	char *text = malloc(n + 1), *at, *end;
	int open = 0;

	memcpy(text, data, n);
	text[n] = '\0';
	for (at = text; at < text + n; at = end + 1) {
		end = memchr(at, '\n', (size_t)(text + n - at));
		if (end == NULL)
			end = text + n;
		*end = '\0';
		line(p, at, &open);
	}
	judge(p, "a.example", 443, open);
	must(tunnel_policy_judge_client(p, mapped, 16) ==
	    tunnel_policy_judge_client(p, place[1], 4));
	tunnel_policy_free(p);
	free(text);
	return 0;
}
