/* connect_helper.c - a program that is the connection to a proxy
 *
 *      we === socketpair(2) === its standard input and output
 *
 * As ssh(1) has it with ProxyCommand, but with one socket instead of two pipes,
 * so that half-close is a shutdown(2), and what works on sockets works on it.
 * It gets none of our secrets: passwords are taken out of its environment.
 */
#include "connect_helper.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "common_net.h"

enum { GRACE_MS = 2000, TERM_MS = 1000 };

extern char **environ;

/* ---- start ------------------------------------------------------------ */

/* May it be in the environment of others?  A URL with a password may not. */
static int
is_harmless(const char *variable)
{
	size_t n = strcspn(variable, "=");

	if (strncmp(variable, "TUNNEL_PROXY_", 13) == 0)
		return 0;
	return n < 6 || strncasecmp(variable + n - 6, "_proxy", 6) != 0 ||
	    strchr(variable + n, '@') == NULL;
}

/* To be freed; NULL without memory. */
static char **
clean_environment(void)
{
	char **clean;
	size_t i, n = 0;

	while (environ[n] != NULL)
		n++;
	clean = malloc((n + 1) * sizeof *clean);
	if (clean == NULL)
		return NULL;
	for (i = n = 0; environ[i] != NULL; i++)
		if (is_harmless(environ[i]))
			clean[n++] = environ[i];
	clean[n] = NULL;
	return clean;
}

/* Whatever we do about signals is no affair of the program's. */
static int
spawn(struct helper *h, char *const argv[], int in, int err)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t usual;
	char **env = clean_environment();
	int rv = env != NULL ? posix_spawn_file_actions_init(&files) : ENOMEM;

	if (rv == 0 && (rv = posix_spawnattr_init(&attr)) != 0)
		(void)posix_spawn_file_actions_destroy(&files);
	if (rv != 0) {
		free(env);
		return rv;
	}
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	(void)posix_spawnattr_setsigdefault(&attr, &usual);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	rv = posix_spawn_file_actions_adddup2(&files, in, 0);
	if (rv == 0)
		rv = posix_spawn_file_actions_adddup2(&files, in, 1);
	if (rv == 0 && err >= 0)
		rv = posix_spawn_file_actions_adddup2(&files, err, 2);
	if (rv == 0)
		rv = posix_spawnp(&h->pid, argv[0], &files, &attr, argv, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	free(env);
	return rv;
}

static void
close_two(const int fd[2])
{
	(void)close(fd[0]);
	(void)close(fd[1]);
}

/* No program started later gets them. */
static void
keep_two(const int fd[2])
{
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
}

int
helper_start(struct helper *h, char *const argv[], int listen)
{
	int data[2], err[2] = { -1, -1 }, rv;

	memset(h, 0, sizeof *h);
	h->fd = h->err = -1;
	/* Where it is ignored, nobody ever hears how a child has ended. */
	(void)signal(SIGCHLD, SIG_DFL);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, data) < 0)
		return errno;
	keep_two(data);
	if (listen && pipe(err) < 0) {
		rv = errno;
		close_two(data);
		return rv;
	}
	if (listen) {
		keep_two(err);
		/* Neither waits: we may not be listening, and it has better
		 * things to do. */
		(void)fcntl(err[0], F_SETFL, O_NONBLOCK);
		(void)fcntl(err[1], F_SETFL, O_NONBLOCK);
	}
	rv = spawn(h, argv, data[1], err[1]);
	(void)close(data[1]);
	if (listen)
		(void)close(err[1]);
	h->fd = data[0];
	h->err = err[0];
	if (rv != 0) {
		h->pid = 0;
		helper_end(h, 0);
	}
	return rv;
}

/* ---- at work ---------------------------------------------------------- */

static void
hear(struct helper *h)
{
	char waste[512];
	ssize_t r = 1;

	while (h->err >= 0 && r > 0) {
		if (h->said_n < HELPER_SAID) {
			r = read(h->err, h->said + h->said_n,
			    HELPER_SAID - h->said_n);
			h->said_n += r > 0 ? (size_t)r : 0;
		} else {
			r = read(h->err, waste, sizeof waste);
		}
	}
}

static void
doze(void)
{
	struct timespec t = { 0, 2000000 };

	(void)nanosleep(&t, NULL);
}

static int
has_ended(struct helper *h)
{
	pid_t pid;

	if (h->pid == 0 || h->ended)
		return 1;
	do
		pid = waitpid(h->pid, &h->status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	h->ended = pid != 0;
	if (pid < 0)
		h->status = 0;
	return h->ended;
}

int
helper_over(struct helper *h, uint64_t ms)
{
	uint64_t until = net_now() + ms;

	while (!has_ended(h) && net_now() < until)
		doze();
	hear(h);
	return has_ended(h);
}

void
helper_fate(const struct helper *h, char *out, size_t cap)
{
	if (!h->ended)
		(void)snprintf(out, cap, "does not end");
	else if (WIFSIGNALED(h->status))
		(void)snprintf(out, cap, "was ended by signal %d",
		    WTERMSIG(h->status));
	else
		(void)snprintf(out, cap, "ended with status %d",
		    WEXITSTATUS(h->status));
}

/* ---- end -------------------------------------------------------------- */

static volatile sig_atomic_t guarded;

void
helper_kill(struct helper *h, int hard)
{
	if (!has_ended(h))
		(void)kill(h->pid, hard ? SIGKILL : SIGTERM);
}

/* One that is ended by us must not look as if it had come to an end, so it goes
 * before the connection does. */
void
helper_end(struct helper *h, int gently)
{
	guarded = 0;
	if (!gently)
		helper_kill(h, 0);
	if (h->fd >= 0)
		(void)close(h->fd);
	h->fd = -1;
	if (gently && !helper_over(h, GRACE_MS))
		helper_kill(h, 0);
	if (!helper_over(h, TERM_MS))
		helper_kill(h, 1);
	while (!has_ended(h))
		doze();
	hear(h);
	if (h->err >= 0)
		(void)close(h->err);
	h->err = -1;
	h->pid = 0;
}

static void
on_signal(int sig)
{
	struct sigaction usual;

	if (guarded > 0)
		(void)kill((pid_t)guarded, SIGTERM);
	memset(&usual, 0, sizeof usual);
	usual.sa_handler = SIG_DFL;
	(void)sigaction(sig, &usual, NULL);
	(void)raise(sig);
}

/* Signals that were ignored when we came stay so. */
void
helper_guard(struct helper *h)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction act, old;
	size_t i;

	guarded = (sig_atomic_t)h->pid;
	memset(&act, 0, sizeof act);
	act.sa_handler = on_signal;
	for (i = 0; i < sizeof signals / sizeof signals[0]; i++)
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			(void)sigaction(signals[i], &act, NULL);
}
