/* ntlm_message.c - the three messages of NTLM
 *
 *      offset   0          8     12            all numbers little-endian
 *      type 1   NTLMSSP\0   1     flags, two empty strings
 *      type 2   NTLMSSP\0   2     target, flags, challenge, 8 bytes, pairs
 *      type 3   NTLMSSP\0   3     LM, NT, domain, user, workstation, key,
 *                                flags, version, MIC; then what those stand for
 *
 * MS-NLMP section 2.2.1.  A string in a header is its length, that again, and
 * its offset; what a peer sends there is held against what has come before
 * anything is read.
 *
 * Type 1 tells nothing of whom or where: no domain, no workstation, no version.
 * It offers OEM text beside Unicode, as browsers do, for proxies that know
 * nothing else.  To those a name goes as ASCII or not at all, since nobody says
 * which code page they have.
 *
 * Old and small proxies send a type 2 of 32 bytes, with no target information:
 * they get an answer over an empty list.  Where the list has a time, the answer
 * takes it, and MS-NLMP section 3.1.5.1.2 has two more consequences.  The LMv2
 * response is 24 zeros, as it would be the weaker proof.  And a code over all
 * three messages (MIC) is added, with its flag in the list, which is part of
 * what is proven: nobody between can then change what was negotiated.  Where
 * the list has no time the server is too old to look for either, and gets an
 * LMv2 response and no MIC.  There is no channel binding, which would need TLS
 * to say what it binds to.  No key is exchanged and nothing signed or sealed:
 * the session's base key is the exported one that the MIC is made with.
 *
 * The workstation that type 3 names is "WORKSTATION", as Firefox and curl send:
 * some servers refuse an empty one, and it tells nothing.
 */
#include "core/ntlm_message.h"

#include <string.h>

#include "core/utf16.h"

enum {
	HEADER = 88,            /* of type 3, up to its payload */
	MIC = 72,
	LM_SIZE = 24
};

/* MS-NLMP section 2.2.2.5 */
enum {
	UNICODE = 0x00000001,
	OEM = 0x00000002,
	REQUEST_TARGET = 0x00000004,
	NTLM = 0x00000200,
	ALWAYS_SIGN = 0x00008000,
	EXTENDED_SECURITY = 0x00080000,
	TARGET_INFO = 0x00800000,
	OFFERED = UNICODE | OEM | REQUEST_TARGET | NTLM | ALWAYS_SIGN |
	    EXTENDED_SECURITY
};

/* MS-NLMP section 2.2.2.1 */
enum { AV_EOL = 0, AV_FLAGS = 6, AV_TIME = 7, AV_HAS_MIC = 2 };

static const char signature[8] = "NTLMSSP";

static uint32_t
get(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static void
set(uint8_t *p, unsigned n, uint64_t v)
{
	for (; n > 0; n--, v >>= 8)
		*p++ = (uint8_t)v;
}

/* ---- type 2 --------------------------------------------------------- */

static int
keep(const uint8_t **at, const uint8_t *value, size_t len, size_t want)
{
	if (*at != NULL || len != want)
		return TUNNEL_ESYNTAX;
	*at = value;
	return 0;
}

/* Walk the pairs, up to the one that ends them; it must be there. */
static int
walk(struct tnl_ntlm_challenge *c, const uint8_t *p, size_t n)
{
	size_t at = 0, len;
	uint32_t id;
	int rv = 0;

	while (n - at >= 4) {
		id = get(p + at, 2);
		len = get(p + at + 2, 2);
		if (id == AV_EOL) {
			c->pairs = p;
			c->pairs_n = at;
			return len == 0 ? 0 : TUNNEL_ESYNTAX;
		}
		at += 4;
		if (len > n - at)
			break;
		if (id == AV_TIME)
			rv = keep(&c->time, p + at, len, 8);
		else if (id == AV_FLAGS)
			rv = keep(&c->av_flags, p + at, len, 4);
		if (rv < 0)
			return rv;
		at += len;
	}
	return TUNNEL_ESYNTAX;
}

/* MS-NLMP section 2.2.1.2.  The target's name is not looked at: nothing needs
 * it, and squid's own helpers have it refer to nowhere. */
int
tnl_ntlm_type2(struct tnl_ntlm_challenge *c, const uint8_t *p, size_t n)
{
	size_t at, len;

	memset(c, 0, sizeof *c);
	if (n < 32 || memcmp(p, signature, 8) != 0 || get(p + 8, 4) != 2)
		return TUNNEL_ESYNTAX;
	c->flags = get(p + 20, 4);
	c->nonce = p + 24;
	if (!(c->flags & TARGET_INFO))
		return 0;
	if (n < 48)
		return TUNNEL_ESYNTAX;
	len = get(p + 40, 2);
	at = get(p + 44, 4);
	if (len == 0)
		return 0;
	if (at < 48 || at > n || len > n - at)
		return TUNNEL_ESYNTAX;
	return walk(c, p + at, len);
}

/* ---- writing -------------------------------------------------------- */

void
tnl_ntlm_type1(uint8_t out[TNL_NTLM_TYPE1])
{
	memset(out, 0, TNL_NTLM_TYPE1);
	memcpy(out, signature, 8);
	set(out + 8, 4, 1);
	set(out + 12, 4, OFFERED);
	/* Neither domain nor workstation: both empty, behind the header. */
	set(out + 20, 4, TNL_NTLM_TYPE1);
	set(out + 28, 4, TNL_NTLM_TYPE1);
}

static void
put(struct tnl_buf *b, const void *p, size_t n, int *rv)
{
	if (*rv == 0)
		*rv = tnl_buf_add(b, p, n);
}

static void
put_number(struct tnl_buf *b, unsigned n, uint64_t v, int *rv)
{
	uint8_t bytes[8];

	set(bytes, n, v);
	put(b, bytes, n, rv);
}

/* Text as the proxy wants it. */
static void
put_text(struct tnl_buf *b, uint32_t flags, const char *p, size_t n, int *rv)
{
	uint8_t c[4];
	size_t len;

	while ((len = tnl_utf16_next(&p, &n, c)) > 0) {
		if (flags & UNICODE)
			put(b, c, len, rv);
		else if (len == 2 && c[0] < 0x80 && c[1] == 0)
			put(b, c, 1, rv);
		else
			*rv = TUNNEL_EINVAL;
	}
}

/* Length and offset of what has been put since start go to a place in the
 * header.  All that is put is bounded, so both fit. */
static void
refer(struct tnl_buf *b, size_t place, size_t start, int rv)
{
	if (rv < 0)
		return;
	set(b->p + place, 2, b->n - start);
	set(b->p + place + 2, 2, b->n - start);
	set(b->p + place + 4, 4, start);
}

static void
put_string(struct tnl_buf *b, size_t place, uint32_t flags, const char *p,
    size_t n, int *rv)
{
	size_t start = b->n;

	put_text(b, flags, p, n, rv);
	refer(b, place, start, *rv);
}

/* The proxy's list, marked when a code over the messages comes with it. */
static void
put_pairs(struct tnl_buf *b, const struct tnl_ntlm_challenge *c, int *rv)
{
	size_t start = b->n;

	put(b, c->pairs, c->pairs_n, rv);
	if (c->av_flags != NULL && c->time != NULL && *rv == 0) {
		b->p[start + (size_t)(c->av_flags - c->pairs)] |= AV_HAS_MIC;
	} else if (c->time != NULL) {
		put_number(b, 2, AV_FLAGS, rv);
		put_number(b, 2, 4, rv);
		put_number(b, 4, AV_HAS_MIC, rv);
	}
	put_number(b, 4, AV_EOL, rv);
}

/* MS-NLMP sections 2.2.2.4 and 3.3.2 */
static void
put_lm(struct tnl_buf *b, const struct tnl_ntlm_challenge *c,
    const uint8_t *key, const uint8_t nonce[8], int *rv)
{
	uint8_t response[LM_SIZE] = { 0 };
	size_t start = b->n;

	if (c->time == NULL) {
		tnl_ntlm_proof(key, c->nonce, 8, nonce, 8, response);
		memcpy(response + TNL_NTLM_KEY, nonce, 8);
	}
	put(b, response, sizeof response, rv);
	refer(b, 12, start, *rv);
}

/* MS-NLMP sections 2.2.2.7 and 3.3.2.  The proof, over the challenge and all
 * that follows it here, is what the session's key is made of. */
static void
put_nt(struct tnl_buf *b, const struct tnl_ntlm_challenge *c,
    const uint8_t *key, const struct tnl_ntlm_salt *salt,
    uint8_t session[TNL_NTLM_KEY], int *rv)
{
	static const uint8_t versions[8] = { 1, 1 };
	size_t start = b->n, blob = start + TNL_NTLM_KEY;

	put_number(b, 8, 0, rv);
	put_number(b, 8, 0, rv);
	put(b, versions, sizeof versions, rv);
	if (c->time != NULL)
		put(b, c->time, 8, rv);
	else
		put_number(b, 8, salt->now, rv);
	put(b, salt->nonce, 8, rv);
	put_number(b, 4, 0, rv);
	put_pairs(b, c, rv);
	put_number(b, 4, 0, rv);
	refer(b, 20, start, *rv);
	if (*rv < 0)
		return;
	tnl_ntlm_proof(key, c->nonce, 8, b->p + blob, b->n - blob,
	    b->p + start);
	tnl_ntlm_proof(key, b->p + start, TNL_NTLM_KEY, NULL, 0, session);
}

/* What both sides can do, with one kind of text. */
static uint32_t
agreed(uint32_t theirs)
{
	uint32_t text = theirs & UNICODE ? UNICODE : OEM;

	return (theirs & (OFFERED | TARGET_INFO) &
	    ~(uint32_t)(UNICODE | OEM)) | text | NTLM;
}

/* MS-NLMP section 2.2.1.3; heard is type 1 and type 2, as they were. */
int
tnl_ntlm_type3(struct tnl_buf *b, const struct tnl_buf *heard,
    const struct tnl_ntlm_name *m, const uint8_t key[TNL_NTLM_KEY],
    const struct tnl_ntlm_salt *salt)
{
	static const char workstation[] = "WORKSTATION";
	static const uint8_t zero[HEADER];
	uint8_t session[TNL_NTLM_KEY];
	struct tnl_ntlm_challenge c;
	uint32_t flags;
	int rv = tnl_ntlm_type2(&c, heard->p + TNL_NTLM_TYPE1,
	    heard->n - TNL_NTLM_TYPE1);

	if (rv < 0)
		return rv;
	flags = agreed(c.flags);
	put(b, zero, sizeof zero, &rv);
	put_string(b, 28, flags, m->domain, m->domain_n, &rv);
	put_string(b, 36, flags, m->user, m->user_n, &rv);
	put_string(b, 44, flags, workstation, sizeof workstation - 1, &rv);
	put_lm(b, &c, key, salt->nonce, &rv);
	put_nt(b, &c, key, salt, session, &rv);
	refer(b, 52, b->n, rv);
	if (rv < 0)
		return rv;
	memcpy(b->p, signature, 8);
	set(b->p + 8, 4, 3);
	set(b->p + 60, 4, flags);
	if (c.time != NULL)
		tnl_ntlm_proof(session, heard->p, heard->n, b->p, b->n,
		    b->p + MIC);
	tnl_wipe(session, sizeof session);
	return 0;
}
