/* hash.c - from bytes as they come to a digest
 *
 * The four functions are of one family (Merkle and Damgard): a state goes
 * through one transformation a block, and the last block ends with 0x80, zeros
 * and the length of it all in bits.  Only the transformation, the first state
 * and the order of bytes are a function's own (transform.h); all else is here.
 *
 *   MD4          RFC 1320, for NTLM and nothing else
 *   MD5          RFC 1321, for Digest and htdigest files
 *   SHA-256      FIPS 180-4, RFC 6234
 *   SHA-512/256  FIPS 180-4 section 6.7
 *
 * What is hashed holds passwords: all that a call leaves behind is in h, which
 * is wiped with the digest.
 */
#include "core/hash.h"

#include <assert.h>
#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"

static const struct tnl_transform *const functions[] = {
	&tnl_md4, &tnl_md5, &tnl_sha256, &tnl_sha512_256
};

static size_t
block_size(const struct tnl_hash *h)
{
	return (size_t)16 * h->t->word;
}

void
tnl_hash_init(struct tnl_hash *h, int kind)
{
	assert(kind >= TNL_MD4 && kind <= TNL_SHA512_256);
	h->t = functions[kind];
	h->state = h->t->first;
	h->n = 0;
}

void
tnl_hash_add(struct tnl_hash *h, const void *in, size_t n)
{
	const uint8_t *p = in;
	size_t size = block_size(h), at = (size_t)(h->n % size), part;

	h->n += n;
	while (n > 0) {
		part = n < size - at ? n : size - at;
		memcpy(h->block + at, p, part);
		p += part;
		n -= part;
		at += part;
		if (at == size) {
			h->t->block(&h->state, h->block);
			at = 0;
		}
	}
}

/* The i-th byte of a number of n bytes, as this function orders them. */
static uint8_t
byte_of(const struct tnl_hash *h, uint64_t v, size_t n, size_t i)
{
	return (uint8_t)(v >> 8 * (h->t->big ? n - 1 - i : i));
}

/* 0x80, zeros up to the place of the length, and the length in bits.  No more
 * than 2^64 of them: the upper half of a length of 16 bytes stays zero. */
static void
pad(struct tnl_hash *h)
{
	static const uint8_t filler[TNL_HASH_BLOCK] = { 0x80 };
	uint8_t length[16] = { 0 };
	size_t size = block_size(h), tail = (size_t)2 * h->t->word, i;
	size_t at = (size_t)(h->n % size);
	uint64_t bits = h->n * 8;

	for (i = 0; i < 8; i++)
		length[h->t->big ? tail - 8 + i : i] = byte_of(h, bits, 8, i);
	tnl_hash_add(h, filler, (at < size - tail ? size : 2 * size) - tail -
	    at);
	tnl_hash_add(h, length, tail);
}

size_t
tnl_hash_end(struct tnl_hash *h, uint8_t *out)
{
	size_t n = h->t->size, word = h->t->word, i;
	uint64_t v;

	pad(h);
	for (i = 0; i < n; i++) {
		v = word == 8 ? h->state.d[i / 8] : h->state.w[i / 4];
		out[i] = byte_of(h, v, word, i % word);
	}
	tnl_wipe(h, sizeof *h);
	return n;
}

size_t
tnl_hash_size(int kind)
{
	assert(kind >= TNL_MD4 && kind <= TNL_SHA512_256);
	return functions[kind]->size;
}

void
tnl_hash_hex(const uint8_t *digest, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		*out++ = digits[digest[i] >> 4];
		*out++ = digits[digest[i] & 15];
	}
	*out = '\0';
}

int
tnl_hash_unhex(const char *text, size_t n, uint8_t *digest, size_t size)
{
	size_t i;

	if (n % 2 != 0 || n / 2 != size ||
	    tnl_span((const uint8_t *)text, n, TNL_HEX) != n)
		return 0;
	for (i = 0; i < size; i++)
		digest[i] = (uint8_t)(tnl_hex((uint8_t)text[2 * i]) << 4 |
		    tnl_hex((uint8_t)text[2 * i + 1]));
	return 1;
}
