/* cgi_program.c - programs that run: their pipes, and their end
 *
 *      RUNNING --- leave ---> LEFT --- its time has passed --+
 *         |                    |                             v
 *         +---- leave, end ----+----------------------> TERMINATED
 *         |                    |                             |
 *         +--------------------+--- it ends, is reaped ------+--> gone
 *
 * A program that is ended gets SIGTERM, and two seconds later SIGKILL, as does
 * its whole group.  Its standard input stays open until it is gone: its end
 * would tell it that it has been told all.  A group has its number for as long
 * as its leader was not waited for, so what is left of it is killed just before
 * that, and nobody else is.
 */
#define _XOPEN_SOURCE 700               /* waitid */

#include "cgi_program.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi_spawn.h"

enum { LINE_MAX_ = 1024, PIECE = 4096, PIECES = 8, KILL_MS = 2000 };

struct program {
	struct programs *all;
	struct program *next;
	pid_t pid;
	int gone, status;
	int left, terminated;
	int fd[3];              /* our ends, by enum spawn_pipe */
	struct tunnel_watch *watch[3];
	struct tunnel_timer *timer, *more;
	program_fn fn;
	void *ud;
	char line[LINE_MAX_];   /* of what it says to the log */
	size_t line_n;
	char name[128];
};

struct programs {
	struct tunnel_loop *loop;
	struct program *first;
	size_t n;
	uint64_t grace_ms;
};

struct programs *
programs_new(struct tunnel_loop *l, uint64_t grace_ms)
{
	struct programs *ps = calloc(1, sizeof *ps);

	if (ps != NULL) {
		ps->loop = l;
		ps->grace_ms = grace_ms;
	}
	return ps;
}

size_t
programs_count(const struct programs *ps)
{
	return ps->n;
}

/* ---- pipes ---------------------------------------------------------- */

static void
shut(struct program *p, int i)
{
	tunnel_watch_free(p->watch[i]);
	p->watch[i] = NULL;
	if (p->fd[i] >= 0)
		(void)close(p->fd[i]);
	p->fd[i] = -1;
}

static int
again(int e)
{
	return e == EAGAIN || e == EWOULDBLOCK;
}

int
program_read(struct program *p, void *buf, size_t cap, size_t *got)
{
	ssize_t n;

	*got = 0;
	if (p->fd[SPAWN_OUT] < 0)
		return TUNNEL_DONE;
	do {
		n = read(p->fd[SPAWN_OUT], buf, cap);
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		*got = (size_t)n;
		return 0;
	}
	if (n < 0 && again(errno)) {
		(void)tunnel_watch_wants(p->watch[SPAWN_OUT], TUNNEL_IN);
		return TUNNEL_IN;
	}
	shut(p, SPAWN_OUT);
	return TUNNEL_DONE;
}

int
program_write(struct program *p, const void *in, size_t n, size_t *put)
{
	ssize_t done;

	*put = 0;
	if (p->fd[SPAWN_IN] < 0)
		return TUNNEL_DONE;
	do {
		done = write(p->fd[SPAWN_IN], in, n);
	} while (done < 0 && errno == EINTR);
	if (done >= 0) {
		*put = (size_t)done;
		return 0;
	}
	if (again(errno)) {
		(void)tunnel_watch_wants(p->watch[SPAWN_IN], TUNNEL_OUT);
		return TUNNEL_OUT;
	}
	shut(p, SPAWN_IN);
	return TUNNEL_DONE;
}

void
program_told(struct program *p)
{
	shut(p, SPAWN_IN);
}

/* ---- what it says to the log ---------------------------------------- */

static void
flush_line(struct program *p)
{
	if (p->line_n > 0)
		serve_say("%s: %.*s", p->name, (int)p->line_n, p->line);
	p->line_n = 0;
}

static void
log_bytes(struct program *p, const char *in, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (in[i] != '\n')
			p->line[p->line_n++] = in[i];
		if (in[i] == '\n' || p->line_n == sizeof p->line)
			flush_line(p);
	}
}

/* Some of it at a time, for others have something to do, too. */
static void
listen_to(void *ud)
{
	struct program *p = ud;
	char piece[PIECE];
	ssize_t n = 1;
	int i;

	for (i = 0; i < PIECES && n > 0 && p->fd[SPAWN_ERR] >= 0; i++) {
		n = read(p->fd[SPAWN_ERR], piece, sizeof piece);
		if (n > 0)
			log_bytes(p, piece, (size_t)n);
	}
	if (n > 0)
		(void)tunnel_timer_set(p->more, 0);
	else if (n < 0 && (again(errno) || errno == EINTR))
		(void)tunnel_watch_wants(p->watch[SPAWN_ERR], TUNNEL_IN);
	else
		shut(p, SPAWN_ERR);
}

static void
on_error_output(void *ud, int ready)
{
	(void)ready;
	listen_to(ud);
}

static void
on_pipe(void *ud, int ready)
{
	struct program *p = ud;

	(void)ready;
	/* What still has to wait says so again; a loop on poll(2) would tell of
	 * the rest for ever. */
	if (p->watch[SPAWN_IN] != NULL)
		(void)tunnel_watch_wants(p->watch[SPAWN_IN], 0);
	if (p->watch[SPAWN_OUT] != NULL)
		(void)tunnel_watch_wants(p->watch[SPAWN_OUT], 0);
	if (p->fn != NULL)
		p->fn(p->ud);
}

/* ---- the end -------------------------------------------------------- */

static void
discard(struct program *p)
{
	struct program **at = &p->all->first;
	int i;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->all->n--;
	for (i = 0; i < 3; i++)
		shut(p, i);
	tunnel_timer_free(p->timer);
	tunnel_timer_free(p->more);
	free(p);
}

static void
on_time(void *ud)
{
	struct program *p = ud;

	if (p->gone)
		return;
	if (p->terminated) {
		(void)kill(-p->pid, SIGKILL);
		return;
	}
	p->terminated = 1;
	(void)kill(-p->pid, SIGTERM);
	(void)tunnel_timer_set(p->timer, tunnel_loop_now(p->all->loop) +
	    KILL_MS);
}

void
program_leave(struct program *p, int end)
{
	p->fn = NULL;
	p->left = 1;
	if (p->gone) {
		discard(p);
		return;
	}
	shut(p, SPAWN_OUT);
	if (end) {
		on_time(p);
	} else {
		(void)tunnel_timer_set(p->timer, p->all->grace_ms == 0 ?
		    UINT64_MAX : tunnel_loop_now(p->all->loop) +
		    p->all->grace_ms);
	}
}

static void
mourn(struct program *p)
{
	if (p->terminated)
		(void)kill(-p->pid, SIGKILL);
	(void)waitpid(p->pid, &p->status, 0);
	p->gone = 1;
	if (p->fd[SPAWN_ERR] >= 0)
		listen_to(p);
	flush_line(p);
	if (p->left)
		discard(p);
	else if (p->fn != NULL)
		p->fn(p->ud);
}

void
programs_reap(struct programs *ps)
{
	struct program *p, *next;
	siginfo_t si;

	for (p = ps->first; p != NULL; p = next) {
		next = p->next;
		memset(&si, 0, sizeof si);
		if (!p->gone && waitid(P_PID, (id_t)p->pid, &si,
		    WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid == p->pid)
			mourn(p);
	}
}

const char *
program_name(const struct program *p)
{
	return p->name;
}

int
program_ended(const struct program *p, int *status)
{
	*status = p->status;
	return p->gone;
}

void
programs_free(struct programs *ps)
{
	struct program *p;

	if (ps == NULL)
		return;
	while ((p = ps->first) != NULL) {
		if (!p->gone) {
			(void)kill(-p->pid, SIGKILL);
			(void)waitpid(p->pid, &p->status, 0);
		}
		discard(p);
	}
	free(ps);
}

/* ---- the beginning -------------------------------------------------- */

/* Pipes, watches and timers: 0, or -1. */
static int
prepare(struct program *p, int theirs[3])
{
	struct tunnel_loop *l = p->all->loop;
	int i;

	if (spawn_pipes(p->fd, theirs) < 0)
		return -1;
	for (i = 0; i < 3; i++) {
		p->watch[i] = tunnel_watch_new(l, p->fd[i],
		    i == SPAWN_ERR ? on_error_output : on_pipe, p);
		if (p->watch[i] == NULL)
			return -1;
	}
	p->timer = tunnel_timer_new(l, on_time, p);
	p->more = tunnel_timer_new(l, listen_to, p);
	return p->timer == NULL || p->more == NULL ? -1 : 0;
}

struct program *
program_new(struct programs *ps, const char *file, const char *name,
    char **environment, program_fn fn, void *ud)
{
	struct program *p = calloc(1, sizeof *p);
	int theirs[3], e;

	if (p == NULL)
		return NULL;
	p->all = ps;
	p->next = ps->first;
	ps->first = p;
	ps->n++;
	p->fn = fn;
	p->ud = ud;
	(void)strncat(p->name, name, sizeof p->name - 1);
	p->pid = prepare(p, theirs) < 0 ? -1 :
	    spawn(file, environment, theirs);
	e = errno;
	spawn_close(theirs);
	if (p->pid < 0) {
		discard(p);
		errno = e;
		return NULL;
	}
	listen_to(p);
	return p;
}
