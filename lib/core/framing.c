/* framing.c - where the content of a message ends, or that nobody can say
 *
 * RFC 9112 section 6.3, read as one must who stands between two others: if
 * they could see the end at different places, the message goes no further.
 * Both fields at once, a length that is repeated or odd, a coding besides
 * chunked, and a Transfer-Encoding from HTTP/1.0 (section 6.1) are such cases,
 * in replies as in requests.
 */
#include "core/framing.h"

#include <string.h>

#include "core/field.h"

/* What the fields say, when they agree. */
static int
read_fields(const struct tnl_head *h, struct tnl_framing *f)
{
	int sized = tnl_field_length(h, &f->length);
	int chunked = tnl_field_chunked(h);

	if (sized < 0 || chunked < 0 || (sized > 0 && chunked > 0) ||
	    (chunked > 0 && h->version < 11))
		return TUNNEL_EFRAMING;
	f->told = sized;
	f->kind = chunked > 0 ? TNL_BODY_CHUNKS : sized > 0 ?
	    TNL_BODY_LENGTH : TNL_BODY_NONE;
	return 0;
}

int
tnl_framing_request(const struct tnl_head *h, struct tnl_framing *f)
{
	int rv = read_fields(h, f);

	/* RFC 9110 section 9.3.8: no content with TRACE. */
	if (rv == 0 && f->kind != TNL_BODY_NONE &&
	    strcmp(tnl_head_method(h), "TRACE") == 0)
		return TUNNEL_EFRAMING;
	return rv;
}

int
tnl_framing_bodiless(int status)
{
	return status < 200 || status == 204 || status == 304;
}

int
tnl_framing_reply(const struct tnl_head *h, int to_head,
    struct tnl_framing *f)
{
	int rv = read_fields(h, f);

	if (rv < 0)
		return rv;
	if (tnl_framing_bodiless(h->status) || to_head) {
		/* A length is then that of what there would have been. */
		f->kind = TNL_BODY_NONE;
		f->told = f->told && (to_head || h->status == 304) &&
		    h->status != 204;
	} else if (f->kind == TNL_BODY_NONE) {
		f->kind = TNL_BODY_CLOSE;
	}
	return 0;
}

void
tnl_framing_onward(const struct tnl_framing *in, int chunked,
    struct tnl_framing *f)
{
	*f = *in;
	if (in->kind == TNL_BODY_CHUNKS || in->kind == TNL_BODY_CLOSE)
		f->kind = in->told ? TNL_BODY_LENGTH : chunked ?
		    TNL_BODY_CHUNKS : TNL_BODY_CLOSE;
}
