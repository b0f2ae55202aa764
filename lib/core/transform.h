/* transform.h - what one hash function has of its own.  For hash. */
#ifndef TNL_TRANSFORM_H
#define TNL_TRANSFORM_H

#include <stdint.h>

/* Words of 4 bytes or of 8. */
union tnl_words {
	uint32_t w[8];
	uint64_t d[8];
};

struct tnl_transform {
	uint8_t size;           /* of the digest, in bytes */
	uint8_t word;           /* 4 or 8; a block has 16, the length 2 */
	uint8_t big;            /* is the first byte of a word the highest? */
	union tnl_words first;  /* the state before the first block */
	void (*block)(union tnl_words *state, const uint8_t *block);
};

extern const struct tnl_transform tnl_md4, tnl_md5, tnl_sha256, tnl_sha512_256;

/* The first 64 bits of the fractions of the cube roots of the first 80 primes:
 * the constants of SHA-512, and in their upper halves those of SHA-256. */
extern const uint64_t tnl_cube_roots[80];

#endif
