/* hop.h - which fields go on to the next hop.  For recast. */
#ifndef TNL_HOP_H
#define TNL_HOP_H

#include "core/head.h"

enum { TNL_HOP_OPTIONS = 64 };

struct tnl_options {
	size_t n;
	struct {
		const char *p;
		size_t n;
	} option[TNL_HOP_OPTIONS];      /* what Connection names */
};

/* Look at a complete head, into which p points from here on: 0, or TUNNEL_EHEAD
 * for so many options that looking each up would be work without end. */
int tnl_hop_read(struct tnl_options *p, const struct tnl_head *h);

/* Is a field of that name for this hop only, or written anew on each? */
int tnl_hop_stays(const struct tnl_options *p, const char *name);

/* May a field of that name stand behind the content? */
int tnl_hop_trails(const struct tnl_options *p, const char *name);

#endif
