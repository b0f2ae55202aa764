/* forwarder.c - the processes between client and origin
 *
 * The bare ones are this program again, so that nothing of ours is in their
 * memory.  All of them end when we do, however we end.
 */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

const char *
forwarder_name(enum kind kind)
{
	static const char *const names[] = {
		"direct", "bare splice", "bare copy", "tunnel-proxy"
	};

	return names[kind];
}

/* In the child, until the program is another. */
static pid_t
begin(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	place_forwarder();
	return 0;
}

static void
start_bare(struct forwarder *f)
{
	char kind[12], fd[12];
	int listener = net_listen(&f->port);

	(void)snprintf(kind, sizeof kind, "%d", (int)f->kind);
	(void)snprintf(fd, sizeof fd, "%d", listener);
	f->pid = begin();
	if (f->pid == 0) {
		(void)execl("/proc/self/exe", "bench", "--floor", kind, fd,
		    (char *)NULL);
		_exit(127);
	}
	(void)close(listener);
}

static void
start_proxy(struct forwarder *f)
{
	char line[200];
	int out[2];
	FILE *said;

	if (pipe(out) < 0)
		die("pipe");
	f->pid = begin();
	if (f->pid == 0) {
		(void)dup2(out[1], 1);
		(void)close(out[0]);
		(void)close(out[1]);
		(void)execl(bench.proxy, bench.proxy, "-l", "127.0.0.1:0",
		    "--allow", "127.0.0.0/8", "--threads", "1", (char *)NULL);
		_exit(127);
	}
	(void)close(out[1]);
	said = fdopen(out[0], "r");
	need(said != NULL && fgets(line, sizeof line, said) != NULL &&
	    strrchr(line, ':') != NULL, "tunnel-proxy does not start");
	f->port = (unsigned)atoi(strrchr(line, ':') + 1);
	(void)fclose(said);
}

void
forwarder_start(struct forwarder *f, enum kind kind)
{
	memset(f, 0, sizeof *f);
	f->kind = kind;
	if (kind == DIRECT)
		return;
	if (kind == PROXY)
		start_proxy(f);
	else
		start_bare(f);
	if (clock_getcpuclockid(f->pid, &f->clock) != 0)
		die("clock_getcpuclockid");
	/* Once through, so that all of it is there and was used. */
	net_handshake(f);
}

void
forwarder_end(struct forwarder *f)
{
	int status;

	if (f->kind == DIRECT)
		return;
	(void)kill(f->pid, SIGTERM);
	while (waitpid(f->pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	need(f->kind != PROXY || (WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0), "tunnel-proxy ended badly");
}

double
forwarder_cpu(const struct forwarder *f)
{
	struct timespec t;

	if (f->kind == DIRECT)
		return 0;
	if (clock_gettime(f->clock, &t) < 0)
		die("clock of the forwarder");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double
forwarder_memory(const struct forwarder *f)
{
	char name[40], line[200];
	unsigned long kib = 0;
	FILE *in;

	(void)snprintf(name, sizeof name, "/proc/%ld/smaps_rollup",
	    (long)f->pid);
	in = fopen(name, "r");
	if (in == NULL)
		die(name);
	while (fgets(line, sizeof line, in) != NULL)
		if (strncmp(line, "Pss:", 4) == 0)
			kib = strtoul(line + 4, NULL, 10);
	(void)fclose(in);
	need(kib > 0, "no figure for memory");
	return (double)kib * 1024;
}
