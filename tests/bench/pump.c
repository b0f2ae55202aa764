/* pump.c - bytes through a pump in memory, against copying them twice */
#include <string.h>

#include <tunnel.h>

#include "bench.h"

enum { AREA = 262144, PIECE = 32768 };

static uint8_t out[AREA];
static struct tunnel_pump *pump;

static void
through_pump(void *ud)
{
	const uint8_t *in = ud;
	size_t at, used, got;

	for (at = 0; at < AREA; at += PIECE) {
		(void)tunnel_pump_put(pump, TUNNEL_AB, in + at, PIECE, &used);
		(void)tunnel_pump_take(pump, TUNNEL_AB, out + at, PIECE, &got);
		need(used == PIECE && got == PIECE, "the pump is stuck");
	}
}

/* The same way: into memory that is used over and over, and out of it. */
static void
twice(void *ud)
{
	static uint8_t between[2 * PIECE];
	const uint8_t *in = ud;
	size_t at;

	for (at = 0; at < AREA; at += PIECE) {
		memcpy(between + at % (2 * PIECE), in + at, PIECE);
		memcpy(out + at, between + at % (2 * PIECE), PIECE);
	}
}

void
pump_measure(void)
{
	static const char part[] = "pump in memory";
	static uint8_t in[AREA];
	int copied = row(part, "GB/s", "memcpy twice");
	int pumped = row(part, "GB/s", "put and take of 32 KiB");

	memcpy(in, net_bytes(draw()), AREA);
	memset(out, 1, AREA);
	pump = tunnel_pump_new(NULL, 2 * PIECE, 1);
	sample(copied, AREA / each(twice, in) / 1e9);
	memset(out, 0, AREA);
	sample(pumped, AREA / each(through_pump, in) / 1e9);
	need(memcmp(in, out, AREA) == 0, "the pump changes bytes");
	against(pumped, copied);
	tunnel_pump_free(pump);
}
