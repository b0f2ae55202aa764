/* ntlm.h - the client's side of NTLMv2 (MS-NLMP).  For auth. */
#ifndef TNL_NTLM_H
#define TNL_NTLM_H

#include "core/buf.h"

enum tnl_ntlm_state {
	TNL_NTLM_START,         /* nothing said on this connection */
	TNL_NTLM_ASKED,         /* type 1 written */
	TNL_NTLM_CHALLENGED,    /* type 2 read: type 3 must go the same way */
	TNL_NTLM_ANSWERED,      /* type 3 written */
	TNL_NTLM_DONE,          /* the connection is the user's */
	TNL_NTLM_REJECTED       /* these credentials end here */
};

/* Needs no more memory than the challenge, which it keeps until the answer. */
struct tnl_ntlm {
	struct tnl_buf heard;   /* type 1 and type 2 */
	int state;
	int lost;               /* a connection was, in between */
};

/* What goes into an answer.  Strings are UTF-8. */
struct tnl_ntlm_login {
	const char *user;       /* also DOMAIN\user or user@domain */
	const char *password;
	uint8_t nonce[8];       /* random, new each time */
	uint64_t now;           /* seconds since 1970 */
};

void tnl_ntlm_init(struct tnl_ntlm *s, const struct tunnel_alloc *a);
void tnl_ntlm_free(struct tnl_ntlm *s);

/* Append what Proxy-Authorization has to say next, "NTLM ..." and a NUL, in the
 * states START and CHALLENGED.  0, or an error that changes nothing: EINVAL for
 * credentials or a time that cannot be sent (no user, too long, no UTF-8, or a
 * name with more than ASCII for a proxy without Unicode), ENOMEM, EHEAD when
 * out takes no more, ESTATE. */
int tnl_ntlm_write(struct tnl_ntlm *s, const struct tnl_ntlm_login *l,
    struct tnl_buf *out);

/* A 407 has come, which offers NTLM with a token of n characters or with none:
 * 0 when there is something to write.  Else it is rejected: EAUTH, or ESYNTAX
 * for what is no challenge; ENOMEM changes nothing. */
int tnl_ntlm_read(struct tnl_ntlm *s, const char *token, size_t n);

/* Any other final reply has come: the proxy has let us in. */
void tnl_ntlm_accepted(struct tnl_ntlm *s);

/* The connection is gone, and there is another: 0, and it begins again.  EEOF
 * when an exchange was cut off for the second time, which is how the proxy is;
 * EAUTH when it was rejected. */
int tnl_ntlm_reconnected(struct tnl_ntlm *s);

#endif
