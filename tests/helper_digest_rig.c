/* helper_digest_rig.c - see digest_rig.h */
#include "digest_rig.h"

#include "unit.h"

#include "core/base64.h"

const struct tunnel_alloc *
plain_alloc(void)
{
	static struct tunnel_alloc a;

	tnl_alloc_init(&a, NULL);
	return &a;
}

int
digest_read(struct tnl_digest *d, const char *field)
{
	struct tnl_challenge c;

	assert_true(tnl_challenge_next(&field, &c));
	return tnl_digest_read(d, &c);
}

int
digest_answer(struct tnl_digest *d, struct tnl_digest_asked q,
    const char *cnonce, char *out, size_t cap)
{
	uint8_t random[TNL_DIGEST_RANDOM];
	struct tnl_buf b;
	int rv;

	assert_true(tnl_base64_decode(cnonce, strlen(cnonce), random,
	    &q.random_n));
	q.random = random;
	tnl_buf_init(&b, plain_alloc(), cap - 1);
	rv = tnl_digest_answer(d, &q, &b);
	if (b.n > 0)
		memcpy(out, b.p, b.n);
	out[b.n] = '\0';
	tnl_buf_free(&b);
	return rv;
}
