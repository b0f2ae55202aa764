/* claim.h - Digest, as the server does it (RFC 7616).  Floor 2. */
#ifndef TNL_CLAIM_H
#define TNL_CLAIM_H

#include "core/buf.h"
#include "core/hash.h"
#include "core/nonces.h"

enum {
	TNL_CLAIM_USER = 256,           /* with their NULs */
	TNL_CLAIM_NONCE = 256,
	TNL_CLAIM_CNONCE = 256
};

struct tnl_claim {
	char user[TNL_CLAIM_USER];      /* who they say they are, or */
	int hashed;                     /* what it hashes to, in hex */
	int kind, session;              /* the algorithm */
	int stale;                      /* right, but for the nonce */
	int ageing;                     /* right, and the nonce soon is not */
	uint32_t nc;
	char nonce[TNL_CLAIM_NONCE];
	char cnonce[TNL_CLAIM_CNONCE];
	uint8_t response[TNL_HASH_MAX];
	uint8_t rspauth[TNL_HASH_MAX];  /* what proves that we know them */
};

/* What a claim is held against. */
struct tnl_claim_facts {
	const char *method, *target;    /* of the request */
	const uint8_t *secret;          /* of tnl_proof_secret, for its kind */
	int known;                      /* is that really the user's? */
	struct tnl_nonces *nonces;
	const void *who;                /* for whom the nonce was made */
	size_t who_n;
	uint64_t now;
};

/* Read the value of a Proxy-Authorization field: 0, or TUNNEL_EAUTH when it is
 * of another scheme, realm or target, broken, without qop=auth, or has anything
 * that is too long. */
int tnl_claim_read(struct tnl_claim *c, const char *value, const char *realm,
    const char *target);

/* Is it right?  0, and its nonce has been used; or TUNNEL_EAUTH, and c->stale
 * when only the nonce was not good.  Without a user the same is computed: give
 * any secret, and known as 0. */
int tnl_claim_check(struct tnl_claim *c, const struct tnl_claim_facts *f);

/* Append a challenge, the value of a Proxy-Authenticate field, which offers
 * userhash or not; 0 or what tnl_emit_quoted says, and then out is what it
 * was. */
int tnl_claim_challenge(struct tnl_buf *out, const char *realm, int kind,
    const char *nonce, int stale, int userhash);

/* Append what proves to the client that we know the user, the value of a
 * Proxy-Authentication-Info field, after a claim that was right; with the nonce
 * to be used next time, unless it is NULL.  As above. */
int tnl_claim_info(const struct tnl_claim *c, const char *next,
    struct tnl_buf *out);

#endif
