/* cgi_environment.h - what a program is told (RFC 3875, section 4.1) */
#ifndef CGI_ENVIRONMENT_H
#define CGI_ENVIRONMENT_H

#include "cgi_place.h"
#include "gateway_serve.h"

struct cgi_asked {
	const struct serve_client *client;
	const struct cgi_place *place;
	const char *root;       /* for PATH_TRANSLATED */
	const char *method;
	int content;            /* 0: not that of the request */
	int authorization;      /* tell it the field of that name */
	char *const *more;      /* NAME=VALUE, ends with NULL */
};

/* An environment for execve(2); NULL when there is no memory. */
char **environment_make(const struct cgi_asked *q);
void environment_free(char **e);

/* Is this the name of something that environment_make says? */
int environment_ours(const char *name, size_t n);

#endif
