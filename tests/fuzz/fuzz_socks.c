/* fuzz_socks.c - any bytes as a client of SOCKS, whole and cut in two: the
 * outcome is the same, and what is asked about is sound */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct outcome {
	int flags, fault;
	unsigned port;
	size_t used, said_n, asked;
	uint8_t said[256];
	char user[256], password[256], host[TUNNEL_HOST_MAX];
};

static void
must(int truth)
{
	if (!truth)
		abort();
}

/* Agree to everything; or have it log in, and then perhaps let it down. */
static void
decide(struct tunnel_socks *s, int how, struct outcome *o)
{
	char text[TUNNEL_HOST_MAX + 8];
	size_t n;

	o->asked++;
	if (tunnel_socks_host(s) == NULL) {
		must(tunnel_socks_port(s) == 0);
		must((tunnel_socks_user(s) == NULL) ==
		    (tunnel_socks_password(s) == NULL));
		if (tunnel_socks_user(s) != NULL) {
			strcpy(o->user, tunnel_socks_user(s));
			strcpy(o->password, tunnel_socks_password(s));
		}
		if (how & 1 && tunnel_socks_challenge(s) >= 0)
			return;
		must((how & 2 ? tunnel_socks_fail(s, TUNNEL_EAUTH) :
		    tunnel_socks_accept(s)) >= 0);
		return;
	}
	strcpy(o->host, tunnel_socks_host(s));
	o->port = tunnel_socks_port(s);
	must(tunnel_authority_print(o->host, o->port, text, sizeof text,
	    &n) == 0);
	must(tunnel_socks_accept(s) == TUNNEL_OUT);
}

/* Feed it so many bytes, and do what it asks for: how many it took. */
static size_t
converse(struct tunnel_socks *s, const uint8_t *p, size_t n, int how,
    struct outcome *o)
{
	size_t at = 0, used, got;
	int f;

	for (;;) {
		f = tunnel_socks_feed(s, p + at, n - at, &used);
		at += used;
		if (f == TUNNEL_ASK) {
			decide(s, how, o);
		} else if (f >= 0 && f & TUNNEL_OUT) {
			must(sizeof o->said - o->said_n > 0);
			must(tunnel_socks_drain(s, o->said + o->said_n,
			    sizeof o->said - o->said_n, &got) >= 0);
			o->said_n += got;
		} else {
			must(f != TUNNEL_IN || at == n);
			return at;
		}
	}
}

static void
run(const uint8_t *data, size_t n, size_t cut, int how, struct outcome *o)
{
	struct tunnel_socks *s = tunnel_socks_new(NULL);

	memset(o, 0, sizeof *o);
	o->used = converse(s, data, cut, how, o);
	if (o->used == cut)
		o->used += converse(s, data + cut, n - cut, how, o);
	if (tunnel_socks_flags(s) == TUNNEL_IN && how & 4)
		(void)tunnel_socks_fail(s, TUNNEL_ESLOW);
	else if (tunnel_socks_flags(s) == TUNNEL_IN)
		must(tunnel_socks_eof(s) == TUNNEL_EEOF);
	o->flags = tunnel_socks_flags(s);
	o->fault = tunnel_socks_fault(s);
	must((o->fault == 0) == (o->flags == TUNNEL_OPEN));
	must(o->flags != TUNNEL_OPEN || o->host[0] != '\0');
	must(o->asked <= 3);
	tunnel_socks_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct outcome whole, pieces;
	size_t cut;
	int how;

	if (n < 2)
		return 0;
	how = data[0];
	cut = data[1] % n;
	data += 2;
	n -= 2;
	cut = cut < n ? cut : n;
	run(data, n, n, how, &whole);
	run(data, n, cut, how, &pieces);
	must(memcmp(&whole, &pieces, sizeof whole) == 0);
	return 0;
}
