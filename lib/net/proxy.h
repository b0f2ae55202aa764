/* proxy.h - what the rooms of the proxy share.  For proxy, crew, worker,
 * session and stages. */
#ifndef TNL_PROXY_H
#define TNL_PROXY_H

#include <tunnel/authority.h>
#include <tunnel/proxy.h>

#include "core/pool.h"
#include "net/census.h"
#include "net/chain.h"
#include "net/carrier.h"
#include "net/io_splice.h"
#include "net/listener.h"
#include "net/loop.h"

enum {
	TNL_LIMITS = TUNNEL_LIMIT_RATE + 1,
	TNL_TIMES = TUNNEL_TIME_REPLY + 1,
	TNL_HOOKS = TUNNEL_ON_FAIL + 1,
	TNL_THREADS_MAX = 256
};

struct tnl_upstream;

/* Text in a list. */
struct tnl_line {
	struct tnl_line *next;
	char text[4096];
};

/* Where to listen; for tunnel_proxy_forward() also whereto. */
struct tnl_place {
	struct tnl_place *next;
	int fd;                         /* the first listener's, or -1 */
	unsigned port;                  /* 0: clients say where to, */
	int socks;                      /* in SOCKS and not in HTTP */
	char host[TUNNEL_HOST_MAX];
	char where[TNL_WHERE_MAX];      /* as asked for */
	char name[TNL_WHERE_MAX];       /* as it has become */
};

/* An address of the application's, which is not dialled either. */
struct tnl_own {
	struct tnl_own *next;
	struct tnl_endpoint at;
};

struct tnl_listener {
	struct tnl_worker *worker;
	struct tnl_place *place;
	struct tunnel_watch *watch;
	struct tnl_endpoint at;
	int fd;
};

/* One thread's share of a proxy. */
struct tnl_worker {
	struct tunnel_proxy *proxy;
	struct tunnel_loop *loop;
	struct tunnel_resolver *resolver;
	const struct tunnel_policy *policy;
	struct tnl_pool pool;           /* what tunnels hold bytes in */
	struct tnl_pipes pipes;         /* what streams go through */
	struct tnl_carriers carriers;
	int asked;                      /* whether streams may use pipes */
	struct tnl_tally *tally;        /* what it counts */
	struct tnl_listener *listener;  /* one a place */
	size_t listeners;
	struct tunnel_timer *resume;    /* accepting goes on */
	struct tunnel_timer *end;       /* of draining */
	uint64_t tokens, filled;        /* of the rate: thousandths, when */
	int paused, starved;            /* accept nothing; for want */
	struct tnl_chain sessions;
	struct tnl_chain handshakes;        /* the oldest first */
	size_t count;                   /* sessions */
	uint64_t ids;                   /* given out */
	/* What hooks are told, of one session at a time. */
	char client_text[TNL_ENDPOINT_TEXT], address_text[TNL_ENDPOINT_TEXT];
	int draining;
	int idle;                       /* draining, and nothing is left */
	pthread_t thread;
	int threaded;                   /* thread is there */
	struct tnl_task task;           /* to tell the first of it */
};

struct tnl_hook {
	tunnel_hook_fn fn;
	void *ud;
};

enum tnl_proxy_state {
	TNL_PROXY_NEW, TNL_PROXY_OPENED, TNL_PROXY_STARTED, TNL_PROXY_ENDED
};

struct tunnel_proxy {
	struct tunnel_alloc a;
	struct tunnel_loop *guest;      /* the application's loop, or NULL */
	struct tnl_place *places, **last_place;
	struct tnl_own *own;
	struct tnl_upstream *via, **last_via;
	struct tnl_line *fields;        /* "name\0value" */
	struct tnl_hook hook[TNL_HOOKS];
	uint64_t limit[TNL_LIMITS], time[TNL_TIMES];
	unsigned threads;
	int family;
	int keepalive;                  /* as in tunnel_dial */
	int http;                       /* messages are passed on */
	int accept_preface, send_preface;
	const char *backend;
	tunnel_lookup_fn lookup;
	void *lookup_ud;
	char bind[64];
	char name[64];
	char reason[400];
	struct tunnel_policy *policy;
	struct tnl_census census;
	int state;
	/* At work: */
	struct tnl_worker *worker;      /* threads of them */
	unsigned working;               /* have not become idle */
	struct tnl_visit *visits;       /* under way */
	int ending;                     /* drain or stop was said */
	int running;                    /* inside tunnel_proxy_run */
	tunnel_call_fn on_end;
	void *on_end_ud;
};

/* ---- worker ------------------------------------------------------------- */

/* Everything but the listeners; 0 or an error. */
int tnl_worker_init(struct tnl_worker *w, struct tunnel_proxy *p,
    struct tunnel_loop *guest);
int tnl_worker_listen(struct tnl_worker *w);
void tnl_worker_free(struct tnl_worker *w);

/* Accept no more; end what is left in so many ms (0: never), or at once. */
void tnl_worker_drain(struct tnl_worker *w, uint64_t ms);
void tnl_worker_stop(struct tnl_worker *w);

/* A session has ended, and its descriptors are free. */
void tnl_worker_gone(struct tnl_worker *w);

/* Is this one of the proxy's own listening addresses, or the application's? */
int tnl_worker_own(const struct tnl_worker *w, const void *addr, size_t n,
    unsigned port);

/* ---- crew --------------------------------------------------------------- */

/* All workers and listeners, then the threads: 0 or an error; then, or never,
 * away with them. */
int tnl_crew_open(struct tunnel_proxy *p);
int tnl_crew_start(struct tunnel_proxy *p);
void tnl_crew_end(struct tunnel_proxy *p);

/* Have fn called in each worker's thread, one after the other, then done in the
 * first's: 0 or TUNNEL_ENOMEM. */
int tnl_crew_visit(struct tunnel_proxy *p,
    void (*fn)(struct tnl_worker *w, void *ud), tunnel_call_fn done,
    void *ud);

/* A worker has become idle, in its own thread. */
void tnl_crew_idle(struct tnl_worker *w);

#endif
