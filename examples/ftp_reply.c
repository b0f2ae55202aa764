/* ftp_reply.c - what an FTP server replies (RFC 959, section 4.2)
 *
 *      first line   "226 text"     that is all of it
 *                   "226-text"     more lines, whatever they say, until
 *                   "226 text"     the same code without the hyphen
 *
 * Lines come in any pieces.  The whole is bounded, so that nobody can have us
 * read a reply for ever; what is kept is the text of the last line.
 */
#include "ftp_reply.h"

#include <limits.h>
#include <string.h>

enum { TOTAL_MAX = 65536 };

void
ftp_reply_begin(struct ftp_reply *r)
{
	memset(r, 0, sizeof *r);
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code at the beginning of the line, or 0. */
static int
code_of(const struct ftp_reply *r)
{
	const char *h = r->head;

	if (r->n < 3 || h[0] < '1' || h[0] > '5' || !is_digit(h[1]) ||
	    !is_digit(h[2]))
		return 0;
	return (h[0] - '0') * 100 + (h[1] - '0') * 10 + (h[2] - '0');
}

static void
keep(struct ftp_reply *r, char c)
{
	if (r->n < sizeof r->head)
		r->head[r->n] = c;
	else if (r->n - sizeof r->head < sizeof r->text - 1)
		r->text[r->n - sizeof r->head] = (char)(c != '\0' ? c : '?');
	r->n++;
}

/* A line is there: 1 when it was the last, 0, -1. */
static int
end_of_line(struct ftp_reply *r)
{
	size_t n = r->n > sizeof r->head ? r->n - sizeof r->head : 0;
	int code, last;

	if (n > sizeof r->text - 1)
		n = sizeof r->text - 1;
	if (n > 0 && r->text[n - 1] == '\r')
		n--;
	r->text[n] = '\0';
	code = code_of(r);
	/* Some leave out the blank where there is no text. */
	last = r->n == 3 || r->head[3] == ' ' || r->head[3] == '\r';
	if (r->lines++ == 0) {
		r->code = code;
		if (code == 0 || (!last && r->head[3] != '-'))
			return -1;
	}
	if (code == r->code && last)
		return 1;
	r->n = 0;
	return 0;
}

int
ftp_reply_feed(struct ftp_reply *r, const char *in, size_t n, size_t *used)
{
	size_t i;
	int rv = 0;

	for (i = 0; i < n && rv == 0; i++) {
		if (r->total++ == TOTAL_MAX)
			rv = -1;
		else if (in[i] == '\n')
			rv = end_of_line(r);
		else
			keep(r, in[i]);
	}
	*used = i;
	return rv;
}

/* A number of at most max; *p stands behind it.  -1 when there is none. */
static long
number(const char **p, long max)
{
	long v = 0;

	if (!is_digit(**p))
		return -1;
	for (; is_digit(**p); (*p)++) {
		v = v * 10 + (**p - '0');
		if (v > max)
			return -1;
	}
	return v;
}

unsigned
ftp_reply_extended(const char *text)
{
	const char *p = strchr(text, '(');
	char mark;
	long port;

	if (p == NULL || p[1] < 33 || p[1] > 126 || is_digit(p[1]))
		return 0;
	mark = *++p;
	if (p[1] != mark || p[2] != mark)
		return 0;
	p += 3;
	port = number(&p, 65535);
	return port > 0 && *p == mark ? (unsigned)port : 0;
}

/* Six numbers with commas between them: the last two are the port.  Or 0. */
static unsigned
six(const char *p)
{
	unsigned port = 0;
	long v;
	int i;

	for (i = 0; i < 6; i++) {
		if (i > 0 && *p++ != ',')
			return 0;
		v = number(&p, 255);
		if (v < 0)
			return 0;
		port = port % 256 * 256 + (unsigned)v;
	}
	return *p != ',' ? port : 0;
}

unsigned
ftp_reply_passive(const char *text)
{
	const char *p = text;
	unsigned port = 0;

	/* Brackets are usual and nothing more. */
	while (port == 0 && *p != '\0') {
		if (is_digit(*p)) {
			port = six(p);
			p += strspn(p, "0123456789,");
		} else {
			p++;
		}
	}
	return port;
}

long long
ftp_reply_number(const char *text)
{
	long long v = 0;
	const char *p = text + strspn(text, " ");

	if (!is_digit(*p))
		return -1;
	for (; is_digit(*p); p++) {
		if (v > (LLONG_MAX - 9) / 10)
			return -1;
		v = v * 10 + (*p - '0');
	}
	return p[strspn(p, " ")] == '\0' ? v : -1;
}
