/* ftp_time.h - dates as FTP and HTTP write them */
#ifndef FTP_TIME_H
#define FTP_TIME_H

#include <stddef.h>

struct ftp_date {
	int year, month, day;   /* 1 to 12, 1 to 31 */
	int hour, minute, second;
};

/* Seconds since 1970 in UTC, and back; -1 for what is no date since then. */
long long ftp_time_of(const struct ftp_date *d);
void ftp_time_date(long long when, struct ftp_date *d);

/* YYYYMMDDHHMMSS, with a fraction that is dropped (RFC 3659, section 2.3): n
 * bytes of it.  -1 when it is none. */
long long ftp_time_read(const char *text, size_t n);

/* The month of an English name's first three letters, or 0. */
int ftp_time_month(const char *name);

/* RFC 9110, section 5.6.7: read any of the three forms, or -1; write the first
 * of them. */
enum { FTP_TIME_HTTP = 30 };
long long ftp_time_http(const char *text);
void ftp_time_write(long long when, char out[FTP_TIME_HTTP]);

#endif
