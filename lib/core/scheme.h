/* scheme.h - the schemes of authentication, one like the other.  For auth. */
#ifndef TNL_SCHEME_H
#define TNL_SCHEME_H

#include "core/auth.h"

struct tnl_scheme {
	const char *name;
	int eager;      /* it can begin without a challenge */
	/* Has the application given what it needs? */
	int (*ready)(const struct tnl_auth *u);
	/* How good this challenge is: 0 for one that cannot be answered. */
	int (*weigh)(const struct tnl_challenge *c);
	/* Take the best one in: 0 when it can be answered, EAUTH when that says
	 * no to what was sent, ENOMEM. */
	int (*hear)(struct tnl_auth *u, const struct tnl_challenge *c);
	/* Append the whole answer, as a string: 0 or an error. */
	int (*answer)(struct tnl_auth *u, const char *target,
	    struct tnl_buf *out);
	/* Let in: 0 or EPROOF.  And: on another connection; 0 or an error. */
	int (*accepted)(struct tnl_auth *u, const struct tnl_head *h);
	int (*renewed)(struct tnl_auth *u);
};

/* They are so many; the application's own is the first. */
enum { TNL_SCHEMES = 4 };

extern const struct tnl_scheme tnl_scheme[TNL_SCHEMES];

#endif
