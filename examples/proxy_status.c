/* proxy_status.c - tunnel-proxy, watched: a page, metrics, health
 *
 * A second proxy on the same loop, whose hook answers requests instead of
 * opening tunnels: what the library's server-extension API is for.  What
 * is shown of the tunnels is collected by a survey, so the page's hook answers
 * later, when that is done.
 */
#include "proxy_status.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy_page.h"
#include "proxy_say.h"

enum { ERRORS = 40 };

static struct tunnel_proxy *watched, *server;
static struct tunnel_timer *timer;
static struct tunnel_loop *loop;
static int draining;
static struct page_history history;

/* Refusals and failures by error. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned long long errors[ERRORS];

void
status_session(const struct tunnel_session *s)
{
	int error = -tunnel_session_error(s);

	if (error <= 0 || error >= ERRORS)
		return;
	(void)pthread_mutex_lock(&mutex);
	errors[error]++;
	(void)pthread_mutex_unlock(&mutex);
}

void
status_draining(void)
{
	draining = 1;
}

/* ---- metrics -------------------------------------------------------- */

static const struct metric {
	int count;
	const char *name, *type, *help;
} metrics[] = {
	{ TUNNEL_COUNT_SESSIONS, "tunnel_sessions", "gauge",
	    "Clients that are connected" },
	{ TUNNEL_COUNT_HANDSHAKES, "tunnel_handshakes", "gauge",
	    "Clients without a tunnel yet, or any more" },
	{ TUNNEL_COUNT_TUNNELS, "tunnel_tunnels", "gauge",
	    "Tunnels that are dialled or open" },
	{ TUNNEL_COUNT_ACCEPTED, "tunnel_accepted_total", "counter",
	    "Clients accepted" },
	{ TUNNEL_COUNT_OPENED, "tunnel_opened_total", "counter",
	    "Tunnels opened" },
	{ TUNNEL_COUNT_PASSED, "tunnel_passed_total", "counter",
	    "Requests passed on that got a reply" },
	{ TUNNEL_COUNT_REFUSED, "tunnel_refused_total", "counter",
	    "Requests refused" },
	{ TUNNEL_COUNT_FAILED, "tunnel_failed_total", "counter",
	    "Tunnels that ended with an error" },
	{ TUNNEL_COUNT_EVICTED, "tunnel_evicted_total", "counter",
	    "Handshakes that gave way to others" },
	{ TUNNEL_COUNT_PAUSES, "tunnel_accept_pauses_total", "counter",
	    "Times when descriptors or memory ran out" },
	{ TUNNEL_COUNT_UP, "tunnel_bytes_up_total", "counter",
	    "Bytes delivered from clients to targets" },
	{ TUNNEL_COUNT_DOWN, "tunnel_bytes_down_total", "counter",
	    "Bytes delivered from targets to clients" },
};

static void
add_metrics(struct text *t)
{
	const struct metric *m;
	size_t i;
	int e;

	for (i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
		m = &metrics[i];
		text_add(t, "# HELP %s %s.\n# TYPE %s %s\n%s %llu\n", m->name,
		    m->help, m->name, m->type, m->name,
		    (unsigned long long)tunnel_proxy_count(watched, m->count));
	}
	text_add(t, "# HELP tunnel_errors_total Sessions by the error that "
	    "ended them.\n# TYPE tunnel_errors_total counter\n");
	(void)pthread_mutex_lock(&mutex);
	for (e = 1; e < ERRORS; e++)
		if (errors[e] > 0)
			text_add(t, "tunnel_errors_total{error=\"%s\","
			    "token=\"%s\"} %llu\n", tunnel_error_name(-e),
			    tunnel_error_token(-e), errors[e]);
	(void)pthread_mutex_unlock(&mutex);
}

/* ---- the page ------------------------------------------------------- */

struct view {
	struct tunnel_session *asked;   /* by whom */
	struct page page;
};

static void
see(void *ud, struct tunnel_session *s)
{
	struct view *v = ud;

	if (tunnel_session_open(s))
		page_row(&v->page, s);
}

static void
add_errors(struct page *p)
{
	int e;

	(void)pthread_mutex_lock(&mutex);
	for (e = 1; e < ERRORS; e++)
		if (errors[e] > 0)
			page_error(p, tunnel_strerror(-e), errors[e]);
	(void)pthread_mutex_unlock(&mutex);
}

static int
reply(struct tunnel_session *s, int status, const char *type,
    struct text *t)
{
	int rv;

	(void)tunnel_server_field(tunnel_session_server(s), "Cache-Control",
	    "no-store");
	(void)tunnel_server_field(tunnel_session_server(s),
	    "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'");
	rv = t->failed || t->at == NULL ? TUNNEL_ENOMEM :
	    tunnel_session_reply(s, status, type, t->at, t->n);
	text_free(t);
	return rv < 0 ? rv : TUNNEL_DONE;
}

static void
seen(void *ud)
{
	struct view *v = ud;
	struct text t;
	int rv = TUNNEL_EEOF;

	add_errors(&v->page);
	page_compose(&v->page, watched, &history, draining, &t);
	/* Unless whoever asked has gone. */
	if (tunnel_session_server(v->asked) != NULL)
		rv = reply(v->asked, 200, "text/html; charset=utf-8", &t);
	else
		text_free(&t);
	(void)tunnel_session_answer(v->asked, rv);
	page_free(&v->page);
	free(v);
}

static int
begin_page(struct tunnel_session *s)
{
	struct view *v = calloc(1, sizeof *v);
	int rv;

	if (v == NULL)
		return TUNNEL_ENOMEM;
	v->asked = s;
	rv = tunnel_proxy_survey(watched, see, seen, v);
	if (rv == 0)
		return TUNNEL_ASK;
	free(v);
	return TUNNEL_EBUSY;
}

/* ---- requests ------------------------------------------------------- */

static int
plain(struct tunnel_session *s, int status, const char *what)
{
	struct text t = { NULL, 0, 0, 0 };

	text_add(&t, "%s\n", what);
	return reply(s, status, "text/plain", &t);
}

static int
on_request(void *ud, struct tunnel_session *s)
{
	struct tunnel_server *r = tunnel_session_server(s);
	const char *method = tunnel_server_method(r);
	const char *target = tunnel_server_target(r);
	struct text t = { NULL, 0, 0, 0 };

	(void)ud;
	if (strcmp(method, "CONNECT") == 0)
		return TUNNEL_EDENIED;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return plain(s, 501, "only GET and HEAD are served here");
	if (strcmp(target, "/healthz") == 0)
		return plain(s, draining ? 503 : 200,
		    draining ? "draining" : "ok");
	if (strcmp(target, "/metrics") == 0) {
		add_metrics(&t);
		return reply(s, 200, "text/plain; version=0.0.4", &t);
	}
	if (strcmp(target, "/") == 0)
		return begin_page(s);
	return plain(s, 404, "there are /, /metrics and /healthz");
}

static void
on_second(void *ud)
{
	(void)ud;
	page_sample(&history, watched);
	(void)tunnel_timer_set(timer, tunnel_loop_now(loop) + 1000);
}

/* ---- on and off ----------------------------------------------------- */

static int
fail(const char *where)
{
	const char *why = server != NULL ? tunnel_proxy_reason(server) : "";

	if (*why != '\0')
		say("%s", why);
	else
		say("--status takes [ADDR:]PORT or unix:PATH, not %s", where);
	return -1;
}

/* Whoever may open tunnels to this machine is not meant to look at it.  A
 * socket file is no address, and nothing that a tunnel could lead to. */
static int
keep_out(const char *where)
{
	int rv = tunnel_proxy_own(watched, where);

	return rv == TUNNEL_EINVAL ? 0 : rv;
}

int
status_start(struct tunnel_proxy *p, struct tunnel_loop *l,
    const char *where)
{
	watched = p;
	loop = l;
	if (where == NULL)
		return 0;
	server = tunnel_proxy_new(NULL, l);
	timer = tunnel_timer_new(l, on_second, NULL);
	if (server == NULL || timer == NULL ||
	    tunnel_proxy_listen(server, where) < 0 ||
	    tunnel_proxy_hook(server, TUNNEL_ON_REQUEST, on_request,
	    NULL) < 0 ||
	    tunnel_proxy_start(server) < 0 ||
	    keep_out(tunnel_proxy_address(server, 0)) < 0)
		return fail(where);
	return tunnel_timer_set(timer, 0);
}

int
status_check(const char *where)
{
	if (where == NULL)
		return 0;
	server = tunnel_proxy_new(NULL, NULL);
	if (server == NULL || tunnel_proxy_listen(server, where) < 0)
		return fail(where);
	return 0;
}

void
status_announce(void)
{
	if (server == NULL)
		return;
	(void)printf("status on %s\n", tunnel_proxy_address(server, 0));
	(void)fflush(stdout);
}

void
status_stop(void)
{
	tunnel_timer_free(timer);
	timer = NULL;
	tunnel_proxy_free(server);
	server = NULL;
}

/* ---- the table of SIGUSR1 ------------------------------------------- */

static void
print_one(void *ud, struct tunnel_session *s)
{
	(void)ud;
	say("%s %s %s %s %llu %llu %llu.%03u", tunnel_session_client(s),
	    *tunnel_session_user(s) != '\0' ? tunnel_session_user(s) : "-",
	    *tunnel_session_target(s) != '\0' ? tunnel_session_target(s) : "-",
	    tunnel_session_open(s) ? tunnel_session_address(s) : "not open",
	    (unsigned long long)tunnel_session_bytes(s, TUNNEL_AB),
	    (unsigned long long)tunnel_session_bytes(s, TUNNEL_BA),
	    (unsigned long long)(tunnel_session_age(s) / 1000),
	    (unsigned)(tunnel_session_age(s) % 1000));
}

static void
printed(void *ud)
{
	(void)ud;
	say("%llu tunnels, %llu handshakes", (unsigned long long)
	    tunnel_proxy_count(watched, TUNNEL_COUNT_TUNNELS),
	    (unsigned long long)
	    tunnel_proxy_count(watched, TUNNEL_COUNT_HANDSHAKES));
}

void
status_table(void)
{
	(void)tunnel_proxy_survey(watched, print_one, printed, NULL);
}
