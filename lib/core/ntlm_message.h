/* ntlm_message.h - the three messages of NTLM.  For ntlm. */
#ifndef TNL_NTLM_MESSAGE_H
#define TNL_NTLM_MESSAGE_H

#include "core/buf.h"
#include "core/ntlm_key.h"

enum {
	TNL_NTLM_TYPE1 = 32,            /* bytes; it is always the same */
	TNL_NTLM_TYPE2_MAX = 16384,     /* usual are 100 to 1000 */
	TNL_NTLM_TYPE3_MAX = 32768
};

/* What matters of a type 2; it points into it. */
struct tnl_ntlm_challenge {
	uint32_t flags;
	const uint8_t *nonce;           /* 8 bytes */
	const uint8_t *pairs;           /* the list, without its end */
	size_t pairs_n;
	const uint8_t *time;            /* 8 bytes of the list, or NULL */
	const uint8_t *av_flags;        /* 4 bytes of it, or NULL */
};

/* What makes an answer a new one. */
struct tnl_ntlm_salt {
	uint8_t nonce[8];       /* random */
	uint64_t now;           /* 100 ns since 1601; unless the proxy says */
};

void tnl_ntlm_type1(uint8_t out[TNL_NTLM_TYPE1]);

/* 0, or TUNNEL_ESYNTAX when it is no type 2 in all its parts. */
int tnl_ntlm_type2(struct tnl_ntlm_challenge *c, const uint8_t *p, size_t n);

/* Write the answer into b, which is empty; heard is type 1 with a type 2 behind
 * it, as they were on the wire.  0, TUNNEL_ESYNTAX as above, TUNNEL_ENOMEM, or
 * TUNNEL_EINVAL for a name that the proxy's kind of text does not have. */
int tnl_ntlm_type3(struct tnl_buf *b, const struct tnl_buf *heard,
    const struct tnl_ntlm_name *m, const uint8_t key[TNL_NTLM_KEY],
    const struct tnl_ntlm_salt *salt);

#endif
