/* hash.h - MD4, MD5, SHA-256 and SHA-512/256.  Floor 1. */
#ifndef TNL_HASH_H
#define TNL_HASH_H

#include <stddef.h>

#include "core/transform.h"

enum { TNL_MD4, TNL_MD5, TNL_SHA256, TNL_SHA512_256 };

enum {
	TNL_HASH_MAX = 32,      /* bytes of the longest digest */
	TNL_HASH_HEX = 65,      /* the same in hex, with a NUL */
	TNL_HASH_BLOCK = 128    /* bytes of the longest block */
};

struct tnl_hash {
	const struct tnl_transform *t;
	union tnl_words state;
	uint64_t n;             /* bytes so far */
	uint8_t block[TNL_HASH_BLOCK];
};

void tnl_hash_init(struct tnl_hash *h, int kind);
void tnl_hash_add(struct tnl_hash *h, const void *p, size_t n);

/* The digest, and its size; h is then wiped. */
size_t tnl_hash_end(struct tnl_hash *h, uint8_t *out);

/* Bytes of a digest of that kind. */
size_t tnl_hash_size(int kind);

/* Write n bytes as 2 n lower-case hex digits and a NUL. */
void tnl_hash_hex(const uint8_t *digest, size_t n, char *out);

/* Read it back: 1, or 0 when these are not 2 * size hex digits. */
int tnl_hash_unhex(const char *text, size_t n, uint8_t *digest, size_t size);

#endif
