/* connect_way.c - programs that reach the first proxy for us
 *
 *      --proxy-command CMD     /bin/sh -c CMD, as ssh(1) has it
 *      -x https://HOST         openssl s_client, without a shell
 *
 * s_client speaks TLS and nothing else.  It has no half-close: with -quiet the
 * end of its input is not passed on, and it goes on until the other side ends;
 * without it would end at once, and lose what the other side still says.  Its
 * status is not 0 when the connection breaks, and also when the other side ends
 * without saying so in TLS, which looks the same as being cut off.
 */
#include "connect_way.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "connect_dial.h"
#include "connect_doctor.h"
#include "connect_tls.h"

enum { COMMAND_MAX = 8192 };

int
way_is_helped(const struct config *c)
{
	return c->hops_n > 0 && (c->command != NULL || c->hops[0].tls);
}

/* ---- a command -------------------------------------------------------- */

/* What stands for a letter behind '%', or NULL. */
static const char *
meaning(const struct hop *h, char letter, char port[8])
{
	(void)snprintf(port, 8, "%u", h->port);
	if (letter == '%')
		return "%";
	if (h->unnamed)
		return NULL;
	return letter == 'h' ? h->host : letter == 'p' ? port : NULL;
}

/* A host holds nothing that means anything to a shell, but as the first letter
 * of a word a '-' may mean something to whatever it runs. */
static int
expand(const struct config *c, char *out, size_t cap)
{
	const char *p = c->command, *word;
	const struct hop *h = &c->hops[0];
	char port[8], one[2] = "";
	size_t n = 0;

	for (; *p != '\0'; p++) {
		one[0] = *p;
		word = one;
		if (*p == '%') {
			word = meaning(h, *++p, port);
			if (word == NULL || (*word == '-' && word != one))
				return 0;
		}
		if (strlen(word) >= cap - n)
			return 0;
		(void)strcpy(out + n, word);
		n += strlen(word);
	}
	return 1;
}

static int
start_command(const struct config *c, struct helper *h)
{
	static char text[COMMAND_MAX];
	char sh[] = "/bin/sh", option[] = "-c";
	char *argv[4];
	int rv;

	(void)expand(c, text, sizeof text);
	argv[0] = sh;
	argv[1] = option;
	argv[2] = text;
	argv[3] = NULL;
	config_trace(c, "* running %s", text);
	rv = helper_start(h, argv, 0);
	if (rv == 0)
		return 0;
	doctor_step(c, STEP_FAIL, "command", "%s", strerror(rv));
	config_say(c, "the proxy command cannot be started: %s",
	    strerror(rv));
	return EXIT_UNREACHABLE;
}

/* ---- both ------------------------------------------------------------- */

int
way_check(const struct config *c)
{
	static char text[COMMAND_MAX];

	if (c->cacert != NULL && access(c->cacert, R_OK) < 0) {
		config_say(c, "the file %s of --cacert cannot be read: %s",
		    c->cacert, strerror(errno));
		return EXIT_USAGE;
	}
	if (c->command == NULL || c->hops_n == 0 ||
	    expand(c, text, sizeof text))
		return 0;
	config_say(c, c->hops[0].unnamed ? "--proxy-command has a %% and what "
	    "is no %%%%: %%h and %%p need a proxy that is named with -x" :
	    "--proxy-command is too long, or has a %% before something else "
	    "than h, p or %%, or the proxy's name begins with a '-'");
	return EXIT_USAGE;
}

int
way_open(const struct config *c, struct helper *h)
{
	return c->command != NULL ? start_command(c, h) : tls_start(c, h);
}

void
way_trace(const struct config *c, const struct helper *h)
{
	size_t at = 0, n;
	const char *end;

	for (; at < h->said_n; at += n + 1) {
		end = memchr(h->said + at, '\n', h->said_n - at);
		n = end != NULL ? (size_t)(end - h->said) - at :
		    h->said_n - at;
		config_trace(c, "* openssl: %.*s", (int)n, h->said + at);
	}
}

int
way_probe(const struct config *c, uint64_t deadline)
{
	const struct hop *hop = &c->hops[0];
	int fd, status;

	if (c->doctor == NULL || c->command != NULL)
		return 0;
	fd = dial(c, "proxy", hop->host, hop->port, deadline, &status);
	if (fd >= 0)
		(void)close(fd);
	return status;
}

void
way_await(const struct config *c, struct helper *h, uint64_t deadline)
{
	if (c->doctor == NULL || h->pid == 0)
		return;
	if (c->command != NULL)
		doctor_step(c, STEP_OK, "command", "that of --proxy-command "
		    "has been started");
	else
		tls_await(c, h, deadline);
}

static int
command_failed(const struct config *c, const struct helper *h)
{
	char fate[60];

	helper_fate(h, fate, sizeof fate);
	doctor_step(c, STEP_FAIL, "command", "it %s", fate);
	if (h->status == 0) {
		config_say(c, "the command that reaches the proxy %s has ended "
		    "before the proxy replied: is it an HTTP proxy, and may "
		    "you use it?", c->hops[0].name);
		return EXIT_MALFORMED;
	}
	config_say(c, "the command that reaches the proxy %s %s before the "
	    "proxy replied; its own messages tell why", c->hops[0].name, fate);
	return EXIT_UNREACHABLE;
}

int
way_failed(const struct config *c, struct helper *h, uint64_t ms, int *status)
{
	if (h->pid == 0 || !helper_over(h, ms))
		return 0;
	way_trace(c, h);
	/* The proxy itself has closed, and in good order. */
	if (c->command == NULL && h->status == 0)
		return 0;
	*status = c->command != NULL ? command_failed(c, h) : tls_failed(c, h);
	return 1;
}

int
way_broke(const struct config *c, struct helper *h, uint64_t ms)
{
	char fate[60], why[200] = "";

	if (h->pid == 0 || !helper_over(h, ms) || h->status == 0)
		return 0;
	way_trace(c, h);
	helper_fate(h, fate, sizeof fate);
	if (c->command == NULL)
		tls_said(h, why, sizeof why);
	config_say(c, "%s, which was the connection to the proxy %s, %s%s%s: "
	    "what came last may be missing", c->command != NULL ?
	    "the proxy command" : "openssl", c->hops[0].name, fate,
	    *why != '\0' ? ", saying: " : "", why);
	return 1;
}
