/* gateway_serve.h - what a gateway stands on: HTTP towards its clients
 *
 * It listens, accepts, reads and writes, keeps time and logs; each connection
 * has a tunnel_forward engine, which knows HTTP: framing, keep-alive,
 * pipelining, HEAD, 100-continue.  A gateway is a table of functions, told what
 * happens to a request, and answers by the engine's own calls:
 *
 *      asked    tunnel_forward_answer, _fail, or _serve, or later
 *      then     tunnel_forward_content and _consume; _field, _length, _respond,
 *               _put and _end, each of side TUNNEL_A
 *
 * All is one thread, on serve_loop(): watch and time there what you need.
 */
#ifndef GATEWAY_SERVE_H
#define GATEWAY_SERVE_H

#include <tunnel.h>

/* The server; one client's connection, which has one request at a time. */
struct serve;
struct serve_client;

struct serve_gateway {
	/* A request is there (never CONNECT; other methods are yours to judge).
	 * Decide now, or later: nothing happens to the client until then. */
	void (*asked)(void *ud, struct serve_client *c);

	/* Once behind asked, and whenever content of the request has come: take
	 * it by tunnel_forward_content and _consume as you can, after _serve
	 * only; what you leave holds the client back.  It is complete when
	 * tunnel_forward_ended is 1: look after each _consume, too. */
	void (*content)(void *ud, struct serve_client *c);

	/* The client has taken some of the reply: _put may take more. */
	void (*room)(void *ud, struct serve_client *c);

	/* The request is over, exactly once for each asked: error is 0 and the
	 * reply has left; or why it was cut off (TUNNEL_ERESET, _EEOF: the
	 * client is gone; _ETIMEOUT, _ESLOW: it was too slow; what you gave to
	 * _fail).  Let go of c. */
	void (*over)(void *ud, struct serve_client *c, int error);

	/* NULL, or: serve_wake_loop was called. */
	void (*woken)(void *ud);
};

/* How long, in ms (0: for ever), and how much; serve_defaults has them all. */
struct serve_settings {
	const char *name;       /* of the program, for messages */
	const char *listen;     /* ADDR:PORT, IPv6 in brackets, port 0: any */
	uint64_t head_ms;       /* for a whole request head, then 408 */
	uint64_t idle_ms;       /* without a byte: between two requests, of
				 * content that is awaited, of a reply */
	uint64_t drain_ms;      /* for requests to end after SIGTERM */
	size_t connections;     /* at most; past it the one idle for longest is
				 * closed, or nobody else is accepted */
	size_t buffer;          /* bytes, each way, of each connection */
	int verbose;            /* a line for each request */
	int quiet;              /* not a word on standard error */
};

void serve_defaults(struct serve_settings *s);

/* A server that does not listen yet; it copies s and g.  NULL: no memory. */
struct serve *serve_new(const struct serve_settings *s,
    const struct serve_gateway *g, void *ud);
void serve_free(struct serve *s);

/* Listen, say so on standard output, and serve until a signal has ended it:
 * an exit status, 0, 1 or 2 (the address is wrong), after having said why. */
int serve_run(struct serve *s);

struct tunnel_loop *serve_loop(const struct serve *s);

/* From a signal handler, once serve_run runs: call woken. */
void serve_wake_loop(void);

/* The engine of a connection.  After moving it outside of asked, content and
 * room (in a watch or a timer of yours), call serve_moved: the rest is done in
 * the next round of the loop, so that c stays what it is until you return. */
struct tunnel_forward *serve_forward(const struct serve_client *c);
void serve_moved(struct serve_client *c);

/* Of a gateway's own, NULL at asked. */
void serve_set_mine(struct serve_client *c, void *mine);
void *serve_mine(const struct serve_client *c);

/* The reply is to say when it was made (RFC 9110, section 6.6.1): before
 * _respond, _answer or _fail. */
void serve_date(struct serve_client *c);

/* Both ends of the connection, numeric, without brackets. */
const char *serve_peer(const struct serve_client *c, unsigned *port);
const char *serve_local(const struct serve_client *c, unsigned *port);

/* One line on standard error behind the program's name, unless quiet; bytes
 * that could steer a terminal become '?'. */
void serve_say(const char *format, ...);

/* The name, and 1 for not a word; options and serve_new say so. */
void serve_voice(const char *name, int quiet);

#endif
