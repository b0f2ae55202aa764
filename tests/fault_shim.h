/* fault_shim.h - which call is to fail, and how: what the shim shares */
#ifndef FAULT_SHIM_H
#define FAULT_SHIM_H

#include <sys/types.h>
#include <sys/epoll.h>

#include <stdint.h>

enum family {
	READ, WRITE, SPLICE, ACCEPT, CONNECT, SOCKET, WAIT, CTL, PIPE, RESOLVE,
	OPEN, OPTION, SHUT, CLOSE, THREAD, FORK, ALLOC
};

enum what {
	ERROR,                  /* this, and nothing else happens */
	AFTER,                  /* this, and yet it happens */
	AGAIN,                  /* this, with an edge to come; sockets alone */
	DEAD,                   /* this, and the socket is reset */
	BUSY,                   /* this; sockets alone */
	SHORT,                  /* one byte */
	SPURIOUS,               /* all is ready at once */
	LATE,                   /* EINTR, and what was ready with the next */
	LOST                    /* EINTR, and what was ready is forgotten */
};

struct kind {
	char name[20];
	enum family family;
	enum what what;
	int error;
};

/* What is to go wrong with this call, or NULL. */
const struct kind *fault_due(enum family f, int fd);

/* Is the call to be made all the same?  Else errno says why not. */
int fault_goes_on(const struct kind *k, int fd);

/* An edge for what is ready, though it was told before. */
void fault_edge(int fd);

/* The descriptor is closed. */
void fault_forget(int fd);

/* The function that ours stands before. */
#define NEXT(type, name, ...) \
	static type (*next)(__VA_ARGS__); \
	if (next == NULL) \
		*(void **)(void *)&next = dlsym(RTLD_NEXT, #name)

#endif
