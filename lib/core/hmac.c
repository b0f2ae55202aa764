/* hmac.c - RFC 2104: who made this text knew the key
 *
 *      H(key ^ opad, H(key ^ ipad, text))
 *
 * Both hashes take their block of key at once, so no key is kept.
 */
#include "core/hmac.h"

#include <string.h>

#include "core/alloc.h"

void
tnl_hmac_init(struct tnl_hmac *m, int kind, const void *key, size_t n)
{
	uint8_t pad[TNL_HASH_BLOCK] = { 0 };
	size_t size, i;

	tnl_hash_init(&m->inner, kind);
	tnl_hash_init(&m->outer, kind);
	size = (size_t)16 * m->inner.t->word;
	if (n > size) {
		tnl_hash_add(&m->inner, key, n);
		(void)tnl_hash_end(&m->inner, pad);
		tnl_hash_init(&m->inner, kind);
	} else if (n > 0) {
		memcpy(pad, key, n);
	}
	for (i = 0; i < size; i++)
		pad[i] ^= 0x36;
	tnl_hash_add(&m->inner, pad, size);
	for (i = 0; i < size; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	tnl_hash_add(&m->outer, pad, size);
	tnl_wipe(pad, sizeof pad);
}

void
tnl_hmac_add(struct tnl_hmac *m, const void *p, size_t n)
{
	tnl_hash_add(&m->inner, p, n);
}

size_t
tnl_hmac_end(struct tnl_hmac *m, uint8_t *out)
{
	uint8_t inner[TNL_HASH_MAX];
	size_t n = tnl_hash_end(&m->inner, inner);

	tnl_hash_add(&m->outer, inner, n);
	n = tnl_hash_end(&m->outer, out);
	tnl_wipe(inner, sizeof inner);
	return n;
}
