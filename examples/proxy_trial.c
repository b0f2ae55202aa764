/* proxy_trial.c - whether credentials may be sent to a proxy now
 *
 *      UNKNOWN --- one goes ---> TRYING --- its tunnel opens ---> GOOD
 *        |  ^                    |    |                            |
 *        |  +-- no word of it ---+    +-------- rejected ----------+
 *        |                                         |
 *        +------------- the rest is over ------- RESTING
 *
 * Accounts of a domain are locked after a few wrong passwords, and a browser
 * asks for as many tunnels at once.  So until credentials have been accepted
 * one session goes ahead, and the others wait for what becomes of it; but not
 * for long, as a target that does not answer says nothing of them.  Rejected
 * credentials rest, each time longer; then one goes ahead again.
 *
 * A session that waits looks again every few ms, in its own thread, which is
 * simpler than being told across threads.
 */
#include "proxy_trial.h"

#include <pthread.h>
#include <stdlib.h>

#include "common_net.h"

enum state { UNKNOWN, TRYING, GOOD, RESTING };

enum verdict { GO, GO_AHEAD, WAIT, REST };

enum {
	LOOK_MS = 20,           /* how often who waits looks again */
	PATIENCE_MS = 3000      /* for who goes ahead */
};

/* A session that waits, or goes ahead. */
struct attempt {
	struct attempt *next;           /* of those that have left */
	struct tunnel_session *session;
	struct tunnel_timer *timer;     /* NULL: it goes ahead */
	trial_fn then;
	unsigned round;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum state state;
static unsigned round_now;              /* of credentials */
static uint64_t since;                  /* the last one went ahead */
static uint64_t until;                  /* they rest */
static unsigned rests;                  /* in a row */
static unsigned long long longest = 300000;
static struct attempt *left;            /* and are owed an answer */

void
trial_longest(unsigned long long ms)
{
	longest = ms;
}

void
trial_afresh(void)
{
	(void)pthread_mutex_lock(&lock);
	state = UNKNOWN;
	rests = 0;
	round_now++;
	(void)pthread_mutex_unlock(&lock);
}

/* ---- who goes ------------------------------------------------------- */

static enum verdict
judge(uint64_t now)
{
	switch (state) {
	case GOOD:
		return GO;
	case RESTING:
		if (now < until)
			return REST;
		break;
	case TRYING:
		if (now - since < PATIENCE_MS)
			return WAIT;
		break;
	case UNKNOWN:
		break;
	}
	state = TRYING;
	since = now;
	return GO_AHEAD;
}

static enum verdict
verdict(struct attempt *a)
{
	enum verdict v;

	(void)pthread_mutex_lock(&lock);
	v = judge(net_now());
	a->round = round_now;
	(void)pthread_mutex_unlock(&lock);
	return v;
}

/* It waits no longer.  Only who goes ahead is remembered. */
static int
proceed(struct attempt *a, enum verdict v)
{
	struct tunnel_session *s = a->session;
	trial_fn then = a->then;

	tunnel_timer_free(a->timer);
	a->timer = NULL;
	if (v != GO_AHEAD) {
		tunnel_session_set(s, NULL);
		free(a);
	}
	return then(s, v != REST);
}

static void
look_again(void *ud)
{
	struct attempt *a = ud;
	struct tunnel_session *s = a->session;
	/* Its time is up, and it goes nowhere. */
	int late = tunnel_session_error(s) < 0;
	enum verdict v = late ? REST : verdict(a);

	if (v == WAIT)
		(void)tunnel_timer_set(a->timer, net_now() + LOOK_MS);
	else
		(void)tunnel_session_answer(s, proceed(a, v));
}

int
trial_ask(struct tunnel_session *s, trial_fn then)
{
	struct attempt *a = calloc(1, sizeof *a);
	enum verdict v;

	if (a == NULL)
		return TUNNEL_ENOMEM;
	a->session = s;
	a->then = then;
	tunnel_session_set(s, a);
	v = verdict(a);
	if (v != WAIT)
		return proceed(a, v);
	a->timer = tunnel_timer_new(tunnel_session_loop(s), look_again, a);
	if (a->timer == NULL) {
		tunnel_session_set(s, NULL);
		free(a);
		return TUNNEL_ENOMEM;
	}
	(void)tunnel_timer_set(a->timer, net_now() + LOOK_MS);
	return TUNNEL_ASK;
}

/* ---- what becomes of it --------------------------------------------- */

/* Was it this session on which the others wait?  Or one of older times, which
 * says nothing of now: -1. */
static int
went_ahead(struct tunnel_session *s)
{
	struct attempt *a = tunnel_session_get(s);
	int ahead = a == NULL ? 0 : a->round == round_now ? 1 : -1;

	tunnel_session_set(s, NULL);
	free(a);
	return ahead;
}

void
trial_opened(struct tunnel_session *s)
{
	(void)pthread_mutex_lock(&lock);
	if (went_ahead(s) > 0 && state == TRYING) {
		state = GOOD;
		rests = 0;
	}
	(void)pthread_mutex_unlock(&lock);
}

void
trial_failed(struct tunnel_session *s)
{
	(void)pthread_mutex_lock(&lock);
	if (went_ahead(s) > 0 && state == TRYING)
		state = UNKNOWN;
	(void)pthread_mutex_unlock(&lock);
}

int
trial_rejected(struct tunnel_session *s, unsigned long long *ms)
{
	static const unsigned seconds[] = { 1, 5, 30, 120, 300 };
	int news;

	(void)pthread_mutex_lock(&lock);
	news = went_ahead(s) >= 0 && state != RESTING;
	if (news) {
		*ms = seconds[rests] * 1000ULL;
		if (*ms > longest)
			*ms = longest;
		if (rests < sizeof seconds / sizeof seconds[0] - 1)
			rests++;
		until = net_now() + *ms;
		state = RESTING;
	}
	(void)pthread_mutex_unlock(&lock);
	return news;
}

/* ---- sessions that leave -------------------------------------------- */

static void
dismiss(struct attempt *a)
{
	struct attempt **at = &left;

	(void)pthread_mutex_lock(&lock);
	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	(void)pthread_mutex_unlock(&lock);
	(void)tunnel_session_answer(a->session, TUNNEL_EEOF);
	free(a);
}

static void
answer(void *ud)
{
	dismiss(ud);
}

void
trial_closed(struct tunnel_session *s)
{
	struct attempt *a = tunnel_session_get(s);

	if (a == NULL)
		return;
	if (a->timer == NULL) {
		trial_failed(s);
		return;
	}
	/* Behind this hook, which is called for what is still owed. */
	tunnel_timer_free(a->timer);
	(void)pthread_mutex_lock(&lock);
	a->next = left;
	left = a;
	(void)pthread_mutex_unlock(&lock);
	(void)tunnel_loop_post(tunnel_session_loop(s), answer, a);
}

void
trial_end(void)
{
	while (left != NULL)
		dismiss(left);
}
