/* proxy_sandbox.c - what tunnel-proxy may still do once it runs
 *
 *      all sockets, logs, users and rules are there, privileges are gone
 *          |
 *      no new privileges --> files --> system calls --> threads, clients
 *
 * What is read again on SIGHUP lies in directories, since whoever changes a
 * file may put another one in its place; so does the log, which is made anew.
 * What libc reads to look up names lies in the system's directories.  What
 * cannot be had of all this is told with --verbose, and the proxy runs without
 * it: the rest of what keeps an intruder out does not hang on it.
 */
#define _DEFAULT_SOURCE 1       /* realpath */

#include "proxy_sandbox.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy_say.h"
#include "sandbox.h"

/* TUNNEL_COVERAGE: counts are written when the program ends, to where it was
 * built. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || \
    defined TUNNEL_COVERAGE
enum { INSTRUMENTED = 1 };
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
enum { INSTRUMENTED = 1 };
#else
enum { INSTRUMENTED = 0 };
#endif
#else
enum { INSTRUMENTED = 0 };
#endif

/* For names and services, random bytes, and what modules of libc bring. */
static const char *const systems[] = {
	"/etc", "/usr", "/lib", "/lib32", "/lib64", "/run", "/var/run",
	"/var/lib/sss", "/nix/store", "/gnu/store", "/proc/sys", "/proc/net",
	"/sys/devices/system/cpu", "/dev/null", "/dev/urandom", "/dev/random"
};

static void
allow_directory(const char *path, int how)
{
	const char *slash = strrchr(path, '/');
	char dir[4096];

	(void)snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 :
	    slash == path ? 1 : (int)(slash - path),
	    slash == NULL ? "." : path);
	sandbox_files_allow(dir, how);
}

/* The file, its directory, and that where it really lies. */
static void
allow_file(const char *path, int how)
{
	char *real = realpath(path, NULL);
	struct stat st;

	sandbox_files_allow(path, how);
	/* Beside a device or a pipe there is nothing of ours. */
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode)) {
		allow_directory(path, how);
		if (real != NULL)
			allow_directory(real, how);
	}
	free(real);
}

static void
allow_options(const struct options *o)
{
	const struct option *i;

	for (i = o->first; i != NULL; i = i->next) {
		switch (i->id) {
		case OPT_CONFIG:
		case OPT_AUTH_FILE:
		case OPT_CREDENTIALS:
			allow_file(i->value, SANDBOX_READ);
			break;
		case OPT_ACCESS_LOG:
			if (strcmp(i->value, "-") != 0)
				allow_file(i->value, SANDBOX_WRITE);
			break;
		case 'l':
		case OPT_SOCKS:
		case OPT_STATUS:
			/* It is removed at the end. */
			if (strncmp(i->value, "unix:", 5) == 0)
				allow_directory(i->value + 5, SANDBOX_REMOVE);
			break;
		}
	}
}

static const char *
hold_files(const struct config *c)
{
	const char *why = sandbox_files_begin();
	size_t i;

	if (why != NULL)
		return why;
	for (i = 0; i < sizeof systems / sizeof systems[0]; i++)
		sandbox_files_allow(systems[i], SANDBOX_READ);
	allow_options(config_words());
	allow_options(&c->options);
	return sandbox_files_hold();
}

static void
tell(const struct config *c, const char *what, const char *why)
{
	if (c->verbose)
		say("sandbox: %s %s%s", what, why == NULL ? "restricted" :
		    "unrestricted: ", why == NULL ? "" : why);
}

void
sandbox_enter(const struct config *c, int tickets)
{
	const char *why;

	if (c->no_sandbox || INSTRUMENTED) {
		tell(c, "all is", c->no_sandbox ? "--no-sandbox" :
		    "built with a sanitizer or for coverage, which needs more");
		return;
	}
	why = sandbox_begin();
	if (why != NULL) {
		tell(c, "all is", why);
		return;
	}
	/* Where tickets are kept, only the system's Kerberos knows. */
	tell(c, "files are", tickets ? "Kerberos has its own" : hold_files(c));
	tell(c, "system calls are", sandbox_calls(tickets));
}
