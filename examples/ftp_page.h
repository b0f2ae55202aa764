/* ftp_page.h - a directory as a page */
#ifndef FTP_PAGE_H
#define FTP_PAGE_H

#include <stddef.h>

#include "ftp_list.h"

/* A buffer that holds any one of the pieces of a page: a name may become up to
 * three bytes in its link, and six in its text, for each of its own. */
enum { FTP_PIECE_MAX = 10 * FTP_LINE_MAX + 4096 };

struct ftp_piece {
	char at[FTP_PIECE_MAX];
	size_t n;               /* bytes of it */
};

/* Append the beginning, where title is the directory's name (cut where it is
 * long), and up whether there is one above; a row; the end.  left_out: so many
 * lines made no sense. */
void ftp_page_head(struct ftp_piece *p, const char *title, int up);
void ftp_page_row(struct ftp_piece *p, const struct ftp_entry *e);
void ftp_page_end(struct ftp_piece *p, unsigned long left_out);

/* Append text so that it means itself in HTML and is UTF-8; only as far as it
 * fits. */
void ftp_page_text(struct ftp_piece *p, const char *text);

#endif
