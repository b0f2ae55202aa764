/* proxy_config.h - what tunnel-proxy was asked to do */
#ifndef PROXY_CONFIG_H
#define PROXY_CONFIG_H

#include <tunnel.h>

#include "proxy_option.h"

enum { PLACES_MAX = 64, LIMITS = 7, TIMES = 7 };

/* All other text lives in options. */
struct config {
	struct options options;
	const char *listen[PLACES_MAX];
	int listen_n, inherited;        /* sockets that systemd has opened */
	const char *socks[PLACES_MAX];
	int socks_n;
	const char *upstream[PLACES_MAX];
	int upstream_n;
	const char *exempt[PLACES_MAX]; /* lists of targets without upstream */
	int exempt_n;
	const char *credentials, *auth; /* for upstream: a file, schemes */
	unsigned long long rest_ms;
	const char *bind, *status, *access_log, *become, *chroot, *extension;
	const char *realm, *auth_file;
	char status_text[32];           /* of a status that is a port alone */
	int forward;                    /* pass messages on, too */
	int no_sandbox;
	int json, verbose, quiet, check, family, accept_preface, send_preface;
	unsigned threads;
	unsigned long long limit[LIMITS];       /* as enum tunnel_limit */
	unsigned long long time[TIMES];         /* as enum tunnel_time */
	unsigned long long drain_ms;
	struct tunnel_policy *policy;
	struct tunnel_users *users;             /* NULL: anybody */
};

/* Read everything: 0, an exit status after having said why, or -1 when all has
 * been said (--help, --version). */
int config_read(struct config *c, int argc, char **argv);

/* Read it all anew, into another one: 0 or an exit status. */
int config_again(struct config *fresh);
void config_free(struct config *c);

/* The upstream proxies are known: their passwords are not needed here any
 * more, nor when it is read anew. */
void config_blot(struct config *c);

/* The words of the command line, with the names of --config files. */
const struct options *config_words(void);

/* It will not be read anew. */
void config_forget(void);

/* A number, with a unit if it is a size: 1, or 0 when it is none.  Seconds, as
 * ms: 0 or an exit status.  An option that is a limit or a time: 1, *rv being 0
 * or an exit status. */
int config_count(const char *text, int is_size, unsigned long long *value);
int config_seconds(unsigned long long *ms, const char *value);
int config_number(struct config *c, int id, const char *value, int *rv);

/* One more rule, user, or file of users: 0 or an exit status. */
int config_rule(struct config *c, int id, const char *value);
int config_user(struct config *c, const char *value);
int config_users(struct config *c, const char *path);

/* Is there an --allow or a --deny? */
int config_has_rule(const struct config *c);

/* Does a --socks name this place? */
int config_is_socks(const struct config *c, const char *where);

/* Tell what would be done, on standard output, but for passwords. */
void config_tell(const struct config *c, const struct tunnel_users *users);

#endif
