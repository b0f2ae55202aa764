/* ftp_list.h - the lines of a directory, as FTP servers list it */
#ifndef FTP_LIST_H
#define FTP_LIST_H

#include <stddef.h>

enum { FTP_LINE_MAX = 2048 };

enum ftp_kind { FTP_FILE, FTP_DIRECTORY, FTP_LINK, FTP_OTHER };

/* How much of `when` is known. */
enum ftp_precision { FTP_NEVER, FTP_DAY, FTP_MINUTE };

struct ftp_entry {
	const char *name;       /* within the line */
	enum ftp_kind kind;
	long long size;         /* -1: unknown */
	long long when;         /* by the server's clock */
	enum ftp_precision precision;
};

/* Read one line, without its end, which is cut to its parts: of MLSD (RFC 3659,
 * section 7), or of LIST, where now tells of which year a date without one is.
 * 1; 0 for what has no place in a page: the directory itself, its parent, a
 * name with a slash, a total; or -1 for what makes no sense. */
int ftp_list_facts(char *line, struct ftp_entry *e);
int ftp_list_line(char *line, long long now, struct ftp_entry *e);

/* Lines out of pieces. */
struct ftp_lines {
	char line[FTP_LINE_MAX + 1];
	size_t n;
	int whole;              /* line is one */
	int skipping;           /* the rest of one that is too long */
};

/* Take of n bytes up to the end of a line: how many.  Then whole tells whether
 * line is a string to be looked at, before the next call. */
size_t ftp_lines_take(struct ftp_lines *l, const char *in, size_t n);

/* There is no more: the same, for a last line without an end. */
void ftp_lines_end(struct ftp_lines *l);

#endif
