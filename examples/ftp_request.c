/* ftp_request.c - one request of HTTP, and what becomes of it by FTP
 *
 *      asked --> path, login, policy --> session --> ftp_carry
 *                    |                                  |
 *                    `--------> ftp_answer <------------'
 *
 * As a proxy the gateway serves ftp:// URLs of any server that its policy lets
 * it reach; with a server of its own, paths.  It is never both, or a page of
 * the one could be made to lead into the other.
 */
#include "ftp_request.h"

#include <stdlib.h>
#include <string.h>

#include "ftp_answer.h"

const char *
ftp_field(const struct ftp_request *r, const char *name)
{
	return tunnel_server_request(tunnel_forward_server(r->forward), name,
	    0);
}

void
ftp_drop(struct ftp_request *r)
{
	ftp_session_free(r->session);
	r->session = NULL;
}

/* ---- what is asked for ---------------------------------------------- */

static int
take_verb(const char *method, enum ftp_verb *verb)
{
	static const char *const names[] = { "GET", "HEAD", "PUT", "DELETE" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(method, names[i]) == 0) {
			*verb = (enum ftp_verb)i;
			return 1;
		}
	return 0;
}

/* The server: its port, or 0 when it has been answered. */
static unsigned
take_server(struct ftp_request *r)
{
	const struct ftp_gateway *g = r->gateway;
	const char *scheme = tunnel_forward_scheme(r->forward);
	const char *host = tunnel_forward_host(r->forward);
	int ftp = scheme != NULL && strcmp(scheme, "ftp") == 0;
	unsigned port = tunnel_forward_port(r->forward);
	int rv;

	if (g->server[0] != '\0' && !ftp) {
		(void)strcpy(r->host, g->server);
		return g->port;
	}
	if (g->server[0] != '\0' || !ftp || host == NULL) {
		ftp_answer(r, 400, g->server[0] != '\0' ?
		    "This is no proxy: ask for a path." :
		    "This is a proxy for ftp:// URLs, and for nothing else.");
		return 0;
	}
	(void)strcpy(r->host, host);
	rv = tunnel_policy_judge_name(g->world.policy, host, port);
	if (rv < 0) {
		ftp_give_up(r, rv);
		return 0;
	}
	return port;
}

/* What needs no server, or cannot be asked of any: 1 when it was answered. */
static int
refuse(struct ftp_request *r, enum ftp_verb verb)
{
	int named = r->path.type == 'd' && !r->path.slash;

	r->path.slash |= named;
	if (named && (verb == FTP_GET || verb == FTP_HEAD))
		/* The links of a page are relative to where it is. */
		ftp_answer(r, 301, "This is a directory.");
	else if (verb == FTP_PUT && r->path.slash)
		ftp_answer(r, 405, "A directory cannot be put.");
	else if (verb == FTP_PUT && ftp_field(r, "Content-Range") != NULL)
		ftp_answer(r, 400, "A part cannot be put (RFC 9110, 14.5).");
	else if (verb == FTP_DELETE && r->path.n == 0)
		ftp_answer(r, 403, "The root cannot be deleted.");
	else
		return 0;
	return 1;
}

static void
moved(void *ud)
{
	struct ftp_request *r = ud;
	struct serve_client *c = r->client;

	ftp_carry(r);
	serve_moved(c);
}

/* Is there a condition that can forbid it to change anything? */
static int
has_condition(const struct ftp_request *r)
{
	return ftp_field(r, "If-Match") != NULL ||
	    ftp_field(r, "If-None-Match") != NULL ||
	    ftp_field(r, "If-Unmodified-Since") != NULL;
}

static void
start(struct ftp_request *r, enum ftp_verb verb, unsigned port)
{
	struct ftp_talk *t;
	int rv = TUNNEL_ENOMEM;

	r->session = ftp_session_new(&r->gateway->world, moved, r);
	if (r->session != NULL) {
		t = ftp_session_talk(r->session);
		t->verb = verb;
		t->path = &r->path;
		t->conditional = has_condition(r);
		t->user = r->login.user;
		t->password = r->login.password;
		r->server_port = port;
		rv = ftp_session_start(r->session, r->host, port);
	}
	if (rv < 0)
		ftp_give_up(r, rv);
}

static void
look(struct ftp_request *r)
{
	struct tunnel_forward *f = r->forward;
	const char *method = tunnel_server_method(tunnel_forward_server(f));
	enum ftp_verb verb;
	unsigned port;
	int rv;

	if (!take_verb(method, &verb)) {
		ftp_answer(r, 405, "That method is not served here.");
		return;
	}
	port = take_server(r);
	if (port == 0)
		return;
	rv = ftp_path_read(&r->path, tunnel_forward_path(f),
	    r->gateway->server[0] != '\0');
	if (rv == 0)
		rv = ftp_login_read(&r->login, ftp_field(r, "Authorization"),
		    tunnel_forward_userinfo(f));
	if (rv == TUNNEL_EINVAL)
		ftp_answer(r, 400, "No FTP server can be told that.");
	else if (rv < 0)
		ftp_give_up(r, rv);
	else if (!refuse(r, verb))
		start(r, verb, port);
}

/* ---- the gateway's functions ---------------------------------------- */

void
ftp_asked(void *ud, struct serve_client *c)
{
	struct ftp_request *r = calloc(1, sizeof *r);

	if (r == NULL) {
		(void)tunnel_forward_fail(serve_forward(c), TUNNEL_ENOMEM);
		return;
	}
	r->gateway = ud;
	r->client = c;
	r->forward = serve_forward(c);
	r->last = -1;
	serve_set_mine(c, r);
	look(r);
}

void
ftp_content(void *ud, struct serve_client *c)
{
	(void)ud;
	if (serve_mine(c) != NULL)
		ftp_carry(serve_mine(c));
}

void
ftp_room(void *ud, struct serve_client *c)
{
	ftp_content(ud, c);
}

void
ftp_over_with(void *ud, struct serve_client *c, int error)
{
	struct ftp_request *r = serve_mine(c);

	(void)ud;
	(void)error;
	if (r == NULL)
		return;
	ftp_drop(r);
	ftp_path_free(&r->path);
	ftp_login_free(&r->login);
	free(r->list);
	free(r);
}
