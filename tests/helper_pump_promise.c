/* helper_pump_promise.c - what a pump has to keep, whatever it was told; see
 * pump_model.h */
#include "pump_model.h"

#include "core/pump.h"

const char *
pump_model_look(const struct tunnel_pump *p, const struct pump_model *m)
{
	const struct pump_model_way *w;
	const uint8_t *at;
	size_t n;
	int way;

	for (way = 0; way < 2; way++) {
		w = &m->way[way];
		if (tunnel_pump_flags(p, way) != pump_model_flags(w))
			return "flags";
		if (tunnel_pump_bytes(p, way) != w->out ||
		    tunnel_pump_lost(p, way) != w->lost ||
		    tunnel_pump_held(p, way) != w->ring + w->outside ||
		    tnl_pump_outside(p, way) != w->outside)
			return "counts";
		if (w->in - w->out - w->lost !=
		    w->ring + w->outside || w->ring > w->cap)
			return "bounds";
		at = tunnel_pump_peek(p, way, &n);
		if (n > 0 && !pump_model_next(at, n, w, way))
			return "bytes held";
		if (w->heard != w->paused)
			return "pressure";
		/* Who asks for nothing has something to give, or to end. */
		if (pump_model_flags(w) == 0)
			return "nobody is asked for anything";
	}
	return NULL;
}

const char *
pump_model_trust(struct tunnel_pump *p, struct pump_model *m, int way)
{
	struct pump_model_way *w = &m->way[way];
	int f = tunnel_pump_flags(p, way);
	uint64_t in = w->in, out = w->out;
	const char *wrong;

	if (f & TUNNEL_IN) {
		wrong = pump_model_step(p, m, ACT_PUT, way, 1);
		if (wrong != NULL || w->in != in + 1)
			return "IN, and nothing fits";
	}
	if (f & TUNNEL_OUT) {
		wrong = pump_model_step(p, m, w->ring > 0 ? ACT_TAKE :
		    ACT_LAND, way, 1);
		if (wrong != NULL || w->out != out + 1)
			return "OUT, and nothing comes";
	}
	if (f & (TUNNEL_FIN | TUNNEL_RESET)) {
		if (f & TUNNEL_FIN && (w->source == DEAD ||
		    w->out + w->lost != w->in))
			return "FIN, and it was none";
		wrong = pump_model_step(p, m, ACT_SHUT, way, 0);
		if (wrong != NULL || !w->done)
			return "shut, and it is not done";
	}
	if (f & TUNNEL_DONE && (pump_model_step(p, m, ACT_PUT, way, 1) != NULL
	    || w->in != in || !(tunnel_pump_flags(p, way) & TUNNEL_DONE)))
		return "DONE, and it is not";
	return pump_model_look(p, m);
}

static const char *
finish_way(struct tunnel_pump *p, struct pump_model *m, int way)
{
	const struct pump_model_way *w = &m->way[way];
	const char *wrong = pump_model_step(p, m, ACT_EOF, way, 0);

	while (wrong == NULL && w->ring > 0)
		wrong = pump_model_step(p, m, ACT_SKIP, way, 1);
	while (wrong == NULL && w->outside > 0)
		wrong = pump_model_step(p, m, ACT_LAND, way, 1);
	if (wrong == NULL && !w->done)
		wrong = pump_model_step(p, m, ACT_SHUT, way, 0);
	return wrong;
}

const char *
pump_model_finish(struct tunnel_pump *p, struct pump_model *m)
{
	uint64_t lost[2];
	const char *wrong;
	int way;

	lost[0] = m->way[0].lost;
	lost[1] = m->way[1].lost;
	wrong = finish_way(p, m, 0);
	if (wrong == NULL)
		wrong = finish_way(p, m, 1);
	for (way = 0; wrong == NULL && way < 2; way++) {
		if (tunnel_pump_flags(p, way) != TUNNEL_DONE)
			wrong = "it does not end";
		else if (!m->strict && m->way[way].lost != lost[way])
			wrong = "lost at the end";
	}
	return wrong != NULL ? wrong : pump_model_look(p, m);
}
