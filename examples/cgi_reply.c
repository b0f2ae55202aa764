/* cgi_reply.c - from what a program says to a reply
 *
 *      HEAD ----> BODY ----> ENDING ----> SAID
 *       ^ |         |     it has closed     ^
 *       `-'         |     its output        |
 *      local        `---- as long as it ----'
 *      redirect           said, or cut off
 *
 * RFC 3875 section 6.  A program that was cut off has not said all, though its
 * output ends just as well; so the end of a reply without a length is told when
 * the program has ended well.  One that is still there a second later has
 * closed its output on purpose.
 */
#include "cgi_reply.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { REDIRECTS_MAX = 8 };

/* Section 6.2.2: as if that had been asked for.  Without content, for the first
 * program may have had some of it. */
static void
redirect(struct exchange *x, const char *path)
{
	const char *method = tunnel_server_method(
	    tunnel_forward_server(x->forward));
	char *target = malloc(strlen(path) + 1);
	int rv;

	if (target == NULL || ++x->redirects > REDIRECTS_MAX) {
		exchange_fail(x, TUNNEL_ELOOP, "too many local redirects");
		free(target);
		return;
	}
	(void)strcpy(target, path);
	program_leave(x->program, 0);
	x->program = NULL;
	head_end(&x->head);
	x->at = x->n = 0;
	x->told = 0;
	if (strcmp(method, "HEAD") != 0)
		method = "GET";
	rv = exchange_start(x, target, method, 0);
	free(target);
	if (rv != 0) {
		x->saying = CGI_SAID;
		exchange_answer(x->client, rv);
		return;
	}
	program_told(x->program);
}

/* ---- the reply ------------------------------------------------------ */

/* The head is whole. */
static void
respond(struct exchange *x)
{
	const struct cgi_head *h = &x->head;
	size_t i;
	int rv = 0;

	if (head_local(h) != NULL) {
		redirect(x, head_local(h));
		return;
	}
	for (i = 0; i < h->fields && rv == 0; i++)
		if (!head_keeps(h->field[i].name))
			rv = tunnel_forward_field(x->forward, TUNNEL_A,
			    h->field[i].name, h->field[i].value);
	if (rv < 0) {
		exchange_fail(x, TUNNEL_EREPLY, "a field of its is malformed");
		return;
	}
	serve_date(x->client);
	if (h->sized)
		(void)tunnel_forward_length(x->forward, TUNNEL_A, h->length);
	x->left = h->length;
	x->saying = CGI_BODY;
	(void)tunnel_forward_respond(x->forward, head_status(h));
}

static void
say_end(struct exchange *x)
{
	x->saying = CGI_SAID;
	(void)tunnel_forward_end(x->forward, TUNNEL_A);
}

/* Pass on what is held: 1 when something moved. */
static int
put(struct exchange *x)
{
	size_t n = x->n, used;

	if (x->head.sized && n > x->left)
		n = (size_t)x->left;
	if (tunnel_forward_put(x->forward, TUNNEL_A, x->held + x->at, n,
	    &used) < 0) {
		/* The reply is no more; over will tell. */
		x->saying = CGI_SAID;
		return 1;
	}
	x->at += used;
	x->n -= used;
	x->left -= x->head.sized ? used : 0;
	/* What goes beyond its own length is not the reply's. */
	if (x->head.sized && x->left == 0)
		x->n = 0;
	return used > 0 || x->n == 0;
}

/* The output has closed: has all been said? */
static void
conclude(struct exchange *x)
{
	int status, gone = program_ended(x->program, &status);

	x->waits = 1;
	if (x->saying == CGI_HEAD) {
		exchange_fail(x, TUNNEL_EREPLY, "it has ended without a reply");
		return;
	}
	if (!gone && exchange_now(x) - x->active < CGI_LINGER_MS)
		return;
	if (!gone || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		say_end(x);
	else
		exchange_fail(x, TUNNEL_EREPLY, "it has failed in its reply");
}

static int
feed_head(struct exchange *x)
{
	size_t used;
	int rv = head_feed(&x->head, x->held + x->at, x->n, &used);

	x->at += used;
	x->n -= used;
	if (rv < 0)
		exchange_fail(x, TUNNEL_EREPLY, "its head is malformed");
	else if (rv > 0)
		respond(x);
	return 1;
}

/* Is it complete by its own length?  Then the program need not have ended, but
 * it is to be told all of the request first. */
static int
complete(const struct exchange *x)
{
	return x->saying == CGI_BODY && x->head.sized && x->left == 0 &&
	    x->told;
}

int
reply_take(struct exchange *x)
{
	int rv;

	x->waits = 0;
	if (x->saying == CGI_SAID)
		return 0;
	if (complete(x)) {
		say_end(x);
		return 0;
	}
	if (x->saying == CGI_ENDING) {
		conclude(x);
		return 0;
	}
	if (x->n > 0)
		return x->saying == CGI_HEAD ? feed_head(x) : put(x);
	x->at = 0;
	rv = program_read(x->program, x->held, sizeof x->held, &x->n);
	x->waits = rv == TUNNEL_IN;
	if (rv == TUNNEL_IN)
		return 0;
	x->active = exchange_now(x);
	if (rv == TUNNEL_DONE && x->saying == CGI_BODY)
		x->saying = CGI_ENDING;
	if (rv == TUNNEL_DONE)
		conclude(x);
	return rv == 0;
}
