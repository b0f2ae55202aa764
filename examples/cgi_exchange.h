/* cgi_exchange.h - one request, and the program that answers it */
#ifndef CGI_EXCHANGE_H
#define CGI_EXCHANGE_H

#include "cgi_head.h"
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

/* ---- for cgi_reply --------------------------------------------------- */

enum cgi_saying { CGI_HEAD, CGI_BODY, CGI_ENDING, CGI_SAID };

enum {
	CGI_HELD = 16384,       /* of the output, on its way */
	CGI_LINGER_MS = 1000
};

struct exchange {
	struct cgi *cgi;
	struct serve_client *client;
	struct tunnel_forward *forward;
	struct program *program;
	struct tunnel_timer *timer;
	struct cgi_head head;
	int saying;             /* the program, and we what it says: enum
				 * cgi_saying */
	int redirects;
	int told;               /* the program has the whole content */
	int waits;              /* we for the program */
	uint64_t began, active;
	uint64_t left;          /* of a reply with a length */
	unsigned char held[CGI_HELD];
	size_t at, n;
};

uint64_t exchange_now(const struct exchange *x);

/* Run what a target names: 0, or a status. */
int exchange_start(struct exchange *x, const char *target, const char *method,
    int content);

/* A whole reply of ours. */
void exchange_answer(struct serve_client *c, int status);

/* Nothing of the program's will do: the client is told, by a reply or by the
 * connection's end. */
void exchange_fail(struct exchange *x, int error, const char *why);

#endif
