/* proof.h - what Digest computes.  For digest, claim and users. */
#ifndef TNL_PROOF_H
#define TNL_PROOF_H

#include "core/hash.h"

enum { TNL_PROOF_NC = 9 };      /* nc as text, with a NUL */

struct tnl_proof {
	int kind;               /* of hash */
	int session;            /* is the algorithm one that ends in -sess? */
	int auth;               /* qop=auth; else the form of RFC 2069 */
	uint32_t nc;
	const char *nonce, *cnonce;
};

/* The hash that an algorithm's name stands for, in any case, and whether it
 * ends in -sess: 1, or 0 for an unknown one. */
int tnl_proof_algorithm(const char *name, int *kind, int *session);

/* The name of a hash as Digest has it, without -sess. */
const char *tnl_proof_name(int kind);

/* How many times this nonce was used, as eight hex digits. */
void tnl_proof_count(uint32_t nc, char out[TNL_PROOF_NC]);

/* H(user ":" realm ":" password), what a server may keep; the digest's size. */
size_t tnl_proof_secret(int kind, const char *user, const char *realm,
    const char *password, uint8_t *out);

/* The response to a challenge, from that secret; the digest's size.  With ""
 * as method it is what the server proves in turn, rspauth. */
size_t tnl_proof_response(const struct tnl_proof *p, const uint8_t *secret,
    const char *method, const char *uri, uint8_t *out);

#endif
