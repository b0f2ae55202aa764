/* ftp_type.h - media types, as names tell them */
#ifndef FTP_TYPE_H
#define FTP_TYPE_H

/* Of a file of that name; static, never NULL. */
const char *ftp_type(const char *name);

#endif
