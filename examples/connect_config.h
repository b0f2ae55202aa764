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

enum { FIELDS_MAX = 64, FORWARDS_MAX = 64 };

/* -L: where to listen, and what each who comes there is connected to; -D: where
 * each who comes says so himself. */
struct forward {
	char where[TUNNEL_HOST_MAX + 8];
	char host[TUNNEL_HOST_MAX];
	unsigned port;                  /* 0: -D */
};

struct config {
	struct tunnel_url *url;         /* while reading; may hold secrets */
	char why[300];                  /* why this proxy, or none */
	char proxy_host[TUNNEL_HOST_MAX];
	unsigned proxy_port;            /* 0: go direct */
	char proxy[TUNNEL_HOST_MAX + 8];        /* "host:port", for messages */
	char host[TUNNEL_HOST_MAX];     /* the target */
	unsigned port;
	char *user, *password;          /* NULL: none */
	char *fields[FIELDS_MAX];       /* "Name: value", later "Name" */
	int fields_n;
	struct forward forwards[FORWARDS_MAX];
	int forwards_n;
	int family;                     /* 4, 6, or 0 for both */
	unsigned long long connect_ms, idle_ms, linger_ms;
	int verbose, quiet;
};

/* Read command line and environment, c being all zero.  0, or the exit status
 * after having said why (also for --help and --version: then *stop is 1). */
int config_read(struct config *c, int argc, char **argv, int *stop);
void config_free(struct config *c);

/* Forget the secrets; the names of user and fields are kept for messages. */
void config_forget(struct config *c);

/* Read the word of a -L, or of a -D when socks: 1, or 0 when it is none. */
int config_place(struct forward *f, int socks, const char *word);

/* Take the URL of a proxy, which came from an option or a variable: 0 or an
 * exit status. */
int config_proxy(struct config *c, const char *text, const char *from);

/* The proxy that the environment names, if no option did, unless the target is
 * exempt: 0 or an exit status. */
int config_environment(struct config *c);

/* Do the variables exempt this target from any proxy?  1 and why, or 0. */
int config_exempt(const char *host, unsigned port, char *why, size_t cap);

/* One line on standard error behind the program's name, unless quiet; what
 * could steer a terminal, and may be a peer's, is shown as '?'. */
void config_say(const struct config *c, const char *format, ...);

/* The same when verbose, without the name. */
void config_trace(const struct config *c, const char *format, ...);

/* Ask on the terminal, without echo: a copy for secret_drop, or NULL. */
char *config_ask(const char *prompt);

#endif
