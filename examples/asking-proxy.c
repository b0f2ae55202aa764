/* asking-proxy.c - a proxy whose targets are allowed by a command
 *
 *     asking-proxy 127.0.0.1:3128 ./may-go
 *
 * For each tunnel that is asked for, the command is run with the target as its
 * argument, and a status of 0 allows it.  It may take its time, up to the
 * proxy's time for dialling: the hook says "later" (TUNNEL_ASK), a thread waits
 * for the command, and the answer is posted to the loop that the session lives
 * on.  Nobody else waits.
 */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <tunnel.h>

extern char **environ;

struct question {
	struct tunnel_session *session;
	struct tunnel_loop *loop;
	const char *command;
	int verdict;
	char target[300];
};

/* In the loop again.  A session stays until it is answered, also when its
 * client has left, so this one is there. */
static void
answer(void *ud)
{
	struct question *q = ud;

	(void)tunnel_session_answer(q->session, q->verdict);
	free(q);
}

static void *
ask(void *ud)
{
	struct question *q = ud;
	char command[4096];
	char *argv[3];
	int status = -1;
	pid_t pid;

	(void)snprintf(command, sizeof command, "%s", q->command);
	argv[0] = command;
	argv[1] = q->target;
	argv[2] = NULL;
	if (posix_spawnp(&pid, command, NULL, NULL, argv, environ) == 0)
		(void)waitpid(pid, &status, 0);
	q->verdict = status == 0 ? 0 : TUNNEL_EDENIED;
	/* Without memory nobody would be told: the session's time runs out. */
	if (tunnel_loop_post(q->loop, answer, q) < 0)
		free(q);
	return NULL;
}

static int
on_authorise(void *ud, struct tunnel_session *s)
{
	struct question *q = calloc(1, sizeof *q);
	pthread_t thread;

	if (q == NULL)
		return TUNNEL_ENOMEM;
	q->session = s;
	q->loop = tunnel_session_loop(s);
	q->command = ud;
	(void)snprintf(q->target, sizeof q->target, "%s",
	    tunnel_session_target(s));
	if (pthread_create(&thread, NULL, ask, q) != 0) {
		free(q);
		return TUNNEL_EBUSY;
	}
	(void)pthread_detach(thread);
	return TUNNEL_ASK;
}

int
main(int argc, char **argv)
{
	struct tunnel_policy *policy = tunnel_policy_new(NULL);
	struct tunnel_proxy *p = tunnel_proxy_new(NULL, NULL);
	int rv = TUNNEL_ENOMEM;

	if (argc != 3) {
		(void)fprintf(stderr, "Usage: asking-proxy ADDR:PORT "
		    "COMMAND\n");
		return 2;
	}
	/* The command alone decides, also about the machine itself. */
	if (p != NULL && policy != NULL) {
		(void)tunnel_policy_allow(policy, "0.0.0.0/0");
		(void)tunnel_policy_allow(policy, "[::/0]");
		rv = tunnel_proxy_policy(p, policy);
	}
	if (rv == 0)
		rv = tunnel_proxy_listen(p, argv[1]);
	if (rv == 0)
		rv = tunnel_proxy_hook(p, TUNNEL_ON_AUTHORISE, on_authorise,
		    argv[2]);
	if (rv == 0)
		rv = tunnel_proxy_start(p);
	if (rv == 0) {
		printf("listening on %s\n", tunnel_proxy_address(p, 0));
		(void)fflush(stdout);
		rv = tunnel_proxy_run(p);
	}
	if (rv < 0)
		(void)fprintf(stderr, "asking-proxy: %s\n", p != NULL &&
		    *tunnel_proxy_reason(p) != '\0' ? tunnel_proxy_reason(p) :
		    tunnel_strerror(rv));
	tunnel_proxy_free(p);
	return rv < 0;
}
