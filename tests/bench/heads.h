/* heads.h - request heads for a server engine to read */
#ifndef HEADS_H
#define HEADS_H

#include <stddef.h>

struct head {
	char *bytes;
	size_t n;
	unsigned lines;         /* what a scan has counted */
};

/* typical: what browsers send.  fields: as many as there is room for.  field:
 * one that is as long as may be.  0, or -1: no memory. */
int head_make(struct head *h, const char *kind);

/* By an engine that is new: 0, or -1 when it does not take it. */
int head_read(const struct head *h);

#endif
