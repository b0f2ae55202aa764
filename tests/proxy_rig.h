/* proxy_rig.h - a proxy, and the client and origin that a test plays
 *
 * The proxy is a guest of the test's loop, which is stepped while the test
 * speaks over sockets; on each backend in turn. */
#ifndef PROXY_RIG_H
#define PROXY_RIG_H

#include <tunnel.h>

#include "backend.h"

/* New for each test. */
struct proxy_rig {
	struct tunnel_loop *loop;
	struct tunnel_proxy *proxy;
	int origin;             /* a listener */
	unsigned origin_port;
	int ended;              /* how often it was told so */
};

extern struct proxy_rig rig;

/* Where the loop and the proxy of the next rig_setup get their memory. */
extern const struct tunnel_alloc *rig_alloc;

#define RIG_TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int rig_setup(void **state);
int rig_teardown(void **state);

/* Everything on loopback is allowed, and it listens. */
void rig_start(void);

unsigned rig_port(void);

/* One step of the loop. */
void rig_turn(void);

/* Turn it until it connects to the origin: that end of the connection. */
int rig_come(void);

/* Step until a counter has this value. */
void rig_await_count(int which, uint64_t n);

/* ---- the client ----------------------------------------------------- */

/* It has come in; by another listener than the first. */
int rig_client(void);
int rig_client_at(unsigned listener);
void rig_say(int fd, const char *text);
void rig_ask(int fd, const char *host, unsigned port, const char *more);

/* Read on until the text ends so; or, with NULL, until the end of the stream,
 * which gives -1 when it was a reset. */
int rig_hear(int fd, char *out, size_t cap, const char *until);

/* The status of a whole reply, whose text is left in out. */
int rig_status(int fd, char *out, size_t cap);

/* The status that a request gets. */
int rig_refused(const char *host, unsigned port, const char *more);

/* An open tunnel to the origin: both its ends. */
void rig_tunnel(int end[2], const char *host, unsigned port);
void rig_close_both(int end[2]);

#endif
