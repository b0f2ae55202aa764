/* cgi_spawn.c - a program begins: pipes and a process group
 *
 * Every other descriptor of ours is closed in it, since all are opened to be;
 * signals mean to it what they mean to any program, from its first moment on: a
 * handler of ours would take one that is to end it for one that is to end us.
 */
#include "cgi_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A pipe whose end for us does not block. */
static int
open_pipe(int i, int ours[3], int theirs[3])
{
	int fd[2], mine = i == SPAWN_IN;

	if (pipe(fd) < 0)
		return -1;
	ours[i] = fd[mine];
	theirs[i] = fd[!mine];
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ours[i], F_SETFL, O_NONBLOCK);
	return 0;
}

int
spawn_pipes(int ours[3], int theirs[3])
{
	int i, rv = 0;

	for (i = 0; i < 3; i++)
		ours[i] = theirs[i] = -1;
	for (i = 0; i < 3 && rv == 0; i++)
		rv = open_pipe(i, ours, theirs);
	return rv;
}

void
spawn_close(int fd[3])
{
	int i;

	for (i = 0; i < 3; i++)
		if (fd[i] >= 0)
			(void)close(fd[i]);
}

/* RFC 3875 section 7.2: it begins where it is. */
static int
go_home(const char *file)
{
	char home[4096];
	size_t n = (size_t)(strrchr(file, '/') - file);

	if (n >= sizeof home) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(home, file, n);
	home[n] = '\0';
	return chdir(n == 0 ? "/" : home);
}

static void
complain(const char *why)
{
	if (write(2, "it cannot be run: ", 18) < 0 ||
	    write(2, why, strlen(why)) < 0)
		_exit(126);
}

/* None is lost: what has come by then takes effect at once. */
static void
let_signals(void)
{
	static const int ours[] = { SIGPIPE, SIGTERM, SIGINT, SIGCHLD };
	struct sigaction act;
	sigset_t none;
	size_t i;

	memset(&act, 0, sizeof act);
	act.sa_handler = SIG_DFL;
	for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
		(void)sigaction(ours[i], &act, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child, up to its end. */
static void
become(const char *file, char **environment, const int theirs[3])
{
	char *argv[2] = { NULL, NULL };
	int i;

	(void)setpgid(0, 0);
	let_signals();
	for (i = 0; i < 3; i++)
		if (dup2(theirs[i], i) < 0)
			_exit(126);
	argv[0] = (char *)file;
	if (go_home(file) == 0)
		(void)execve(file, argv, environment);
	complain(strerror(errno));
	_exit(127);
}

pid_t
spawn(const char *file, char **environment, const int theirs[3])
{
	sigset_t all, before;
	pid_t pid;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(file, environment, theirs);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	/* Here as well, for we may be the first to name the group. */
	if (pid > 0)
		(void)setpgid(pid, pid);
	return pid;
}
