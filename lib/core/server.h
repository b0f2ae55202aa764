/* server.h - what server and answer share: the state of one request */
#ifndef TNL_SERVER_H
#define TNL_SERVER_H

#include <tunnel/server.h>

#include "core/head.h"
#include "core/judge.h"
#include "core/outbox.h"

enum tnl_serving {
	TNL_HEAD,
	TNL_ASK,
	TNL_AGREED,
	TNL_OPEN,
	TNL_REFUSED,
	TNL_ENDED,
	TNL_LENT,                       /* another answers it: forward */
	TNL_FAILED
};

struct tunnel_server {
	struct tunnel_alloc a;
	struct tnl_head head;
	struct tnl_outbox out;          /* the reply */
	struct tnl_buf extra;           /* the application's fields for it */
	struct tnl_asked asked;
	int whole;                      /* the head is complete */
	int any_method;
	int keep_407;
	int keep;                       /* this reply keeps the connection */
	int state;
	int fault;
	int status;
};

/* Forget the request and await the next one, in whatever state. */
void tnl_server_next(struct tunnel_server *s);

#endif
