/* ftp-gateway.c - HTTP to FTP servers (RFC 959, 2428, 3659)
 *
 *      client --> gateway_serve --> ftp_request --> ftp_session --> server
 *                                     ftp_answer      ftp_talk
 *                                     ftp_carry       ftp_data
 *
 * A proxy for ftp:// URLs, as browsers once used one, or paths of one server.
 * One process and one thread; each request has a conversation of its own.
 */
#include <string.h>

#include "common_net.h"
#include "ftp_request.h"
#include "gateway_option.h"

enum {
	OPTION_SERVER = GATEWAY_OPTION_OWN, OPTION_ALLOW, OPTION_DENY,
	OPTION_DIAL, OPTION_WAIT
};

static const struct opt own[] = {
	{ "server", OPTION_SERVER, 1 }, { "allow", OPTION_ALLOW, 1 },
	{ "deny", OPTION_DENY, 1 }, { "dial-timeout", OPTION_DIAL, 1 },
	{ "ftp-timeout", OPTION_WAIT, 1 }, { NULL, 0, 0 }
};

static const char usage[] =
"Usage: ftp-gateway [OPTION]...\n"
"Serve by HTTP what FTP servers have: a proxy for ftp:// URLs, or the paths\n"
"of one server.\n"
"\n"
"      --server HOST[:PORT]   serve the paths of this one (port 21)\n"
"      --allow RULE           allow a proxy's servers; RULE is\n"
"      --deny RULE            PATTERN[:PORTS], PATTERN a name, *.suffix, *,\n"
"                             an address or ADDR/BITS, PORTS like 21,990-999\n"
"                             or *; the first that matches decides, what none\n"
"                             matches is denied\n"
"      --dial-timeout S       to reach a server (30)\n"
"      --ftp-timeout S        of a server that owes a reply or a byte, or\n"
"                             does not take one (60); 0: for ever\n"
GATEWAY_OPTION_USAGE
"\n"
"Without any RULE: port 21 of public addresses.  Private and other special\n"
"addresses need a RULE that is an address.\n"
"SIGTERM drains, and a second one ends at once.\n";

struct words {
	struct ftp_gateway *gateway;
	struct tunnel_policy *policy;
	int rules;
};

/* HOST, HOST:PORT, or an address in brackets. */
static int
take_server(struct ftp_gateway *g, const char *text)
{
	char whole[TUNNEL_HOST_MAX + 16];
	const char *colon = strrchr(text, ':');
	size_t n = strlen(text);
	int rv = TUNNEL_ETARGET;

	if (n < sizeof whole - 4) {
		(void)strcpy(whole, text);
		if (colon == NULL || strchr(colon, ']') != NULL)
			(void)strcat(whole, ":21");
		rv = tunnel_authority_parse(whole, strlen(whole), g->server,
		    sizeof g->server, &g->port);
	}
	return rv == 0 ? 0 : gateway_misuse("not HOST[:PORT]: ", text);
}

static int
take_rule(struct words *w, int allow, const char *rule)
{
	int rv = allow ? tunnel_policy_allow(w->policy, rule) :
	    tunnel_policy_deny(w->policy, rule);

	w->rules = 1;
	if (rv == TUNNEL_ENOMEM)
		return gateway_no_memory();
	return rv == 0 ? 0 :
	    gateway_misuse("not a rule (PATTERN[:PORTS]): ", rule);
}

static int
take(void *ud, int id, char *value)
{
	struct words *w = ud;

	switch (id) {
	case OPTION_SERVER:
		return take_server(w->gateway, value);
	case OPTION_ALLOW:
	case OPTION_DENY:
		return take_rule(w, id == OPTION_ALLOW, value);
	case OPTION_DIAL:
		return gateway_seconds("--dial-timeout", value,
		    &w->gateway->world.dial_ms);
	default:
		return gateway_seconds("--ftp-timeout", value,
		    &w->gateway->world.wait_ms);
	}
}

/* 0, -1 to exit with 0, or an exit status. */
static int
read_line(struct words *w, struct serve_settings *s, int argc, char **argv)
{
	struct gateway_option o = { s, own, usage, take, w, 0 };
	int rv;

	rv = gateway_options(&o, argc, argv);
	if (rv != 0)
		return rv;
	if (o.operands > 0)
		return gateway_misuse("no operand is taken: ", argv[1]);
	if (w->gateway->server[0] != '\0' && w->rules)
		return gateway_misuse("rules are for a proxy, and --server "
		    "makes it none", "");
	if (!w->rules && tunnel_policy_allow(w->policy, "*:21") < 0)
		return gateway_no_memory();
	if (w->gateway->server[0] == '\0')
		w->gateway->world.policy = w->policy;
	return 0;
}

static int
run(struct ftp_gateway *g, const struct serve_settings *set)
{
	static const struct serve_gateway functions = { ftp_asked, ftp_content,
	    ftp_room, ftp_over_with, NULL };
	struct serve *s = serve_new(set, &functions, g);
	int rv;

	if (s == NULL)
		return gateway_no_memory();
	g->world.loop = serve_loop(s);
	g->world.resolver = tunnel_resolver_new(NULL, g->world.loop, 0);
	rv = g->world.resolver != NULL ? serve_run(s) : gateway_no_memory();
	tunnel_resolver_free(g->world.resolver);
	serve_free(s);
	return rv;
}

int
main(int argc, char **argv)
{
	struct serve_settings set;
	struct ftp_gateway g;
	struct words w = { &g, tunnel_policy_new(NULL), 0 };
	int rv;

	(void)net_guard_stdio();
	serve_defaults(&set);
	set.name = "ftp-gateway";
	memset(&g, 0, sizeof g);
	g.port = FTP_PORT;
	g.world.dial_ms = 30000;
	g.world.wait_ms = 60000;
	rv = w.policy == NULL ? gateway_no_memory() :
	    read_line(&w, &set, argc, argv);
	if (rv == 0)
		rv = run(&g, &set);
	tunnel_policy_free(w.policy);
	return rv < 0 ? 0 : rv;
}
