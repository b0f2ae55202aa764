/* session.h - one client of a proxy.  For worker, session, stages and face. */
#ifndef TNL_SESSION_H
#define TNL_SESSION_H

#include <tunnel/forward.h>

#include "core/preface.h"
#include "net/carrier.h"
#include "net/dial.h"
#include "net/link.h"
#include "net/proxy.h"

enum tnl_session_state {
	TNL_PREFACE, TNL_ASKED, TNL_DECIDING, TNL_DIALING, TNL_ANSWERING,
	TNL_CARRYING, TNL_PASSING, TNL_LEAVING, TNL_OVER
};

/* What a session needs until its tunnel is open. */
struct tnl_handshake {
	struct tnl_chain chain;         /* of the worker's; the oldest first */
	struct tunnel_session *session;
	struct tunnel_alloc a;          /* for who outlives the proxy: owed */
	struct tnl_place *place;
	struct tunnel_server *server;   /* or */
	struct tunnel_forward *forward; /* whose server that is, or NULL */
	struct tunnel_socks *socks;     /* or neither, and no link */
	struct tunnel_link *link;
	struct tunnel_link *origin;     /* while a message is passed on */
	char *kept;                     /* where target leads, for later */
	struct tnl_endpoint reached;    /* and its address */
	struct tunnel_dial *dial;
	uint8_t *said;                  /* of the preface, while it arrives */
	size_t said_n;
	size_t thrown;                  /* bytes, while leaving */
	struct tnl_endpoint local;      /* n 0: to be asked for */
	int seen[2];                    /* what the watches have told */
	int stage;
	int verdict;                    /* the answer, before it is used */
	int answered;
	int chatty;                     /* early bytes wait in the socket */
	int way;                        /* to the first proxy; -1: none yet */
	int taken;                      /* the hook has the client's socket */
	int direct;                     /* through none of our proxies */
	int absolute;                   /* to a proxy, which passes it on */
	int straight;                   /* what is kept is through no proxy */
	int personal;                   /* is for this one request alone */
	int passed;                     /* it has a reply, and not ours */
	int between;                    /* nothing of a next request yet */
	int failing;                    /* the dial's error, in the fail hook */
	struct tnl_login *logins;       /* to our proxies, until it dials */
};

/* What is there as long as the tunnel is: kept small, as most are silent. */
struct tunnel_session {
	struct tnl_chain all;
	struct tnl_worker *w;
	struct tnl_handshake *hs;       /* NULL: it is open */
	struct tnl_carrier *carrier;    /* NULL: it rests, or is not open */
	struct tnl_rest rest;
	struct tunnel_timer timer;
	struct tunnel_watch watch[2];
	uint64_t id, born;
	uint64_t deadline;              /* of the state, where it has one */
	void *mine;
	char *host;                     /* the target, or NULL */
	char *user;
	struct tnl_endpoint peer;       /* the client */
	struct tnl_endpoint address;    /* that was dialled; n 0: none */
	int client, target;             /* descriptors; -1: none */
	unsigned port;                  /* of the target; 0: there is none */
	int status;
	int error;                      /* why it ended */
	int kill;                       /* an error with which to end it */
	uint8_t state;
	uint8_t entered;                /* the census counts it as a client's */
	uint8_t reserved;               /* and as a tunnel */
	uint8_t opened;
	uint8_t again;                  /* the relay asks to go on at once */
	uint8_t owed;                   /* a hook owes an answer */
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

/* ---- speech: HTTP, SOCKS, or nothing ------------------------------------ */

int tnl_speech_begin(struct tunnel_session *s);
void tnl_speech_end(struct tnl_handshake *hs);

/* Where there is a link: the target that was asked for, NULL when none was; and
 * yes to what it asks. */
const char *tnl_speech_host(const struct tnl_handshake *hs);
unsigned tnl_speech_port(const struct tnl_handshake *hs);
int tnl_speech_accept(struct tnl_handshake *hs);

/* Say that it has to log in first, and say no: TUNNEL_ESTATE when there is no
 * way to say so. */
int tnl_speech_challenge(struct tnl_handshake *hs);
int tnl_speech_fail(struct tnl_handshake *hs, int error);

/* Why it was refused, or 0; the status of HTTP that stands for the reply. */
int tnl_speech_fault(const struct tnl_handshake *hs);
int tnl_speech_status(const struct tnl_handshake *hs);

/* ---- arrival ------------------------------------------------------------ */

void tnl_session_enter(struct tunnel_session *s);

/* The target with its port; NULL: it is not known. */
const char *tnl_session_target(const struct tunnel_session *s);

/* Dial this target: 0, TUNNEL_ETARGET or TUNNEL_ENOMEM. */
int tnl_session_aim(struct tunnel_session *s, const char *host,
    unsigned port);
void tnl_session_unaim(struct tunnel_session *s,
    const struct tunnel_alloc *a);
void tnl_session_prefaced(struct tunnel_session *s);
void tnl_session_shake(struct tunnel_session *s);

/* ---- opening ------------------------------------------------------------ */

void tnl_session_decide(struct tunnel_session *s);
void tnl_session_deciding(struct tunnel_session *s, int ready);
void tnl_session_refuse(struct tunnel_session *s, int error);
void tnl_session_carry(struct tunnel_session *s);

/* The dial's outcome. */
void tnl_session_dialled(void *ud, struct tunnel_dial *d, int result, int fd);

/* What is passed on has become a tunnel. */
void tnl_session_switch(struct tunnel_session *s);

/* ---- dialling ----------------------------------------------------------- */

/* Begin it: 0 or an error. */
int tnl_session_dial(struct tunnel_session *s);

/* To whom it goes: 0, last saying more where that is a proxy (absolute), or an
 * error.  last's login is the caller's to free. */
struct tnl_last;
int tnl_session_whereto(struct tunnel_session *s, struct tnl_last *last);

/* ---- passing: HTTP messages --------------------------------------------- */

/* Is it a message that is asked to be passed on, and no tunnel? */
int tnl_passing_asked(const struct tunnel_session *s);

/* Is the way to its origin there, or needs it none?  Then it has begun. */
int tnl_passing_ready(struct tunnel_session *s);

/* The way is there: begin, or say why not. */
void tnl_passing_begin(struct tunnel_session *s, int reused);
void tnl_passing_step(struct tunnel_session *s, int side, int ready);

/* An exchange is over: the client may ask again. */
void tnl_passing_next(struct tunnel_session *s);

/* The connection that is kept goes. */
void tnl_passing_forget(struct tunnel_session *s);

/* ---- departure ---------------------------------------------------------- */

/* It is over, for this reason unless there was one before (0: a clean end). */
void tnl_session_over(struct tunnel_session *s, int error);

/* The same, and what is open becomes a reset. */
void tnl_session_cut(struct tunnel_session *s, int error);
void tnl_session_leave(struct tunnel_session *s);

/* Close one side. */
void tnl_session_close(struct tunnel_session *s, int side);

/* It is no tunnel: the census may let another one in. */
void tnl_session_give_back(struct tunnel_session *s);

/* What only the handshake needed goes. */
void tnl_session_shaken(struct tunnel_session *s);

/* Who it is about is forgotten. */
void tnl_session_anonymous(struct tunnel_session *s);

/* What is over goes; one that was not counted yet; only the memory. */
void tnl_session_finish(struct tunnel_session *s);
void tnl_session_discard(struct tunnel_session *s);
void tnl_session_release(struct tunnel_session *s);

/* Cut and finish, from outside. */
void tnl_session_kill(struct tunnel_session *s, int error);

/* ---- stages: who decides ------------------------------------------------ */

/* Go through the stages of the decision, from where it is: 0 when all have said
 * yes, TUNNEL_IN when the target is not known yet, TUNNEL_ASK, TUNNEL_DONE, or
 * the error to refuse with. */
int tnl_stages(struct tunnel_session *s);

/* Call a hook: its answer, 0 when there is none. */
int tnl_stages_hook(struct tunnel_session *s, int hook);

/* May the client be served at all: 0 or an error. */
int tnl_stages_enter(struct tunnel_session *s);

/* May this address be dialled?  A tunnel_judge_fn, ud is the session. */
int tnl_stages_judge(void *ud, const char *host, const void *addr, size_t n,
    unsigned port);

#endif
