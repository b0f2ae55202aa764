/* ftp_reply.h - what an FTP server replies (RFC 959, section 4.2) */
#ifndef FTP_REPLY_H
#define FTP_REPLY_H

#include <stddef.h>

enum { FTP_TEXT_MAX = 300 };

struct ftp_reply {
	int code;               /* 100 to 599 */
	char text[FTP_TEXT_MAX]; /* of its last line, cut where it is longer */
	size_t n;               /* of the line that arrives */
	size_t total;
	char head[4];           /* the first bytes of that line */
	int lines;
};

/* Await a reply. */
void ftp_reply_begin(struct ftp_reply *r);

/* n bytes, of which *used are taken, none behind the reply: 1 when it is
 * complete, 0 when there is more to come, -1 when it is no reply. */
int ftp_reply_feed(struct ftp_reply *r, const char *in, size_t n,
    size_t *used);

/* The port in the text of a 229 (RFC 2428, section 3) and of a 227 (RFC 959,
 * section 4.1.2; RFC 1123, section 4.1.2.6), or 0.  An address that may stand
 * beside it is of no interest: it is how a server would have us attack another
 * host (RFC 2577, section 3). */
unsigned ftp_reply_extended(const char *text);
unsigned ftp_reply_passive(const char *text);

/* The number in the text of a 213, which is all of it; -1 when it is none. */
long long ftp_reply_number(const char *text);

#endif
