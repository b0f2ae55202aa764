/* carrier.c - what carries a tunnel's bytes, while they move
 *
 *      at rest --event--> get, resume --> relay steps --+
 *         ^                                             |
 *         +-------- rest, put <-- nothing is held ------+
 *
 * A pump and its relay are some 700 bytes, of which an open and silent tunnel
 * needs to keep 40: how much has passed, when, and what its streams were like.
 * So they are lent for as long as a step takes, or bytes wait, or half of the
 * tunnel has ended, and a few do for any number of tunnels.
 */
#include "net/carrier.h"

#include <string.h>

#include "core/alloc.h"

enum { KEEP = 16 };

void
tnl_carriers_free(struct tnl_carriers *cs)
{
	struct tnl_carrier *c;

	while ((c = cs->first) != NULL) {
		cs->first = c->next;
		tnl_put(cs->a, c, sizeof *c);
	}
	cs->resting = 0;
}

struct tnl_carrier *
tnl_carrier_get(struct tnl_carriers *cs)
{
	struct tnl_carrier *c = cs->first;
	int way;

	if (c != NULL) {
		cs->first = c->next;
		cs->resting--;
		memset(c, 0, sizeof *c);
	} else {
		c = tnl_get(cs->a, sizeof *c);
		if (c == NULL)
			return NULL;
	}
	tnl_pump_init(&c->pump, cs->pool);
	tnl_relay_init(&c->relay, &c->pump, cs->pipes);
	(void)tunnel_pump_idle(&c->pump, cs->idle);
	for (way = 0; way < 2; way++) {
		(void)tunnel_pump_linger(&c->pump, way, cs->linger);
		(void)tunnel_pump_stall(&c->pump, way, cs->stall);
	}
	return c;
}

void
tnl_carrier_put(struct tnl_carriers *cs, struct tnl_carrier *c)
{
	tnl_relay_end(&c->relay);
	tnl_pump_end(&c->pump);
	if (cs->resting == KEEP) {
		tnl_put(cs->a, c, sizeof *c);
		return;
	}
	c->next = cs->first;
	cs->first = c;
	cs->resting++;
}

static int
side_rests(const struct tnl_side *s)
{
	return s->stream.fd.rsocket && s->stream.fd.wsocket &&
	    s->rwait == TUNNEL_IN && s->wwait == 0 && s->error == 0;
}

int
tnl_carrier_rest(const struct tnl_carrier *c, struct tnl_rest *rest)
{
	const struct tunnel_relay *r = &c->relay;
	int i;

	if (!tnl_pump_rest(&c->pump, &rest->pump) || r->result != 0)
		return 0;
	for (i = 0; i < 2; i++) {
		/* A way that is joined has something due. */
		if (!side_rests(&r->side[i]) || r->bypass[i].pipe != NULL ||
		    r->bypass[i].due != 0)
			return 0;
		rest->streak[i] = r->bypass[i].streak;
		rest->sure[i] = (uint8_t)r->side[i].sure;
	}
	return 1;
}

struct tnl_carrier *
tnl_carrier_resume(struct tnl_carriers *cs, const struct tnl_rest *rest,
    const int fd[2])
{
	struct tnl_carrier *c = tnl_carrier_get(cs);
	int i;

	if (c == NULL)
		return NULL;
	tnl_pump_resume(&c->pump, &rest->pump);
	for (i = 0; i < 2; i++) {
		tnl_relay_socket(&c->relay, i, fd[i], 0);
		c->relay.side[i].sure = rest->sure[i];
		c->relay.bypass[i].streak = rest->streak[i];
	}
	return c;
}
