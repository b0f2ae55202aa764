/* ntlm_key.c - what NTLMv2 makes of a name and a password
 *
 *      key = HMAC-MD5(MD4(password), upper case(user) + domain)
 *
 * all of it in UTF-16LE (MS-NLMP section 3.3.2, where it is NTOWFv2).  LM and
 * NTLMv1 are never computed: what they would put on the wire gives the password
 * away.  Who has MD4(password) has the password as far as NTLM goes, so both
 * values are wiped.
 *
 * A name in the form of a mail address is sent whole with no domain, as Windows
 * and the browsers do: only the domain's own servers can tell which account it
 * stands for.  A slash is taken like a backslash; neither can stand in the name
 * of an account.
 */
#include "core/ntlm_key.h"

#include <string.h>

#include <tunnel/base.h>

#include "core/alloc.h"
#include "core/hmac.h"
#include "core/utf16.h"

int
tnl_ntlm_name(struct tnl_ntlm_name *m, const char *text)
{
	size_t n = strlen(text), at, size;

	for (at = 0; at < n && text[at] != '\\' && text[at] != '/'; at++)
		continue;
	m->domain = text;
	m->domain_n = at < n ? at : 0;
	m->user = at < n ? text + at + 1 : text;
	m->user_n = at < n ? n - at - 1 : n;
	if (n > TNL_NTLM_NAME_MAX || m->user_n == 0 ||
	    !tnl_utf16_size(text, n, &size))
		return TUNNEL_EINVAL;
	return 0;
}

static int
hash_password(const char *password, uint8_t out[TNL_NTLM_KEY])
{
	struct tnl_hash h;
	uint8_t c[4];
	size_t n = strlen(password), len;

	if (n > TNL_NTLM_PASSWORD_MAX || !tnl_utf16_size(password, n, &len))
		return TUNNEL_EINVAL;
	tnl_hash_init(&h, TNL_MD4);
	while ((len = tnl_utf16_next(&password, &n, c)) > 0)
		tnl_hash_add(&h, c, len);
	(void)tnl_hash_end(&h, out);
	tnl_wipe(c, sizeof c);
	return 0;
}

int
tnl_ntlm_key(const struct tnl_ntlm_name *m, const char *password,
    uint8_t key[TNL_NTLM_KEY])
{
	struct tnl_ntlm_name left = *m;
	struct tnl_hmac h;
	uint8_t hash[TNL_NTLM_KEY], c[4];
	size_t len;

	if (hash_password(password, hash) < 0)
		return TUNNEL_EINVAL;
	tnl_hmac_init(&h, TNL_MD5, hash, sizeof hash);
	tnl_wipe(hash, sizeof hash);
	while ((len = tnl_utf16_upper(&left.user, &left.user_n, c)) > 0)
		tnl_hmac_add(&h, c, len);
	while ((len = tnl_utf16_next(&left.domain, &left.domain_n, c)) > 0)
		tnl_hmac_add(&h, c, len);
	(void)tnl_hmac_end(&h, key);
	return 0;
}

void
tnl_ntlm_proof(const uint8_t key[TNL_NTLM_KEY], const void *a, size_t an,
    const void *b, size_t bn, uint8_t out[TNL_NTLM_KEY])
{
	struct tnl_hmac h;

	tnl_hmac_init(&h, TNL_MD5, key, TNL_NTLM_KEY);
	tnl_hmac_add(&h, a, an);
	tnl_hmac_add(&h, b, bn);
	(void)tnl_hmac_end(&h, out);
}
