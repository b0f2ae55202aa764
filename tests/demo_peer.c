/* demo_peer.c - the other end of what make demo shows
 *
 *   demo_peer bytes N              write N bytes that look random
 *   demo_peer mail                 serve one SMTP-like dialogue
 *   demo_peer swap SEND STORE      serve one connection: send the one file
 *                                  and store the other, both at once
 *   demo_peer run COMMAND...       serve each connection by a command on its
 *                                  standard input and output, as inetd does
 *   demo_peer talk COMMAND...      run a command, and have the dialogue over
 *                                  its standard input and output
 *   demo_peer within S COMMAND...  run a command, and kill it after S seconds:
 *                                  what hangs has failed
 *
 * A server listens on a port of the system's choice on 127.0.0.1, and says
 * "listening on 127.0.0.1 PORT" first.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
die(const char *what)
{
	(void)fprintf(stderr, "demo_peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
open_server(void)
{
	struct sockaddr_in at;
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&at, n) < 0 ||
	    listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)(void *)&at, &n) < 0)
		die("listen");
	(void)printf("listening on 127.0.0.1 %u\n", ntohs(at.sin_port));
	(void)fflush(stdout);
	return fd;
}

static int
take_client(int server)
{
	int fd;

	do
		fd = accept(server, NULL, NULL);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		die("accept");
	return fd;
}

/* xorshift64: the same bytes everywhere, and none that a line-minded or
 * eight-bit-shy carrier would leave alone. */
static int
bytes(const char *number)
{
	uint64_t x = 0x9e3779b97f4a7c15u;
	unsigned long left = strtoul(number, NULL, 10);

	for (; left > 0; left--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		if (putchar((int)(x >> 56)) == EOF)
			die("write");
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

/* ---- a dialogue, line by line --------------------------------------- */

/* One line without its end: 1, or 0 at the end of the stream. */
static int
hear(int fd, char *line, size_t cap)
{
	size_t n = 0;
	ssize_t r;
	char c;

	while ((r = read(fd, &c, 1)) > 0 || (r < 0 && errno == EINTR)) {
		if (r < 0)
			continue;
		if (c == '\n')
			break;
		if (c != '\r' && n + 1 < cap)
			line[n++] = c;
	}
	line[n] = '\0';
	return r > 0;
}

static void
say(int fd, const char *text)
{
	char line[256];
	size_t n, done = 0;
	ssize_t r;

	(void)snprintf(line, sizeof line, "%s\r\n", text);
	for (n = strlen(line); done < n; done += r > 0 ? (size_t)r : 0) {
		r = write(fd, line + done, n - done);
		if (r < 0 && errno != EINTR)
			die("write");
	}
}

/* The server speaks first: a tunnel that waits for the client would hang. */
static int
mail(void)
{
	int fd = take_client(open_server()), letter = 0;
	char line[256];

	say(fd, "220 demo.example ready");
	while (hear(fd, line, sizeof line)) {
		if (letter && strcmp(line, ".") != 0)
			continue;
		if (letter)
			say(fd, "250 the letter was taken");
		else if (strcmp(line, "DATA") == 0)
			say(fd, "354 go on, end with a dot");
		else if (strcmp(line, "QUIT") == 0)
			say(fd, "221 goodbye");
		else
			say(fd, "250 fine");
		letter = !letter && strcmp(line, "DATA") == 0;
		if (strcmp(line, "QUIT") == 0)
			break;
	}
	return close(fd) == 0 ? 0 : 1;
}

/* Run a command; its standard output and input are *from and *to. */
static pid_t
spawn(char **command, int *from, int *to)
{
	int in[2], out[2];
	pid_t pid;

	if (pipe(in) < 0 || pipe(out) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		(void)dup2(in[0], 0);
		(void)dup2(out[1], 1);
		(void)close(in[0]);
		(void)close(in[1]);
		(void)close(out[0]);
		(void)close(out[1]);
		(void)execvp(command[0], command);
		die(command[0]);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	*from = out[0];
	*to = in[1];
	return pid;
}

/* Each answer has to begin as expected, before the next line is said. */
static int
talk(char **command)
{
	static const char *const lines[][2] = {
		{ "220", "HELO client.example" },
		{ "250", "MAIL FROM:<a@client.example>" },
		{ "250", "RCPT TO:<b@demo.example>" },
		{ "250", "DATA" },
		{ "354", "Subject: through the tunnel" },
		{ NULL, "." },
		{ "250", "QUIT" },
		{ "221", NULL }
	};
	size_t i;
	int from, to, status = 1;
	char line[256];
	pid_t pid = spawn(command, &from, &to);

	for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (lines[i][0] != NULL) {
			if (!hear(from, line, sizeof line))
				return 1;
			(void)printf("    server: %s\n", line);
			if (strncmp(line, lines[i][0], 3) != 0)
				return 1;
		}
		if (lines[i][1] != NULL) {
			(void)printf("    client: %s\n", lines[i][1]);
			say(to, lines[i][1]);
		}
		(void)fflush(stdout);
	}
	(void)close(to);
	/* After the goodbye comes the end, and no byte before it. */
	if (hear(from, line, sizeof line) || line[0] != '\0' ||
	    waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

/* ---- bytes both ways ------------------------------------------------ */

struct part {
	char buf[65536];
	size_t at, end;
};

/* Send some of the file; 0 when all of it has been sent. */
static int
send_some(int fd, int file, struct part *p)
{
	ssize_t n;

	if (p->at == p->end) {
		n = read(file, p->buf, sizeof p->buf);
		if (n < 0)
			die("read");
		p->at = 0;
		p->end = (size_t)n;
		if (n == 0)
			return 0;
	}
	n = write(fd, p->buf + p->at, p->end - p->at);
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
		die("send");
	p->at += n > 0 ? (size_t)n : 0;
	return 1;
}

/* Store what has come; 0 at the end of it. */
static int
store_some(int fd, int file, struct part *p)
{
	ssize_t n = read(fd, p->buf, sizeof p->buf);

	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
		die("receive");
	if (n > 0 && write(file, p->buf, (size_t)n) != n)
		die("store");
	return n != 0;
}

static int
swap(const char *send, const char *store)
{
	static struct part out, in;
	int from = open(send, O_RDONLY);
	int to = open(store, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int sending = 1, storing = 1;
	struct pollfd p;

	if (from < 0 || to < 0)
		die("open");
	p.fd = take_client(open_server());
	(void)fcntl(p.fd, F_SETFL, fcntl(p.fd, F_GETFL) | O_NONBLOCK);
	while (sending || storing) {
		p.events = (short)((sending ? POLLOUT : 0) |
		    (storing ? POLLIN : 0));
		if (poll(&p, 1, -1) < 0)
			die("poll");
		if (storing && p.revents & (POLLIN | POLLHUP | POLLERR))
			storing = store_some(p.fd, to, &in);
		if (!sending || !(p.revents & (POLLOUT | POLLERR)))
			continue;
		sending = send_some(p.fd, from, &out);
		if (!sending && shutdown(p.fd, SHUT_WR) < 0)
			die("shutdown");
	}
	return close(to) == 0 ? 0 : 1;
}

/* Children are not waited for: the system buries them. */
static void
run(char **command)
{
	int server = open_server(), fd;
	pid_t pid;

	(void)signal(SIGCHLD, SIG_IGN);
	(void)fcntl(server, F_SETFD, FD_CLOEXEC);
	for (;;) {
		fd = take_client(server);
		pid = fork();
		if (pid == 0) {
			(void)signal(SIGCHLD, SIG_DFL);
			(void)dup2(fd, 0);
			(void)dup2(fd, 1);
			if (fd > 1)
				(void)close(fd);
			(void)execvp(command[0], command);
			die(command[0]);
		}
		(void)close(fd);
	}
}

static volatile pid_t child;

static void
on_signal(int sig)
{
	(void)sig;
	(void)kill(child, SIGKILL);
}

/* Not by alarm(2) alone, which the command may use itself. */
static int
within(const char *seconds, char **command)
{
	int status = 0;

	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		(void)signal(SIGPIPE, SIG_DFL);
		(void)execvp(command[0], command);
		die(command[0]);
	}
	/* Who ends this means the command. */
	(void)signal(SIGTERM, on_signal);
	(void)signal(SIGALRM, on_signal);
	(void)alarm((unsigned)strtoul(seconds, NULL, 10));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	(void)fprintf(stderr, "demo_peer: %s was killed\n", command[0]);
	return 1;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	(void)signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(what, "bytes") == 0)
		return bytes(argv[2]);
	if (argc == 2 && strcmp(what, "mail") == 0)
		return mail();
	if (argc == 4 && strcmp(what, "swap") == 0)
		return swap(argv[2], argv[3]);
	if (argc > 2 && strcmp(what, "run") == 0)
		run(argv + 2);
	if (argc > 2 && strcmp(what, "talk") == 0)
		return talk(argv + 2);
	if (argc > 3 && strcmp(what, "within") == 0)
		return within(argv[2], argv + 3);
	(void)fprintf(stderr, "usage: demo_peer bytes N | mail | "
	    "swap SEND STORE | run COMMAND... | talk COMMAND... | "
	    "within S COMMAND...\n");
	return 2;
}
