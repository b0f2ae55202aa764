/* fuzz_tunnel.c - a client and a server that talk through a pump, and then what
 * the tunnel carries, by a schedule: two bytes for the room in the pump, then
 * one for each act, of which the upper half says how much
 *
 * All that is taken was put, in that order and once; the pump holds no more than
 * it may; what a flag asks for can be done; and when nobody broke it off,
 * however it went so far, the tunnel comes about or is refused, everything
 * arrives, and both ways end.
 */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { AB = TUNNEL_AB, BA = TUNNEL_BA, MOST = 8192, LOAD = 300 };

struct way {
	uint8_t log[MOST];              /* all that was put */
	size_t put, got, cap;
	size_t sent, come;              /* of what the tunnel carries */
	int eof;                        /* its source ended */
};

static struct world {
	struct tunnel_client *c;
	struct tunnel_server *s;
	struct tunnel_pump *p;
	struct way way[2];
	int broken, refused;
	uint64_t now;
} w;

static void
must(int truth)
{
	if (!truth)
		abort();
}

/* ---- the pump, watched ---------------------------------------------- */

static void
look(int way)
{
	struct way *x = &w.way[way];
	size_t held = tunnel_pump_held(w.p, way);
	int f = tunnel_pump_flags(w.p, way);

	must(held <= x->cap);
	must(held + x->got + tunnel_pump_lost(w.p, way) == x->put);
	must(tunnel_pump_bytes(w.p, way) == x->got);
	must(f > 0);
	must(!(f & TUNNEL_OUT) == (held == 0));
	must(!(f & TUNNEL_IN) || held < x->cap);
	must(!(f & TUNNEL_FIN) || x->got == x->put);
	must(!(f & TUNNEL_FIN) || x->eof || w.broken);
	must(!(f & TUNNEL_RESET) || w.broken);
	must(w.broken || tunnel_pump_lost(w.p, way) == 0);
}

static size_t
put(int way, const void *bytes, size_t n)
{
	struct way *x = &w.way[way];
	int f = tunnel_pump_flags(w.p, way);
	size_t used;

	if (n > MOST - x->put)
		n = MOST - x->put;
	if (tunnel_pump_put(w.p, way, bytes, n, &used) < 0)
		must(used == 0 && !(f & TUNNEL_IN));
	else
		must(used <= n && (used > 0 || n == 0 || !(f & TUNNEL_IN)));
	if (used > 0)
		memcpy(x->log + x->put, bytes, used);
	x->put += used;
	look(way);
	return used;
}

/* What is next, at most n bytes; then so many of it were used. */
static const uint8_t *
peek(int way, size_t *n)
{
	struct way *x = &w.way[way];
	size_t piece;
	const uint8_t *at = tunnel_pump_peek(w.p, way, &piece);

	must((at != NULL) == (tunnel_pump_held(w.p, way) > 0));
	*n = piece < *n ? piece : *n;
	must(*n == 0 || memcmp(at, x->log + x->got, *n) == 0);
	return at;
}

static void
skip(int way, size_t n)
{
	/* It counts before it is told, as the pump does. */
	w.way[way].got += n;
	must(tunnel_pump_skip(w.p, way, n) >= 0);
	look(way);
}

/* ---- the engines ---------------------------------------------------- */

static int
client_is_open(void)
{
	int f = tunnel_client_flags(w.c);

	return f >= 0 && f & TUNNEL_OPEN;
}

static int
server_is_open(void)
{
	int f = tunnel_server_flags(w.s);

	return f >= 0 && f & TUNNEL_OPEN && !(f & TUNNEL_OUT);
}

static void
client_sends(size_t n)
{
	size_t have;
	const void *at = tunnel_client_peek(w.c, &have);

	if (have == 0)
		return;
	n = put(AB, at, n < have ? n : have);
	must(tunnel_client_skip(w.c, n) >= 0);
}

static void
server_sends(size_t n)
{
	size_t have;
	const void *at = tunnel_server_peek(w.s, &have);

	if (have == 0)
		return;
	n = put(BA, at, n < have ? n : have);
	must(tunnel_server_skip(w.s, n) >= 0);
}

static uint8_t
payload(int way, size_t i)
{
	return (uint8_t)(i * 73 + (size_t)way);
}

static void
carry(int way, size_t n)
{
	struct way *x = &w.way[way];
	uint8_t bytes[16];
	size_t i;

	for (i = 0; i < n; i++)
		bytes[i] = payload(way, x->sent + i);
	x->sent += put(way, bytes, x->sent + n < LOAD ? n : 0);
}

static void
arrive(int way, size_t n)
{
	struct way *x = &w.way[way];
	const uint8_t *at = peek(way, &n);
	size_t i;

	for (i = 0; i < n; i++)
		must(at[i] == payload(way, x->come + i));
	x->come += n;
	skip(way, n);
}

/* The engine, or behind it whoever has the tunnel. */
static void
server_takes(size_t n)
{
	const uint8_t *at;
	size_t used;
	int f;

	if (server_is_open()) {
		arrive(AB, n);
		return;
	}
	at = peek(AB, &n);
	f = tunnel_server_flags(w.s);
	if (n == 0 || f < 0)
		return;
	f = tunnel_server_feed(w.s, at, n, &used);
	must(f >= 0 && used <= n);
	must(!(f & TUNNEL_REFUSED) || w.refused);
	skip(AB, used);
}

static void
client_takes(size_t n)
{
	const uint8_t *at;
	size_t used;
	int f;

	if (client_is_open()) {
		arrive(BA, n);
		return;
	}
	at = peek(BA, &n);
	f = tunnel_client_flags(w.c);
	if (n == 0 || f < 0)
		return;
	f = tunnel_client_feed(w.c, at, n, &used);
	must(f >= 0 && used <= n);
	skip(BA, used);
}

static void
decide(size_t how)
{
	if (tunnel_server_flags(w.s) != TUNNEL_ASK)
		return;
	must(strcmp(tunnel_server_host(w.s), "a.example") == 0);
	must(tunnel_server_port(w.s) == 443);
	w.refused = how % 4 == 0;
	must((w.refused ? tunnel_server_refuse(w.s, 403, NULL) :
	    tunnel_server_accept(w.s)) >= 0);
}

/* ---- ends ----------------------------------------------------------- */

static void
end(int way)
{
	must(tunnel_pump_eof(w.p, way) > 0);
	w.way[way].eof = 1;
	look(way);
	look(1 - way);
}

static void
die(int side)
{
	w.broken = 1;
	must(tunnel_pump_reset(w.p, side) == 0);
	look(AB);
	look(BA);
}

static void
shut(int way)
{
	if (!(tunnel_pump_flags(w.p, way) & (TUNNEL_FIN | TUNNEL_RESET)))
		return;
	must(tunnel_pump_shut(w.p, way) == TUNNEL_DONE);
	must(tunnel_pump_flags(w.p, way) == TUNNEL_DONE);
}

static void
act(unsigned code)
{
	size_t n = 1 + (code >> 4);

	switch (code & 15) {
	case 0: client_sends(n); break;
	case 1: server_takes(n); break;
	case 2: decide(n); break;
	case 3: server_sends(n); break;
	case 4: client_takes(n); break;
	case 5: if (client_is_open()) carry(AB, n); break;
	case 6: if (server_is_open()) carry(BA, n); break;
	case 7: if (client_is_open()) end(AB); break;
	case 8: if (server_is_open()) end(BA); break;
	case 9: if (n > 12) die((int)(n & 1)); break;
	case 10: shut((int)(n & 1)); break;
	case 11:
		w.now += n;
		must(tunnel_pump_tick(w.p, w.now) != TUNNEL_ETIMEOUT);
		break;
	case 12: client_sends(16 * n); break;
	case 13: server_takes(16 * n); break;
	case 14: server_sends(16 * n); break;
	case 15: client_takes(16 * n); break;
	}
}

/* Everything that moved so far. */
static size_t
moved(void)
{
	return w.way[AB].put + w.way[AB].got + w.way[BA].put + w.way[BA].got;
}

/* Everybody does what he can until nothing moves, which is a byte a round. */
static void
finish(void)
{
	size_t before;
	int i, f;

	for (i = 0, before = (size_t)-1; moved() != before; i++) {
		must(i < 4096);
		before = moved();
		client_sends(7);
		server_takes(5);
		decide(1);
		server_sends(3);
		client_takes(2);
	}
	f = tunnel_client_flags(w.c);
	if (w.broken)
		return;
	must(w.refused ? (f & TUNNEL_REFUSED) && (f & TUNNEL_DONE) :
	    f == TUNNEL_OPEN);
	must(tunnel_client_status(w.c) == (w.refused ? 403 : 200));
	must(w.way[AB].come == w.way[AB].sent);
	must(w.way[BA].come == w.way[BA].sent);
	for (i = 0; i < 2; i++) {
		must(tunnel_pump_held(w.p, i) == 0 || w.refused);
		skip(i, tunnel_pump_held(w.p, i));
		end(i);
		shut(i);
		must(tunnel_pump_flags(w.p, i) == TUNNEL_DONE);
	}
	must(tunnel_pump_tick(w.p, w.now) == TUNNEL_DONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t i;

	if (n < 2 || n > 2000)
		return 0;
	memset(&w, 0, sizeof w);
	w.way[AB].cap = 1 + data[0] % 64;
	w.way[BA].cap = 1 + data[1] % 64;
	w.c = tunnel_client_new(NULL);
	w.s = tunnel_server_new(NULL);
	w.p = tunnel_pump_new(NULL, w.way[AB].cap, w.way[BA].cap);
	must(tunnel_pump_strict(w.p, data[0] >> 6 == 3) == 0);
	w.broken = data[0] >> 6 == 3;   /* one end breaks the other off */
	must(tunnel_client_target(w.c, "a.example", 443) == 0);
	must(tunnel_client_start(w.c) >= 0);
	for (i = 2; i < n; i++)
		act(data[i]);
	finish();
	tunnel_client_free(w.c);
	tunnel_server_free(w.s);
	tunnel_pump_free(w.p);
	return 0;
}
