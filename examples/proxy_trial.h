/* proxy_trial.h - whether credentials may be sent to a proxy now */
#ifndef PROXY_TRIAL_H
#define PROXY_TRIAL_H

#include <tunnel.h>

/* What comes then: the session may dial, or not now.  Called in its thread; the
 * answer of its hook. */
typedef int (*trial_fn)(struct tunnel_session *s, int may);

/* Rejected credentials rest for so many ms at the most. */
void trial_longest(unsigned long long ms);

/* There are others, or somebody says that they are right now: from any
 * thread. */
void trial_afresh(void);

/* In the dial hook, for a session that will send credentials: then() is called,
 * from here or later, and what the hook is to answer. */
int trial_ask(struct tunnel_session *s, trial_fn then);

/* In the other hooks, for any session: its tunnel is open; it has failed, as
 * the credentials were rejected or not; it ends.  rejected says 1 when this is
 * news, and for how many ms they rest now. */
void trial_opened(struct tunnel_session *s);
int trial_rejected(struct tunnel_session *s, unsigned long long *ms);
void trial_failed(struct tunnel_session *s);
void trial_closed(struct tunnel_session *s);

/* Proxy and loops are gone. */
void trial_end(void);

#endif
