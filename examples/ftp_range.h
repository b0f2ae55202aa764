/* ftp_range.h - which part of a file is asked for (RFC 9110, section 14) */
#ifndef FTP_RANGE_H
#define FTP_RANGE_H

/* Read a Range field for a file of that size: 1, and the first and the last
 * byte; 0 when all is to be sent, as the field is of another unit, of several
 * ranges, or none; -1 when the range is behind the end. */
int ftp_range_read(const char *field, long long size, long long *first,
    long long *last);

#endif
