/* proxy_config.h - what tunnel-proxy was asked to do */
#ifndef PROXY_CONFIG_H
#define PROXY_CONFIG_H

#include <tunnel.h>

enum { LISTEN_MAX = 64 };

struct config {
	const char *listen[LISTEN_MAX];         /* "ADDR:PORT" */
	int listen_n;
	struct tunnel_policy *policy;
	char *user, *password;                  /* NULL: no authentication */
	unsigned long long handshake_ms, idle_ms, linger_ms;
	int verbose;
};

/* 0, or an exit status after having said why (--help and --version: *stop). */
int config_read(struct config *c, int argc, char **argv, int *stop);
void config_free(struct config *c);

/* One line on standard error, behind the program's name. */
void config_say(const char *format, ...);

#endif
