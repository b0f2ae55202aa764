/* judge.c - is a complete request head one that can be served?
 *
 * The rules that need more than one line of the head: what CONNECT names must
 * be host:port, Host must be there once, name a host and, with CONNECT, the
 * same one (RFC 9112 section 3.2), and nothing may say that a body follows.  A
 * request with two targets is a request for trouble.
 */
#include "core/judge.h"

#include <string.h>

#include "core/ascii.h"
#include "core/authority.h"
#include "core/field.h"

/* Host of another method than CONNECT: host and port, or nothing, which is what
 * a client sends whose target has no authority. */
static int
host_valid(const char *value)
{
	const char *host;
	unsigned port;
	size_t n;

	return *value == '\0' || tnl_authority_split(value, strlen(value),
	    &host, &n, &port);
}

/* Host of CONNECT: the target's host and, where it names one, its port. */
static int
host_matches(const struct tnl_asked *q, const char *value)
{
	const char *host;
	unsigned port;
	size_t n;

	return tnl_authority_split(value, strlen(value), &host, &n, &port) &&
	    tnl_same_n(host, n, q->host, strlen(q->host)) &&
	    (port == 0 || port == q->port);
}

static int
judge_host(const struct tnl_head *h, const struct tnl_asked *q)
{
	const char *value = tnl_field_get(h, "host", 0);

	if (value == NULL)
		return h->version >= 11 ? TUNNEL_EHOST : 0;
	if (tnl_field_get(h, "host", 1) != NULL)
		return TUNNEL_EHOST;
	return (q->connect ? host_matches(q, value) : host_valid(value)) ? 0 :
	    TUNNEL_EHOST;
}

/* CONNECT has no body, so no field may say that it has one; with another method
 * the two fields must not contradict each other (RFC 9112 section 6.3). */
static int
judge_framing(const struct tnl_head *h, const struct tnl_asked *q)
{
	uint64_t length;
	int sized = tnl_field_length(h, &length);
	int chunked = tnl_field_chunked(h);

	if (q->connect)
		return sized != 0 || chunked != 0 ? TUNNEL_EFRAMING : 0;
	return sized < 0 || chunked < 0 || (sized > 0 && chunked > 0) ||
	    (chunked > 0 && h->version < 11) ? TUNNEL_EFRAMING : 0;
}

int
tnl_judge(const struct tnl_head *h, struct tnl_asked *q)
{
	const char *target = tnl_head_target(h);
	int rv;

	/* Methods are case-sensitive (RFC 9110 section 9.1). */
	q->connect = strcmp(tnl_head_method(h), "CONNECT") == 0;
	q->port = 0;
	if (q->connect) {
		rv = tunnel_authority_parse(target, strlen(target), q->host,
		    sizeof q->host, &q->port);
		if (rv < 0)
			return rv;
	}
	rv = judge_host(h, q);
	return rv < 0 ? rv : judge_framing(h, q);
}
