/* external.h - a scheme of the application's.  For auth. */
#ifndef TNL_EXTERNAL_H
#define TNL_EXTERNAL_H

#include <tunnel/client.h>

#include "core/buf.h"
#include "core/challenge.h"

enum { TNL_EXTERNAL_NAME = 32 };

struct tnl_external {
	char name[TNL_EXTERNAL_NAME];   /* "": there is none */
	tunnel_token_fn fn;
	void *ud;
	void *state;                    /* fn's */
	struct tnl_buf heard;           /* what the proxy said last, a string */
	unsigned rounds;                /* answers that have been given */
};

void tnl_external_init(struct tnl_external *e, const struct tunnel_alloc *a);

/* tunnel_client_token(3). */
int tnl_external_set(struct tnl_external *e, const char *name,
    tunnel_token_fn fn, void *ud);

/* The exchange is over; another may begin. */
void tnl_external_end(struct tnl_external *e);

/* Take a challenge in: 0, EAUTH when it rejects what was sent, or ENOMEM. */
int tnl_external_hear(struct tnl_external *e, const struct tnl_challenge *c);

/* Append the name and the next answer, as a string: 0, or an error. */
int tnl_external_write(struct tnl_external *e, struct tnl_buf *out);

#endif
