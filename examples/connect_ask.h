/* connect_ask.h - ask the proxies on the way for a tunnel */
#ifndef CONNECT_ASK_H
#define CONNECT_ASK_H

#include "connect_config.h"
#include "connect_helper.h"

/* Among exit statuses: ask once more, over another connection. */
enum { ASK_AGAIN = -1 };

/* The most that is read at once, and so the most that can come too early. */
enum { ASK_CHUNK = 2048 };

/* Requests to all of them, ready to be sent, with their credentials; and what
 * came behind the last reply. */
struct ask {
	struct tunnel_client *client[HOPS_MAX];
	int asked[HOPS_MAX];            /* it has wanted credentials */
	size_t early_n;
	char early[ASK_CHUNK];
};

/* Make them: 0, or an exit status after having said why.  Either way there is
 * nothing secret left in c. */
int ask_prepare(struct ask *a, struct config *c);
void ask_free(struct ask *a);

/* Ask one after the other, over a connection to the first: 0 when the tunnel is
 * open, else an exit status, or ASK_AGAIN. */
int ask_all(struct ask *a, const struct config *c, int fd, struct helper *h,
    uint64_t deadline);

#endif
