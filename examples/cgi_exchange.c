/* cgi_exchange.c - one request, and the program that answers it
 *
 *      content --> program's input
 *      program's output --> HEAD --> BODY --> ENDING --> SAID
 *                            | ^ local redirect  (it has closed its output:
 *                            `-'                  with what status does it end?)
 *
 * Nothing is read that cannot be passed on: the request's content as the program
 * takes it, and its output as the client does.  A program that was cut off has
 * not said all, though its output ends just as well; so the end of a reply
 * without a length is told when the program has ended well.  One that is still
 * there a second later has closed its output on purpose.
 */
#include "cgi_exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cgi_environment.h"
#include "cgi_head.h"
#include "cgi_place.h"

enum {
	HELD = 16384,           /* of the output, on its way */
	ROUNDS = 16,
	REDIRECTS_MAX = 8,
	FIELDS_MAX = 256,       /* of a request */
	LINGER_MS = 1000
};

enum saying { HEAD, BODY, ENDING, SAID };

struct exchange {
	struct cgi *cgi;
	struct serve_client *client;
	struct tunnel_forward *forward;
	struct program *program;
	struct tunnel_timer *timer;
	struct cgi_head head;
	int saying;             /* the program, and we what it says */
	int redirects;
	int told;               /* the program has the whole content */
	int waits;              /* we for the program */
	uint64_t began, active;
	uint64_t left;          /* of a reply with a length */
	unsigned char held[HELD];
	size_t at, n;
};

static void go(struct exchange *x);

static uint64_t
now_of(const struct exchange *x)
{
	return tunnel_loop_now(x->cgi->loop);
}

/* ---- replies of our own --------------------------------------------- */

static void
answer(struct serve_client *c, int status)
{
	char text[64];

	serve_date(c);
	if (status == 503)
		(void)tunnel_forward_field(serve_forward(c), TUNNEL_A,
		    "Retry-After", "1");
	if (status == 405)
		(void)tunnel_forward_field(serve_forward(c), TUNNEL_A,
		    "Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
	(void)snprintf(text, sizeof text, "%d: this cannot be had here\n",
	    status);
	(void)tunnel_forward_answer(serve_forward(c), status, "text/plain",
	    text, status == 204 ? 0 : strlen(text));
}

/* Nothing of the program's will do: the client is told, by a reply or by the
 * connection's end. */
static void
fail(struct exchange *x, int error, const char *why)
{
	serve_say("%s", why);
	x->saying = SAID;
	serve_date(x->client);
	(void)tunnel_forward_fail(x->forward, error);
}

/* ---- programs ------------------------------------------------------- */

static void
on_program(void *ud)
{
	struct exchange *x = ud;

	go(x);
	serve_moved(x->client);
}

/* Run what a target names: 0, or a status. */
static int
start(struct exchange *x, const char *target, const char *method, int content)
{
	struct cgi_place place;
	struct cgi_asked q;
	char **e = NULL;
	int rv = place_find(x->cgi->directory, target, &place);

	memset(&q, 0, sizeof q);
	q.client = x->client;
	q.place = &place;
	q.root = x->cgi->root;
	q.method = method;
	q.content = content;
	q.authorization = x->cgi->authorization;
	q.more = x->cgi->environment;
	if (rv == 0)
		e = environment_make(&q);
	if (rv == 0 && e != NULL) {
		x->program = program_new(x->cgi->programs, place.file,
		    place.path, e, on_program, x);
		if (x->program == NULL)
			serve_say("%s: %s", place.path, strerror(errno));
	}
	environment_free(e);
	place_free(&place);
	x->active = now_of(x);
	return rv != 0 ? rv < 0 ? 503 : rv : x->program == NULL ? 503 : 0;
}

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
		fail(x, TUNNEL_ELOOP, "too many local redirects");
		free(target);
		return;
	}
	(void)strcpy(target, path);
	program_leave(x->program, 0);
	x->program = NULL;
	head_end(&x->head);
	x->at = x->n = 0;
	x->told = 0;
	rv = start(x, target, strcmp(method, "HEAD") == 0 ? method : "GET",
	    0);
	free(target);
	if (rv != 0) {
		x->saying = SAID;
		answer(x->client, rv);
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
		fail(x, TUNNEL_EREPLY, "a program's field is malformed");
		return;
	}
	serve_date(x->client);
	if (h->sized)
		(void)tunnel_forward_length(x->forward, TUNNEL_A, h->length);
	x->left = h->length;
	x->saying = BODY;
	(void)tunnel_forward_respond(x->forward, head_status(h));
}

static void
say_end(struct exchange *x)
{
	x->saying = SAID;
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
		x->saying = SAID;
		return 1;
	}
	x->at += used;
	x->n -= used;
	x->left -= x->head.sized ? used : 0;
	/* What goes beyond its own length is not the reply's. */
	if (x->head.sized && x->left == 0)
		say_end(x);
	return used > 0 || x->saying == SAID;
}

/* The output has closed: has all been said? */
static void
conclude(struct exchange *x)
{
	int status, gone = program_ended(x->program, &status);

	x->waits = 1;
	if (x->saying == HEAD) {
		fail(x, TUNNEL_EREPLY, "a program has ended without a reply");
		return;
	}
	if (!gone && now_of(x) - x->active < LINGER_MS)
		return;
	if (!gone || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		say_end(x);
	else
		fail(x, TUNNEL_EREPLY, "a program has failed in its reply");
}

static int
feed_head(struct exchange *x)
{
	size_t used;
	int rv = head_feed(&x->head, x->held + x->at, x->n, &used);

	x->at += used;
	x->n -= used;
	if (rv < 0)
		fail(x, TUNNEL_EREPLY, "a program's head is malformed");
	else if (rv > 0)
		respond(x);
	return 1;
}

/* The output, once: 1 when something moved. */
static int
take(struct exchange *x)
{
	int rv;

	x->waits = 0;
	if (x->saying == SAID)
		return 0;
	if (x->saying == ENDING) {
		conclude(x);
		return 0;
	}
	if (x->n > 0 || (x->saying == BODY && x->head.sized && x->left == 0))
		return x->saying == HEAD ? feed_head(x) : put(x);
	x->at = 0;
	rv = program_read(x->program, x->held, sizeof x->held, &x->n);
	if (rv == TUNNEL_DONE) {
		if (x->saying == BODY)
			x->saying = ENDING;
		conclude(x);
		return 0;
	}
	x->waits = rv == TUNNEL_IN;
	if (x->n > 0)
		x->active = now_of(x);
	return x->n > 0;
}

/* ---- the request ---------------------------------------------------- */

/* Its content, once: 1 when something moved. */
static int
give(struct exchange *x)
{
	size_t n, done;
	const void *p = tunnel_forward_content(x->forward, TUNNEL_A, &n);
	int rv = TUNNEL_DONE;

	if (n > 0) {
		done = 0;
		if (x->program != NULL)
			rv = program_write(x->program, p, n, &done);
		/* What it does not want to know is passed over. */
		if (rv == TUNNEL_DONE)
			done = n;
		else if (done > 0)
			x->active = now_of(x);
		if (done > 0)
			(void)tunnel_forward_consume(x->forward, TUNNEL_A,
			    done);
		return done > 0;
	}
	if (!x->told && tunnel_forward_ended(x->forward, TUNNEL_A) == 1) {
		x->told = 1;
		if (x->program != NULL)
			program_told(x->program);
	}
	return 0;
}

/* ---- time ----------------------------------------------------------- */

static uint64_t
after(uint64_t since, uint64_t ms)
{
	return ms == 0 || ms > UINT64_MAX - since ? UINT64_MAX : since + ms;
}

/* A program that waits for content which the client does not send is not the
 * one that is slow. */
static uint64_t
deadline(const struct exchange *x)
{
	uint64_t life = after(x->began, x->cgi->lifetime_ms), silence;
	size_t n;

	if (x->saying == SAID)
		return UINT64_MAX;
	if (x->saying == ENDING)
		return after(x->active, LINGER_MS);
	(void)tunnel_forward_content(x->forward, TUNNEL_A, &n);
	silence = x->waits && (x->told || n > 0) ?
	    after(x->active, x->cgi->timeout_ms) : UINT64_MAX;
	return silence < life ? silence : life;
}

static void
on_time(void *ud)
{
	struct exchange *x = ud;

	if (deadline(x) <= now_of(x) && x->saying != ENDING)
		fail(x, TUNNEL_ETIMEOUT, "a program has taken too long");
	on_program(x);
}

/* Move what can be moved, for a share of the time. */
static void
go(struct exchange *x)
{
	int i, moved = 1;

	for (i = 0; i < ROUNDS && moved; i++) {
		moved = give(x);
		moved |= take(x);
	}
	(void)tunnel_timer_set(x->timer, moved ? 0 : deadline(x));
}

/* ---- what happens to it --------------------------------------------- */

static struct exchange *
exchange_new(struct cgi *cgi, struct serve_client *c)
{
	struct exchange *x = malloc(sizeof *x);

	if (x == NULL)
		return NULL;
	memset(x, 0, sizeof *x);
	x->timer = tunnel_timer_new(cgi->loop, on_time, x);
	if (x->timer == NULL) {
		free(x);
		return NULL;
	}
	x->cgi = cgi;
	x->client = c;
	x->forward = serve_forward(c);
	x->began = x->active = now_of(x);
	head_begin(&x->head);
	return x;
}

static void
exchange_free(struct exchange *x, int end)
{
	if (x->program != NULL)
		program_leave(x->program, end);
	tunnel_timer_free(x->timer);
	head_end(&x->head);
	free(x);
}

/* Can it be for a program at all?  0, or a status. */
static int
judge(const struct cgi *cgi, struct serve_client *c)
{
	struct tunnel_forward *f = serve_forward(c);
	const struct tunnel_server *s = tunnel_forward_server(f);
	const char *scheme = tunnel_forward_scheme(f);
	const char *path = tunnel_forward_path(f), *value;

	if (strcmp(tunnel_server_method(s), "TRACE") == 0)
		return 405;
	if (scheme != NULL && strcmp(scheme, "http") != 0)
		return 421;
	if (strcmp(path, "*") == 0)
		return strcmp(tunnel_server_method(s), "OPTIONS") == 0 ?
		    204 : 400;
	if (tunnel_server_request_at(s, FIELDS_MAX, &value) != NULL)
		return 431;
	if (cgi->lengths &&
	    tunnel_server_request(s, "transfer-encoding", 0) != NULL)
		return 411;
	return programs_count(cgi->programs) >= cgi->max ? 503 : 0;
}

void
exchange_asked(void *ud, struct serve_client *c)
{
	struct cgi *cgi = ud;
	struct tunnel_forward *f = serve_forward(c);
	struct exchange *x;
	int rv = judge(cgi, c);

	if (rv != 0) {
		answer(c, rv);
		return;
	}
	x = exchange_new(cgi, c);
	rv = x == NULL ? 503 : start(x, tunnel_forward_path(f),
	    tunnel_server_method(tunnel_forward_server(f)), 1);
	if (rv != 0) {
		answer(c, rv);
		if (x != NULL)
			exchange_free(x, 0);
		return;
	}
	serve_set_mine(c, x);
	(void)tunnel_forward_serve(f);
}

void
exchange_content(void *ud, struct serve_client *c)
{
	(void)ud;
	if (serve_mine(c) != NULL)
		go(serve_mine(c));
}

void
exchange_room(void *ud, struct serve_client *c)
{
	exchange_content(ud, c);
}

void
exchange_over(void *ud, struct serve_client *c, int error)
{
	(void)ud;
	if (serve_mine(c) != NULL)
		exchange_free(serve_mine(c), error < 0);
}
