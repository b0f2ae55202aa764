/* cgi_head.h - what a program says first (RFC 3875, section 6) */
#ifndef CGI_HEAD_H
#define CGI_HEAD_H

#include <stddef.h>
#include <stdint.h>

enum { CGI_HEAD_MAX = 65536, CGI_FIELDS_MAX = 256 };

struct cgi_field {
	const char *name, *value;
};

struct cgi_head {
	char *text;             /* what has come of it */
	size_t n, line;         /* where the last line begins */
	/* once it is whole */
	struct cgi_field field[CGI_FIELDS_MAX];
	size_t fields;
	int status;             /* of Status, or 0 */
	const char *location;   /* of Location, or NULL */
	const char *type;       /* of Content-Type, or NULL */
	int sized;              /* Content-Length was there */
	uint64_t length;
};

void head_begin(struct cgi_head *h);
void head_end(struct cgi_head *h);

/* Read: 1 when it is whole, and *used bytes of n were its; 0 for more; or -1
 * when it is none, or too long, or there is no memory. */
int head_feed(struct cgi_head *h, const void *in, size_t n, size_t *used);

/* The path of a local redirect (section 6.2.2), or NULL. */
const char *head_local(const struct cgi_head *h);

/* The status that the client is to see. */
int head_status(const struct cgi_head *h);

/* Is this field for us, or for the connection, rather than for the client? */
int head_keeps(const char *name);

#endif
