/* ntlm.c - the client's side of NTLMv2
 *
 *          write        read          write          accepted
 *    START -----> ASKED ----> CHALLENGED ----> ANSWERED ----> DONE
 *      ^   type 1   |  type 2      |  type 3      |             |
 *      |            +--------------+--------------+-> REJECTED  |
 *      +------------------------- a 407 ------------------------+
 *
 * MS-NLMP, in HTTP as MS-NTHT has it: three messages in base64, of which the
 * proxy's is a 407, all on one connection; what the third proves holds for that
 * connection.  A second challenge, or none where one is due, is a rejection and
 * never a reason to go on, for accounts are locked after a few.  A connection
 * that is lost in between is tried once more, then the proxy is to blame.
 */
#include "core/ntlm.h"

#include <string.h>

#include "core/base64.h"
#include "core/ntlm_message.h"

/* A time is in steps of 100 ns since 1601 (MS-DTYP section 2.3.3). */
#define TICKS UINT64_C(10000000)
#define TO_1970 UINT64_C(11644473600)

/* "NTLM", the message, NUL; or out as it was. */
static int
put_token(struct tnl_buf *out, const uint8_t *p, size_t n)
{
	char text[64];
	size_t start = out->n, part;
	int rv = tnl_buf_add(out, "NTLM ", 5);

	for (; n > 0 && rv == 0; p += part, n -= part) {
		part = n < 48 ? n : 48;
		tnl_base64_encode(p, part, text);
		rv = tnl_buf_add(out, text, tnl_base64_size(part));
	}
	if (rv == 0)
		rv = tnl_buf_byte(out, '\0');
	tnl_wipe(text, sizeof text);
	if (rv < 0 && out->n > start) {
		tnl_wipe(out->p + start, out->n - start);
		out->n = start;
	}
	return rv;
}

void
tnl_ntlm_init(struct tnl_ntlm *s, const struct tunnel_alloc *a)
{
	tnl_buf_init(&s->heard, a, TNL_NTLM_TYPE1 + TNL_NTLM_TYPE2_MAX);
	s->state = TNL_NTLM_START;
	s->lost = 0;
}

void
tnl_ntlm_free(struct tnl_ntlm *s)
{
	tnl_buf_free(&s->heard);
}

static int
go(struct tnl_ntlm *s, int state, int rv)
{
	if (state != TNL_NTLM_ASKED && state != TNL_NTLM_CHALLENGED)
		tnl_buf_free(&s->heard);
	s->state = state;
	return rv;
}

static int
ask(struct tnl_ntlm *s, struct tnl_buf *out)
{
	uint8_t message[TNL_NTLM_TYPE1];
	int rv;

	tnl_ntlm_type1(message);
	tnl_buf_clear(&s->heard);
	rv = tnl_buf_add(&s->heard, message, sizeof message);
	if (rv == 0)
		rv = put_token(out, message, sizeof message);
	return rv < 0 ? rv : go(s, TNL_NTLM_ASKED, 0);
}

static int
answer(struct tnl_ntlm *s, const struct tnl_ntlm_name *m, const uint8_t *key,
    const struct tnl_ntlm_salt *salt, struct tnl_buf *out)
{
	struct tnl_buf message;
	int rv;

	tnl_buf_init(&message, s->heard.a, TNL_NTLM_TYPE3_MAX);
	rv = tnl_ntlm_type3(&message, &s->heard, m, key, salt);
	if (rv == 0)
		rv = put_token(out, message.p, message.n);
	tnl_buf_free(&message);
	return rv < 0 ? rv : go(s, TNL_NTLM_ANSWERED, 0);
}

int
tnl_ntlm_write(struct tnl_ntlm *s, const struct tnl_ntlm_login *l,
    struct tnl_buf *out)
{
	struct tnl_ntlm_name m;
	struct tnl_ntlm_salt salt;
	uint8_t key[TNL_NTLM_KEY];
	int rv;

	if (s->state != TNL_NTLM_START && s->state != TNL_NTLM_CHALLENGED)
		return TUNNEL_ESTATE;
	/* What cannot be answered with is not asked with either. */
	if (l->now > UINT64_MAX / TICKS - TO_1970 ||
	    tnl_ntlm_name(&m, l->user) < 0 ||
	    tnl_ntlm_key(&m, l->password, key) < 0)
		return TUNNEL_EINVAL;
	memcpy(salt.nonce, l->nonce, sizeof salt.nonce);
	salt.now = (l->now + TO_1970) * TICKS;
	rv = s->state == TNL_NTLM_START ? ask(s, out) :
	    answer(s, &m, key, &salt, out);
	tnl_wipe(key, sizeof key);
	return rv;
}

/* Base64 behind what was said; pieces of it, of which only the last one may be
 * padded. */
static int
decode(struct tnl_buf *heard, const char *p, size_t n)
{
	uint8_t bytes[48];
	size_t part, got;
	int rv = 0;

	for (; n > 0 && rv == 0; p += part, n -= part) {
		part = n < 64 ? n : 64;
		if (!tnl_base64_decode(p, part, bytes, &got) ||
		    (got < sizeof bytes && part < n))
			return TUNNEL_ESYNTAX;
		rv = tnl_buf_add(heard, bytes, got);
	}
	/* The one way in which it can be too long. */
	return rv == TUNNEL_EHEAD ? TUNNEL_ESYNTAX : rv;
}

static int
hear(struct tnl_ntlm *s, const char *token, size_t n)
{
	struct tnl_ntlm_challenge c;
	int rv = decode(&s->heard, token, n);

	if (rv == 0)
		rv = tnl_ntlm_type2(&c, s->heard.p + TNL_NTLM_TYPE1,
		    s->heard.n - TNL_NTLM_TYPE1);
	if (rv == TUNNEL_ESYNTAX)
		return go(s, TNL_NTLM_REJECTED, rv);
	if (rv < 0) {
		s->heard.n = TNL_NTLM_TYPE1;
		return rv;
	}
	return go(s, TNL_NTLM_CHALLENGED, 0);
}

int
tnl_ntlm_read(struct tnl_ntlm *s, const char *token, size_t n)
{
	switch ((enum tnl_ntlm_state)s->state) {
	case TNL_NTLM_START:
	case TNL_NTLM_DONE:
		return n == 0 ? go(s, TNL_NTLM_START, 0) :
		    go(s, TNL_NTLM_REJECTED, TUNNEL_ESYNTAX);
	case TNL_NTLM_ASKED:
		return n == 0 ? go(s, TNL_NTLM_REJECTED, TUNNEL_EAUTH) :
		    hear(s, token, n);
	case TNL_NTLM_CHALLENGED:
		return TUNNEL_ESTATE;
	case TNL_NTLM_ANSWERED:
	case TNL_NTLM_REJECTED:
		break;
	}
	return go(s, TNL_NTLM_REJECTED, TUNNEL_EAUTH);
}

void
tnl_ntlm_accepted(struct tnl_ntlm *s)
{
	if (s->state == TNL_NTLM_REJECTED)
		return;
	s->lost = 0;
	(void)go(s, TNL_NTLM_DONE, 0);
}

int
tnl_ntlm_reconnected(struct tnl_ntlm *s)
{
	if (s->state == TNL_NTLM_REJECTED)
		return TUNNEL_EAUTH;
	if (s->state != TNL_NTLM_START && s->state != TNL_NTLM_DONE &&
	    s->lost++ > 0)
		return go(s, TNL_NTLM_REJECTED, TUNNEL_EEOF);
	return go(s, TNL_NTLM_START, 0);
}
