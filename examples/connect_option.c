/* connect_option.c - the command line of tunnel-connect, an option at a time */
#include "connect_option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_auth.h"
#include "common_secret.h"
#include "connect_hop.h"
#include "connect_target.h"

enum { KEEPALIVE_MAX = 32767 };         /* seconds, of tunnel_dial_keepalive */

static const char usage[] =
"Usage: tunnel-connect [OPTION]... [--doctor] HOST PORT\n"
"       tunnel-connect [OPTION]... -L [BIND:]PORT:HOST:HOSTPORT...\n"
"       tunnel-connect [OPTION]... -D [BIND:]PORT...\n"
"Connect standard input and output to HOST PORT, or HOST:PORT, through an\n"
"HTTP proxy; or listen, and connect everybody who comes.\n"
"\n"
"  -x, --proxy URL             http[s]://[USER[:PASSWORD]@]PROXY[:PORT]; else\n"
"                              https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY\n"
"                              (repeat: each is reached through the last)\n"
"      --proxy-command CMD     the connection to the first proxy is standard\n"
"                              input and output of CMD, in which %h and %p\n"
"                              are the proxy's host and port\n"
"      --cacert FILE           who may have signed an https:// proxy's\n"
"                              certificate, instead of those openssl knows\n"
"  -u, --user USER[:PASSWORD]  for the -x before it; without PASSWORD it is\n"
"                              found as below\n"
"      --auth SCHEMES          of negotiate,digest,ntlm,basic (default: all\n"
"                              but the first), the best first: how to log in\n"
"                              when a proxy asks; one alone, but for digest,\n"
"                              is sent without being asked\n"
"      --credentials-file FILE lines of [PROXYHOST[:PORT] ]USER:PASSWORD\n"
"      --no-netrc              do not look into ~/.netrc\n"
"  -H, --header 'NAME: VALUE'  one more field of the request (repeat)\n"
"  -L, --forward [BIND:]PORT:HOST:HOSTPORT\n"
"                              listen on PORT (0: any) of BIND (127.0.0.1),\n"
"                              and connect each client to HOST:HOSTPORT\n"
"                              (repeat)\n"
"  -D, --socks [BIND:]PORT     listen for clients that speak SOCKS5, and\n"
"                              connect each to where it likes (repeat)\n"
"  -4, --ipv4                  reach the proxy over IPv4 only\n"
"  -6, --ipv6                  over IPv6 only\n"
"      --keepalive S           after S seconds of silence ask whether the\n"
"                              connection still stands (0: never)\n"
"  -t, --connect-timeout S     seconds until the tunnel must be open (30)\n"
"  -i, --idle-timeout S        end after S seconds without a byte (0: never)\n"
"      --linger-timeout S      seconds to wait for a silent standard input\n"
"                              when the remote end has closed (1)\n"
"      --doctor                try the way to HOST PORT, and say on standard\n"
"                              output, step by step, what works, where it\n"
"                              breaks and what to do\n"
"  -v, --verbose               show on standard error what happens\n"
"  -q, --quiet                 say nothing\n"
"      --version, --help       print the version; print this\n"
"\n"
"Without a proxy, and to targets in no_proxy or NO_PROXY, it goes directly.\n"
"TUNNEL_PROXY_AUTH stands for --auth.\n"
"Credentials need not be in the command: the file, TUNNEL_PROXY_USER and\n"
"TUNNEL_PROXY_PASSWORD, ~/.netrc and the terminal are asked, in this order.\n"
"With ssh, in ~/.ssh/config:\n"
"  ProxyCommand tunnel-connect -x http://proxy.example:3128 %h %p\n"
"Exit status: 0 clean end, 1 error in the tunnel, 2 usage, 3 no proxy there,\n"
"4 refused, 5 authentication failed, 6 malformed reply, 7 timed out.\n";

enum {
	OPT_LINGER = 256, OPT_VERSION, OPT_HELP, OPT_COMMAND, OPT_CACERT,
	OPT_CREDENTIALS, OPT_NO_NETRC, OPT_KEEPALIVE, OPT_AUTH,
	OPT_DOCTOR
};

const struct opt option_table[] = {
	{ "forward", 'L', 1 }, { "socks", 'D', 1 },
	{ "ipv4", '4', 0 }, { "ipv6", '6', 0 },
	{ "proxy", 'x', 1 }, { "proxy-command", OPT_COMMAND, 1 },
	{ "cacert", OPT_CACERT, 1 }, { "user", 'u', 1 },
	{ "auth", OPT_AUTH, 1 }, { "credentials-file", OPT_CREDENTIALS, 1 },
	{ "no-netrc", OPT_NO_NETRC, 0 }, { "header", 'H', 1 },
	{ "keepalive", OPT_KEEPALIVE, 1 }, { "connect-timeout", 't', 1 },
	{ "idle-timeout", 'i', 1 }, { "linger-timeout", OPT_LINGER, 1 },
	{ "doctor", OPT_DOCTOR, 0 },
	{ "verbose", 'v', 0 }, { "quiet", 'q', 0 },
	{ "version", OPT_VERSION, 0 }, { "help", OPT_HELP, 0 },
	{ NULL, 0, 0 }
};

static int
add_field(struct config *c, char *word)
{
	char *colon = strchr(word, ':'), *value;

	if (colon == NULL)
		return config_misuse(c, "-H takes 'NAME: VALUE', not ", word);
	if (c->fields_n == FIELDS_MAX)
		return config_misuse(c, "too many -H", "");
	c->fields[c->fields_n] = secret_copy(word, strlen(word));
	if (c->fields[c->fields_n++] == NULL)
		return config_no_memory(c);
	/* Any field may hold a secret: only its name stays to be seen. */
	for (value = colon + 1; *value != '\0'; value++)
		*value = ' ';
	return 0;
}

static int
set_time(struct config *c, unsigned long long *ms, const char *text,
    const char *name)
{
	if (opt_seconds(text, ms))
		return 0;
	config_say(c, "%s takes a number of seconds, not '%s'; see "
	    "tunnel-connect --help", name, text);
	return EXIT_USAGE;
}

/* The system counts in whole seconds: a fraction is rounded up. */
static int
set_keepalive(struct config *c, const char *text)
{
	unsigned long long ms;

	if (!opt_seconds(text, &ms) || ms > KEEPALIVE_MAX * 1000ULL) {
		config_say(c, "--keepalive takes a number of seconds up to %d, "
		    "not '%s'; see tunnel-connect --help", KEEPALIVE_MAX,
		    text);
		return EXIT_USAGE;
	}
	c->keepalive = (int)((ms + 999) / 1000);
	return 0;
}

static int
set_command(struct config *c, const char *text)
{
	if (text[strspn(text, " \t")] == '\0')
		return config_misuse(c, "--proxy-command needs a command", "");
	c->command = text;
	return 0;
}

static int
set_auth(struct config *c, char *text, const char *from)
{
	int rv = auth_read(text, &c->negotiate);

	if (rv == TUNNEL_ENOMEM)
		return config_no_memory(c);
	if (rv < 0)
		config_say(c, "%s takes negotiate, digest, ntlm and basic, "
		    "with commas between, not '%s'; see tunnel-connect --help",
		    from, text);
	else
		c->auth = text;
	return rv < 0 ? EXIT_USAGE : 0;
}

int
option_default(struct config *c)
{
	char *auth = getenv("TUNNEL_PROXY_AUTH");

	return c->auth != NULL || auth == NULL ? 0 :
	    set_auth(c, auth, "TUNNEL_PROXY_AUTH");
}

static int
show(const char *text)
{
	(void)fputs(text, stdout);
	return -1;
}

static int
show_version(void)
{
	char text[60];
	unsigned v = tunnel_version();

	(void)snprintf(text, sizeof text, "tunnel-connect %u.%u.%u\n", v >> 16,
	    v >> 8 & 255, v & 255);
	return show(text);
}

int
option_apply(struct config *c, int id, char *value)
{
	switch (id) {
	case 'x':
		return hop_add(c, value, "-x");
	case 'u':
		return hop_user(c, value);
	case 'H':
		return add_field(c, value);
	case 'L':
	case 'D':
		return target_forward(c, id == 'D', value);
	case '4':
	case '6':
		c->family = id - '0';
		return 0;
	case 't':
		return set_time(c, &c->connect_ms, value, "-t");
	case 'i':
		return set_time(c, &c->idle_ms, value, "-i");
	case OPT_LINGER:
		return set_time(c, &c->linger_ms, value, "--linger-timeout");
	case OPT_KEEPALIVE:
		return set_keepalive(c, value);
	case OPT_COMMAND:
		return set_command(c, value);
	case OPT_CACERT:
		c->cacert = value;
		return 0;
	case OPT_AUTH:
		return set_auth(c, value, "--auth");
	case OPT_CREDENTIALS:
		c->credentials = value;
		return 0;
	case OPT_NO_NETRC:
		c->no_netrc = 1;
		return 0;
	case OPT_DOCTOR:
		c->examine = 1;
		return 0;
	case 'v':
		c->verbose = 1;
		return 0;
	case 'q':
		c->quiet = 1;
		return 0;
	case OPT_VERSION:
		return show_version();
	}
	return show(usage);
}
