/* connect_password.c - ask for a password on the terminal
 *
 * Standard input belongs to the tunnel, so it is /dev/tty that is asked.  The
 * echo comes back on whatever ends the question, a signal too.
 */
#include "connect_config.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common_secret.h"

enum { PASSWORD_MAX = 1024 };

static volatile sig_atomic_t caught;

static void
on_signal(int sig)
{
	caught = sig;
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
enum { SIGNALS = sizeof signals / sizeof signals[0] };

static void
put(int fd, const char *text)
{
	ssize_t n = write(fd, text, strlen(text));

	(void)n;
}

/* A line without its end, or NULL when it was interrupted or too long. */
static char *
read_line(int fd)
{
	static char line[PASSWORD_MAX];
	size_t n = 0;
	char *copy = NULL;

	while (!caught && n < sizeof line && read(fd, line + n, 1) == 1) {
		if (line[n] == '\n') {
			copy = secret_copy(line, n);
			break;
		}
		n++;
	}
	secret_wipe(line, sizeof line);
	return copy;
}

char *
config_ask(const char *prompt)
{
	struct sigaction old[SIGNALS], act;
	struct termios before, hidden;
	char *answer;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY), i;

	if (fd < 0)
		return NULL;
	if (tcgetattr(fd, &before) < 0) {
		(void)close(fd);
		return NULL;
	}
	memset(&act, 0, sizeof act);
	act.sa_handler = on_signal;
	for (i = 0; i < SIGNALS; i++)
		(void)sigaction(signals[i], &act, &old[i]);
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fd, TCSAFLUSH, &hidden);
	put(fd, prompt);
	answer = read_line(fd);
	put(fd, "\n");
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	(void)close(fd);
	for (i = 0; i < SIGNALS; i++)
		(void)sigaction(signals[i], &old[i], NULL);
	if (caught)
		(void)raise(caught);
	return answer;
}
