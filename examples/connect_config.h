/* connect_config.h - what tunnel-connect was asked to do */
#ifndef CONNECT_CONFIG_H
#define CONNECT_CONFIG_H

#include <tunnel.h>

#include "common_gss.h"

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

enum { FIELDS_MAX = 64, FORWARDS_MAX = 64, HOPS_MAX = 8 };

/* -L: where to listen, and what each who comes there is connected to; -D: where
 * each who comes says so himself. */
struct forward {
	char where[TUNNEL_HOST_MAX + 8];
	char host[TUNNEL_HOST_MAX];
	unsigned port;                  /* 0: -D */
};

/* A proxy on the way. */
struct hop {
	char host[TUNNEL_HOST_MAX];
	unsigned port;
	char where[TUNNEL_HOST_MAX + 8];        /* "host:port" */
	char name[TUNNEL_HOST_MAX + 32];        /* the same, for messages */
	char to[TUNNEL_HOST_MAX + 60];  /* what it is asked for, in words */
	char *user, *password;          /* NULL: none */
	int given;                      /* user came with -u */
	const char *source;             /* where the password was found */
	int tls;                        /* https:// */
	int unnamed;                    /* only --proxy-command knows it */
	struct gss_service service;     /* for Negotiate */
};

struct doctor;

/* What every start needs comes first and what only some need last, as what is
 * not touched costs no memory. */
struct config {
	int hops_n;                     /* 0: go direct */
	int fields_n, forwards_n;
	int exempt;                     /* by no_proxy */
	int negotiate;                  /* is among the schemes of auth */
	int no_netrc;
	int family;                     /* 4, 6, or 0 for both */
	int keepalive;                  /* seconds; -1: the system's */
	int verbose, quiet;
	int examine;                    /* --doctor */
	struct doctor *doctor;          /* who looks on, or NULL */
	unsigned port;                  /* of the target */
	unsigned long long connect_ms, idle_ms, linger_ms;
	const char *auth;               /* schemes, the best first; or NULL */
	const char *command;            /* that reaches the first proxy */
	const char *cacert;
	const char *credentials;        /* a file */
	char host[TUNNEL_HOST_MAX];     /* the target */
	char via[400];          /* " through the proxy host:port", or "" */
	char why[300];                  /* why this proxy, or none */
	struct hop hops[HOPS_MAX];      /* the nearest first */
	char *fields[FIELDS_MAX];       /* "Name: value", later "Name" */
	struct forward forwards[FORWARDS_MAX];
};

/* Read command line and environment, c being all zero.  0, or the exit status
 * after having said why (also for --help and --version: then *stop is 1). */
int config_read(struct config *c, int argc, char **argv, int *stop);
void config_free(struct config *c);

/* Was a field of this name, of n bytes, given with -H? */
int config_gave(const struct config *c, const char *name, size_t n);

/* Forget the secrets; the names of users and fields are kept for messages. */
void config_forget(struct config *c);

/* What most mistakes get: one line, and the exit status. */
int config_misuse(const struct config *c, const char *what, const char *word);
int config_no_memory(const struct config *c);

/* One line on standard error behind the program's name, unless quiet; what
 * could steer a terminal, and may be a peer's, is shown as '?'.  The doctor
 * keeps it for the end instead. */
void config_say(const struct config *c, const char *format, ...);

/* The same when verbose, without the name. */
void config_trace(const struct config *c, const char *format, ...);

/* Ask on the terminal, without echo: a copy for secret_drop, or NULL. */
char *config_ask(const char *prompt);

#endif
