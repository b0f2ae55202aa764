/* nonces.c - what a server hands out to be answered once
 *
 *      nonce = hex( time[8] serial[8] code[16] )
 *      code  = the first half of HMAC-SHA256(key, time serial who)
 *
 * Nothing is kept of a nonce until it is used with a right password, so that
 * those who know none cannot fill the table.  Then it has the place that its
 * serial says, and there are two rules:
 *
 *      Only a newer one takes the place of another.  What lost its place, or
 *      finds a newer one in it, is forgotten: stale, never good again.
 *      Of the counts that were used the highest is known, and which of the 63
 *      below it; one that is lower still counts as used.  So a client may have
 *      several requests on their way that overtake each other.
 *
 * RFC 7616 sections 3.3 and 5.4 (limited use of nonces), RFC 2104.  The window
 * is that of RFC 4303 section 3.4.3.
 */
#include "core/nonces.h"

#include <string.h>

#include "core/ascii.h"

enum { TIME = 0, SERIAL = 8, CODE = 16, SIZE = 32, KEY_MIN = 16 };

struct tnl_nonce {
	uint64_t serial;        /* from 1; 0: nobody has this place */
	uint64_t seen;          /* bit i: top - i was used */
	uint32_t top;           /* the highest nc */
};

int
tnl_nonces_init(struct tnl_nonces *ns, const struct tunnel_alloc *a,
    size_t cap, uint64_t life, const void *key, size_t n)
{
	memset(ns, 0, sizeof *ns);
	if (cap == 0 || n < KEY_MIN)
		return TUNNEL_EINVAL;
	if (cap > SIZE_MAX / sizeof *ns->slot)
		return TUNNEL_ENOMEM;
	ns->slot = tnl_get(a, cap * sizeof *ns->slot);
	if (ns->slot == NULL)
		return TUNNEL_ENOMEM;
	ns->a = a;
	ns->cap = cap;
	ns->life = life;
	tnl_hmac_init(&ns->keyed, TNL_SHA256, key, n);
	return 0;
}

void
tnl_nonces_free(struct tnl_nonces *ns)
{
	if (ns->slot != NULL)
		tnl_put(ns->a, ns->slot, ns->cap * sizeof *ns->slot);
	tnl_wipe(ns, sizeof *ns);
}

static void
put_number(uint8_t *out, uint64_t v)
{
	int i;

	for (i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> (56 - 8 * i));
}

static uint64_t
number(const uint8_t *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

/* The code for the time and the serial at the beginning of a nonce. */
static void
sign(const struct tnl_nonces *ns, const uint8_t *nonce, const void *who,
    size_t n, uint8_t out[TNL_HASH_MAX])
{
	struct tnl_hmac m = ns->keyed;

	tnl_hmac_add(&m, nonce, CODE);
	tnl_hmac_add(&m, who, n);
	(void)tnl_hmac_end(&m, out);
}

void
tnl_nonces_make(struct tnl_nonces *ns, const void *who, size_t n,
    uint64_t now, char out[TNL_NONCE_TEXT])
{
	uint8_t nonce[SIZE], code[TNL_HASH_MAX];

	put_number(nonce + TIME, now);
	put_number(nonce + SERIAL, ++ns->serial);
	sign(ns, nonce, who, n, code);
	memcpy(nonce + CODE, code, SIZE - CODE);
	tnl_hash_hex(nonce, SIZE, out);
}

/* Count a use under the highest one: 1, or 0 when it was used. */
static int
count(struct tnl_nonce *at, uint32_t nc)
{
	uint32_t below;

	if (nc > at->top) {
		below = nc - at->top;
		at->seen = below < 64 ? at->seen << below | 1 : 1;
		at->top = nc;
		return 1;
	}
	below = at->top - nc;
	if (below >= 64 || (at->seen >> below & 1) != 0)
		return 0;
	at->seen |= (uint64_t)1 << below;
	return 1;
}

int
tnl_nonces_use(struct tnl_nonces *ns, const char *text, const void *who,
    size_t n, uint32_t nc, uint64_t now)
{
	uint8_t nonce[SIZE], code[TNL_HASH_MAX];
	struct tnl_nonce *at;
	uint64_t serial;

	if (!tnl_hash_unhex(text, strlen(text), nonce, SIZE))
		return TNL_NONCE_FOREIGN;
	sign(ns, nonce, who, n, code);
	if (!tnl_same_secret(code, nonce + CODE, SIZE - CODE))
		return TNL_NONCE_FOREIGN;
	/* A time to come is one long past, by its difference. */
	if (now - number(nonce + TIME) >= ns->life)
		return TNL_NONCE_EXPIRED;
	serial = number(nonce + SERIAL);
	at = &ns->slot[serial % ns->cap];
	if (serial < at->serial)
		return TNL_NONCE_FORGOTTEN;
	if (nc == 0)
		return TNL_NONCE_REPLAYED;
	if (serial > at->serial) {
		at->serial = serial;
		at->seen = 0;
		at->top = 0;
	}
	return count(at, nc) ? TNL_NONCE_GOOD : TNL_NONCE_REPLAYED;
}

int
tnl_nonces_ageing(const struct tnl_nonces *ns, const char *text, uint64_t now)
{
	uint8_t nonce[SIZE];

	return tnl_hash_unhex(text, strlen(text), nonce, SIZE) &&
	    now - number(nonce + TIME) >= ns->life - ns->life / 4;
}
