/* proxy_option.h - the words of the command line and of --config files */
#ifndef PROXY_OPTION_H
#define PROXY_OPTION_H

enum {
	OPT_ALLOW = 256, OPT_DENY, OPT_ALLOW_CLIENT, OPT_DENY_CLIENT, OPT_USER,
	OPT_AUTH_FILE, OPT_REALM, OPT_UPSTREAM, OPT_BIND, OPT_THREADS,
	OPT_MAX_TUNNELS, OPT_MAX_PER_CLIENT, OPT_MAX_HANDSHAKES, OPT_MAX_HEAD,
	OPT_MEMORY, OPT_BUFFER, OPT_RATE, OPT_HANDSHAKE, OPT_DIAL, OPT_IDLE,
	OPT_LINGER, OPT_STALL, OPT_LIFETIME, OPT_REPLY, OPT_FORWARD,
	OPT_DRAIN, OPT_ACCESS_LOG,
	OPT_LOG_FORMAT, OPT_STATUS, OPT_PREFACE, OPT_CONFIG, OPT_CHECK,
	OPT_SWITCH, OPT_CHROOT, OPT_EXTENSION, OPT_SOCKS, OPT_CREDENTIALS,
	OPT_AUTH, OPT_REST, OPT_NO_PROXY, OPT_NO_SANDBOX, OPT_VERSION, OPT_HELP
};

/* One option with its value, "" when it takes none. */
struct option {
	struct option *next;
	int id;
	char *value;            /* for secret_drop */
};

struct options {
	struct option *first, **last;
};

void option_begin(struct options *o);
void option_free(struct options *o);

/* Read the command line.  Passwords are overwritten in argv.  0, or an exit
 * status after having said why. */
int option_line(struct options *o, int argc, char **argv);

/* Read a file: long options without "--", one a line, value behind a blank or
 * '='; '#' begins a comment line.  The same. */
int option_file(struct options *o, const char *path);

/* A whole file as a string, at most max bytes, for secret_drop; NULL with
 * errno. */
char *option_read(const char *path, unsigned long max, unsigned long *n);

/* Overwrite the passwords in all options of that kind. */
void option_blot(struct options *o, int id);

/* Say what is wrong with the use of an option: 2. */
int option_misuse(const char *what, const char *word);
int option_no_memory(void);

extern const char option_usage[], option_usage_rest[];

#endif
