/* helper_socks_rig.c - see socks_rig.h */
#include "socks_rig.h"

#include "unit.h"

void
socks_listen(struct tunnel_socks *s, struct heard *h)
{
	size_t got;

	do {
		assert_true(tunnel_socks_drain(s, h->said + h->n, 3, &got) >=
		    0);
		h->n += got;
		assert_true(h->n + 3 < sizeof h->said);
	} while (got > 0);
}

size_t
socks_request(char *out, const char *host, unsigned port)
{
	size_t n = strlen(host);

	memcpy(out, "\x05\x01\x00\x03", 4);
	out[4] = (char)n;
	memcpy(out + 5, host, n);
	out[5 + n] = (char)(port >> 8);
	out[6 + n] = (char)port;
	return n + 7;
}
