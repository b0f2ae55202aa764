/* emit.h - heads are written here.  Floor 1. */
#ifndef TNL_EMIT_H
#define TNL_EMIT_H

#include "core/buf.h"

/* Is it a field that may be sent: a token as its name, and a value with no
 * control byte but HTAB and no blank at its ends? */
int tnl_emit_valid(const char *name, const char *value);

/* Does a field of that name say where a message ends or whom it is for?  Such
 * fields are the engines' own affair. */
int tnl_emit_reserved(const char *name);

/* Append.  Each does nothing when *rv is an error already, and leaves its own
 * there, so that a head is written without a check a line. */
void tnl_emit_text(struct tnl_buf *b, const char *text, int *rv);
void tnl_emit_number(struct tnl_buf *b, uint64_t v, int *rv);

/* A text, and another behind it as a quoted-string (RFC 9110 section 5.6.4);
 * TUNNEL_EINVAL when that one has a control byte. */
void tnl_emit_quoted(struct tnl_buf *b, const char *before, const char *text,
    int *rv);

/* "name: value" and a line end; TUNNEL_EINVAL when it is not valid. */
void tnl_emit_field(struct tnl_buf *b, const char *name, const char *value,
    int *rv);

/* What a setter does with an application's field: append it whole and return
 * 0, or leave b as it is and return TUNNEL_EINVAL (reserved fields too),
 * TUNNEL_EHEAD or TUNNEL_ENOMEM. */
int tnl_emit_extra(struct tnl_buf *b, const char *name, const char *value);

#endif
