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

const char client_offer_basic[] =
	"HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"a, b\"\r\n"
	CLIENT_NO_BODY;

char client_sent[70000];

struct tunnel_client *
client_with_login(void)
{
	struct tunnel_client *c = client_fresh(NULL, "");

	assert_int_equal(tunnel_client_credentials(c, "Aladdin",
	    "open sesame"), 0);
	return c;
}

void
client_ask(struct tunnel_client *c)
{
	size_t n;

	assert_int_equal(tunnel_client_start(c), TUNNEL_IN | TUNNEL_OUT);
	assert_int_equal(tunnel_client_drain(c, client_sent,
	    sizeof client_sent - 1, &n), TUNNEL_IN);
	client_sent[n] = '\0';
}

void
client_asked_with(const char *credentials)
{
	char field[300];

	snprintf(field, sizeof field, "\r\nProxy-Authorization: %s\r\n",
	    credentials);
	assert_non_null(strstr(client_sent, field));
}

void
client_asked_without(void)
{
	assert_null(strstr(client_sent, "Proxy-Authorization"));
}

int
client_hear(struct tunnel_client *c, const char *reply)
{
	size_t used;
	int f = tunnel_client_feed(c, reply, strlen(reply), &used);

	if (f >= 0)
		assert_int_equal(used, strlen(reply));
	return f;
}
