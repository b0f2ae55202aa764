/* intruder.c - an extension that does, on request, what an intruder would do:
 * GET /CALL/ARGUMENT; the reply is what errno became */
#define _GNU_SOURCE 1

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proxy_extension.h"

static long
run(void)
{
	char *argv[] = { (char *)"/bin/true", NULL };

	return execve(argv[0], argv, argv + 1);
}

static long
new_process(void)
{
	long rv = syscall(SYS_clone, 17L, 0L, 0L, 0L, 0L);

	if (rv == 0)
		_exit(0);
	return rv;
}

static long
act(const char *call, const char *path)
{
	if (strcmp(call, "execve") == 0)
		return run();
	if (strcmp(call, "ptrace") == 0)
		return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	if (strcmp(call, "unknown") == 0)
		return syscall(100000);
	if (strcmp(call, "clone") == 0)
		return new_process();
	if (strcmp(call, "packet") == 0)
		return socket(AF_PACKET, SOCK_RAW, 0);
	/* Signal 0 asks whether it may be sent. */
	if (strcmp(call, "signal") == 0)
		return syscall(SYS_tgkill, getppid(), getppid(), 0);
	if (strcmp(call, "itself") == 0)
		return syscall(SYS_tgkill, getpid(), getpid(), 0);
	if (strcmp(call, "owner") == 0)
		return fcntl(0, F_SETOWN, getppid());
	if (strcmp(call, "limits") == 0)
		return syscall(SYS_prlimit64, (long)getppid(), 7L, NULL, NULL);
	if (strcmp(call, "code") == 0)
		return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
	if (strcmp(call, "read") == 0)
		return open(path, O_RDONLY);
	if (strcmp(call, "write") == 0)
		return open(path, O_WRONLY | O_CREAT, 0600);
	errno = EDOM;
	return -1;
}

static int
on_request(void *ud, struct tunnel_session *s)
{
	const struct tunnel_server *server = tunnel_session_server(s);
	char call[32], text[32];
	const char *target, *path;
	long rv;

	(void)ud;
	if (server == NULL)
		return 0;
	target = tunnel_server_target(server) + 1;
	path = strchr(target, '/');
	if (path == NULL)
		return 0;
	(void)snprintf(call, sizeof call, "%.*s", (int)(path - target), target);
	rv = act(call, path);
	(void)snprintf(text, sizeof text, "errno %d.", rv < 0 ? errno : 0);
	return tunnel_session_reply(s, 200, "text/plain", text,
	    strlen(text)) < 0 ? TUNNEL_ENOMEM : TUNNEL_DONE;
}

int
tunnel_extension_1(struct tunnel_extension *e)
{
	e->hook[TUNNEL_ON_REQUEST] = on_request;
	return 0;
}
