/* digest.h - Digest, as the client does it (RFC 7616).  Floor 2. */
#ifndef TNL_DIGEST_H
#define TNL_DIGEST_H

#include "core/buf.h"
#include "core/challenge.h"
#include "core/hash.h"

enum {
	TNL_DIGEST_RANDOM = 48,         /* most bytes of a cnonce */
	TNL_DIGEST_CNONCE = 65          /* the same in base64, with a NUL */
};

struct tnl_digest {
	struct tnl_buf text;            /* strings, of which the first is "" */
	size_t realm, nonce, opaque;    /* offsets; 0: none */
	int kind, session;              /* the algorithm */
	int named;                      /* did the challenge name it? */
	int auth;                       /* qop=auth; else as in RFC 2069 */
	int userhash, utf8;             /* what else it said */
	int stale;                      /* only the nonce was wrong */
	uint32_t nc;                    /* answers under this nonce */
	char cnonce[TNL_DIGEST_CNONCE];
	uint8_t expected[TNL_HASH_MAX]; /* rspauth for the last of them */
};

/* What an answer is made of.  random is for the cnonce: 1 to 48 bytes that
 * nobody can guess, others for each answer. */
struct tnl_digest_asked {
	const char *user, *password;    /* UTF-8 */
	const char *method, *uri;       /* uri: the request-target */
	const void *random;
	size_t random_n;
};

/* a must outlive it. */
void tnl_digest_init(struct tnl_digest *d, const struct tunnel_alloc *a);

/* Wiped, and as after init. */
void tnl_digest_free(struct tnl_digest *d);

/* The kind of hash with which a challenge can be answered, of which a higher
 * one is a stronger one; TUNNEL_EAUTH: it cannot be. */
int tnl_digest_kind(const struct tnl_challenge *c);

/* Take a challenge in place of the last one.  0, TUNNEL_ENOMEM, or TUNNEL_EAUTH
 * when it cannot be answered: an unknown algorithm, qop without auth, no nonce,
 * something twice or too long.  On an error d is what it was. */
int tnl_digest_read(struct tnl_digest *d, const struct tnl_challenge *c);

/* Append credentials, the value of a Proxy-Authorization field, to out.  0,
 * TUNNEL_ESTATE (nothing was read), TUNNEL_EINVAL (a control byte in the user's
 * name or the uri, too few or many random bytes), TUNNEL_EAUTH (the nonce has
 * been used 2^32 - 1 times), or what tnl_buf_add says; out is then what it
 * was. */
int tnl_digest_answer(struct tnl_digest *d, const struct tnl_digest_asked *q,
    struct tnl_buf *out);

/* Read a Proxy-Authentication-Info field that came with the reply to the last
 * answer: 1 when the proxy knows the password, 0 when it did not say, or
 * TUNNEL_EAUTH when it is another. */
int tnl_digest_verify(const struct tnl_digest *d, const char *info);

#endif
