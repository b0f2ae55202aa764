/* proxy_rules.c - options of which rules and users are made */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common_secret.h"
#include "proxy_config.h"
#include "proxy_say.h"

enum { AUTH_FILE_MAX = 16777216 };

int
config_rule(struct config *c, int id, const char *value)
{
	int rv = 0;

	switch (id) {
	case OPT_ALLOW:
		rv = tunnel_policy_allow(c->policy, value);
		break;
	case OPT_DENY:
		rv = tunnel_policy_deny(c->policy, value);
		break;
	case OPT_ALLOW_CLIENT:
		rv = tunnel_policy_allow_client(c->policy, value);
		break;
	case OPT_DENY_CLIENT:
		rv = tunnel_policy_deny_client(c->policy, value);
		break;
	}
	if (rv == TUNNEL_ENOMEM)
		return option_no_memory();
	return rv == 0 ? 0 : option_misuse(id == OPT_ALLOW || id == OPT_DENY ?
	    "not a rule (PATTERN[:PORTS]): " :
	    "not *, an address or ADDR/BITS: ", value);
}

int
config_user(struct config *c, const char *value)
{
	size_t n = strcspn(value, ":");
	char *user;
	int rv;

	if (value[n] == '\0')
		return option_misuse("--user takes USER:PASSWORD", "");
	user = secret_copy(value, n);
	if (user == NULL)
		return option_no_memory();
	rv = tunnel_users_add(c->users, user, value + n + 1);
	secret_drop(&user);
	if (rv == TUNNEL_ENOMEM)
		return option_no_memory();
	return rv == 0 ? 0 : option_misuse(
	    "--user takes no control characters", "");
}

int
config_users(struct config *c, const char *path)
{
	unsigned long n;
	char *text = option_read(path, AUTH_FILE_MAX, &n);
	size_t before = tunnel_users_count(c->users);
	unsigned line;
	int rv;

	if (text == NULL) {
		say("cannot read %s: %s", path, strerror(errno));
		return 2;
	}
	rv = tunnel_users_read(c->users, text, n, &line);
	secret_wipe(text, n);
	free(text);
	if (rv == TUNNEL_ENOMEM)
		return option_no_memory();
	if (rv < 0) {
		say("%s, line %u: not user:realm:digest, as htdigest writes it",
		    path, line);
		return 2;
	}
	if (tunnel_users_count(c->users) == before)
		say("%s: nobody in it is of the realm '%s' (--realm), so "
		    "nobody of it can come in", path, c->realm);
	return 0;
}
