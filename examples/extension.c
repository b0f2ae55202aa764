/* extension.c - a shared object for tunnel-proxy --extension, to begin with
 *
 * It serves a small page of its own, keeps everybody from one kind of target
 * whatever the rules say, and adds a field to what is passed on.
 */
#include <stdio.h>
#include <string.h>

#include "proxy_extension.h"

/* GET /about, of the proxy itself. */
static int
on_request(void *ud, struct tunnel_session *s)
{
	const struct tunnel_server *server = tunnel_session_server(s);
	static const char page[] = "<title>About</title>"
	    "<p>A proxy, extended.\n";

	(void)ud;
	if (server == NULL ||
	    strcmp(tunnel_server_target(server), "/about") != 0)
		return 0;
	if (tunnel_session_reply(s, 200, "text/html", page,
	    sizeof page - 1) < 0)
		return TUNNEL_ENOMEM;
	return TUNNEL_DONE;
}

/* Mail is not for tunnels. */
static int
on_authorise(void *ud, struct tunnel_session *s)
{
	const char *target = tunnel_session_target(s);
	const char *port = strrchr(target, ':');

	(void)ud;
	return port != NULL && strcmp(port, ":25") == 0 ? TUNNEL_EDENIED : 0;
}

/* Who asks for it: RFC 7239. */
static int
on_dial(void *ud, struct tunnel_session *s)
{
	struct tunnel_forward *f = tunnel_session_forward(s);
	char value[120];

	(void)ud;
	if (f == NULL)
		return 0;
	(void)snprintf(value, sizeof value, "for=\"%.100s\"",
	    tunnel_session_client(s));
	return tunnel_forward_field(f, TUNNEL_B, "Forwarded", value);
}

int
tunnel_extension_1(struct tunnel_extension *e)
{
	if (e->size < sizeof *e) {
		(void)fprintf(stderr, "extension: made for a newer program\n");
		return 1;
	}
	e->hook[TUNNEL_ON_REQUEST] = on_request;
	e->hook[TUNNEL_ON_AUTHORISE] = on_authorise;
	e->hook[TUNNEL_ON_DIAL] = on_dial;
	return 0;
}
