/* connect_doctor.h - the way to the target, step by step, for a person */
#ifndef CONNECT_DOCTOR_H
#define CONNECT_DOCTOR_H

#include <stdarg.h>

#include "common_say.h"
#include "connect_config.h"

struct doctor {
	uint64_t began, last;   /* the first step; the end of the last one */
	int failed;             /* one has, and no other one counts */
	char cause[SAY_MAX];    /* what standard error would have got */
};

/* What a step came to.  Those without a time take none. */
enum step {
	STEP_PLAN,              /* this is meant; no time */
	STEP_HINT,              /* worth knowing; no time */
	STEP_OK,
	STEP_NOTE,              /* it took time, and may mean something */
	STEP_FAIL               /* shown once only */
};

/* From here on there is a doctor (one for the process), who shows what is meant
 * to be done. */
void doctor_begin(struct config *c);

/* One line on standard output about the step that ends now; label is a word.
 * Nothing happens without a doctor, here and below. */
void doctor_step(const struct config *c, enum step step, const char *label,
    const char *format, ...);

/* Keep what is said: the last of it is why there is no tunnel. */
void doctor_hear(const struct config *c, const char *format, va_list ap);

/* The last line, in view of the exit status. */
void doctor_verdict(const struct config *c, int status);

#endif
