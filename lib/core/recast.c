/* recast.c - a head as it goes on to the next hop
 *
 * RFC 9110 section 7.6.  Nothing is copied as bytes: the start-line is written
 * anew, each field goes through emit, and what concerns one hop only, how the
 * content is framed above all, is said by us about what we send.  So all that a
 * head may have been written like (folds, blanks, bare LFs) ends here.
 */
#include "core/recast.h"

#include <assert.h>
#include <string.h>

#include "core/ascii.h"
#include "core/emit.h"
#include "core/field.h"
#include "core/status.h"

static int
left_out(const struct tnl_buf *gone, const char *name)
{
	size_t at;

	for (at = 0; at < gone->n; at += strlen(tnl_buf_text(gone, at)) + 1)
		if (tnl_same(tnl_buf_text(gone, at), name))
			return 1;
	return 0;
}

/* The two methods whose way can be told to end (RFC 9110 section 7.6.2). */
static int
counts_hops(const struct tnl_head *h)
{
	const char *method = tnl_head_method(h);

	return h->kind == TNL_REQUEST && (strcmp(method, "TRACE") == 0 ||
	    strcmp(method, "OPTIONS") == 0);
}

int
tnl_recast_forwards(const struct tnl_head *h, uint64_t *left)
{
	const char *value = tnl_field_get(h, "max-forwards", 0);

	if (value == NULL || !counts_hops(h))
		return 0;
	if (tnl_field_get(h, "max-forwards", 1) != NULL ||
	    !tnl_decimal(value, strlen(value), UINT32_MAX, left))
		return TUNNEL_ESYNTAX;
	return 1;
}

/* Via lists "[name/]version SP received-by [SP comment]" (section 7.6.3). */
int
tnl_recast_loops(const struct tnl_head *h, const char *name)
{
	const char *have, *value, *p;
	size_t at = 0, n, blank, len;

	while ((have = tnl_field_next(h, &at, &value)) != NULL) {
		if (!tnl_same(have, "via"))
			continue;
		while ((p = tnl_field_member(&value, &n)) != NULL) {
			for (len = 0; len < n &&
			    !tnl_is((uint8_t)p[len], TNL_BLANK); len++)
				continue;
			blank = tnl_span((const uint8_t *)p + len, n - len,
			    TNL_BLANK);
			p += len + blank;
			n -= len + blank;
			for (len = 0; len < n &&
			    !tnl_is((uint8_t)p[len], TNL_BLANK); len++)
				continue;
			if (tnl_same_n(p, len, name, strlen(name)))
				return 1;
		}
	}
	return 0;
}

static int
skipped(const struct tnl_recast *r, const char *name)
{
	return tnl_hop_stays(r->hop, name) || left_out(r->gone, name) ||
	    (r->framing.kind != TNL_BODY_CHUNKS && tnl_same(name, "trailer")) ||
	    (counts_hops(r->head) && tnl_same(name, "max-forwards")) ||
	    (r->unexpected && tnl_same(name, "expect"));
}

static void
pass_fields(const struct tnl_recast *r, struct tnl_buf *out, int *rv)
{
	const char *name, *value;
	size_t at = 0;

	if (r->head == NULL)
		return;
	while ((name = tnl_field_next(r->head, &at, &value)) != NULL)
		if (!skipped(r, name))
			tnl_emit_field(out, name, value, rv);
	if (r->via[0] != '\0') {
		tnl_emit_text(out, "Via: ", rv);
		tnl_emit_number(out, (uint64_t)r->head->version / 10, rv);
		tnl_emit_text(out, ".", rv);
		tnl_emit_number(out, (uint64_t)r->head->version % 10, rv);
		tnl_emit_text(out, " ", rv);
		tnl_emit_text(out, r->via, rv);
		tnl_emit_text(out, "\r\n", rv);
	}
}

/* Our own options for the next hop, in one field. */
static void
connection(struct tnl_buf *out, const char *a, const char *b, const char *c,
    int *rv)
{
	const char *option[3];
	int i, some = 0;

	option[0] = a;
	option[1] = b;
	option[2] = c;
	for (i = 0; i < 3; i++) {
		if (option[i] == NULL)
			continue;
		tnl_emit_text(out, some++ ? ", " : "Connection: ", rv);
		tnl_emit_text(out, option[i], rv);
	}
	if (some)
		tnl_emit_text(out, "\r\n", rv);
}

static void
close_head(const struct tnl_recast *r, struct tnl_buf *out, int *rv)
{
	if (r->framing.kind == TNL_BODY_CHUNKS) {
		tnl_emit_text(out, "Transfer-Encoding: chunked\r\n", rv);
	} else if (r->framing.told) {
		tnl_emit_text(out, "Content-Length: ", rv);
		tnl_emit_number(out, r->framing.length, rv);
		tnl_emit_text(out, "\r\n", rv);
	}
	if (*rv == 0)
		*rv = tnl_buf_add(out, r->extra->p, r->extra->n);
	tnl_emit_text(out, "\r\n", rv);
}

static void
authority(const struct tnl_recast_request *q, struct tnl_buf *out, int *rv)
{
	if (q->authority != NULL)
		tnl_emit_text(out, q->authority, rv);
	else if (*rv == 0)
		*rv = tnl_buf_add(out, q->target->authority,
		    q->target->authority_n);
}

/* RFC 9112 section 3.2: origin-form, or for a proxy absolute-form, where
 * nothing stands for the asterisk (section 3.2.4). */
static void
request_target(const struct tnl_recast_request *q, struct tnl_buf *out,
    int *rv)
{
	const char *path = q->path != NULL ? q->path : q->target->path;

	if (q->absolute) {
		tnl_emit_text(out, q->target->scheme[0] != '\0' ?
		    q->target->scheme : "http", rv);
		tnl_emit_text(out, "://", rv);
		authority(q, out, rv);
		if (strcmp(path, "*") == 0)
			path = "";
	}
	tnl_emit_text(out, path, rv);
}

int
tnl_recast_request(const struct tnl_recast_request *q, struct tnl_buf *out)
{
	int te = !q->http10 && tnl_field_lists(q->r.head, "te", "trailers");
	uint64_t left;
	int rv = 0;

	tnl_emit_text(out, tnl_head_method(q->r.head), &rv);
	tnl_emit_text(out, " ", &rv);
	request_target(q, out, &rv);
	tnl_emit_text(out, q->http10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n", &rv);
	tnl_emit_text(out, "Host: ", &rv);
	authority(q, out, &rv);
	tnl_emit_text(out, "\r\n", &rv);
	pass_fields(&q->r, out, &rv);
	if (tnl_recast_forwards(q->r.head, &left) > 0) {
		tnl_emit_text(out, "Max-Forwards: ", &rv);
		/* With 0 it would have been answered here. */
		assert(left > 0);
		tnl_emit_number(out, left - 1, &rv);
		tnl_emit_text(out, "\r\n", &rv);
	}
	if (te)
		tnl_emit_text(out, "TE: trailers\r\n", &rv);
	if (q->r.upgrade != NULL)
		tnl_emit_field(out, "Upgrade", q->r.upgrade, &rv);
	connection(out, q->r.close ? "close" : NULL, te ? "TE" : NULL,
	    q->r.upgrade != NULL ? "upgrade" : NULL, &rv);
	close_head(&q->r, out, &rv);
	return rv;
}

int
tnl_recast_reply(const struct tnl_recast_reply *p, struct tnl_buf *out)
{
	int rv = 0;

	tnl_emit_text(out, "HTTP/1.1 ", &rv);
	tnl_emit_number(out, (uint64_t)p->status, &rv);
	tnl_emit_text(out, " ", &rv);
	tnl_emit_text(out, p->r.head != NULL ? tnl_head_reason(p->r.head) :
	    tnl_reason(p->status), &rv);
	tnl_emit_text(out, "\r\n", &rv);
	pass_fields(&p->r, out, &rv);
	if (p->r.upgrade != NULL)
		tnl_emit_field(out, "Upgrade", p->r.upgrade, &rv);
	connection(out, p->r.close ? "close" : NULL,
	    p->keep10 ? "keep-alive" : NULL,
	    p->r.upgrade != NULL ? "upgrade" : NULL, &rv);
	close_head(&p->r, out, &rv);
	return rv;
}
