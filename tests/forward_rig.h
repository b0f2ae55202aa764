/* forward_rig.h - an exchange through forward: what a client and an origin say,
 * in pieces, and what each of them gets */
#ifndef FORWARD_RIG_H
#define FORWARD_RIG_H

#include <tunnel.h>

/* What a side does when all that it has to say has been taken. */
enum rig_end { RIG_STAYS, RIG_CLOSES, RIG_DIES };

struct rig_side {
	const char *says;
	size_t n;
	int end;                /* enum rig_end */
	size_t cut;             /* pieces end here, too; 0: nowhere */
	size_t at;
	int ended;
	char got[16384];        /* a NUL behind it */
	size_t got_n;
};

struct rig {
	struct rig_side side[2];
	size_t piece;           /* the most bytes that move at a time */
	int (*ask)(struct tunnel_forward *f, struct rig *r);    /* NULL: pass */
	int (*review)(struct tunnel_forward *f, struct rig *r);
	int (*again)(struct tunnel_forward *f, struct rig *r);
	void (*turn)(struct tunnel_forward *f, struct rig *r);  /* each round */
	int reused;             /* the connection of the next pass has been */
	int asked;              /* requests so far */
	int flags[2];           /* at the end */
	void *mine;
};

/* Everything in pieces of at most so many bytes, nobody closes. */
void rig_init(struct rig *r, const char *client, const char *origin,
    size_t piece);

/* Carry bytes until none moves: the reply of the origin is not begun before the
 * request has been sent as far as it has come. */
void rig_run(struct rig *r, struct tunnel_forward *f);

/* One with the name "p" in Via and buffers of that size. */
struct tunnel_forward *rig_new(const struct tunnel_alloc *a, size_t buffers);

/* What waits for a side, as a string; it is taken. */
const char *rig_take(struct tunnel_forward *f, int side);

/* A whole exchange, with a new one, cut in every way and with several buffers:
 * what the two get, and the flags in the end, are those.  setup may be NULL. */
void rig_expect(const struct rig *r, void (*setup)(struct tunnel_forward *f),
    const char *onward, const char *back, int flags_a, int flags_b);

/* The content of a chunked message that is framed in any way, unframed; its
 * head stays as it is, and trailers stay behind "0". */
void rig_unchunk(char *text, size_t *n);

/* By hand: one side says it, all of which is taken; one whose request has been
 * passed on. */
int side_say(struct tunnel_forward *f, int side, const char *text);
struct tunnel_forward *side_sent(const char *request, int reused);

#endif
