/* ftp_path.h - the path of a URL as names for an FTP server (RFC 1738, 3.2) */
#ifndef FTP_PATH_H
#define FTP_PATH_H

#include <stddef.h>

enum {
	FTP_PARTS_MAX = 64,
	FTP_PART_MAX = 2000     /* bytes of one of them */
};

struct ftp_path {
	char *part[FTP_PARTS_MAX]; /* decoded */
	size_t n;
	int slash;              /* it ends with one: a directory is meant */
	char type;              /* of ";type=X" in lower case, or 'i' */
	char *bytes;
};

/* Read a path that begins with '/'.  query: a '?' begins a query, which is
 * dropped; else it is a byte like others.  0; TUNNEL_EINVAL for what is no path
 * or cannot be said to an FTP server; TUNNEL_ENOMEM. */
int ftp_path_read(struct ftp_path *p, const char *text, int query);
void ftp_path_free(struct ftp_path *p);

/* The name of what is meant: the last part, or NULL for the directory one comes
 * to by itself. */
const char *ftp_path_name(const struct ftp_path *p);

/* Decode n bytes into out, which has room for n + 1: 1, or 0 for a broken
 * percent-encoding, or a CR, an LF or a NUL. */
int ftp_decode(const char *text, size_t n, char *out);

/* The other way, so that it can stand in any part of a URL, and as a relative
 * one behind "./": out has room for 3 bytes each and a NUL.  The end of it. */
char *ftp_encode(const char *name, char *out);

#endif
