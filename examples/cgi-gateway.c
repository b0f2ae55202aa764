/* cgi-gateway.c - HTTP to a directory of programs (CGI/1.1, RFC 3875)
 *
 *      client --> gateway_serve --> cgi_exchange --> cgi_program
 *                                     place, environment, head
 *
 * One process and one thread; each request has a program of its own.
 */
#define _XOPEN_SOURCE 700               /* realpath */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgi_environment.h"
#include "cgi_exchange.h"
#include "common_net.h"
#include "gateway_option.h"

enum {
	OPTION_ROOT = GATEWAY_OPTION_OWN, OPTION_ENV, OPTION_MAX,
	OPTION_TIMEOUT, OPTION_LIFETIME, OPTION_AUTHORIZATION, OPTION_LENGTH,
	PROGRAMS_MAX = 100000
};

static const struct opt own[] = {
	{ "root", OPTION_ROOT, 1 }, { "env", OPTION_ENV, 1 },
	{ "max", OPTION_MAX, 1 }, { "timeout", OPTION_TIMEOUT, 1 },
	{ "lifetime", OPTION_LIFETIME, 1 },
	{ "pass-authorization", OPTION_AUTHORIZATION, 0 },
	{ "need-length", OPTION_LENGTH, 0 }, { NULL, 0, 0 }
};

static const char usage[] =
"Usage: cgi-gateway [OPTION]... DIR\n"
"Serve the programs in a directory by CGI/1.1: a request for /NAME/REST runs\n"
"DIR/NAME and tells it /REST.\n"
"\n"
GATEWAY_OPTION_USAGE
"      --max N                programs at a time; 503 past it (32)\n"
"      --timeout S            of a program that says nothing (60)\n"
"      --lifetime S           of a program, whatever it says (0: for ever)\n"
"      --root DIR             what PATH_TRANSLATED begins with (DIR)\n"
"      --env NAME[=VALUE]     tell programs that, or what it is here (repeat)\n"
"      --pass-authorization   tell programs the credentials of clients\n"
"      --need-length          refuse content of a length that is not known\n"
"                             (411); else programs read to its end\n"
"\n"
"SIGTERM drains, and a second one ends at once.\n";

/* NAME=VALUE, or NAME and the value that it has here. */
static int
take_variable(struct cgi *cgi, const char *text)
{
	size_t n = strcspn(text, "="), count = 0;
	const char *value = text[n] == '=' ? text + n + 1 : getenv(text);
	char **more, *s;

	if (n == 0 || environment_ours(text, n))
		return gateway_misuse("--env cannot say ", text);
	if (value == NULL)
		return gateway_misuse("there is no variable ", text);
	while (cgi->environment[count] != NULL)
		count++;
	s = malloc(n + 1 + strlen(value) + 1);
	more = realloc(cgi->environment, (count + 2) * sizeof *more);
	if (more != NULL)
		cgi->environment = more;
	if (s == NULL || more == NULL) {
		free(s);
		return gateway_no_memory();
	}
	more[count] = s;
	more[count + 1] = NULL;
	memcpy(s, text, n);
	s[n] = '=';
	(void)strcpy(s + n + 1, value);
	return 0;
}

static int
take(void *ud, int id, char *value)
{
	struct cgi *cgi = ud;

	switch (id) {
	case OPTION_ROOT:
		cgi->root = value;
		return 0;
	case OPTION_ENV:
		return take_variable(cgi, value);
	case OPTION_MAX:
		return gateway_number("--max", value, PROGRAMS_MAX,
		    &cgi->max);
	case OPTION_TIMEOUT:
		return gateway_seconds("--timeout", value, &cgi->timeout_ms);
	case OPTION_LIFETIME:
		return gateway_seconds("--lifetime", value,
		    &cgi->lifetime_ms);
	case OPTION_AUTHORIZATION:
		cgi->authorization = 1;
		return 0;
	default:
		cgi->lengths = 1;
		return 0;
	}
}

/* 0, or an exit status. */
static int
read_line(struct cgi *cgi, struct serve_settings *s, int argc, char **argv)
{
	struct gateway_option o = { s, own, usage, take, cgi, 0 };
	struct stat st;
	int rv;

	rv = gateway_options(&o, argc, argv);
	if (rv != 0)
		return rv;
	if (o.operands != 1)
		return gateway_misuse("one directory is needed", "");
	cgi->directory = realpath(argv[1], NULL);
	if (cgi->directory == NULL || stat(cgi->directory, &st) < 0) {
		serve_say("cannot serve %s: %s", argv[1], strerror(errno));
		return 1;
	}
	if (!S_ISDIR(st.st_mode))
		return gateway_misuse("this is no directory: ", argv[1]);
	if (cgi->root == NULL)
		cgi->root = cgi->directory;
	return 0;
}

static void
on_child(int sig)
{
	(void)sig;
	serve_wake_loop();
}

static void
on_woken(void *ud)
{
	const struct cgi *cgi = ud;

	programs_reap(cgi->programs);
}

static int
run(struct cgi *cgi, const struct serve_settings *set)
{
	static const struct serve_gateway gateway = { exchange_asked,
	    exchange_content, exchange_room, exchange_over, on_woken };
	struct serve *s = serve_new(set, &gateway, cgi);
	struct sigaction act;
	int rv;

	if (s == NULL)
		return gateway_no_memory();
	cgi->loop = serve_loop(s);
	cgi->programs = programs_new(cgi->loop, cgi->timeout_ms);
	if (cgi->programs == NULL) {
		serve_free(s);
		return gateway_no_memory();
	}
	memset(&act, 0, sizeof act);
	act.sa_handler = on_child;
	act.sa_flags = SA_RESTART | SA_NOCLDSTOP;
	(void)sigaction(SIGCHLD, &act, NULL);
	rv = serve_run(s);
	programs_free(cgi->programs);
	serve_free(s);
	return rv;
}

int
main(int argc, char **argv)
{
	struct serve_settings set;
	struct cgi cgi;
	size_t i;
	int rv;

	(void)net_guard_stdio();
	serve_defaults(&set);
	set.name = "cgi-gateway";
	memset(&cgi, 0, sizeof cgi);
	cgi.max = 32;
	cgi.timeout_ms = 60000;
	cgi.environment = calloc(1, sizeof *cgi.environment);
	rv = cgi.environment == NULL ? gateway_no_memory() :
	    read_line(&cgi, &set, argc, argv);
	if (rv == 0)
		rv = run(&cgi, &set);
	for (i = 0; cgi.environment != NULL && cgi.environment[i] != NULL; i++)
		free(cgi.environment[i]);
	free(cgi.environment);
	free(cgi.directory);
	return rv < 0 ? 0 : rv;
}
