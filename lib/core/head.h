/* head.h - the head of an HTTP/1 message, read as it arrives.  Floor 1. */
#ifndef TNL_HEAD_H
#define TNL_HEAD_H

#include "core/buf.h"

/* The last has no start-line: the fields behind a chunked body. */
enum tnl_head_kind { TNL_REQUEST, TNL_RESPONSE, TNL_TRAILERS };

struct tnl_head {
	struct tnl_buf text;    /* the parts, a NUL behind each */
	size_t line_max;        /* limit of the start-line, in bytes */
	size_t head_max;        /* limit of the head */
	size_t seen;            /* bytes of the head so far */
	size_t value;           /* where the value that is being read begins */
	size_t target;          /* second part of the start-line */
	size_t fields;          /* where the fields begin: name, value ... */
	int kind;
	int state;
	int bare_lf;            /* a LF alone ends a line */
	int matched;            /* bytes of the version, digits of the status */
	int version;            /* 10 * major + minor */
	int status;
	int error;              /* sticky */
};

/* bare_lf 0 or 1. */
void tnl_head_init(struct tnl_head *h, const struct tunnel_alloc *a, int kind,
    size_t line_max, size_t head_max, int bare_lf);
void tnl_head_free(struct tnl_head *h);

/* Other limits, for the heads that follow; between two heads only. */
void tnl_head_limits(struct tnl_head *h, size_t line_max, size_t head_max);

/* Await another head; limits and memory stay. */
void tnl_head_clear(struct tnl_head *h);

/* Read on.  1: the head is complete, and *used ends exactly behind it; 0: all
 * was used, more is needed; < 0: an error, and *used ends before the byte that
 * gave it. */
int tnl_head_feed(struct tnl_head *h, const uint8_t *in, size_t n,
    size_t *used);

/* Has a byte of it arrived?  Blank lines before it do not count. */
int tnl_head_begun(const struct tnl_head *h);

/* The parts of a complete head; for its fields see field.h. */
const char *tnl_head_method(const struct tnl_head *h);
const char *tnl_head_target(const struct tnl_head *h);
const char *tnl_head_reason(const struct tnl_head *h);

#endif
