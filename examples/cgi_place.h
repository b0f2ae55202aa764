/* cgi_place.h - which program a request is for (RFC 3875, section 3.3) */
#ifndef CGI_PLACE_H
#define CGI_PLACE_H

#include <stddef.h>

struct cgi_place {
	char *path;             /* decoded: SCRIPT_NAME, then PATH_INFO */
	size_t script_n;        /* bytes of the first */
	char *file;             /* the program's */
	char *query;            /* as sent, without "?"; "" for none */
};

/* Find the program that a path with its query leads to, in a directory whose
 * name realpath(3) gave.  0, or the status to refuse it with; -1 when there is
 * no memory.  place_free in any case. */
int place_find(const char *directory, const char *target, struct cgi_place *p);
void place_free(struct cgi_place *p);

#endif
