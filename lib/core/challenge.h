/* challenge.h - what the fields of HTTP authentication hold.  Floor 1. */
#ifndef TNL_CHALLENGE_H
#define TNL_CHALLENGE_H

#include <stddef.h>

/* Bytes of the text that was read, without a NUL behind them. */
struct tnl_part {
	const char *p;
	size_t n;
};

struct tnl_challenge {
	struct tnl_part scheme;
	struct tnl_part token;          /* the token68; n is 0: there is none */
	struct tnl_part params;         /* auth-params, as they came */
	int broken;                     /* something came that is neither */
};

/* The next challenge of a Proxy-Authenticate field: 1, or 0 at the end.  *text
 * moves on.  What cannot be read is left out: of a challenge that breaks off
 * there is what came before the break. */
int tnl_challenge_next(const char **text, struct tnl_challenge *c);

/* The credentials of a Proxy-Authorization field: 1, or 0 when they are
 * anything but one scheme with what belongs to it. */
int tnl_challenge_only(const char *text, struct tnl_challenge *c);

/* The parameters of a Proxy-Authentication-Info field: 1, or 0 when they are
 * anything else. */
int tnl_challenge_list(const char *text, struct tnl_challenge *c);

/* Is it of that scheme, in any case? */
int tnl_challenge_is(const struct tnl_challenge *c, const char *scheme);

/* The value of a parameter, without quotes and escapes, as a string: 1; 0 when
 * there is none, TUNNEL_ESYNTAX when there are two, or TUNNEL_EHEAD when it
 * does not fit.  out is "" unless it was 1. */
int tnl_challenge_param(const struct tnl_challenge *c, const char *name,
    char *out, size_t cap);

/* Is there such a parameter, once, with exactly this value? */
int tnl_challenge_has(const struct tnl_challenge *c, const char *name,
    const char *value);

#endif
