/* cgi_exchange.c - one request, and the program that answers it
 *
 *      content --> program's input
 *      program's output --> cgi_reply --> reply
 *
 * Nothing is read that cannot be passed on: the request's content as the
 * program takes it, and its output as the client does.
 */
#include "cgi_exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi_environment.h"
#include "cgi_place.h"
#include "cgi_reply.h"

enum {
	ROUNDS = 16,
	FIELDS_MAX = 256        /* of a request */
};

static void go(struct exchange *x);

uint64_t
exchange_now(const struct exchange *x)
{
	return tunnel_loop_now(x->cgi->loop);
}

/* ---- replies of our own --------------------------------------------- */

void
exchange_answer(struct serve_client *c, int status)
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
void
exchange_fail(struct exchange *x, int error, const char *why)
{
	serve_say("%s: %s", program_name(x->program), why);
	x->saying = CGI_SAID;
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

int
exchange_start(struct exchange *x, const char *target, const char *method,
    int content)
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
	x->active = exchange_now(x);
	return rv != 0 ? rv < 0 ? 503 : rv : x->program == NULL ? 503 : 0;
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
			x->active = exchange_now(x);
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

	if (x->saying == CGI_SAID)
		return UINT64_MAX;
	if (x->saying == CGI_ENDING)
		return after(x->active, CGI_LINGER_MS);
	(void)tunnel_forward_content(x->forward, TUNNEL_A, &n);
	silence = x->waits && (x->told || n > 0) ?
	    after(x->active, x->cgi->timeout_ms) : UINT64_MAX;
	return silence < life ? silence : life;
}

static void
on_time(void *ud)
{
	struct exchange *x = ud;

	if (deadline(x) <= exchange_now(x) && x->saying != CGI_ENDING)
		exchange_fail(x, TUNNEL_ETIMEOUT, "it has taken too long");
	on_program(x);
}

/* Move what can be moved, for a share of the time. */
static void
go(struct exchange *x)
{
	int i, moved = 1;

	for (i = 0; i < ROUNDS && moved; i++) {
		moved = give(x);
		moved |= reply_take(x);
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
	x->began = x->active = exchange_now(x);
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
		exchange_answer(c, rv);
		return;
	}
	x = exchange_new(cgi, c);
	rv = x == NULL ? 503 : exchange_start(x, tunnel_forward_path(f),
	    tunnel_server_method(tunnel_forward_server(f)), 1);
	if (rv != 0) {
		exchange_answer(c, rv);
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
