/* test_cgi_spawn.c - what signals mean to a program from its first moment on */
#define _XOPEN_SOURCE 700
#include "unit.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "../examples/cgi_spawn.h"

enum { TIMES = 50 };

/* A byte for each signal that a handler of ours has taken, also in a child. */
static int told[2];

static void
on_signal(int sig)
{
	(void)sig;
	if (write(told[1], "", 1) < 0)
		_exit(1);
}

/* It is ended before it has become what it is to be. */
static void
ended_at_once(void)
{
	static char *nothing[] = { NULL };
	int ours[3], theirs[3], status;
	pid_t pid;

	assert_int_equal(spawn_pipes(ours, theirs), 0);
	/* It would read up to an end that does not come. */
	pid = spawn("/bin/cat", nothing, theirs);
	assert_true(pid > 0);
	assert_int_equal(kill(-pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	spawn_close(theirs);
	spawn_close(ours);
}

static void
not_ours(void **state)
{
	struct sigaction act, before;
	sigset_t now;
	int i;
	char byte;

	(void)state;
	assert_int_equal(pipe(told), 0);
	memset(&act, 0, sizeof act);
	act.sa_handler = on_signal;
	assert_int_equal(sigaction(SIGTERM, &act, &before), 0);
	for (i = 0; i < TIMES; i++)
		ended_at_once();
	/* We are as we were. */
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &now), 0);
	assert_int_equal(sigismember(&now, SIGTERM), 0);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(close(told[1]), 0);
	/* And nobody else was. */
	assert_int_equal(read(told[0], &byte, 1), 0);
	assert_int_equal(close(told[0]), 0);
	assert_int_equal(sigaction(SIGTERM, &before, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_ours)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
