/* external.c - a scheme of the application's
 *
 * Kerberos, tokens of a single sign-on: what the core cannot compute.  The
 * application is given what the proxy said behind the scheme's name, and gives
 * back what is to be sent behind it, as often as the proxy goes on.
 */
#include "core/external.h"

#include <string.h>

#include "core/ascii.h"
#include "core/emit.h"

enum { HEARD_MAX = 65536, ANSWER_MAX = 65536, ROUNDS_MAX = 16 };

void
tnl_external_init(struct tnl_external *e, const struct tunnel_alloc *a)
{
	memset(e, 0, sizeof *e);
	tnl_buf_init(&e->heard, a, HEARD_MAX);
}

int
tnl_external_set(struct tnl_external *e, const char *name, tunnel_token_fn fn,
    void *ud)
{
	size_t n = strlen(name);

	if (n == 0 || n >= sizeof e->name || fn == NULL ||
	    tnl_span((const uint8_t *)name, n, TNL_TOKEN) != n)
		return TUNNEL_EINVAL;
	tnl_external_end(e);
	memcpy(e->name, name, n + 1);
	e->fn = fn;
	e->ud = ud;
	return 0;
}

void
tnl_external_end(struct tnl_external *e)
{
	if (e->state != NULL)
		(void)e->fn(e->ud, &e->state, "", NULL, 0);
	e->state = NULL;
	e->rounds = 0;
	tnl_buf_free(&e->heard);
}

/* What goes on has a token; what only names the scheme begins, or begins again,
 * which says no to what there was. */
int
tnl_external_hear(struct tnl_external *e, const struct tnl_challenge *c)
{
	const struct tnl_part *said = c->token.n > 0 ? &c->token : &c->params;
	int rv;

	if (e->rounds > 0 && (c->token.n == 0 || e->rounds == ROUNDS_MAX))
		return TUNNEL_EAUTH;
	tnl_buf_free(&e->heard);
	rv = tnl_buf_add(&e->heard, said->p, said->n);
	if (rv == 0)
		rv = tnl_buf_byte(&e->heard, '\0');
	return rv == TUNNEL_EHEAD ? TUNNEL_EAUTH : rv;
}

int
tnl_external_write(struct tnl_external *e, struct tnl_buf *out)
{
	char *answer = tnl_get(out->a, ANSWER_MAX);
	int rv;

	if (answer == NULL)
		return TUNNEL_ENOMEM;
	rv = e->fn(e->ud, &e->state, e->heard.n > 0 ?
	    tnl_buf_text(&e->heard, 0) : "", answer, ANSWER_MAX);
	answer[ANSWER_MAX - 1] = '\0';
	rv = rv > 0 ? TUNNEL_EINVAL : rv;
	tnl_emit_text(out, e->name, &rv);
	tnl_emit_text(out, *answer != '\0' ? " " : "", &rv);
	tnl_emit_text(out, answer, &rv);
	if (rv == 0)
		rv = tnl_buf_byte(out, '\0');
	tnl_wipe(answer, ANSWER_MAX);
	tnl_put(out->a, answer, ANSWER_MAX);
	e->rounds += rv == 0;
	return rv;
}
