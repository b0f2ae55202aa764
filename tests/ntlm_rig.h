/* ntlm_rig.h - an NTLM exchange with a proxy that says what it is told */
#ifndef NTLM_RIG_H
#define NTLM_RIG_H

#include "core/ntlm.h"
#include "core/ntlm_message.h"

/* Type 1, as text. */
#define NTLM_ASKS "NTLM TlRMTVNTUAABAAAAB4IIAAAAAAAgAAAAAAAAACAAAAA="

/* Domain\User with Password in 1970, and a nonce of 0xaa (MS-NLMP section
 * 4.2.1). */
extern const struct tnl_ntlm_login ntlm_login;

struct ntlm_rig {
	struct tunnel_alloc libc;
	struct tnl_ntlm s;
	struct tnl_buf out;     /* what was written last */
};

/* A type 2 as text, good up to the next call: its list has n bytes of a pair
 * that nobody knows, and a time of 0 when it is timed. */
const char *ntlm_challenge(size_t n, int timed);

/* Begin, and go on as far as that state. */
void ntlm_begin(struct ntlm_rig *r, enum tnl_ntlm_state state);
void ntlm_end(struct ntlm_rig *r);

/* Write what is next, in place of the last; read a token. */
int ntlm_say(struct ntlm_rig *r);
int ntlm_hear(struct ntlm_rig *r, const char *token);

/* What was written, as text and as the message in it: its size. */
const char *ntlm_text(const struct ntlm_rig *r);
size_t ntlm_bytes(const struct ntlm_rig *r, uint8_t *p);

#endif
