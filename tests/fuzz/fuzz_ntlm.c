/* fuzz_ntlm.c - any bytes as an NTLM challenge, in base64 or as if they were
 * that: it is refused for good, or answered in a message that is whole */
#include <stdlib.h>
#include <string.h>

#include "core/base64.h"
#include "core/ntlm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { MOST = 3100 };

static void
must(int truth)
{
	if (!truth)
		abort();
}

static size_t
number(const uint8_t *p, int n)
{
	size_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* Every field of a type 3 is in it. */
static void
look(const struct tnl_buf *out)
{
	static uint8_t m[3 * MOST];
	const char *text = tnl_buf_text(out, 0);
	size_t n, i, len, at;

	must(out->n < sizeof m && strlen(text) == out->n - 1);
	must(memcmp(text, "NTLM ", 5) == 0);
	must(tnl_base64_decode(text + 5, strlen(text + 5), m, &n));
	must(n >= 88 && memcmp(m, "NTLMSSP\0\3\0\0\0", 12) == 0);
	for (i = 12; i < 60; i += 8) {
		len = number(m + i, 2);
		at = number(m + i + 4, 4);
		must(len == number(m + i + 2, 2));
		must(at >= 88 && at <= n && len <= n - at);
	}
	/* An NTLMv2 response, whose list is the longer for a MIC. */
	must(number(m + 20, 2) >= 16 + 28 + 4 + 4);
	must(number(m + 12, 2) == 24);
}

static void
answer(const char *token, size_t n, const char *user)
{
	struct tunnel_alloc a;
	struct tnl_ntlm s;
	struct tnl_ntlm_login l = { NULL, "Password", { 1 }, 1 };
	struct tnl_buf out;
	int rv;

	l.user = user;
	tnl_alloc_init(&a, NULL);
	tnl_ntlm_init(&s, &a);
	tnl_buf_init(&out, &a, 65536);
	must(tnl_ntlm_write(&s, &l, &out) == 0);
	rv = tnl_ntlm_read(&s, token, n);
	must(rv == 0 || rv == (n > 0 ? TUNNEL_ESYNTAX : TUNNEL_EAUTH));
	must(s.state == (rv == 0 ? TNL_NTLM_CHALLENGED : TNL_NTLM_REJECTED));
	tnl_buf_clear(&out);
	if (rv == 0 && tnl_ntlm_write(&s, &l, &out) == 0) {
		look(&out);
		must(tnl_ntlm_read(&s, token, n) == TUNNEL_EAUTH);
	} else {
		/* No Unicode there, and the name needs it. */
		must(rv < 0 || (uint8_t)user[0] >= 0x80);
		must(out.n == 0);
	}
	tnl_ntlm_free(&s);
	tnl_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char text[MOST / 3 * 4 + 8];
	const char *user;

	if (n < 1 || n > MOST)
		return 0;
	user = data[0] & 2 ? "\xc3\xa4" : "DOMAIN\\User";
	if (data[0] & 1) {
		answer((const char *)data + 1, n - 1, user);
		return 0;
	}
	tnl_base64_encode(data + 1, n - 1, text);
	answer(text, tnl_base64_size(n - 1), user);
	return 0;
}
