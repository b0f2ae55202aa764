/* ftp_carry.c - bytes between an FTP server and a client of HTTP
 *
 * As much as the one has and the other takes; both stop to read where the other
 * stops, so nothing piles up.
 *
 * A transfer that fails must not look like one that ended.  Without a length,
 * the reply ends when the server has said 226, and is cut off when it has not.
 * With one, the last byte is held back until then: a client counts by it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ftp_answer.h"

enum { LINES = 256 };           /* of a list, before others have their turn */

/* The reply is complete. */
static void
complete(struct ftp_request *r)
{
	(void)tunnel_forward_end(r->forward, TUNNEL_A);
	ftp_drop(r);
}

/* How much was taken; the session is gone when nothing more can be. */
static size_t
put(struct ftp_request *r, const char *p, size_t n)
{
	size_t used = 0;
	int rv = tunnel_forward_put(r->forward, TUNNEL_A, p, n, &used);

	if (rv < 0)
		ftp_give_up(r, rv);
	return used;
}

/* ---- a file --------------------------------------------------------- */

/* How many of n bytes that have come may go now; -1 when it is more than there
 * should be. */
static long long
may_go(const struct ftp_request *r, size_t n)
{
	if (r->left < 0 || (long long)n < r->left)
		return (long long)n;
	if (r->partial)
		return r->left;
	if ((long long)n > r->left)
		return -1;
	return ftp_session_ended(r->session) ? r->left : r->left - 1;
}

static void
carry_file(struct ftp_request *r)
{
	const char *p;
	size_t n, used;
	long long go;

	for (;;) {
		p = ftp_session_peek(r->session, &n);
		go = may_go(r, n);
		if (go < 0) {
			ftp_give_up(r, TUNNEL_EEOF);
			return;
		}
		if (go == 0)
			break;
		used = put(r, p, (size_t)go);
		if (r->session == NULL)
			return;
		ftp_session_skip(r->session, used);
		if (r->left >= 0)
			r->left -= (long long)used;
		if (r->left == 0) {
			complete(r);
			return;
		}
		if (used < (size_t)go)
			return;
	}
	if (n == 0 && ftp_session_ended(r->session)) {
		if (r->left < 0)
			complete(r);
		else
			ftp_give_up(r, TUNNEL_EEOF);
	}
}

/* ---- a page --------------------------------------------------------- */

/* As a proxy has it in a URL: "ftp://host/a/b/"; of our own server, "/a/b/". */
static void
compose_title(const struct ftp_request *r, char *title, size_t cap)
{
	const struct ftp_path *path = &r->path;
	char host[TUNNEL_HOST_MAX + 8];
	size_t i, n;

	*title = '\0';
	if (r->gateway->server[0] == '\0' && tunnel_authority_print(r->host,
	    r->server_port, host, sizeof host, &n) == 0) {
		if (r->server_port == FTP_PORT)
			host[n - 3] = '\0';
		(void)snprintf(title, cap, "ftp://%s", host);
	}
	n = strlen(title);
	(void)snprintf(title + n, cap - n, "/");
	for (i = 0; i < path->n; i++) {
		n = strlen(title);
		(void)snprintf(title + n, cap - n, "%s/", path->part[i]);
	}
}

static void
begin_page(struct ftp_request *r)
{
	char title[1000];

	r->list = calloc(1, sizeof *r->list);
	if (r->list == NULL) {
		ftp_give_up(r, TUNNEL_ENOMEM);
		return;
	}
	r->list->now = (long long)time(NULL);
	compose_title(r, title, sizeof title);
	ftp_answer_page(r);
	ftp_page_head(&r->list->piece, title, r->path.n > 0);
}

/* A line of the list, as a row. */
static void
take_line(struct ftp_request *r)
{
	struct ftp_list *l = r->list;
	struct ftp_entry e;
	int rv;

	if (!l->lines.whole)
		return;
	rv = ftp_session_talk(r->session)->mlsd ?
	    ftp_list_facts(l->lines.line, &e) :
	    ftp_list_line(l->lines.line, l->now, &e);
	if (rv > 0)
		ftp_page_row(&l->piece, &e);
	else if (rv < 0)
		l->left_out++;
}

/* Have the next piece in the buffer: 0 when there is none yet.  Of lines that
 * make none there may be any number. */
static int
next_piece(struct ftp_request *r)
{
	struct ftp_list *l = r->list;
	const char *p;
	size_t n;
	int i = 0;

	l->piece.n = l->at = 0;
	while (l->piece.n == 0 && !l->ended) {
		if (i++ == LINES) {
			ftp_session_later(r->session);
			return 0;
		}
		p = ftp_session_peek(r->session, &n);
		if (p != NULL) {
			n = ftp_lines_take(&l->lines, p, n);
			ftp_session_skip(r->session, n);
			take_line(r);
		} else if (ftp_session_ended(r->session)) {
			ftp_lines_end(&l->lines);
			take_line(r);
			ftp_page_end(&l->piece, l->left_out);
			l->ended = 1;
		} else {
			return 0;
		}
	}
	return l->piece.n > 0;
}

static void
carry_list(struct ftp_request *r)
{
	struct ftp_list *l = r->list;

	do {
		l->at += put(r, l->piece.at + l->at, l->piece.n - l->at);
		if (l->at < l->piece.n || r->session == NULL)
			return;
	} while (next_piece(r));
	if (l->ended)
		complete(r);
}

/* ---- content of a request ------------------------------------------- */

/* All has been sent, and the server is sure of it. */
static void
answer_put(struct ftp_request *r)
{
	const struct ftp_talk *t = ftp_session_talk(r->session);

	if (t->size >= 0) {
		serve_date(r->client);
		(void)tunnel_forward_respond(r->forward, 204);
		r->replied = 1;
		complete(r);
	} else {
		ftp_answer(r, 201, "It is there.");
	}
}

static void
carry_content(struct ftp_request *r, int flags)
{
	struct tunnel_forward *f = r->forward;
	const void *p;
	size_t n, used;
	int ended;

	while ((p = tunnel_forward_content(f, TUNNEL_A, &n)) != NULL &&
	    n > 0) {
		used = ftp_session_put(r->session, p, n);
		(void)tunnel_forward_consume(f, TUNNEL_A, used);
		if (used < n)
			break;
	}
	ended = tunnel_forward_ended(f, TUNNEL_A);
	if (ended < 0) {
		/* It has been answered, or there is nobody to be. */
		ftp_drop(r);
	} else if (flags & FTP_SURE) {
		ftp_answer(r, 502, "The FTP server did not wait for the end.");
	} else if (ended) {
		r->phase = FTP_SENT;
		ftp_session_finish(r->session);
	}
}

/* ---- all together --------------------------------------------------- */

static void
begin(struct ftp_request *r)
{
	const struct ftp_talk *t = ftp_session_talk(r->session);

	if (t->verb == FTP_PUT) {
		r->phase = FTP_TAKING;
		(void)tunnel_forward_serve(r->forward);
	} else if (t->listing) {
		r->phase = FTP_LISTING;
		begin_page(r);
	} else {
		r->phase = FTP_SENDING;
		ftp_answer_file(r);
	}
}

/* 1 when there may be more to be done. */
static int
step(struct ftp_request *r)
{
	int flags = ftp_session_flags(r->session);
	int error = ftp_session_error(r->session);

	if (error < 0) {
		ftp_give_up(r, error);
	} else if (flags & FTP_DONE) {
		ftp_conclude(r);
	} else if (flags & FTP_FOUND) {
		if (ftp_decide(r))
			ftp_session_fetch(r->session,
			    r->last >= 0 ? r->first : 0);
		return 1;
	} else if (!(flags & FTP_FLOW)) {
		return 0;
	} else if (r->phase == FTP_WAITING) {
		begin(r);
		return 1;
	} else if (r->phase == FTP_SENDING) {
		carry_file(r);
	} else if (r->phase == FTP_LISTING) {
		carry_list(r);
	} else if (r->phase == FTP_TAKING) {
		carry_content(r, flags);
	} else if (flags & FTP_SURE) {
		answer_put(r);
	}
	return 0;
}

void
ftp_carry(struct ftp_request *r)
{
	while (r->session != NULL && step(r))
		;
}
