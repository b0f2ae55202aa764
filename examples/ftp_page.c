/* ftp_page.c - a directory as a page
 *
 * Pieces, so that a directory of any size passes through one small buffer, in
 * the order in which the server tells it.  Nothing else is needed to show it:
 * no script, no image, no request to anybody.
 *
 * Names are bytes, chosen by whoever may write there.  In a link they are
 * percent-encoded, all but what is plain in every part of a URL; as text they
 * are escaped, what is no UTF-8 or no printable character is shown as U+FFFD,
 * and <bdi> keeps their direction from the rest of the line.
 */
#include "ftp_page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ftp_path.h"
#include "ftp_time.h"

enum { SPARE = 64 };

static const char head[] =
"<!doctype html><html lang=en><meta charset=utf-8>"
"<meta name=viewport content='width=device-width'>"
"<style>:root{color-scheme:light dark}"
"body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;"
"padding:0 1rem}h1{font-size:1.2rem;overflow-wrap:anywhere}"
"table{border-collapse:collapse;width:100%}"
"th,td{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #8884;"
"overflow-wrap:anywhere;white-space:pre-wrap}"
"td+td,th+th{text-align:right;white-space:nowrap;"
"font-variant-numeric:tabular-nums}a{text-decoration:none}</style>";

static void
add(struct ftp_piece *p, const char *format, ...)
{
	size_t room = sizeof p->at - p->n;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(p->at + p->n, room, format, ap);
	va_end(ap);
	if (n > 0)
		p->n += (size_t)n < room ? (size_t)n : room - 1;
}

/* How many bytes the printable character at t has; 0: it is none. */
static size_t
printable(const unsigned char *t)
{
	size_t i, n;

	if (*t < 0x80)
		return *t >= 0x20 && *t != 0x7f;
	n = *t >= 0xf0 ? 4 : *t >= 0xe0 ? 3 : 2;
	if (*t < 0xc2 || *t > 0xf4 || (*t == 0xc2 && t[1] < 0xa0) ||
	    (*t == 0xe0 && t[1] < 0xa0) || (*t == 0xed && t[1] > 0x9f) ||
	    (*t == 0xf0 && t[1] < 0x90) || (*t == 0xf4 && t[1] > 0x8f))
		return 0;
	for (i = 1; i < n; i++)
		if ((t[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void
ftp_page_text(struct ftp_piece *p, const char *text)
{
	const unsigned char *t = (const unsigned char *)text;
	size_t n;

	for (; *t != '\0'; t += n > 0 ? n : 1) {
		if (sizeof p->at - p->n < SPARE)
			return;
		n = printable(t);
		if (n == 0)
			add(p, "\xef\xbf\xbd");
		else if (strchr("<>&\"'", *t) != NULL)
			add(p, "&#%d;", *t);
		else
			add(p, "%.*s", (int)n, (const char *)t);
	}
}

void
ftp_page_head(struct ftp_piece *p, const char *title, int up)
{
	char part[1000];

	(void)snprintf(part, sizeof part, "%s", title);
	add(p, "%s<title>", head);
	ftp_page_text(p, part);
	add(p, "</title><h1><bdi>");
	ftp_page_text(p, part);
	add(p, "</bdi></h1>\n<table><tr><th>Name<th>Size<th>Modified\n");
	if (up)
		add(p, "<tr><td><a href='../'>../</a><td><td>\n");
}

static void
add_size(struct ftp_piece *p, long long n)
{
	static const char unit[] = "kMGTPE";
	double v = (double)n;
	int i = -1;

	for (; v >= 1000 && unit[i + 1] != '\0'; i++)
		v /= 1000;
	if (i < 0)
		add(p, "%lld B", n);
	else
		add(p, "<span title='%lld'>%.1f %cB</span>", n, v, unit[i]);
}

static void
add_time(struct ftp_piece *p, const struct ftp_entry *e)
{
	struct ftp_date d;

	if (e->precision == FTP_NEVER)
		return;
	ftp_time_date(e->when, &d);
	add(p, "%04d-%02d-%02d", d.year, d.month, d.day);
	if (e->precision == FTP_MINUTE)
		add(p, " %02d:%02d", d.hour, d.minute);
}

void
ftp_page_row(struct ftp_piece *p, const struct ftp_entry *e)
{
	static const char *const mark[] = { "", "/", "", "" };
	const char *slash = mark[e->kind];
	char *end;

	add(p, "<tr><td><a href='");
	/* Room for it was made when it was said how large a piece is. */
	end = ftp_encode(e->name, p->at + p->n);
	p->n = (size_t)(end - p->at);
	add(p, "%s'><bdi>", slash);
	ftp_page_text(p, e->name);
	add(p, "</bdi>%s</a><td>", slash);
	if (e->size >= 0)
		add_size(p, e->size);
	add(p, "<td>");
	add_time(p, e);
	add(p, "\n");
}

void
ftp_page_end(struct ftp_piece *p, unsigned long left_out)
{
	add(p, "</table>\n");
	if (left_out > 0)
		add(p, "<p>%lu lines of the server's list made no sense.\n",
		    left_out);
}
