/* fake.h - streams for tests: a scripted one, and pairs of real sockets */
#ifndef FAKE_H
#define FAKE_H

#include <tunnel.h>

#include <poll.h>

/* What a call is to do; a script ends with an entry of n 0 and rv 0, which
 * stands for "wait for ever". */
struct fake_step {
	size_t n;               /* at most so many bytes */
	int rv;                 /* then this */
};

struct fake {
	const struct fake_step *reads, *writes;
	const char *in;         /* what can be read */
	size_t in_at;
	char out[8192];         /* what was written */
	size_t out_n;
	int shuts, aborts;
	int shut_rv;            /* what shut answers */
};

const struct tunnel_io *fake_io(void);

/* A connected pair over TCP on 127.0.0.1, or a socketpair; both non-blocking
 * when nonblock. */
void fake_tcp(int fd[2], int nonblock);
void fake_pair(int fd[2], int nonblock);

/* Wait until one of a descriptor's events has come. */
void fake_wait(int fd, short events);

/* The same of one of several.  Over TCP bytes may come later than at once, also
 * on loopback, where a congestion control keeps its pace. */
void fake_wait_one(struct pollfd *p, nfds_t n);

/* The end of a stream: 0 after FIN, -1 after a reset; anything still there is
 * read over, and counted in *n. */
int fake_end(int fd, size_t *n);

#endif
