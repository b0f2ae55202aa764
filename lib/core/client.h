/* client.h - a client inside.  For client and inquiry; link sets defaults. */
#ifndef TNL_CLIENT_H
#define TNL_CLIENT_H

#include <tunnel/client.h>

#include "core/auth.h"
#include "core/outbox.h"
#include "core/refusal.h"
#include "core/request.h"

enum tnl_client_state {
	TNL_CLIENT_IDLE, TNL_CLIENT_HEAD, TNL_CLIENT_BODY, TNL_CLIENT_ENDED,
	TNL_CLIENT_OPEN, TNL_CLIENT_FAILED
};

struct tunnel_client {
	struct tunnel_alloc a;
	struct tnl_head head;
	struct tnl_refusal refusal;     /* behind it, if it is one */
	struct tnl_request request;
	struct tnl_auth auth;
	struct tnl_outbox out;          /* the request's head */
	size_t limit;                   /* of a reply's heads */
	int state;
	int fault;
	int again;                      /* there is an answer to this refusal */
	int reused;                     /* on a connection with a past */
};

/* The system's, for what the application has not set. */
void tnl_client_defaults(struct tunnel_client *c, tunnel_random_fn fn,
    uint64_t now);

#endif
