/* helper_client_rig.c - see client_rig.h */
#include "client_rig.h"

#include "unit.h"

struct tunnel_client *
client_fresh(const struct tunnel_alloc *a, const char *setting)
{
	struct tunnel_client *c = tunnel_client_new(a);

	if (c == NULL)
		return NULL;
	assert_int_equal(tunnel_client_target(c, "a.example", 22), 0);
	if (strcmp(setting, "limit 64") == 0)
		assert_int_equal(tunnel_client_limit(c, 64), 0);
	else if (strcmp(setting, "lf 0") == 0)
		assert_int_equal(tunnel_client_bare_lf(c, 0), 0);
	else
		assert_string_equal(setting, "");
	return c;
}

int
client_send_all(struct tunnel_client *c)
{
	size_t n;

	assert_non_null(tunnel_client_peek(c, &n));
	return tunnel_client_skip(c, n);
}
