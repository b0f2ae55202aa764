/* gateway_client.h - what the rooms of the server share: it, and its clients */
#ifndef GATEWAY_CLIENT_H
#define GATEWAY_CLIENT_H

#include "gateway_serve.h"

enum { CLIENT_ADDRESS_MAX = 64 };

struct client_end {
	char address[CLIENT_ADDRESS_MAX];
	unsigned port;
};

struct serve_client {
	struct serve *serve;
	struct serve_client *next, *prev;
	struct tunnel_forward *forward;
	struct tunnel_watch *watch;
	struct tunnel_timer *timer;
	int fd;
	int wants;              /* what a call has blocked on */
	void *mine;
	struct client_end peer, local;
	/* bytes that the engine did not take yet */
	unsigned char *rest;
	size_t rest_at, rest_n;
	/* the request */
	int exchange;           /* there is one, and it was not logged */
	int busy;               /* asked was called, and over was not */
	int hung_up;            /* the client sends no more, or is gone */
	int ahead;              /* it has sent something of the next one */
	int probed;
	uint64_t began, sent;
	/* the connection */
	uint64_t active;        /* when a byte has moved */
	uint64_t head_since, shut_at;
	int eof, shut, due;
};

struct serve {
	struct serve_settings set;
	struct serve_gateway gateway;
	void *ud;
	struct tunnel_loop *loop;
	struct serve_client *first, *last;      /* idle for longest: first */
	size_t clients;
	unsigned char *buffer;
	int fd, full, draining;
	struct tunnel_watch *watch;
	struct tunnel_timer *accepting, *ending;
};

/* A connection that has been accepted becomes a client's: 0, or -1 and it is
 * closed. */
int client_new(struct serve *s, int fd);

/* Close it; a request that is under way is over. */
void client_end(struct serve_client *c, int error);

/* Is it between two requests?  From now on, it is. */
int client_idle(const struct serve_client *c);
void client_is_idle(struct serve_client *c);

uint64_t client_now(const struct serve_client *c);

/* Of the engine, for the client. */
int request_flags(const struct serve_client *c);

/* Read and write once, and tell the gateway: 1 when something has moved, 0, or
 * an error that ends the connection. */
int request_move(struct serve_client *c);

/* Has the request come to an end, by what has just happened? */
void request_look(struct serve_client *c);

/* It has, whatever it looks like. */
void request_finish(struct serve_client *c, int error);

/* One has gone: accept again, or end. */
void serve_gone(struct serve *s);

#endif
