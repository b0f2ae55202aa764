/* session.h - one client of a proxy.  For worker, session, stages and face. */
#ifndef TNL_SESSION_H
#define TNL_SESSION_H


#include "core/preface.h"
#include "net/dial.h"
#include "net/link.h"
#include "net/proxy.h"
#include "net/relay.h"

enum tnl_session_state {
	TNL_PREFACE, TNL_ASKED, TNL_DECIDING, TNL_DIALING, TNL_ANSWERING,
	TNL_CARRYING, TNL_LEAVING, TNL_OVER
};

struct tunnel_session {
	struct tnl_chain all, handshake;
	struct tunnel_alloc a;
	struct tnl_worker *w;
	struct tnl_place *place;
	uint64_t id, born;
	void *mine;
	int state, stage;
	int client, target;             /* descriptors; -1: none */
	struct tunnel_watch *watch[2];
	struct tunnel_timer *timer;
	struct tunnel_server *server;
	struct tunnel_link *link;
	struct tunnel_dial *dial;
	struct tunnel_pump *pump;
	struct tunnel_relay *relay;
	uint8_t *said;                  /* of the preface, while it arrives */
	size_t said_n;
	uint64_t deadline;              /* of the state, where it has one */
	uint64_t reported[2];           /* bytes that the census knows */
	size_t thrown;                  /* bytes, while leaving */
	struct tnl_endpoint peer, local;
	int entered;                    /* the census counts it as a client's */
	int reserved;                   /* and as a tunnel */
	int chatty;                     /* early bytes wait in the socket */
	int seen[2];                    /* what watches told before the tunnel */
	int again;                      /* the relay asks to go on at once */
	int owed;                       /* a hook owes an answer */
	int verdict;                    /* the answer, before it is used */
	int answered;
	int inside;                     /* a hook is being called */
	int taken;                      /* the hook has the client's socket */
	int opened;
	int status;
	int error;                      /* why it ended */
	int kill;                       /* an error with which to end it */
	unsigned port;
	char *host;                     /* the target, or NULL; and behind it */
	char *target_text;              /* with its port; one block of memory */
	char client_text[TNL_ENDPOINT_TEXT];
	char address[TNL_ENDPOINT_TEXT];
	char *user;
};

/* ---- session: birth, and the states ------------------------------------- */

/* Serve an accepted socket, which it owns from here on: 0, or an error and the
 * socket is closed. */
int tnl_session_new(struct tnl_worker *w, struct tnl_place *place, int fd,
    const struct tnl_endpoint *peer);

/* Go on as far as it goes without waiting, ready having been told of a side.
 * The session may be gone afterwards. */
void tnl_session_advance(struct tunnel_session *s, int side, int ready);
void tnl_session_on_target(void *ud, int ready);

/* One of the times; when so much has passed from now on (never, if it is 0). */
uint64_t tnl_session_time(const struct tunnel_session *s, int which);
uint64_t tnl_session_after(const struct tunnel_session *s, uint64_t ms);

/* ---- arrival ------------------------------------------------------------ */

int tnl_session_prepare(struct tunnel_session *s);
void tnl_session_enter(struct tunnel_session *s);

/* Dial this target: 0, TUNNEL_ETARGET or TUNNEL_ENOMEM. */
int tnl_session_aim(struct tunnel_session *s, const char *host,
    unsigned port);
void tnl_session_unaim(struct tunnel_session *s);
void tnl_session_prefaced(struct tunnel_session *s);
void tnl_session_shake(struct tunnel_session *s);

/* ---- opening ------------------------------------------------------------ */

void tnl_session_decide(struct tunnel_session *s);
void tnl_session_deciding(struct tunnel_session *s, int ready);
void tnl_session_refuse(struct tunnel_session *s, int error);
void tnl_session_carry(struct tunnel_session *s);

/* ---- departure ---------------------------------------------------------- */

/* It is over, for this reason unless there was one before (0: a clean end). */
void tnl_session_over(struct tunnel_session *s, int error);

/* The same, and what is open becomes a reset. */
void tnl_session_cut(struct tunnel_session *s, int error);
void tnl_session_leave(struct tunnel_session *s);

/* Tell the census of the bytes that have passed; that it is no tunnel. */
void tnl_session_report(struct tunnel_session *s);
void tnl_session_give_back(struct tunnel_session *s);

/* What is over goes; one that was not counted yet; only the memory. */
void tnl_session_finish(struct tunnel_session *s);
void tnl_session_discard(struct tunnel_session *s);
void tnl_session_release(struct tunnel_session *s);

/* Cut and finish, from outside. */
void tnl_session_kill(struct tunnel_session *s, int error);

/* ---- stages: who decides ------------------------------------------------ */

/* Go through the stages of the decision, from where it is: 0 when all have said
 * yes, TUNNEL_ASK, TUNNEL_DONE, or the error to refuse with. */
int tnl_stages(struct tunnel_session *s);

/* Call a hook: its answer, 0 when there is none. */
int tnl_stages_hook(struct tunnel_session *s, int hook);

/* May the client be served at all: 0 or an error. */
int tnl_stages_enter(struct tunnel_session *s);

/* May this address be dialled?  A tunnel_judge_fn, ud is the session. */
int tnl_stages_judge(void *ud, const char *host, const void *addr, size_t n,
    unsigned port);

#endif
