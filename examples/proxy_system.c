/* proxy_system.c - tunnel-proxy as a service: signals, systemd, privileges
 *
 * A signal handler only notes, and wakes the loop; sd_notify(3) is a datagram,
 * and socket activation two variables, so neither needs a library.
 */
#define _DEFAULT_SOURCE 1       /* chroot, initgroups */

#include "proxy_system.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proxy_say.h"

static struct tunnel_loop *listening;
static volatile sig_atomic_t end, reload, table;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		reload = 1;
	else if (sig == SIGUSR1)
		table = 1;
	else if (end < 2)
		end++;
	tunnel_loop_wake(listening);
}

void
system_listen(struct tunnel_loop *l)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct sigaction act;
	size_t i;

	listening = l;
	memset(&act, 0, sizeof act);
	act.sa_handler = on_signal;
	act.sa_flags = SA_RESTART;
	for (i = 0; i < sizeof signals / sizeof signals[0]; i++)
		(void)sigaction(signals[i], &act, NULL);
	/* Whoever read the messages may leave, and the proxy goes on. */
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
}

int
system_heard(int *ends)
{
	static int known;
	int heard = 0;

	*ends = end;
	if (*ends > known)
		heard |= HEARD_END;
	known = *ends;
	if (reload)
		heard |= HEARD_RELOAD;
	reload = 0;
	if (table)
		heard |= HEARD_TABLE;
	table = 0;
	return heard;
}

int
system_sockets(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	long n = 0;

	if (pid != NULL && fds != NULL &&
	    strtol(pid, NULL, 10) == (long)getpid())
		n = strtol(fds, NULL, 10);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return n > 0 && n < 64 ? (int)n : 0;
}

void
system_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa;
	struct timespec now;
	char text[256];
	size_t n;
	int fd;

	if (path == NULL || strlen(path) >= sizeof sa.sun_path ||
	    (*path != '/' && *path != '@'))
		return;
	memset(&sa, 0, sizeof sa);
	sa.sun_family = AF_UNIX;
	n = strlen(path);
	memcpy(sa.sun_path, path, n);
	/* '@' stands for the NUL of an abstract name. */
	if (*path == '@')
		sa.sun_path[0] = '\0';
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(text, sizeof text, "%s\nMONOTONIC_USEC=%llu\n", state,
	    (unsigned long long)now.tv_sec * 1000000 +
	    (unsigned long long)now.tv_nsec / 1000);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	    (struct sockaddr *)(void *)&sa,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	(void)close(fd);
}

void
system_raise_limits(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &l);
	}
}

/* Who is to be become: "USER" with its groups, or "USER:GROUP" with that one
 * and no other. */
struct identity {
	char user[256];
	uid_t uid;
	gid_t gid;
	int alone;              /* the group */
};

static int
find_identity(const char *text, struct identity *who)
{
	const char *colon = strchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : strlen(text);
	const struct passwd *pw = NULL;
	const struct group *gr;

	if (n < sizeof who->user) {
		memcpy(who->user, text, n);
		who->user[n] = '\0';
		/* cppcheck-suppress getpwnamCalled; one thread so far */
		pw = getpwnam(who->user);
	}
	if (pw == NULL) {
		say("there is no user %.*s", (int)n, text);
		return -1;
	}
	who->uid = pw->pw_uid;
	who->gid = pw->pw_gid;
	who->alone = colon != NULL;
	if (colon == NULL)
		return 0;
	/* cppcheck-suppress getgrnamCalled; one thread so far */
	gr = getgrnam(colon + 1);
	if (gr == NULL) {
		say("there is no group %s", colon + 1);
		return -1;
	}
	who->gid = gr->gr_gid;
	return 0;
}

int
system_check(const char *root, const char *user)
{
	struct identity who;
	struct stat st;

	if (user != NULL && find_identity(user, &who) < 0)
		return -1;
	if (root == NULL || (stat(root, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	say("cannot change root to %s: there is no such directory", root);
	return -1;
}

static int
take_groups(const struct identity *who)
{
	return who->alone ? setgroups(1, &who->gid) :
	    initgroups(who->user, who->gid);
}

/* The user is looked up before the root changes, for afterwards there may be no
 * passwd(5). */
int
system_drop(const char *root, const char *user)
{
	struct identity who;

	if (user != NULL) {
		if (find_identity(user, &who) < 0)
			return -1;
		if (take_groups(&who) < 0) {
			say("cannot become %s: %s (start as root)", user,
			    strerror(errno));
			return -1;
		}
	}
	if (root != NULL && (chroot(root) < 0 || chdir("/") < 0)) {
		say("cannot change root to %s: %s (start as root)", root,
		    strerror(errno));
		return -1;
	}
	if (user == NULL)
		return 0;
	if (setgid(who.gid) < 0 || setuid(who.uid) < 0 ||
	    (who.uid != 0 && setuid(0) == 0)) {
		say("cannot become %s: %s", user, strerror(errno));
		return -1;
	}
	return 0;
}
