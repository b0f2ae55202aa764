/* forward.h - what the rooms of forward share: the state of one exchange */
#ifndef TNL_FORWARD_H
#define TNL_FORWARD_H

#include <tunnel/forward.h>

#include "core/outbox.h"
#include "core/passage.h"
#include "core/recast.h"
#include "core/server.h"
#include "core/target.h"

/* Of side A. */
enum tnl_crossing {
	TNL_ASKING,             /* server reads, asks, or replies */
	TNL_PASSED,             /* the request goes to B; no reply's head */
	TNL_SERVED,             /* the application is to reply */
	TNL_REPLIED,           /* a reply's head is out */
	TNL_READY,              /* the reply has left, another may be asked */
	TNL_SWITCHED,           /* a 101 is out */
	TNL_ENDING,             /* the last reply is out */
	TNL_BROKEN,             /* what is out cannot be completed */
	TNL_GONE                /* A died, or there is no memory */
};

/* Of side B. */
enum tnl_beyond {
	TNL_NOBODY,
	TNL_AWAITED,            /* the reply's head is to come */
	TNL_REVIEWED,           /* it has, and the application looks at it */
	TNL_REPLYING,           /* its content is to come, or the request's
				 * to go */
	TNL_AGAIN,              /* the request may be sent once more */
	TNL_KEPT,               /* done, and the connection can be kept */
	TNL_SPENT,              /* done, and it cannot */
	TNL_ABORTED
};

struct tunnel_forward {
	struct tunnel_alloc a;
	struct tunnel_server *server;
	struct tnl_target target;
	struct tnl_framing asked;       /* of the request */
	struct tnl_head reply;
	struct tnl_witness witness;
	/* each by side: content from it, bytes for it, and what the application
	 * wants in the head that goes to it */
	struct tnl_passage from[2];
	struct tnl_outbox out[2];
	struct tnl_buf extra[2], gone[2];
	int replaced[2], sized[2];
	uint64_t length[2];
	size_t cap[2];
	struct tnl_buf authority, path; /* strings, or nothing */
	/* settings; via and upgrade are strings, or nothing */
	struct tnl_buf via, upgrade;
	size_t head_max;
	int absolute, http10, reuse, persist, review;
	/* the exchange */
	int crossing;
	int beyond;
	int keep;               /* A may ask again */
	int a_eof;
	int b_shut;             /* B takes no more */
	int b_last;             /* B's connection ends with this reply */
	int switching;          /* Upgrade went to B */
	int reused;
	int heard;              /* a byte came from B */
	int invited;            /* A was told to go on with its content */
	int interim;            /* replies of 1xx so far */
	uint64_t sent;          /* bytes that B took */
	uint64_t excess;        /* of content that A sent in vain */
	int status;
	int fault;
	int error;              /* sticky */
};

/* ---- forward_request: from A to B ----------------------------------- */

int tnl_forward_feed_a(struct tunnel_forward *f, const uint8_t *in, size_t n,
    size_t *used);

/* ---- forward_reply: from B to A ------------------------------------- */

int tnl_forward_feed_b(struct tunnel_forward *f, const uint8_t *in, size_t n,
    size_t *used);

/* ---- forward_answer: replies of ours -------------------------------- */

/* Does the request have the method HEAD? */
int tnl_forward_to_head(const struct tunnel_forward *f);

/* Will A's connection be there after a reply that is framed like this? */
int tnl_forward_keeps(const struct tunnel_forward *f,
    const struct tnl_framing *framing);

/* Tell A to go on with its content, if it waits for that; does it wait, not
 * having been told? */
int tnl_forward_invite(struct tunnel_forward *f);
int tnl_forward_uninvited(const struct tunnel_forward *f);

/* The fields that the application wants in the reply, also those that it gave
 * to server: in extra[TUNNEL_A] from here on. */
int tnl_forward_gather(struct tunnel_forward *f);

/* Reply to TRACE or OPTIONS whose way ends here. */
int tnl_forward_reflect(struct tunnel_forward *f);

/* Reply what the table has for the error. */
int tnl_forward_say(struct tunnel_forward *f, int error);

/* ---- forward_end: how it goes on, or ends --------------------------- */

/* After anything that has happened: what follows from it. */
int tnl_forward_settle(struct tunnel_forward *f);

/* Forget the last request, and await the next one. */
void tnl_forward_next(struct tunnel_forward *f);

/* B failed before its reply: once more, or say so. */
int tnl_forward_lost(struct tunnel_forward *f, int error);

/* What was begun cannot be completed: B is aborted, and A is told by a reply
 * where there is none, else aborted as well. */
int tnl_forward_break(struct tunnel_forward *f, int error);

/* A is gone. */
int tnl_forward_leave(struct tunnel_forward *f, int error);

/* Nothing more comes from B, or goes to it. */
void tnl_forward_drop_b(struct tunnel_forward *f, int beyond);

#endif
