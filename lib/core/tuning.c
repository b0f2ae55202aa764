/* tuning.c - a pump's marks, times and notifications
 *
 * What is set while bytes are on their way counts from the next call on.  From
 * inside a notification nothing can be set.
 */
#include "core/pump.h"

int
tnl_pump_entry(const struct tunnel_pump *p, int way)
{
	if (way != TUNNEL_AB && way != TUNNEL_BA)
		return TUNNEL_EINVAL;
	return p->inside ? TUNNEL_ESTATE : 0;
}

int
tunnel_pump_marks(struct tunnel_pump *p, int way, size_t low, size_t high)
{
	int rv = tnl_pump_entry(p, way);

	if (rv < 0)
		return rv;
	if (low >= high || high > p->flow[way].ring.cap)
		return TUNNEL_EINVAL;
	p->flow[way].low = low;
	p->flow[way].high = high;
	return 0;
}

int
tunnel_pump_strict(struct tunnel_pump *p, int on)
{
	if (p->inside)
		return TUNNEL_ESTATE;
	p->strict = on != 0;
	return 0;
}

int
tunnel_pump_idle(struct tunnel_pump *p, uint64_t ms)
{
	if (p->inside)
		return TUNNEL_ESTATE;
	p->watch.idle = ms;
	return 0;
}

int
tunnel_pump_linger(struct tunnel_pump *p, int way, uint64_t ms)
{
	int rv = tnl_pump_entry(p, way);

	if (rv == 0)
		p->watch.way[way].linger = ms;
	return rv;
}

int
tunnel_pump_stall(struct tunnel_pump *p, int way, uint64_t ms)
{
	int rv = tnl_pump_entry(p, way);

	if (rv == 0)
		p->watch.way[way].stall = ms;
	return rv;
}

int
tunnel_pump_on_pressure(struct tunnel_pump *p, tunnel_pressure_fn fn,
    void *ud)
{
	if (p->inside)
		return TUNNEL_ESTATE;
	p->pressure = fn;
	p->pressure_ud = ud;
	return 0;
}

int
tunnel_pump_on_stall(struct tunnel_pump *p, tunnel_stall_fn fn, void *ud)
{
	if (p->inside)
		return TUNNEL_ESTATE;
	p->stall = fn;
	p->stall_ud = ud;
	return 0;
}
