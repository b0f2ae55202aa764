/* auth.h - which credentials go into the next request.  For client. */
#ifndef TNL_AUTH_H
#define TNL_AUTH_H

#include <tunnel/client.h>

#include "core/challenge.h"
#include "core/digest.h"
#include "core/external.h"
#include "core/head.h"
#include "core/ntlm.h"

enum { TNL_AUTH_ORDER = 64 };

struct tnl_scheme;

struct tnl_auth {
	const struct tunnel_alloc *a;
	struct tnl_buf secret;          /* "user\0password\0", or empty */
	char order[TNL_AUTH_ORDER];     /* names, the best first */
	tunnel_random_fn random;
	void *random_ud;
	uint64_t now;                   /* Unix seconds, 0: not known */
	const struct tnl_scheme *scheme; /* in use, or NULL */
	int sent;                       /* its credentials have gone out */
	int bound;                      /* its next go where the last went */
	struct tnl_digest digest;
	struct tnl_ntlm ntlm;
	struct tnl_external external;
};

void tnl_auth_init(struct tnl_auth *u, const struct tunnel_alloc *a);

/* Everything is wiped. */
void tnl_auth_free(struct tnl_auth *u);

/* The setters of tunnel/client.h. */
int tnl_auth_credentials(struct tnl_auth *u, const char *user,
    const char *password);
int tnl_auth_schemes(struct tnl_auth *u, const char *order);
int tnl_auth_token(struct tnl_auth *u, const char *scheme,
    tunnel_token_fn fn, void *ud);

/* Can these be credentials at all? */
int tnl_auth_valid(const char *user, const char *password);

/* What Proxy-Authorization says in the request for that target, appended as a
 * string, or nothing when there is nothing to say: 0 or an error. */
int tnl_auth_answer(struct tnl_auth *u, const char *target,
    struct tnl_buf *out);

/* A 407 has come: 0 when there is an answer to it, else why there is none:
 * EAUTH, EOFFER, ECUT, ENOMEM. */
int tnl_auth_challenged(struct tnl_auth *u, const struct tnl_head *h);

/* Another final reply has come: 0, or TUNNEL_EPROOF. */
int tnl_auth_accepted(struct tnl_auth *u, const struct tnl_head *h);

/* The connection is gone, and there will be another: 0, or an error when that
 * cannot help. */
int tnl_auth_renewed(struct tnl_auth *u);

/* The credentials; NULL when there are none. */
const char *tnl_auth_user(const struct tnl_auth *u);
const char *tnl_auth_password(const struct tnl_auth *u);

/* The name of the scheme in use, or "". */
const char *tnl_auth_scheme(const struct tnl_auth *u);

#endif
