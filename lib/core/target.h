/* target.h - what a request is for, by its request-target.  For forward. */
#ifndef TNL_TARGET_H
#define TNL_TARGET_H

#include <tunnel/authority.h>

#include "core/head.h"

enum { TNL_SCHEME_MAX = 32 };

struct tnl_target {
	char scheme[TNL_SCHEME_MAX];    /* in lower case; "": the target had
					 * none */
	char host[TUNNEL_HOST_MAX];     /* "": there is none */
	unsigned port;                  /* 0: none, and none by default */
	const char *authority;          /* as written, not ended by a NUL */
	size_t authority_n;
	const char *path;               /* begins with "/", or is "*" */
	struct tnl_buf rooted;          /* the path, where its "/" was not
					 * written */
	struct tnl_buf userinfo;        /* a string, or nothing */
};

void tnl_target_init(struct tnl_target *t, const struct tunnel_alloc *a);

/* Know nothing, and give the memory back. */
void tnl_target_clear(struct tnl_target *t);

/* Read the target of a complete head that was judged, and is no CONNECT; what
 * was read points into the head.  0, TUNNEL_ETARGET or TUNNEL_ENOMEM. */
int tnl_target_read(struct tnl_target *t, const struct tnl_head *h);

#endif
