/* link_forward.c - the two sides of a forwarding engine, as a link sees them
 *
 * A connection that breaks is no error of the link's: what it means to the
 * message that is under way is the engine's to know, and to tell the other
 * side.
 */
#include "net/link.h"

#include <tunnel/forward.h>

/* Nothing of the next request has come: there is nobody to be told. */
static int
expire_a(void *e)
{
	int rv;

	if (tunnel_forward_idle(e))
		return TUNNEL_EEOF;
	rv = tunnel_server_fail(tunnel_forward_server(e), TUNNEL_ESLOW);
	if (rv == TUNNEL_ESTATE)
		rv = tunnel_forward_fail(e, TUNNEL_ESLOW);
	return rv == TUNNEL_ESTATE ? TUNNEL_ETIMEOUT : rv;
}

static int
expire_b(void *e)
{
	(void)e;
	return TUNNEL_ETIMEOUT;
}

static int
idle_a(const void *e)
{
	return tunnel_forward_idle(e);
}

#define SIDE(letter, side) \
	static int flags_##letter(const void *e) \
	{ return tunnel_forward_flags(e, side); } \
	static int feed_##letter(void *e, const void *in, size_t n, \
	    size_t *used) \
	{ return tunnel_forward_feed(e, side, in, n, used); } \
	static int eof_##letter(void *e) \
	{ return tunnel_forward_eof(e, side); } \
	static const void *peek_##letter(const void *e, size_t *n) \
	{ return tunnel_forward_peek(e, side, n); } \
	static int skip_##letter(void *e, size_t n) \
	{ return tunnel_forward_skip(e, side, n); } \
	static void lost_##letter(void *e, int deaf) \
	{ \
		(void)(deaf ? tunnel_forward_shut(e, side) : \
		    tunnel_forward_reset(e, side)); \
	}

SIDE(a, TUNNEL_A)
SIDE(b, TUNNEL_B)

const struct tnl_engine tnl_forward_a = {
	flags_a, feed_a, eof_a, peek_a, skip_a, expire_a, lost_a, idle_a
};

const struct tnl_engine tnl_forward_b = {
	flags_b, feed_b, eof_b, peek_b, skip_b, expire_b, lost_b, NULL
};
