/* connect_config.h - what tunnel-connect was asked to do */
#ifndef CONNECT_CONFIG_H
#define CONNECT_CONFIG_H

#include <tunnel.h>

enum exit_status {
	EXIT_CLEAN = 0,         /* the tunnel ended cleanly */
	EXIT_IO = 1,            /* an error in the tunnel */
	EXIT_USAGE = 2,
	EXIT_UNREACHABLE = 3,   /* the proxy, or the target when direct */
	EXIT_REFUSED = 4,       /* by the proxy */
	EXIT_AUTH = 5,          /* 407 */
	EXIT_MALFORMED = 6,     /* a reply that is none */
	EXIT_TIMEOUT = 7
};

enum { FIELDS_MAX = 64 };

struct config {
	struct tunnel_url *proxy;       /* NULL: go direct */
	char why[160];                  /* why that proxy, or none */
	char host[TUNNEL_HOST_MAX];     /* the target */
	unsigned port;
	char *user, *password;          /* NULL: none; wiped by config_free */
	char *fields[FIELDS_MAX];       /* "Name: value" */
	int fields_n;
	unsigned long long connect_ms, idle_ms, linger_ms;
	int verbose, quiet;
};

/* Read command line and environment.  0, or the exit status after having said
 * why (also for --help and --version: then *stop is 1). */
int config_read(struct config *c, int argc, char **argv, int *stop);
void config_free(struct config *c);

/* Forget the secrets; the user's name is kept for messages. */
void config_forget(struct config *c);

/* One line on standard error behind the program's name, unless quiet; control
 * bytes, which may be a peer's, are shown as '?'. */
void config_say(const struct config *c, const char *format, ...);

/* The same when verbose, without the name. */
void config_trace(const struct config *c, const char *format, ...);

/* Ask on the terminal, without echo: a copy to be freed, or NULL. */
char *config_ask(const char *prompt);

#endif
