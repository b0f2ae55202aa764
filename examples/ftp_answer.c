/* ftp_answer.c - heads of replies, and whole ones
 *
 * Text of the server goes to the client as text, with nothing in it that could
 * steer a terminal, and is never to be taken for anything else.
 */
#include "ftp_answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common_say.h"
#include "ftp_range.h"
#include "ftp_time.h"
#include "ftp_type.h"

static void
field(struct ftp_request *r, const char *name, const char *format, ...)
{
	char value[3 * FTP_PART_MAX + 300];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(value, sizeof value, format, ap);
	va_end(ap);
	(void)tunnel_forward_field(r->forward, TUNNEL_A, name, value);
}

/* The name from the directory that holds it, which is where the client takes a
 * relative reference from. */
static void
field_location(struct ftp_request *r)
{
	char name[3 * FTP_PART_MAX + 1];

	(void)ftp_encode(ftp_path_name(&r->path), name);
	field(r, "Location", "%s/", name);
}

/* What a status cannot do without. */
static void
fields_of(struct ftp_request *r, int status)
{
	if (status == 301)
		field_location(r);
	if (status == 401)
		field(r, "WWW-Authenticate", "Basic realm=\"FTP %s\", "
		    "charset=\"UTF-8\"", r->host);
	if (status == 405)
		field(r, "Allow", "GET, HEAD, PUT, DELETE");
}

void
ftp_answer(struct ftp_request *r, int status, const char *format, ...)
{
	char text[FTP_TEXT_MAX + 200];
	va_list ap;
	size_t n;

	va_start(ap, format);
	say_text(text, sizeof text - 1, format, ap);
	va_end(ap);
	n = strlen(text);
	text[n++] = '\n';
	serve_date(r->client);
	fields_of(r, status);
	field(r, "X-Content-Type-Options", "nosniff");
	(void)tunnel_forward_answer(r->forward, status,
	    "text/plain; charset=utf-8", text, n);
	r->replied = 1;
	ftp_drop(r);
}

/* A head, and no content. */
static void
answer_empty(struct ftp_request *r, int status)
{
	serve_date(r->client);
	(void)tunnel_forward_respond(r->forward, status);
	(void)tunnel_forward_end(r->forward, TUNNEL_A);
	r->replied = 1;
	ftp_drop(r);
}

void
ftp_give_up(struct ftp_request *r, int error)
{
	if (!r->replied)
		serve_date(r->client);
	(void)tunnel_forward_fail(r->forward, error);
	r->replied = 1;
	ftp_drop(r);
}

void
ftp_conclude(struct ftp_request *r)
{
	const struct ftp_talk *t = ftp_session_talk(r->session);

	if (r->replied)
		ftp_give_up(r, TUNNEL_EEOF);
	else if (t->status == 200)
		ftp_answer_page(r);
	else if (t->status == 204)
		answer_empty(r, 204);
	else if (t->status == 301)
		ftp_answer(r, 301, "This is a directory.");
	else if (t->code == 0)
		ftp_answer(r, t->status, "The FTP server: %s.", t->said);
	else
		ftp_answer(r, t->status, "The FTP server says: %d %s",
		    t->code, t->said);
}

/* ---- conditions ----------------------------------------------------- */

/* The date in a field, or -1. */
static long long
date_of(const struct ftp_request *r, const char *name)
{
	const char *value = ftp_field(r, name);

	return value != NULL ? ftp_time_http(value) : -1;
}

/* RFC 9110, section 13.2.2: 0, or the status with which a condition ends it.
 * There are no entity tags here, so none can match. */
static int
judge_conditions(const struct ftp_request *r, const struct ftp_talk *t)
{
	const char *match = ftp_field(r, "If-Match");
	const char *none = ftp_field(r, "If-None-Match");
	int reads = t->verb == FTP_GET || t->verb == FTP_HEAD;
	/* Whether a directory does is seen when it is removed. */
	int exists = t->size >= 0 || t->when >= 0 || t->listing;
	long long since;

	if (match != NULL && (strcmp(match, "*") != 0 || !exists))
		return 412;
	since = date_of(r, "If-Unmodified-Since");
	if (match == NULL && since >= 0 && t->when > since)
		return 412;
	if (none != NULL)
		return strcmp(none, "*") != 0 || !exists ? 0 :
		    reads ? 304 : 412;
	since = date_of(r, "If-Modified-Since");
	return reads && since >= 0 && t->when >= 0 && t->when <= since ?
	    304 : 0;
}

/* The range, if there is one that can be had: 0, or -1 when there cannot. */
static int
choose_range(struct ftp_request *r, const struct ftp_talk *t)
{
	const char *range = ftp_field(r, "Range");
	const char *condition = ftp_field(r, "If-Range");
	int rv;

	if (t->verb != FTP_GET || t->size < 0 || range == NULL)
		return 0;
	if (condition != NULL &&
	    (t->when < 0 || ftp_time_http(condition) != t->when))
		return 0;
	rv = ftp_range_read(range, t->size, &r->first, &r->last);
	if (rv <= 0)
		r->last = -1;
	return rv < 0 ? -1 : 0;
}

static void
field_date(struct ftp_request *r, const struct ftp_talk *t)
{
	char date[FTP_TIME_HTTP];

	if (t->when < 0)
		return;
	ftp_time_write(t->when, date);
	field(r, "Last-Modified", "%s", date);
}

int
ftp_decide(struct ftp_request *r)
{
	const struct ftp_talk *t = ftp_session_talk(r->session);
	int status = judge_conditions(r, t);

	if (status == 304) {
		field_date(r, t);
		answer_empty(r, 304);
	} else if (status != 0) {
		ftp_answer(r, status, "The condition does not hold.");
	} else if (choose_range(r, t) < 0) {
		field(r, "Content-Range", "bytes */%lld", t->size);
		ftp_answer(r, 416, "The file has %lld bytes.", t->size);
	} else if (t->verb == FTP_HEAD && (t->size >= 0 || t->when >= 0)) {
		ftp_answer_file(r);
	} else {
		return 1;
	}
	return 0;
}

/* ---- content -------------------------------------------------------- */

/* Set left and partial: the status. */
static int
measure(struct ftp_request *r, const struct ftp_talk *t)
{
	r->partial = 0;
	if (r->last >= 0 && t->from == r->first) {
		field(r, "Content-Range", "bytes %lld-%lld/%lld", r->first,
		    r->last, t->size);
		r->left = r->last - r->first + 1;
		r->partial = r->last < t->size - 1;
		return 206;
	}
	/* Of 0 bytes none could be held back until the server is sure of
	 * them; and what has no size, as many devices, says 0. */
	r->left = t->size > 0 ? t->size : -1;
	return 200;
}

/* The head is complete, and the whole reply where that is all. */
static void
respond(struct ftp_request *r, int status)
{
	int rv = tunnel_forward_respond(r->forward, status);

	if (rv < 0) {
		ftp_give_up(r, rv);
		return;
	}
	r->replied = 1;
	if (ftp_session_talk(r->session)->verb == FTP_HEAD) {
		(void)tunnel_forward_end(r->forward, TUNNEL_A);
		ftp_drop(r);
	}
}

void
ftp_answer_file(struct ftp_request *r)
{
	const struct ftp_talk *t = ftp_session_talk(r->session);
	int status = measure(r, t);

	serve_date(r->client);
	field(r, "Content-Type", "%s", ftp_type(ftp_path_name(&r->path)));
	field_date(r, t);
	if (t->size >= 0)
		field(r, "Accept-Ranges", "bytes");
	if (r->left >= 0)
		(void)tunnel_forward_length(r->forward, TUNNEL_A,
		    (uint64_t)r->left);
	respond(r, status);
}

void
ftp_answer_page(struct ftp_request *r)
{
	serve_date(r->client);
	field(r, "Content-Type", "text/html; charset=utf-8");
	field(r, "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'");
	field(r, "X-Content-Type-Options", "nosniff");
	respond(r, 200);
}
