/* bench.h - what the parts of the benchmark share
 *
 * Each figure is taken anew in every round, and all that it is compared with in
 * the same round: what else the machine does then falls on both.  Whatever goes
 * wrong, a byte that is not what was sent among it, ends the run.
 */
#ifndef BENCH_H
#define BENCH_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { BENCH_ROUNDS = 25 };             /* the most */

/* What was asked for, and the round that goes on, from 0. */
struct bench {
	int rounds, round;
	int quick;
	int cores;                      /* 1: all on one; 2: forwarder apart */
	double seconds;                 /* for all, else fewer rounds */
	unsigned tunnels;               /* idle ones */
	const char *proxy;              /* the program */
	const char *json;               /* where figures go for machines */
};

extern struct bench bench;

void die(const char *what);
void need(int holds, const char *what);

/* Seconds of the clock on the wall, and of this process on a processor. */
double now(void);
double cpu(void);

/* CPU seconds that one call takes, over as many as it takes to tell. */
double each(void (*fn)(void *ud), void *ud);

/* A small generator whose every run is the same. */
uint32_t draw(void);

/* ---- report.c ------------------------------------------------------- */

/* The row of that name, which is made when there is none; its value in this
 * round; and one more row whose value it is told as a multiple of. */
int row(const char *part, const char *unit, const char *name, ...);
void sample(int row, double value);
void against(int row, int base);

void report_table(void);
void report_json(const char *file, int rounds);

/* ---- place.c -------------------------------------------------------- */

/* A network of our own, if the system lets us; descriptors as many as may be;
 * and the processors that we and forwarders run on. */
void place_prepare(void);
void place_forwarder(void);
const char *place_network(void);
unsigned place_tunnels(void);           /* how many a process can hold */

/* ---- forwarder.c ---------------------------------------------------- */

enum kind { DIRECT, SPLICE, COPY, PROXY, KINDS };

struct forwarder {
	enum kind kind;
	pid_t pid;
	unsigned port;
	clockid_t clock;
};

const char *forwarder_name(enum kind kind);
void forwarder_start(struct forwarder *f, enum kind kind);
void forwarder_end(struct forwarder *f);
double forwarder_cpu(const struct forwarder *f);
double forwarder_memory(const struct forwarder *f);     /* bytes, PSS */

/* ---- net.c ---------------------------------------------------------- */

int net_listen(unsigned *port);

/* A tunnel through f to a listener of ours: the client's end and the origin's.
 * DIRECT is a connection. */
void net_open(const struct forwarder *f, int end[2]);
void net_send(int fd, const void *bytes, size_t n);

/* n bytes are to come, and these. */
void net_expect(int fd, const void *bytes, size_t n);
void net_close(int end[2]);             /* in order, and await its passing */
void net_drop(int end[2]);              /* at once */

/* connect, CONNECT, 200, a byte each way, close. */
void net_handshake(const struct forwarder *f);

/* Bytes of which no piece is like another. */
enum { NET_BLOCK = 262144 };
const uint8_t *net_bytes(uint64_t at);

/* ---- bulk.c --------------------------------------------------------- */

/* n tunnels, up or both ways: Gbit/s, and CPU seconds a GB of the forwarder. */
void bulk_run(const struct forwarder *f, int n, int both, double result[2]);

/* ---- the parts ------------------------------------------------------ */

void engine_measure(void);
void pump_measure(void);
void timers_measure(void);
void relays_measure(void);
void bulk_measure(const struct forwarder *f);   /* KINDS of them */
void bulk_carry(const struct forwarder *f, uint64_t n);
void stall_measure(const struct forwarder *f);
void small_measure(const struct forwarder *f);
void idle_measure(void);
void scale_measure(void);

/* floor.c: the bare forwarders, in a process of their own. */
int floor_run(enum kind kind, int listener);

#endif
