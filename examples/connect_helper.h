/* connect_helper.h - a program that is the connection to a proxy */
#ifndef CONNECT_HELPER_H
#define CONNECT_HELPER_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

enum { HELPER_SAID = 4096 };

struct helper {
	pid_t pid;              /* 0: there is none */
	int fd;                 /* our end of its standard input and output */
	int err;                /* where it complains, if to us; else -1 */
	int ended;              /* it has; status as waitpid(2) gave it */
	int status;
	char said[HELPER_SAID + 1];     /* its first complaints */
	size_t said_n;
};

/* Start argv with a socket as its standard input and output; with listen, its
 * standard error comes to us.  0 or an errno. */
int helper_start(struct helper *h, char *const argv[], int listen);

/* Hear what it says; has it ended, within so many ms? */
int helper_over(struct helper *h, uint64_t ms);

/* Ask it to end, or make it, unless it has ended. */
void helper_kill(struct helper *h, int hard);

/* End it, and wait until it has.  With gently it has some time for what it
 * still holds.  Our end is closed, if it is open. */
void helper_end(struct helper *h, int gently);

/* While this program runs, a signal that ends us ends it, too. */
void helper_guard(struct helper *h);

/* In words: "ended with status 3", "was ended by signal 9". */
void helper_fate(const struct helper *h, char *out, size_t cap);

#endif
