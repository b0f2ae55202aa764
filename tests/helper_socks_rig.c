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
