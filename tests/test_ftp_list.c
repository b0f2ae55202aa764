/* test_ftp_list.c - lists of many servers, and the page they become */
#include "unit.h"
#include "split.h"

#include "../examples/ftp_list.h"
#include "../examples/ftp_page.h"
#include "../examples/ftp_time.h"

static const long long now = 1795613000;        /* 2026-11-25 13:23 */

/* "kind name size date", "." for no place, "?" for no sense. */
static void
describe(int rv, const struct ftp_entry *e, char *got)
{
	struct ftp_date d;

	strcpy(got, rv == 0 ? "." : "?");
	if (rv <= 0)
		return;
	got += sprintf(got, "%c %s %lld", "fdlo"[e->kind], e->name, e->size);
	if (e->precision == FTP_NEVER)
		return;
	ftp_time_date(e->when, &d);
	got += sprintf(got, " %04d-%02d-%02d", d.year, d.month, d.day);
	if (e->precision == FTP_MINUTE)
		sprintf(got, " %02d:%02d", d.hour, d.minute);
}

struct line {
	const char *text, *expect;
};

static const struct line lists[] = {
	/* vsftpd, ProFTPD, wu-ftpd */
	{ "-rw-r--r--    1 0        0               6 Nov 25 13:21 a b.txt",
	    "f a b.txt 6 2026-11-25 13:21" },
	{ "drwxr-xr-x   2 ftp ftp 4096 Jan  2  2019 dir",
	    "d dir -1 2019-01-02" },
	{ "-rw-r--r--  1 me users 5 Dec 31 23:59 last",
	    "f last 5 2025-12-31 23:59" },
	{ "-rw-r--r--  1 me users 5 Nov 26 03:00 zone",
	    "f zone 5 2026-11-26 03:00" },
	{ "-rw-r--r--  1 me users 5 Nov 27 13:00 zone",
	    "f zone 5 2025-11-27 13:00" },
	{ "lrwxrwxrwx 1 me me 7 Feb  3 04:05 here -> ../there",
	    "l here -1 2026-02-03 04:05" },
	{ "-rw-r--r-- 1 me me 7 Feb  3 04:05 a -> b",
	    "f a -> b 7 2026-02-03 04:05" },
	{ "-rw-r--r-- 1 me me 7 Feb  3 04:05  two  blanks ",
	    "f  two  blanks  7 2026-02-03 04:05" },
	{ "brw-rw---- 1 root disk 8, 0 Feb  3 04:05 sda",
	    "o sda -1 2026-02-03 04:05" },
	{ "-rw-r--r-- 1 Domain Users 7 3 Feb 2020 x", "f x 7 2020-02-03" },
	{ "-rw-r--r--+ 1 me me 99999999999 2024-02-29 04:05 x",
	    "f x 99999999999 2024-02-29 04:05" },
	/* no group; no links and no owner */
	{ "-rw-r--r--   1 me     531 Jan 29 03:26 README",
	    "f README 531 2026-01-29 03:26" },
	{ "d [R----F--] supervisor  512 Jan 16 18:53 login",
	    "d login -1 2026-01-16 18:53" },
	{ "- [R----F--] rhesus  214059 Oct 20 15:27 cx.exe",
	    "f cx.exe 214059 2026-10-20 15:27" },
	{ "-------r--         326  1391972  1392298 Nov 22  1995 MegaPhone.sit",
	    "f MegaPhone.sit 1392298 1995-11-22" },
	/* IIS */
	{ "04-27-00  09:09PM       <DIR>          licensed",
	    "d licensed -1 2000-04-27 21:09" },
	{ "07-18-2000  12:16AM                  731 a b.zip",
	    "f a b.zip 731 2000-07-18 00:16" },
	{ "12-31-26  23:59             731 x", "f x 731 2026-12-31 23:59" },
	{ "12-31-26  12:01PM       <JUNCTION>     x",
	    "o x -1 2026-12-31 12:01" },
	/* what has no place */
	{ "total 12", "." }, { "", "." },
	{ "drwxr-xr-x 2 a b 4096 Jan  2 03:04 .", "." },
	{ "drwxr-xr-x 2 a b 4096 Jan  2 03:04 ..", "." },
	{ "-rw-r--r-- 1 a b 5 Jan  2 03:04 a/b", "." },
	{ "-rw-r--r-- 1 a b 5 Jan  2 03:04 ", "." },
	/* and no sense */
	{ "-rw-r--r-- 1 a b 5 Jan  2 03:04", "?" },
	{ "-rw-r--r-- 1 a b 5 Now  2 03:04 x", "?" },
	{ "-rw-r--r-- 1 a b c Jan  2 03:04 x", "?" },
	{ "-", "?" }, { "d", "?" }, { "1", "?" }, { "01-02-03", "?" },
	{ "01-02-03 ", "?" }, { "xx-02-03  09:09PM 5 x", "?" },
	{ "01-02-xx  09:09PM 5 x", "?" }, { "01-02-03  x9:09PM 5 x", "?" },
	{ "01-02-03  09:09PM", "?" }, { "no such directory", "?" },
	{ "+i8388621.48594,m825718503,r,s280,\tdjb.html", "?" },
	{ "----------", "?" }, { "-         ", "?" }
};

static const struct line facts[] = {
	{ "type=file;size=5;modify=20260203040506; a b",
	    "f a b 5 2026-02-03 04:05" },
	{ "Type=DIR;Modify=20260203040506.789;Perm=el; x;y=z",
	    "d x;y=z -1 2026-02-03 04:05" },
	{ " bare", "f bare -1" },
	{ "size=99999999999999999999;modify=never; x", "f x -1" },
	{ "type=OS.unix=slink:/etc;size=3; x", "l x 3" },
	{ "type=OS.unix=chr-13/29;unix.mode=0666; x", "o x -1" },
	{ "type=file;  two", "f  two -1" },
	{ "type=cdir; /pub", "." }, { "type=pdir; ..", "." },
	{ "type=dir; .", "." }, { "type=file; a/b", "." }, { "", "." },
	{ "type=file x", "?" }, { "x", "?" }, { "type; x", "?" },
	{ "-rw-r--r-- 1 a b 5 Jan  2 03:04 x", "?" }
};

static void
each(const struct line *l, size_t n, int mlsd)
{
	struct ftp_entry e;
	char *line, got[400];

	for (; n > 0; n--, l++) {
		/* So that a sanitizer sees what is read beside it. */
		line = malloc(strlen(l->text) + 1);
		strcpy(line, l->text);
		describe(mlsd ? ftp_list_facts(line, &e) :
		    ftp_list_line(line, now, &e), &e, got);
		if (strcmp(got, l->expect) != 0)
			print_error("%s\n", l->text);
		assert_string_equal(got, l->expect);
		free(line);
	}
}

static void
listed(void **state)
{
	(void)state;
	each(lists, sizeof lists / sizeof *lists, 0);
	each(facts, sizeof facts / sizeof *facts, 1);
}

/* Whatever a server says: each line that is cut, doubled or spoilt. */
static void
spoilt(void **state)
{
	char text[200], line[200];
	struct ftp_entry e;
	uint32_t seed = 7;
	size_t i, n, at;
	int k;

	(void)state;
	for (i = 0; i < sizeof lists / sizeof *lists; i++) {
		n = strlen(lists[i].text);
		strcpy(text, lists[i].text);
		for (k = 0; n > 0 && k < 2000; k++) {
			at = rnd(&seed) % n;
			strcpy(line, text);
			line[at] = (char)("  -:0d;=\xff"[rnd(&seed) % 9]);
			line[rnd(&seed) % n] = '\0';
			if (ftp_list_line(line, now, &e) > 0)
				assert_in_range(strlen(e.name), 1, n);
			strcpy(line, text);
			line[at] = ';';
			line[rnd(&seed) % n] = '=';
			(void)ftp_list_facts(line, &e);
		}
	}
}

/* ---- lines ---------------------------------------------------------- */

static void
lines(void **state)
{
	static const char in[] = "one\r\n\ntwo\nth\0ee\nfour\r\nlast";
	struct ftp_lines *l = malloc(sizeof *l);
	struct split s;
	const uint8_t *p;
	char got[100];
	size_t at, len;

	(void)state;
	split_begin(&s, in, sizeof in - 1);
	while (split_next(&s)) {
		memset(l, 0, sizeof *l);
		got[0] = '\0';
		for (at = 0; at < sizeof in - 1 &&
		    (p = split_piece(&s, at, &len)) != NULL;) {
			/* The surplus behind the list is not of it. */
			if (len > sizeof in - 1 - at)
				len = sizeof in - 1 - at;
			at += ftp_lines_take(l, (const char *)p, len);
			if (l->whole)
				strcat(strcat(got, l->line), "|");
		}
		ftp_lines_end(l);
		assert_true(l->whole);
		strcat(got, l->line);
		assert_string_equal(got, "one||two|four|last");
	}
	free(l);
}

static void
long_lines(void **state)
{
	struct ftp_lines *l = calloc(1, sizeof *l);
	static char big[2 * FTP_LINE_MAX];

	(void)state;
	memset(big, 'x', sizeof big);
	assert_int_equal(ftp_lines_take(l, big, FTP_LINE_MAX), FTP_LINE_MAX);
	assert_int_equal(ftp_lines_take(l, "\nb", 2), 1);
	assert_true(l->whole);
	assert_int_equal(strlen(l->line), FTP_LINE_MAX);
	(void)ftp_lines_take(l, big, FTP_LINE_MAX);
	(void)ftp_lines_take(l, "x", 1);
	(void)ftp_lines_take(l, "\n", 1);
	assert_false(l->whole);
	(void)ftp_lines_take(l, big, sizeof big);
	(void)ftp_lines_take(l, "abc\n", 4);
	assert_false(l->whole);
	(void)ftp_lines_take(l, "good\n", 5);
	assert_true(l->whole);
	assert_string_equal(l->line, "good");
	ftp_lines_end(l);
	assert_false(l->whole);
	free(l);
}

/* ---- pages ---------------------------------------------------------- */

static const char *
row(struct ftp_piece *p, const char *name, enum ftp_kind kind,
    long long size)
{
	struct ftp_entry e = { name, kind, size, 1770091500, FTP_MINUTE };

	p->n = 0;
	ftp_page_row(p, &e);
	p->at[p->n] = '\0';
	return p->at;
}

static void
rows(void **state)
{
	struct ftp_piece *p = malloc(sizeof *p);

	(void)state;
	assert_string_equal(row(p, "a", FTP_FILE, 999),
	    "<tr><td><a href='a'><bdi>a</bdi></a><td>999 B"
	    "<td>2026-02-03 04:05\n");
	assert_string_equal(row(p, "d d", FTP_DIRECTORY, -1),
	    "<tr><td><a href='d%20d/'><bdi>d d</bdi>/</a><td>"
	    "<td>2026-02-03 04:05\n");
	assert_non_null(strstr(row(p, "x", FTP_FILE, 1234567),
	    "<span title='1234567'>1.2 MB</span>"));
	assert_non_null(strstr(row(p, "<'\">&", FTP_FILE, 1),
	    "<a href='%3C%27%22%3E%26'>"
	    "<bdi>&#60;&#39;&#34;&#62;&#38;</bdi>"));
	/* No scheme, and no path of another host. */
	assert_non_null(strstr(row(p, "javascript:x", FTP_FILE, 1),
	    "href='javascript%3Ax'"));
	assert_non_null(strstr(row(p, "a;type=a?b#c%", FTP_FILE, 1),
	    "href='a%3Btype%3Da%3Fb%23c%25'"));
	assert_non_null(strstr(row(p, "\xc3\xbc\xff\xe2\x82\x1b", FTP_FILE, 1),
	    "<bdi>\xc3\xbc" "\xef\xbf\xbd" "\xef\xbf\xbd" "\xef\xbf\xbd"
	    "\xef\xbf\xbd</bdi>"));
	assert_non_null(strstr(p->at, "href='%C3%BC%FF%E2%82%1B'"));
	/* Too long, of too high a plane, half of a pair. */
	assert_non_null(strstr(row(p, "\xc0\xaf\xf4\x90\x80\x80\xed\xa0\x80",
	    FTP_FILE, 1), "<bdi>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
	free(p);
}

static void
whole_pages(void **state)
{
	struct ftp_piece *p = malloc(sizeof *p);
	static char big[FTP_LINE_MAX + 1];

	(void)state;
	p->n = 0;
	ftp_page_head(p, "/<x>/", 1);
	p->at[p->n] = '\0';
	assert_non_null(strstr(p->at, "<title>/&#60;x&#62;/</title>"));
	assert_non_null(strstr(p->at, "href='../'"));
	p->n = 0;
	ftp_page_head(p, "/", 0);
	p->at[p->n] = '\0';
	assert_null(strstr(p->at, "../"));
	p->n = 0;
	ftp_page_end(p, 3);
	p->at[p->n] = '\0';
	assert_non_null(strstr(p->at, "3 lines"));
	/* The worst name there can be has its room. */
	memset(big, '"', FTP_LINE_MAX);
	assert_non_null(strstr(row(p, big, FTP_FILE, 1), "&#34;</bdi></a>"));
	p->n = 0;
	ftp_page_head(p, big, 1);
	p->at[p->n] = '\0';
	assert_non_null(strstr(p->at, "</bdi></h1>"));
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed),
		cmocka_unit_test(spoilt),
		cmocka_unit_test(lines),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(rows),
		cmocka_unit_test(whole_pages)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
