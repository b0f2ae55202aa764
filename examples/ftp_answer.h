/* ftp_answer.h - heads of replies, and whole ones */
#ifndef FTP_ANSWER_H
#define FTP_ANSWER_H

#include "ftp_request.h"

/* All of these end the session's part. */

/* Reply with a line of text, made by printf(3), and what the status needs. */
void ftp_answer(struct ftp_request *r, int status, const char *format, ...);

/* An error of the library's: a reply, or the end of the one that has begun. */
void ftp_give_up(struct ftp_request *r, int error);

/* What the talk has come to, at FTP_DONE. */
void ftp_conclude(struct ftp_request *r);

/* At FTP_FOUND: 1 to go on, and then first and last are the range that is asked
 * for; 0 when the request has been answered. */
int ftp_decide(struct ftp_request *r);

/* Begin a reply with a file, or with a page. */
void ftp_answer_file(struct ftp_request *r);
void ftp_answer_page(struct ftp_request *r);

#endif
