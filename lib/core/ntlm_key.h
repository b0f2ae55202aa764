/* ntlm_key.h - what NTLMv2 makes of a name and a password.  For ntlm. */
#ifndef TNL_NTLM_KEY_H
#define TNL_NTLM_KEY_H

#include <stddef.h>
#include <stdint.h>

enum {
	TNL_NTLM_KEY = 16,
	TNL_NTLM_NAME_MAX = 1024,       /* bytes of a user with their domain */
	TNL_NTLM_PASSWORD_MAX = 4096
};

/* Parts of one string. */
struct tnl_ntlm_name {
	const char *user, *domain;
	size_t user_n, domain_n;        /* domain_n may be 0 */
};

/* Take "DOMAIN\user", "DOMAIN/user", "user@domain" (all of it the user) or
 * "user" apart: 0, or TUNNEL_EINVAL when there is no user, or it is too long or
 * not UTF-8. */
int tnl_ntlm_name(struct tnl_ntlm_name *m, const char *text);

/* NTOWFv2 (MS-NLMP section 3.3.2), or TUNNEL_EINVAL for a password that is too
 * long or not UTF-8. */
int tnl_ntlm_key(const struct tnl_ntlm_name *m, const char *password,
    uint8_t key[TNL_NTLM_KEY]);

/* HMAC-MD5 of two pieces. */
void tnl_ntlm_proof(const uint8_t key[TNL_NTLM_KEY], const void *a, size_t an,
    const void *b, size_t bn, uint8_t out[TNL_NTLM_KEY]);

#endif
