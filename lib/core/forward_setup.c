/* forward_setup.c - what an application sets, wants in a head, and may ask */
#include "core/forward.h"

#include <string.h>

#include "core/ascii.h"
#include "core/authority.h"
#include "core/emit.h"
#include "core/field.h"

enum { LIMIT_LOW = 64, LIMIT_HIGH = 1 << 30, FIELDS_MAX = 65536 };

/* Replace what b holds by a string. */
static int
set_text(struct tnl_buf *b, const char *text)
{
	struct tnl_buf fresh;
	int rv;

	tnl_buf_init(&fresh, b->a, b->max);
	rv = tnl_buf_add(&fresh, text, strlen(text) + 1);
	if (rv < 0)
		return rv == TUNNEL_EHEAD ? TUNNEL_EINVAL : rv;
	tnl_buf_free(b);
	*b = fresh;
	return 0;
}

int
tunnel_forward_via(struct tunnel_forward *f, const char *name)
{
	const char *host;
	size_t n, hn;
	unsigned port;

	if (name == NULL) {
		tnl_buf_free(&f->via);
		return 0;
	}
	n = strlen(name);
	if (tnl_span((const uint8_t *)name, n, TNL_TOKEN) != n &&
	    !tnl_authority_split(name, n, &host, &hn, &port))
		return TUNNEL_EINVAL;
	return set_text(&f->via, name);
}

int
tunnel_forward_buffers(struct tunnel_forward *f, size_t up, size_t down)
{
	if (up < 1 || up > LIMIT_HIGH || down < 1 || down > LIMIT_HIGH)
		return TUNNEL_EINVAL;
	f->cap[TUNNEL_A] = down;
	f->cap[TUNNEL_B] = up;
	return 0;
}

int
tunnel_forward_limit(struct tunnel_forward *f, size_t head_max)
{
	if (head_max < LIMIT_LOW || head_max > LIMIT_HIGH)
		return TUNNEL_EINVAL;
	f->head_max = head_max;
	return 0;
}

int
tunnel_forward_upgrade(struct tunnel_forward *f, const char *protocol)
{
	const char *p = protocol;
	size_t n;

	if (protocol == NULL) {
		tnl_buf_free(&f->upgrade);
		return 0;
	}
	/* name ["/" version], RFC 9110 section 7.8 */
	n = tnl_span((const uint8_t *)p, strlen(p), TNL_TOKEN);
	if (n > 0 && p[n] == '/') {
		p += n + 1;
		n = tnl_span((const uint8_t *)p, strlen(p), TNL_TOKEN);
	}
	return n == 0 || p[n] != '\0' ? TUNNEL_EINVAL :
	    set_text(&f->upgrade, protocol);
}

int
tunnel_forward_absolute(struct tunnel_forward *f, int on)
{
	f->absolute = on != 0;
	return 0;
}

int
tunnel_forward_http10(struct tunnel_forward *f, int on)
{
	f->http10 = on != 0;
	return 0;
}

int
tunnel_forward_reuse(struct tunnel_forward *f, int on)
{
	f->reuse = on != 0;
	return 0;
}

int
tunnel_forward_persist(struct tunnel_forward *f, int on)
{
	f->persist = on != 0;
	return 0;
}

int
tunnel_forward_review(struct tunnel_forward *f, int on)
{
	f->review = on != 0;
	return 0;
}

int
tunnel_forward_on_content(struct tunnel_forward *f, tunnel_content_fn fn,
    void *ud)
{
	if (f->witness.busy)
		return TUNNEL_ESTATE;
	f->witness.fn = fn;
	f->witness.ud = ud;
	return 0;
}

/* ---- the head that will go to a side -------------------------------- */

/* The request's head can be changed until it is passed on, the reply's until it
 * is delivered. */
static int
may_change(const struct tunnel_forward *f, int side)
{
	int asked = f->crossing == TNL_ASKING &&
	    f->server->state == TNL_ASK;

	if (f->witness.busy || (side != TUNNEL_A && side != TUNNEL_B))
		return 0;
	return side == TUNNEL_B ? asked : asked ||
	    f->crossing == TNL_PASSED || f->crossing == TNL_SERVED;
}

int
tunnel_forward_field(struct tunnel_forward *f, int side, const char *name,
    const char *value)
{
	size_t before;
	int rv;

	if (!may_change(f, side))
		return TUNNEL_ESTATE;
	before = f->extra[side].n;
	rv = tnl_emit_extra(&f->extra[side], name, value);
	/* The rest is for what server has been given. */
	if (rv == 0 && f->extra[side].n > FIELDS_MAX) {
		f->extra[side].n = before;
		return TUNNEL_EINVAL;
	}
	return rv == TUNNEL_EHEAD ? TUNNEL_EINVAL : rv;
}

int
tunnel_forward_remove(struct tunnel_forward *f, int side, const char *name)
{
	int rv;

	if (!may_change(f, side))
		return TUNNEL_ESTATE;
	if (!tnl_emit_valid(name, ""))
		return TUNNEL_EINVAL;
	rv = tnl_buf_add(&f->gone[side], name, strlen(name) + 1);
	return rv == TUNNEL_EHEAD ? TUNNEL_EINVAL : rv;
}

int
tunnel_forward_rewrite(struct tunnel_forward *f, const char *authority,
    const char *path)
{
	const char *host;
	size_t n;
	unsigned port;
	int rv = 0;

	if (!may_change(f, TUNNEL_B))
		return TUNNEL_ESTATE;
	if (authority != NULL && !tnl_authority_split(authority,
	    strlen(authority), &host, &n, &port))
		return TUNNEL_EINVAL;
	if (path != NULL) {
		n = strlen(path);
		if ((path[0] != '/' && strcmp(path, "*") != 0) ||
		    tnl_span((const uint8_t *)path, n, TNL_TARGET) != n ||
		    strchr(path, '#') != NULL)
			return TUNNEL_EINVAL;
		rv = set_text(&f->path, path);
	}
	if (rv == 0 && authority != NULL)
		rv = set_text(&f->authority, authority);
	return rv;
}

int
tunnel_forward_replace(struct tunnel_forward *f, int side)
{
	if (!may_change(f, side))
		return TUNNEL_ESTATE;
	f->replaced[side] = 1;
	return 0;
}

int
tunnel_forward_length(struct tunnel_forward *f, int side, uint64_t n)
{
	if (!may_change(f, side))
		return TUNNEL_ESTATE;
	if (n > INT64_MAX)
		return TUNNEL_EINVAL;
	f->sized[side] = 1;
	f->length[side] = n;
	return 0;
}

/* ---- what may be asked ---------------------------------------------- */

const char *
tunnel_forward_scheme(const struct tunnel_forward *f)
{
	return f->target.scheme[0] != '\0' ? f->target.scheme : NULL;
}

const char *
tunnel_forward_host(const struct tunnel_forward *f)
{
	return f->target.host[0] != '\0' ? f->target.host : NULL;
}

unsigned
tunnel_forward_port(const struct tunnel_forward *f)
{
	return f->target.port;
}

const char *
tunnel_forward_userinfo(const struct tunnel_forward *f)
{
	return f->target.userinfo.n > 0 ?
	    tnl_buf_text(&f->target.userinfo, 0) : NULL;
}

const char *
tunnel_forward_path(const struct tunnel_forward *f)
{
	return f->target.path[0] != '\0' ? f->target.path : NULL;
}

/* Has a request come, with another method than CONNECT? */
static int
asked(const struct tunnel_forward *f)
{
	return f->server->whole && !f->server->asked.connect;
}

int
tunnel_forward_own(const struct tunnel_forward *f)
{
	uint64_t left;

	return asked(f) &&
	    tnl_recast_forwards(&f->server->head, &left) > 0 && left == 0;
}

/* RFC 9110 section 9.2.2. */
int
tunnel_forward_repeatable(const struct tunnel_forward *f)
{
	static const char *const idempotent[] = { "GET", "HEAD", "OPTIONS",
	    "TRACE", "PUT", "DELETE" };
	const char *method;
	size_t i;

	if (!asked(f) || f->replaced[TUNNEL_B] ||
	    f->from[TUNNEL_A].coming != TNL_WHOLE ||
	    f->asked.kind == TNL_BODY_CHUNKS ||
	    (f->asked.told && f->asked.length > 0))
		return 0;
	method = tnl_head_method(&f->server->head);
	for (i = 0; i < sizeof idempotent / sizeof idempotent[0]; i++)
		if (strcmp(method, idempotent[i]) == 0)
			return 1;
	return 0;
}

int
tunnel_forward_idle(const struct tunnel_forward *f)
{
	return f->crossing == TNL_READY || (f->crossing == TNL_ASKING &&
	    f->server->state == TNL_HEAD && !tnl_head_begun(&f->server->head));
}

int
tunnel_forward_status(const struct tunnel_forward *f)
{
	return f->status != 0 ? f->status : f->beyond == TNL_REVIEWED ?
	    f->reply.status : tunnel_server_status(f->server);
}

/* Is there a reply of B whose head has come? */
static int
replied(const struct tunnel_forward *f)
{
	return f->from[TUNNEL_B].coming != TNL_NOTHING;
}

int
tunnel_forward_version(const struct tunnel_forward *f)
{
	return replied(f) ? f->reply.version : 0;
}

const char *
tunnel_forward_reply(const struct tunnel_forward *f, const char *name,
    size_t i)
{
	return replied(f) ? tnl_field_get(&f->reply, name, i) : NULL;
}

const char *
tunnel_forward_reply_at(const struct tunnel_forward *f, size_t i,
    const char **value)
{
	return replied(f) ? tnl_field_at(&f->reply, i, value) : NULL;
}

int
tunnel_forward_fault(const struct tunnel_forward *f)
{
	return f->fault != 0 ? f->fault : tunnel_server_fault(f->server);
}

uint64_t
tunnel_forward_bytes(const struct tunnel_forward *f, int side)
{
	return f->from[side == TUNNEL_B].bytes;
}
