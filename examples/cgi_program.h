/* cgi_program.h - programs that run: their pipes, and their end */
#ifndef CGI_PROGRAM_H
#define CGI_PROGRAM_H

#include "gateway_serve.h"

/* All of them, and one. */
struct programs;
struct program;

/* Something may go on: its pipes, or it has ended. */
typedef void (*program_fn)(void *ud);

/* grace_ms: how long one may go on whose reply has left. */
struct programs *programs_new(struct tunnel_loop *l, uint64_t grace_ms);

/* Whatever still runs is killed. */
void programs_free(struct programs *ps);
size_t programs_count(const struct programs *ps);

/* Some child has ended: find out which. */
void programs_reap(struct programs *ps);

/* Run a file by its absolute name, in its directory and in a process group of
 * its own; name is for the log.  NULL with errno. */
struct program *program_new(struct programs *ps, const char *file,
    const char *name, char **environment, program_fn fn, void *ud);

/* 0; TUNNEL_IN: nothing is there yet; TUNNEL_DONE: it says no more. */
int program_read(struct program *p, void *buf, size_t cap, size_t *got);

/* 0; TUNNEL_OUT: it takes nothing now; TUNNEL_DONE: it reads no more. */
int program_write(struct program *p, const void *in, size_t n, size_t *put);

/* It has been told all. */
void program_told(struct program *p);

const char *program_name(const struct program *p);

/* Has it ended, and with what status of wait(2)? */
int program_ended(const struct program *p, int *status);

/* It is nobody's from now on: it may end by itself, or is ended, with its
 * group. */
void program_leave(struct program *p, int end);

#endif
