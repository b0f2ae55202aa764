/* cgi_exchange.h - one request, and the program that answers it */
#ifndef CGI_EXCHANGE_H
#define CGI_EXCHANGE_H

#include "cgi_program.h"
#include "gateway_serve.h"

struct cgi {
	char *directory;        /* of the programs, as realpath(3) has it */
	const char *root;       /* of PATH_TRANSLATED */
	size_t max;             /* programs at a time */
	uint64_t timeout_ms;    /* of a program that says nothing */
	uint64_t lifetime_ms;   /* of one, whatever it says */
	int authorization;      /* programs see credentials */
	int lengths;            /* content without a length: 411 */
	char **environment;     /* NAME=VALUE for all, ends with NULL */
	struct tunnel_loop *loop;
	struct programs *programs;
};

/* What a gateway is told, with a struct cgi as ud. */
void exchange_asked(void *ud, struct serve_client *c);
void exchange_content(void *ud, struct serve_client *c);
void exchange_room(void *ud, struct serve_client *c);
void exchange_over(void *ud, struct serve_client *c, int error);

#endif
