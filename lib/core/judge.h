/* judge.h - is a complete request head one that can be served?  For server. */
#ifndef TNL_JUDGE_H
#define TNL_JUDGE_H

#include <tunnel/authority.h>

#include "core/head.h"

struct tnl_asked {
	char host[TUNNEL_HOST_MAX];
	unsigned port;                  /* 0: no CONNECT target */
	int connect;                    /* the method is CONNECT */
};

/* Read what was asked for: 0, or the error of the table. */
int tnl_judge(const struct tnl_head *h, struct tnl_asked *q);

#endif
