/* gateway_option.h - command lines of gateways
 *
 * What they share: -l --listen, --max-connections, --handshake-timeout,
 * --idle-timeout, --drain, -v --verbose, -q --quiet, --version, --help.
 */
#ifndef GATEWAY_OPTION_H
#define GATEWAY_OPTION_H

#include "common_opt.h"
#include "gateway_serve.h"

/* Ids from here on are the gateway's own; letters are as well, but for l, v and
 * q. */
enum { GATEWAY_OPTION_OWN = 512 };

/* The shared options, to stand in a usage text. */
#define GATEWAY_OPTION_USAGE \
"  -l, --listen WHERE         ADDR:PORT, IPv6 in brackets (127.0.0.1:8080);\n" \
"                             port 0 picks one; what it has become is told\n" \
"                             on standard output\n" \
"      --max-connections N    clients at a time (256)\n" \
"      --handshake-timeout S  for a whole request head (30)\n" \
"      --idle-timeout S       of a client that owes a byte, or takes none\n" \
"                             (60)\n" \
"      --drain S              for requests to end after SIGTERM (30)\n" \
"  -v, --verbose              tell of each request on standard error\n" \
"  -q, --quiet                say nothing on standard error\n" \
"      --version, --help      print the version; print this\n"

struct gateway_option {
	struct serve_settings *settings;
	const struct opt *own;  /* ends with a NULL name, at most 24 */
	const char *usage;
	/* An option of its own, value NULL when it takes none: 0, or an exit
	 * status after having said why. */
	int (*take)(void *ud, int id, char *value);
	void *ud;
	int operands;           /* out: so many from argv[1] on */
};

/* Read the command line into settings, whose name is there already: 0 to go on,
 * -1 to exit with 0 (version and help were printed), or an exit status. */
int gateway_options(struct gateway_option *o, int argc, char **argv);

/* Helpers for take: a number of at least 1 and at most max, seconds as ms.  0,
 * or 2 after having said what is wrong with the option. */
int gateway_number(const char *option, const char *value, size_t max,
    size_t *n);
int gateway_seconds(const char *option, const char *value, uint64_t *ms);

/* Say what is wrong: 2; that there is no memory: 1. */
int gateway_misuse(const char *what, const char *word);
int gateway_no_memory(void);

#endif
