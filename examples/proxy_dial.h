/* proxy_dial.h - the way to a target, one address after the other */
#ifndef PROXY_DIAL_H
#define PROXY_DIAL_H

#include "proxy_config.h"

struct addrinfo;

struct dial {
	struct addrinfo *list, *next;
	uint64_t deadline, end;         /* of this address; of all of them */
	int fd;                         /* being connected; -1: none */
	int error;                      /* the first failure */
};

/* Nothing yet. */
void dial_init(struct dial *d);

/* Resolve the target that s asks for and begin: 1, in d->fd is a connection;
 * 0, wait until d->fd is writable or the deadline has come, then dial_step; or
 * the error that all addresses come to. */
int dial_begin(struct dial *d, const struct config *c,
    const struct tunnel_server *s);

/* ready: poll said something of d->fd.  Returns as dial_begin does. */
int dial_step(struct dial *d, const struct config *c,
    const struct tunnel_server *s, int ready);

/* Close what is open, free what is held. */
void dial_end(struct dial *d);

#endif
