/* proxy_option.c - the words of the command line and of --config files
 *
 * Both become one list, in the order in which they were said, which can be gone
 * through again when the configuration is to be read anew.
 */
#include "proxy_option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_opt.h"
#include "common_secret.h"
#include "proxy_say.h"

/* In two, as a compiler need not know longer strings. */
const char option_usage[] =
"Usage: tunnel-proxy [OPTION]...\n"
"An HTTP proxy that carries tunnels: it serves CONNECT; other requests and\n"
"clients of SOCKS5 as well, where it is told to.\n"
"\n"
"Where\n"
"  -l, --listen WHERE         ADDR:PORT, unix:PATH or fd:N (repeat;\n"
"                             127.0.0.1:3128); port 0 picks one; what it has\n"
"                             become is told on standard output\n"
"      --socks WHERE          the same for clients that speak SOCKS5 (repeat)\n"
"      --forward              also pass on requests for http:// URLs\n"
"      --upstream URL         reach targets through this proxy (repeat: a\n"
"                             chain, the first one first)\n"
"      --upstream-credentials FILE  log in there for all clients; lines of\n"
"                             [PROXYHOST[:PORT] ]USER:PASSWORD\n"
"      --upstream-auth LIST   log in by one of these, the best first: of\n"
"                             negotiate,digest,ntlm,basic (all but the\n"
"                             first), or any\n"
"      --upstream-rest S      rejected credentials are not sent for a second,\n"
"                             then for longer, up to S (300)\n"
"      --no-proxy LIST        reach these without --upstream: names with all\n"
"                             below them, addresses, ADDR/BITS (repeat)\n"
"      --bind ADDR            dial from this address\n"
"  -4, --ipv4                 dial only IPv4\n"
"  -6, --ipv6                 dial only IPv6\n"
"      --proxy-protocol WORD  accept: clients begin with the PROXY protocol;\n"
"                             send, send-v2: so do tunnels (repeat)\n"
"Who\n"
"      --allow RULE           allow targets; RULE is PATTERN[:PORTS], PATTERN\n"
"      --deny RULE            a name, *.suffix, *, an address or ADDR/BITS,\n"
"                             PORTS like 22,8000-8099 or *; the first that\n"
"                             matches decides, what none matches is denied\n"
"      --allow-client BLOCK   let in clients at *, an address or ADDR/BITS\n"
"      --deny-client BLOCK    keep them out; the first that matches decides\n"
"      --user USER:PASSWORD   let in only who knows these (Basic; repeat)\n"
"      --auth-file FILE       or who is in FILE, of htdigest(1)\n"
"      --realm TEXT           what users log in to (tunnel-proxy)\n";

const char option_usage_rest[] =
"How much\n"
"      --threads N            as many threads (one for each processor)\n"
"      --max-tunnels N        at most so many at a time\n"
"      --max-per-client N     connections of one address\n"
"      --max-handshakes N     requests under way; the oldest yields (4096)\n"
"      --max-head SIZE        bytes of a request's head (64k)\n"
"      --accept-rate N        new connections a second\n"
"      --buffer SIZE          for each direction of a tunnel (64k)\n"
"      --memory SIZE          for all of them\n"
"How long, in seconds (0: for ever)\n"
"      --handshake-timeout S  for a whole request head (30)\n"
"      --dial-timeout S       to reach a target (30)\n"
"      --idle-timeout S       of a tunnel without a byte (0)\n"
"      --linger-timeout S     of a half-closed tunnel without a byte (300)\n"
"      --stall-timeout S      of a reader that takes nothing (0)\n"
"      --lifetime S           of a tunnel (0)\n"
"      --reply-timeout S      of a request that is passed on, without a byte\n"
"                             (300)\n"
"      --drain S              for tunnels to end after SIGTERM (30)\n"
"Watching\n"
"      --access-log FILE      a line for each tunnel; - is standard output\n"
"      --log-format FORMAT    text or json\n"
"      --status [ADDR:]PORT   a page for people; /metrics and /healthz\n"
"  -v, --verbose              tell of each tunnel on standard error\n"
"  -q, --quiet                say nothing on standard error\n"
"Running\n"
"      --config FILE          more options, one a line, without --\n"
"      --check                only say what would be done\n"
"      --user-switch USER[:GROUP]  become this user once the ports are open\n"
"      --chroot DIR           see nothing but DIR from then on\n"
"      --no-sandbox           filter no system calls, restrict no files\n"
"      --extension FILE       a shared object whose hooks are called as well\n"
"      --version, --help      print the version; print this\n"
"\n"
"Without any RULE: ports 22 and 443 (and 80 with --forward) of public\n"
"addresses.  Private and other special ones need a RULE that is an address.\n"
"SIGTERM drains (a second one ends at once), SIGHUP reads rules, users,\n"
"credentials and logs anew, SIGUSR1 prints the tunnels that are open.\n";

static const struct opt table[] = {
	{ "listen", 'l', 1 }, { "socks", OPT_SOCKS, 1 },
	{ "forward", OPT_FORWARD, 0 },
	{ "upstream", OPT_UPSTREAM, 1 },
	{ "upstream-credentials", OPT_CREDENTIALS, 1 },
	{ "upstream-auth", OPT_AUTH, 1 }, { "upstream-rest", OPT_REST, 1 },
	{ "no-proxy", OPT_NO_PROXY, 1 },
	{ "bind", OPT_BIND, 1 }, { "ipv4", '4', 0 }, { "ipv6", '6', 0 },
	{ "proxy-protocol", OPT_PREFACE, 1 },
	{ "allow", OPT_ALLOW, 1 }, { "deny", OPT_DENY, 1 },
	{ "allow-client", OPT_ALLOW_CLIENT, 1 },
	{ "deny-client", OPT_DENY_CLIENT, 1 },
	{ "user", OPT_USER, 1 }, { "auth-file", OPT_AUTH_FILE, 1 },
	{ "realm", OPT_REALM, 1 },
	{ "threads", OPT_THREADS, 1 }, { "max-tunnels", OPT_MAX_TUNNELS, 1 },
	{ "max-per-client", OPT_MAX_PER_CLIENT, 1 },
	{ "max-handshakes", OPT_MAX_HANDSHAKES, 1 },
	{ "max-head", OPT_MAX_HEAD, 1 }, { "memory", OPT_MEMORY, 1 },
	{ "buffer", OPT_BUFFER, 1 }, { "accept-rate", OPT_RATE, 1 },
	{ "handshake-timeout", OPT_HANDSHAKE, 1 },
	{ "dial-timeout", OPT_DIAL, 1 }, { "idle-timeout", OPT_IDLE, 1 },
	{ "linger-timeout", OPT_LINGER, 1 }, { "stall-timeout", OPT_STALL, 1 },
	{ "lifetime", OPT_LIFETIME, 1 }, { "reply-timeout", OPT_REPLY, 1 },
	{ "drain", OPT_DRAIN, 1 },
	{ "access-log", OPT_ACCESS_LOG, 1 },
	{ "log-format", OPT_LOG_FORMAT, 1 }, { "status", OPT_STATUS, 1 },
	{ "verbose", 'v', 0 }, { "quiet", 'q', 0 },
	{ "config", OPT_CONFIG, 1 }, { "check", OPT_CHECK, 0 },
	{ "user-switch", OPT_SWITCH, 1 }, { "chroot", OPT_CHROOT, 1 },
	{ "no-sandbox", OPT_NO_SANDBOX, 0 },
	{ "extension", OPT_EXTENSION, 1 },
	{ "version", OPT_VERSION, 0 }, { "help", OPT_HELP, 0 },
	{ NULL, 0, 0 }
};

int
option_misuse(const char *what, const char *word)
{
	say("%s%s; see tunnel-proxy --help", what, word);
	return 2;
}

int
option_no_memory(void)
{
	say("out of memory");
	return 1;
}

void
option_begin(struct options *o)
{
	o->first = NULL;
	o->last = &o->first;
}

void
option_free(struct options *o)
{
	struct option *i;

	while ((i = o->first) != NULL) {
		o->first = i->next;
		secret_drop(&i->value);
		free(i);
	}
	option_begin(o);
}

static int
append(struct options *o, int id, const char *value)
{
	struct option *i = calloc(1, sizeof *i);

	if (i == NULL)
		return option_no_memory();
	i->id = id;
	i->value = secret_copy(value, strlen(value));
	if (i->value == NULL) {
		free(i);
		return option_no_memory();
	}
	*o->last = i;
	o->last = &i->next;
	return 0;
}

/* Take the password out of "USER:PASSWORD" or "http://USER:PASSWORD@HOST", also
 * how long it was; the rest is still good for a message. */
static void
blot(int id, char *value)
{
	char *from = value, *to = value + strlen(value), *scheme;
	size_t n;

	if (id == OPT_UPSTREAM) {
		scheme = strstr(value, "://");
		from = scheme != NULL ? scheme + 3 : value;
		to = strrchr(from, '@');
	} else if (id != OPT_USER) {
		return;
	}
	from = strchr(from, ':');
	if (from == NULL || to == NULL || from > to)
		return;
	n = strlen(to);
	memmove(++from, to, n);
	secret_wipe(from + n, (size_t)(to - from));
}

void
option_blot(struct options *o, int id)
{
	struct option *i;

	for (i = o->first; i != NULL; i = i->next)
		if (i->id == id)
			blot(id, i->value);
}

int
option_line(struct options *o, int argc, char **argv)
{
	struct opt_line l;
	int id, rv = 0;

	opt_begin(&l, argc, argv);
	while (rv == 0 && (id = opt_next(&l, table)) != 0) {
		if (id < 0)
			return option_misuse(l.error, "");
		rv = append(o, id, l.value != NULL ? l.value : "");
		if (l.value != NULL)
			blot(id, l.value);
	}
	if (rv == 0 && l.operands > 0)
		rv = option_misuse("no operand is taken: ", argv[1]);
	return rv;
}

/* ---- files ---------------------------------------------------------- */

char *
option_read(const char *path, unsigned long max, unsigned long *n)
{
	FILE *f = fopen(path, "r");
	char *text;
	int e;

	if (f == NULL)
		return NULL;
	/* Its own buffer would keep what is read. */
	(void)setvbuf(f, NULL, _IONBF, 0);
	text = malloc(max + 1);
	if (text != NULL) {
		*n = fread(text, 1, max + 1, f);
		errno = ferror(f) ? EIO : *n > max ? EFBIG : 0;
		if (errno != 0) {
			e = errno;
			secret_wipe(text, *n < max ? *n : max);
			free(text);
			text = NULL;
			errno = e;
		} else {
			text[*n] = '\0';
		}
	}
	e = errno;
	(void)fclose(f);
	errno = e;
	return text;
}

static int
complain(const char *path, unsigned line, const char *what)
{
	say("%s, line %u: %s", path, line, what);
	return 2;
}

/* One line, which is cut to its parts. */
static int
read_line(struct options *o, const char *path, unsigned number, char *p)
{
	const struct opt *t;
	size_t n;
	char *value;

	p += strspn(p, " \t");
	n = strlen(p);
	while (n > 0 && strchr(" \t\r", p[n - 1]) != NULL)
		p[--n] = '\0';
	if (n == 0 || *p == '#')
		return 0;
	n = strcspn(p, " \t=");
	value = p + n + strspn(p + n, " \t");
	if (*value == '=')
		value += 1 + strspn(value + 1, " \t");
	p[n] = '\0';
	for (t = table; t->name != NULL; t++)
		if (strcmp(t->name, p) == 0)
			break;
	if (t->name == NULL || t->id == OPT_CONFIG || t->id == OPT_HELP ||
	    t->id == OPT_VERSION)
		return complain(path, number, "unknown option");
	if (t->takes != (*value != '\0'))
		return complain(path, number, t->takes ?
		    "a value is missing" : "no value is taken");
	return append(o, t->id, value);
}

int
option_file(struct options *o, const char *path)
{
	unsigned long n;
	char *text = option_read(path, 1 << 20, &n), *p, *end;
	unsigned number = 0;
	int rv = 0;

	if (text == NULL) {
		say("cannot read %s: %s", path, strerror(errno));
		return 2;
	}
	for (p = text; rv == 0 && p < text + n; p = end + 1) {
		end = memchr(p, '\n', (size_t)(text + n - p));
		if (end == NULL)
			end = text + n;
		*end = '\0';
		number++;
		/* Nobody who reads the file sees where the line would end. */
		rv = strlen(p) < (size_t)(end - p) ?
		    complain(path, number, "there is a NUL in it") :
		    read_line(o, path, number, p);
	}
	secret_wipe(text, n);
	free(text);
	return rv;
}
