/* pump_model.h - what a pump should be, in so few words that it can be seen to
 * be right, and a way to do the same to both */
#ifndef PUMP_MODEL_H
#define PUMP_MODEL_H

#include <tunnel.h>

enum pump_model_act {
	ACT_PUT, ACT_COMMIT, ACT_TAKE, ACT_SKIP, ACT_EOF, ACT_SHUT, ACT_RESET,
	ACT_EXPIRE, ACT_STRICT, ACT_MARKS, ACT_CARRY, ACT_LAND, ACT_PASS, ACTS
};

enum { MODEL_OUTSIDE = 2 };     /* the most that is carried at once */

/* One way: numbered bytes, of which the last ones are held. */
struct pump_model_way {
	size_t cap, low, high;
	size_t ring, outside;           /* held here, and by who carries */
	uint64_t in, out, lost;
	enum { LIVE, ENDED, DEAD } source;
	int done;
	int paused, heard;              /* as it should be, and as was told */
};

struct pump_model {
	struct pump_model_way way[2];
	int strict;
	uint64_t now;
};

/* A pump to follow, whose notifications go to m; m stays where it is. */
struct tunnel_pump *pump_model_new(struct pump_model *m, size_t ab, size_t ba);

/* Is that something its users may do now?  n are bytes, or for marks
 * low * 16 + high. */
int pump_model_may(const struct pump_model *m, int act, int way, size_t n);

/* Do it to both.  NULL, or what is wrong, as each of these gives. */
const char *pump_model_step(struct tunnel_pump *p, struct pump_model *m,
    int act, int way, size_t n);

/* The flags that a way should have; and are these the next bytes of it? */
int pump_model_flags(const struct pump_model_way *w);
int pump_model_next(const uint8_t *p, size_t n, const struct pump_model_way *w,
    int way);

/* Is everything that can be seen as it should be? */
const char *pump_model_look(const struct tunnel_pump *p,
    const struct pump_model *m);

/* Take each flag of a way at its word, which changes both. */
const char *pump_model_trust(struct tunnel_pump *p, struct pump_model *m,
    int way);

/* Sources end, sinks take all: no more than a few steps lead to the end of
 * both ways, and unless it is strict nothing is lost any more. */
const char *pump_model_finish(struct tunnel_pump *p, struct pump_model *m);

#endif
