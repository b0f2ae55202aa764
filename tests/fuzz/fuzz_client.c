/* fuzz_client.c - any bytes as a reply, whole and cut in two: the outcome is the
 * same, and nothing behind a reply is taken */
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct outcome {
	int flags, fault, status, reusable;
	size_t used, body;
};

static void
must(int truth)
{
	if (!truth)
		abort();
}

static void
look(struct tunnel_client *c, struct outcome *o)
{
	const char *name, *value;
	size_t i;

	for (i = 0; (name = tunnel_client_reply_at(c, i, &value)) != NULL;
	    i++) {
		must(strlen(name) > 0 && strpbrk(value, "\r\n") == NULL);
		must(tunnel_client_reply(c, name, 0) != NULL);
	}
	must(strpbrk(tunnel_client_reason(c), "\r\n") == NULL);
	o->fault = tunnel_client_fault(c);
	o->status = tunnel_client_status(c);
	o->reusable = tunnel_client_reusable(c);
	(void)tunnel_client_body(c, &o->body);
	must(o->body <= 4096);
	if (o->flags >= 0 && o->flags & TUNNEL_OPEN)
		must(o->status / 100 == 2);
	if (o->flags >= 0 && o->flags & TUNNEL_REFUSED)
		must(o->status / 100 > 2);
}

static void
run(const uint8_t *data, size_t n, size_t cut, int lf, struct outcome *o)
{
	struct tunnel_client *c = tunnel_client_new(NULL);
	size_t used, unsent;

	memset(o, 0, sizeof *o);
	must(tunnel_client_target(c, "a.example", 443) == 0);
	must(tunnel_client_limit(c, 1000) == 0);
	must(tunnel_client_bare_lf(c, lf) == 0);
	must(tunnel_client_start(c) >= 0);
	(void)tunnel_client_peek(c, &unsent);
	must(tunnel_client_skip(c, unsent) == TUNNEL_IN);
	o->flags = tunnel_client_feed(c, data, cut, &o->used);
	if (o->flags >= 0 && o->flags & TUNNEL_IN) {
		must(o->used == cut);
		o->flags = tunnel_client_feed(c, data + cut, n - cut, &used);
		o->used += used;
	}
	if (o->flags >= 0 && o->flags & TUNNEL_IN)
		o->flags = tunnel_client_eof(c);
	look(c, o);
	/* Whatever it was, another exchange can begin, but in a tunnel. */
	must((tunnel_client_start(c) >= 0) == !(o->flags == TUNNEL_OPEN));
	tunnel_client_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct outcome whole, pieces;
	size_t cut;
	int lf;

	if (n < 2)
		return 0;
	lf = data[0] & 1;
	cut = data[1] % n;
	data += 2;
	n -= 2;
	cut = cut < n ? cut : n;
	run(data, n, n, lf, &whole);
	run(data, n, cut, lf, &pieces);
	must(memcmp(&whole, &pieces, sizeof whole) == 0);
	return 0;
}
