/* io_splice.h - pipes through which the kernel moves bytes by itself.  For
 * bypass and floor 5. */
#ifndef TNL_IO_SPLICE_H
#define TNL_IO_SPLICE_H

#include <tunnel/base.h>

struct tnl_pipe {
	struct tnl_pipe *next;
	int fd[2];
};

struct tnl_pipes {
	const struct tunnel_alloc *a;   /* outlives them */
	struct tnl_pipe *first;         /* empty ones, at rest */
	size_t resting;
};

void tnl_pipes_init(struct tnl_pipes *p, const struct tunnel_alloc *a);
void tnl_pipes_free(struct tnl_pipes *p);

/* An empty pipe; NULL when there is none to be had.  put gives back an empty
 * one, drop one with bytes in it, which are lost. */
struct tnl_pipe *tnl_pipes_get(struct tnl_pipes *p);
void tnl_pipes_put(struct tnl_pipes *p, struct tnl_pipe *pipe);
void tnl_pipes_drop(struct tnl_pipes *p, struct tnl_pipe *pipe);

/* Move up to n bytes without waiting, one of the two being a pipe: as read(2)
 * has it, with errno. */
long tnl_splice(int from, int to, size_t n);

/* What splice(2) can do with a descriptor without waiting: nothing; move bytes
 * between it and a pipe; or it is a pipe, and goes with both. */
enum tnl_splice_kind { TNL_SPLICE_NOT, TNL_SPLICE_BOTH, TNL_SPLICE_PIPE };
enum tnl_splice_kind tnl_splice_kind(int fd);

/* Let a pipe hold more, if it may. */
void tnl_splice_widen(int fd);

/* 1 when the SIGPIPE that a splice may make harms nobody in this thread. */
int tnl_splice_quiet(void);

#endif
