/* connect_brood.c - programs that reach the first proxy, one for each client
 *
 *      hatched (a session) --> left, until a time --> asked to end --> made to
 *
 * One that has ended stays in the list until its session ends, or its time has
 * come; so nobody waits for it.
 */
#include "connect_brood.h"

#include <stdlib.h>
#include <string.h>

#include "common_net.h"
#include "connect_way.h"

enum {
	SOON_MS = 150,          /* others wait meanwhile */
	LOOK_MS = 100,
	GRACE_MS = 2000,
	TERM_MS = 1000
};

struct chick {
	struct chick *next;
	struct helper h;
	struct tunnel_session *session; /* NULL: it has left */
	uint64_t due;                   /* then, what comes next is done */
	int asked;                      /* to end */
};

struct brood {
	const struct config *c;
	struct tunnel_timer *timer;
	struct chick *first;
};

/* Go through those that have left. */
static void
look(void *ud)
{
	struct brood *b = ud;
	struct chick **at = &b->first, *one;
	int left = 0;

	while ((one = *at) != NULL) {
		if (one->session == NULL && helper_over(&one->h, 0)) {
			*at = one->next;
			helper_end(&one->h, 0);
			free(one);
			continue;
		}
		if (one->session == NULL && net_now() >= one->due) {
			helper_kill(&one->h, one->asked);
			one->asked = 1;
			one->due = net_now() + TERM_MS;
		}
		left |= one->session == NULL;
		at = &one->next;
	}
	if (left)
		(void)tunnel_timer_set(b->timer, net_now() + LOOK_MS);
}

struct brood *
brood_new(const struct config *c, struct tunnel_loop *l)
{
	struct brood *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->c = c;
	b->timer = tunnel_timer_new(l, look, b);
	if (b->timer == NULL) {
		free(b);
		return NULL;
	}
	return b;
}

void
brood_free(struct brood *b)
{
	struct chick *one;

	if (b == NULL)
		return;
	/* All of them first, so that nobody waits for each. */
	for (one = b->first; one != NULL; one = one->next)
		helper_kill(&one->h, 0);
	while ((one = b->first) != NULL) {
		b->first = one->next;
		helper_end(&one->h, 0);
		free(one);
	}
	tunnel_timer_free(b->timer);
	free(b);
}

int
brood_hatch(struct brood *b, struct tunnel_session *s)
{
	struct chick *one = calloc(1, sizeof *one);

	if (one == NULL)
		return TUNNEL_ENOMEM;
	if (way_open(b->c, &one->h) != 0) {
		free(one);
		return TUNNEL_ECONNECT;
	}
	if (tunnel_session_way(s, one->h.fd) < 0) {
		helper_end(&one->h, 0);
		free(one);
		return TUNNEL_ENOMEM;
	}
	/* It is the session's now. */
	one->h.fd = -1;
	one->session = s;
	one->next = b->first;
	b->first = one;
	tunnel_session_set(s, one);
	return 0;
}

int
brood_leave(struct brood *b, struct tunnel_session *s)
{
	struct chick *one = tunnel_session_get(s);
	int error = tunnel_session_error(s), said = 0, status;

	if (one == NULL)
		return 0;
	if (tunnel_session_open(s) && error == 0)
		said = way_broke(b->c, &one->h, SOON_MS);
	else if (!tunnel_session_open(s) &&
	    tunnel_session_upstream_status(s) == 0 &&
	    tunnel_session_upstream_hop(s) == 0 &&
	    (error == TUNNEL_EEOF || error == TUNNEL_ERESET ||
	    error == TUNNEL_EIO))
		said = way_failed(b->c, &one->h, SOON_MS, &status);
	one->session = NULL;
	/* What is cut short must not look like a good end. */
	if (error < 0)
		helper_kill(&one->h, 0);
	one->asked = error < 0;
	one->due = net_now() + (error < 0 ? TERM_MS : GRACE_MS);
	(void)tunnel_timer_set(b->timer, net_now() + LOOK_MS);
	return said;
}
