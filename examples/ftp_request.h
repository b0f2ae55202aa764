/* ftp_request.h - one request of HTTP, and what becomes of it by FTP */
#ifndef FTP_REQUEST_H
#define FTP_REQUEST_H

#include "ftp_login.h"
#include "ftp_page.h"
#include "ftp_session.h"
#include "gateway_serve.h"

struct ftp_gateway {
	struct ftp_world world; /* its policy is NULL when there is a server */
	char server[TUNNEL_HOST_MAX]; /* that paths lead to, or "": a proxy */
	unsigned port;
};

enum { FTP_PORT = 21 };

enum ftp_phase {
	FTP_WAITING,            /* no byte of content has passed */
	FTP_SENDING,            /* a file, to the client */
	FTP_LISTING,            /* a page */
	FTP_TAKING,             /* content of the request */
	FTP_SENT                /* all of it; the server's word is awaited */
};

/* What a list passes through. */
struct ftp_list {
	struct ftp_lines lines;
	struct ftp_piece piece;
	size_t at;              /* of the piece */
	unsigned long left_out;
	int ended;
	long long now;
};

struct ftp_request {
	struct ftp_gateway *gateway;
	struct serve_client *client;
	struct tunnel_forward *forward;
	struct ftp_session *session; /* NULL when its part is done */
	struct ftp_path path;
	struct ftp_login login;
	char host[TUNNEL_HOST_MAX];
	unsigned server_port;
	enum ftp_phase phase;
	int replied;            /* the reply has begun */
	long long first, last;  /* the range that is asked for; last -1: none */
	long long left;         /* to be sent; -1: until the end */
	int partial;            /* the file goes on behind that */
	struct ftp_list *list;
};

/* The gateway's functions; ud is a struct ftp_gateway. */
void ftp_asked(void *ud, struct serve_client *c);
void ftp_content(void *ud, struct serve_client *c);
void ftp_room(void *ud, struct serve_client *c);
void ftp_over_with(void *ud, struct serve_client *c, int error);

/* A field of the request, or NULL. */
const char *ftp_field(const struct ftp_request *r, const char *name);

/* The session has done its part. */
void ftp_drop(struct ftp_request *r);

/* Go as far as it goes: ftp_carry.c. */
void ftp_carry(struct ftp_request *r);

#endif
