/* ftp_list.c - the lines of a directory, as FTP servers list it
 *
 * MLSD is for programs: "type=file;size=5;modify=20260102030405; name".  LIST
 * is for people, and each server writes what it likes; nearly all are one of
 *
 *      -rw-r--r--  1 owner group  5 Jan  2 03:04 name      Unix
 *      lrwxrwxrwx  1 owner group  5 Jan  2  2026 name -> target
 *      01-02-26  03:04AM       <DIR>          name         DOS
 *
 * with columns missing or in addition.  So the date is looked for, the word in
 * front of it is the size, and one blank behind it the name begins.
 */
#include "ftp_list.h"

#include <limits.h>
#include <string.h>

#include "ftp_time.h"

enum { COLUMNS_MAX = 9, DAY = 86400 };

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether two words of n letters are the same but for case; b is lower. */
static int
same(const char *a, const char *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (a[i] != b[i] &&
		    (a[i] < 'A' || a[i] > 'Z' || (a[i] | 0x20) != b[i]))
			return 0;
	return b[n] == '\0';
}

/* n digits and nothing else, or -1. */
static long long
number(const char *text, size_t n)
{
	long long v = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!is_digit(text[i]) || v > (LLONG_MAX - 9) / 10)
			return -1;
		v = v * 10 + (text[i] - '0');
	}
	return n > 0 ? v : -1;
}

static void
begin(struct ftp_entry *e)
{
	e->name = NULL;
	e->kind = FTP_FILE;
	e->size = -1;
	e->when = 0;
	e->precision = FTP_NEVER;
}

static int
has_place(const struct ftp_entry *e)
{
	return *e->name != '\0' && strcmp(e->name, ".") != 0 &&
	    strcmp(e->name, "..") != 0 && strchr(e->name, '/') == NULL;
}

static void
set_date(struct ftp_entry *e, const struct ftp_date *d,
    enum ftp_precision precision)
{
	long long when = ftp_time_of(d);

	if (when < 0)
		return;
	e->when = when;
	e->precision = precision;
}

/* ---- MLSD ----------------------------------------------------------- */

/* The value of "type": 0 when the entry has no place in a page. */
static int
take_kind(const char *value, size_t n, struct ftp_entry *e)
{
	if (same(value, "cdir", n) || same(value, "pdir", n))
		return 0;
	if (same(value, "dir", n))
		e->kind = FTP_DIRECTORY;
	else if ((n >= 13 && same(value, "os.unix=slink", 13)) ||
	    (n >= 15 && same(value, "os.unix=symlink", 15)))
		e->kind = FTP_LINK;
	else if (!same(value, "file", n))
		e->kind = FTP_OTHER;
	return 1;
}

static int
take_fact(const char *name, size_t n, const char *value, size_t value_n,
    struct ftp_entry *e)
{
	if (same(name, "type", n))
		return take_kind(value, value_n, e);
	if (same(name, "size", n))
		e->size = number(value, value_n);
	if (same(name, "modify", n)) {
		e->when = ftp_time_read(value, value_n);
		if (e->when >= 0)
			e->precision = FTP_MINUTE;
	}
	return 1;
}

int
ftp_list_facts(char *line, struct ftp_entry *e)
{
	char *end = strchr(line, ' '), *p;
	size_t n, eq;

	begin(e);
	if (end == NULL)
		return *line == '\0' ? 0 : -1;
	for (p = line; p < end; p += n + 1) {
		n = strcspn(p, "; ");
		eq = strcspn(p, "=; ");
		/* Each ends with a semicolon, or this is no line of facts. */
		if (p[n] != ';' || p[eq] != '=')
			return -1;
		if (!take_fact(p, eq, p + eq + 1, n - eq - 1, e))
			return 0;
	}
	e->name = end + 1;
	return has_place(e);
}

/* ---- LIST ----------------------------------------------------------- */

/* "MM-DD-YY HH:MMAM <DIR> name", also with four digits and 24 hours. */
static int
dos_line(char *line, struct ftp_entry *e)
{
	struct ftp_date d = { 0, 0, 0, 0, 0, 0 };
	size_t n = strcspn(line, " ");
	char *p = line;

	if ((n != 8 && n != 10) || p[2] != '-' || p[5] != '-')
		return -1;
	d.month = (int)number(p, 2);
	d.day = (int)number(p + 3, 2);
	d.year = (int)number(p + 6, n - 6);
	if (n == 8 && d.year >= 0)
		d.year += d.year < 70 ? 2000 : 1900;
	p += n;
	p += strspn(p, " ");
	n = strcspn(p, " ");
	if (n < 5 || p[2] != ':')
		return -1;
	d.hour = (int)number(p, 2);
	d.minute = (int)number(p + 3, 2);
	if (n == 7 && (p[6] | 0x20) == 'm' && d.hour >= 0)
		d.hour = d.hour % 12 + ((p[5] | 0x20) == 'p' ? 12 : 0);
	p += n;
	p += strspn(p, " ");
	n = strcspn(p, " ");
	if (p[n] != ' ')
		return -1;
	if (n == 5 && same(p, "<dir>", n))
		e->kind = FTP_DIRECTORY;
	else if ((e->size = number(p, n)) < 0)
		e->kind = FTP_OTHER;
	p += n;
	e->name = p + strspn(p, " ");
	set_date(e, &d, FTP_MINUTE);
	return e->precision != FTP_NEVER ? has_place(e) : -1;
}

/* "HH:MM", or "YYYY": 1, or 0 when it is neither. */
static int
year_or_time(const char *p, size_t n, struct ftp_date *d, int *timed)
{
	*timed = n >= 4 && n <= 5 && p[n - 3] == ':';
	if (*timed) {
		d->hour = (int)number(p, n - 3);
		d->minute = (int)number(p + n - 2, 2);
		return d->hour >= 0 && d->minute >= 0;
	}
	d->year = n == 4 ? (int)number(p, 4) : -1;
	return d->year > 0;
}

/* A date with a time, and no year, is at most a year old; clocks may differ by
 * a day, for the zone is the server's. */
static void
find_year(struct ftp_date *d, long long now)
{
	struct ftp_date today;
	long long when;

	ftp_time_date(now, &today);
	d->year = today.year;
	when = ftp_time_of(d);
	/* There is not a 29th of February in every year. */
	if (when < 0 || when > now + DAY)
		d->year--;
}

/* At p stand "Jan 2 03:04", "Jan 2 2026", "2 Jan 2026" or "2026-01-02 03:04",
 * and a blank: where the name begins, or NULL. */
static char *
take_date(char *p, long long now, struct ftp_entry *e)
{
	struct ftp_date d = { 0, 0, 0, 0, 0, 0 };
	char *word[3];
	size_t n[3];
	int i, timed = 1, columns = 3;

	for (i = 0; i < columns; i++) {
		word[i] = p;
		n[i] = strcspn(p, " ");
		if (p[n[i]] != ' ')
			return NULL;
		p += n[i] + 1;
		if (i == 0 && n[0] == 10 && word[0][4] == '-' &&
		    word[0][7] == '-')
			columns = 2;
		if (i + 1 < columns)
			p += strspn(p, " ");
	}
	if (columns == 2) {
		d.year = (int)number(word[0], 4);
		d.month = (int)number(word[0] + 5, 2);
		d.day = (int)number(word[0] + 8, 2);
		if (!year_or_time(word[1], n[1], &d, &timed) || !timed)
			return NULL;
	} else {
		i = n[0] > 2 ? 0 : 1;
		if (n[i] != 3 || (d.month = ftp_time_month(word[i])) == 0)
			return NULL;
		d.day = (int)number(word[1 - i], n[1 - i]);
		if (n[1 - i] > 2 || d.day < 1 ||
		    !year_or_time(word[2], n[2], &d, &timed))
			return NULL;
		if (timed)
			find_year(&d, now);
	}
	set_date(e, &d, timed ? FTP_MINUTE : FTP_DAY);
	return p;
}

static int
unix_kind(char letter, struct ftp_entry *e)
{
	switch (letter) {
	case '-':
		e->kind = FTP_FILE;
		return 1;
	case 'd':
		e->kind = FTP_DIRECTORY;
		return 1;
	case 'l':
		e->kind = FTP_LINK;
		return 1;
	case 'b': case 'c': case 'p': case 's': case 'D':
		e->kind = FTP_OTHER;
		return 1;
	}
	return 0;
}

/* The first word that is a size and has a date behind it. */
static int
unix_line(char *line, long long now, struct ftp_entry *e)
{
	char *p = line, *next, *name = NULL, *arrow;
	size_t n;
	int i;

	if (!unix_kind(*line, e) || strlen(line) < 10)
		return -1;
	for (i = 0; i < COLUMNS_MAX && name == NULL; i++) {
		n = strcspn(p, " ");
		if (p[n] == '\0')
			return -1;
		next = p + n + strspn(p + n, " ");
		if (i > 0 && is_digit(p[n - 1]) &&
		    (name = take_date(next, now, e)) != NULL)
			e->size = number(p, n);
		p = next;
	}
	if (name == NULL)
		return -1;
	if (e->kind == FTP_LINK && (arrow = strstr(name, " -> ")) != NULL)
		*arrow = '\0';
	/* Of these it is the size of something else. */
	if (e->kind != FTP_FILE)
		e->size = -1;
	e->name = name;
	return has_place(e);
}

int
ftp_list_line(char *line, long long now, struct ftp_entry *e)
{
	begin(e);
	if (*line == '\0' || strncmp(line, "total ", 6) == 0)
		return 0;
	return is_digit(*line) ? dos_line(line, e) : unix_line(line, now, e);
}

/* ---- lines ---------------------------------------------------------- */

static void
complete(struct ftp_lines *l)
{
	if (l->n > 0 && l->line[l->n - 1] == '\r')
		l->n--;
	l->line[l->n] = '\0';
	/* A NUL in it would have us see another name than there is. */
	l->whole = !l->skipping && strlen(l->line) == l->n;
	l->skipping = 0;
	l->n = 0;
}

size_t
ftp_lines_take(struct ftp_lines *l, const char *in, size_t n)
{
	const char *end = memchr(in, '\n', n);
	size_t part = end != NULL ? (size_t)(end - in) : n;

	l->whole = 0;
	if (part > FTP_LINE_MAX - l->n)
		l->skipping = 1;
	if (!l->skipping) {
		memcpy(l->line + l->n, in, part);
		l->n += part;
	}
	if (end != NULL)
		complete(l);
	return end != NULL ? part + 1 : n;
}

void
ftp_lines_end(struct ftp_lines *l)
{
	int any = l->n > 0;

	complete(l);
	l->whole = l->whole && any;
}
