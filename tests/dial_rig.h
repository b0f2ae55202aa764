/* dial_rig.h - dials that a test starts, and listeners for them to find */
#ifndef DIAL_RIG_H
#define DIAL_RIG_H

#include <tunnel.h>

/* New for each test. */
extern struct tunnel_loop *dial_loop;
extern struct tunnel_resolver *dial_resolver;

/* What the name "host" stands for, up to a NULL; with no table the query is
 * kept, and the test answers it. */
extern const char *const *dial_table;
extern struct tunnel_query *dial_kept;

#define DIAL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, dial_setup, dial_teardown)

int dial_setup(void **state);
int dial_teardown(void **state);

/* The resolver's hook. */
void dial_lookup(void *ud, struct tunnel_query *q);

/* ---- listeners ------------------------------------------------------ */

enum { BACKLOG_FULL = 4 };

/* At a port that is free when *port is 0; with a backlog below 0 the port is
 * taken, but nobody listens. */
int dial_listen_at(const char *text, unsigned *port, int backlog);

/* Both at 127.0.0.1 and ::1, with these backlogs: the port, which is then
 * nobody else's at either. */
unsigned dial_listen_both(int *four, int at_four, int *six, int at_six);

/* A listener that answers nothing, from now on. */
void dial_fill(const char *text, unsigned port, int fd[BACKLOG_FULL]);
void dial_close_all(const int *fd, int n);

/* ---- a dial and its outcome ----------------------------------------- */

struct dial_outcome {
	int calls, result, fd;
	char peer[80], report[2000];
	int status, hop;
	char surplus[100];
	size_t surplus_n;
};

/* The dial's fn; ud is its outcome. */
void dial_note(void *ud, struct tunnel_dial *d, int result, int fd);

/* Step until there is an outcome. */
void dial_finish(struct dial_outcome *o);

struct tunnel_dial *dial_make(void);

/* Start a dial to "host", and finish it. */
void dial_go(struct tunnel_dial *d, unsigned port, struct dial_outcome *o);

/* How many lines a report has. */
int dial_lines(const char *text);

/* A judge of addresses, to whom 127.0.0.3 is denied. */
int dial_deny(void *ud, const char *host, const void *addr, size_t n,
    unsigned port);

#endif
