/* fuzz_forward.c - any bytes as a client and as an origin, in any pieces: the
 * outcome is the same, and what goes on is read by another forward as the same
 * messages, to the byte.  With SHOW it prints what went on, and as what we read
 * it, for gate_reading.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tunnel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { A = TUNNEL_A, B = TUNNEL_B, MOST = 65536 };

enum {
	ABSOLUTE = 1, HTTP10 = 2, SINGLE = 4, UPGRADE = 8, REVIEW = 16,
	CLOSES = 32, DIES = 64, REUSED = 128
};

struct side {
	const uint8_t *says;
	size_t n, at;
	int end;                /* 1: it closes, 2: it dies */
	uint8_t got[MOST];
	size_t got_n;
};

struct run {
	struct side side[2];
	struct tunnel_forward *f;
	int options;
	int echoes;             /* we are the origin, and send content back */
	int old;                /* the client speaks HTTP/1.0 */
	int here;               /* the request can go no further */
	uint32_t seed;          /* of the pieces; 0: all in one */
	int flags[2], ended[2], fault, status, passes;
	uint64_t bytes[2];
	/* what the last message was read as */
	char method[64], target[1024];
	uint8_t content[2][8192];
	size_t content_n[2];
};

static void
must(int truth)
{
	if (!truth)
		abort();
}

static void
see(void *ud, int side, const void *bytes, size_t n)
{
	struct run *r = ud;

	if (n > sizeof r->content[side] - r->content_n[side])
		return;
	memcpy(r->content[side] + r->content_n[side], bytes, n);
	r->content_n[side] += n;
}

/* hex bytes, or "-" */
static inline void
show_bytes(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		(void)printf("%02x", p[i]);
	(void)printf(n > 0 ? " " : "- ");
}

/* Bytes, whether they end with the connection, and the message that another
 * forward has found in them, whole or not. */
static inline void
show(const char *what, const struct side *s, const struct run *as, int side,
    int closed)
{
	(void)printf("%s %d %d ", what, closed, as->ended[side] == 1);
	show_bytes(s->got, s->got_n);
	show_bytes((const uint8_t *)as->method, strlen(as->method));
	show_bytes((const uint8_t *)as->target, strlen(as->target));
	show_bytes(as->content[side], as->content_n[side]);
	(void)printf("%d\n", as->status);
}

static size_t
piece(struct run *r, size_t n)
{
	if (r->seed == 0 || n == 0)
		return n;
	r->seed = r->seed * 1103515245u + 12345u;
	return 1 + (r->seed >> 16) % (n < 9 ? n : 9);
}

static int
empty(struct run *r, int side)
{
	struct side *s = &r->side[side];
	const void *p;
	size_t n;

	p = tunnel_forward_peek(r->f, side, &n);
	if (n == 0)
		return 0;
	n = piece(r, n);
	must(n <= MOST - s->got_n);
	memcpy(s->got + s->got_n, p, n);
	s->got_n += n;
	(void)tunnel_forward_skip(r->f, side, n);
	return 1;
}

static int
fill(struct run *r, int side)
{
	struct side *s = &r->side[side];
	int flags = tunnel_forward_flags(r->f, side);
	size_t used;

	if (flags < 0 || (flags & TUNNEL_IN) == 0)
		return 0;
	if (s->at == s->n) {
		if (s->end == 0)
			return 0;
		(void)(s->end == 1 ? tunnel_forward_eof(r->f, side) :
		    tunnel_forward_reset(r->f, side));
		s->end = 0;
		return 1;
	}
	(void)tunnel_forward_feed(r->f, side, s->says + s->at,
	    piece(r, s->n - s->at), &used);
	s->at += used;
	return used > 0 || tunnel_forward_flags(r->f, side) != flags;
}

/* Content that came goes back: 1 when some did. */
static int
echo(struct run *r)
{
	const void *p;
	size_t n, used;

	if (!r->echoes)
		return 0;
	p = tunnel_forward_content(r->f, A, &n);
	if (n == 0)
		return tunnel_forward_ended(r->f, A) == 1 &&
		    tunnel_forward_end(r->f, A) >= 0;
	if (tunnel_forward_put(r->f, A, p, piece(r, n), &used) < 0)
		return 0;
	must(tunnel_forward_consume(r->f, A, used) >= 0);
	return used > 0;
}

static int
decide(struct run *r)
{
	int a = tunnel_forward_flags(r->f, A);
	int b = tunnel_forward_flags(r->f, B);

	if (a >= 0 && (a & TUNNEL_ASK) != 0) {
		struct tunnel_server *s = tunnel_forward_server(r->f);

		r->passes++;
		strncpy(r->method, tunnel_server_method(s),
		    sizeof r->method - 1);
		strncpy(r->target, tunnel_server_target(s),
		    sizeof r->target - 1);
		if (strcmp(tunnel_server_method(s), "CONNECT") == 0)
			return tunnel_server_refuse(s, 403, NULL) >= 0;
		must(tunnel_forward_path(r->f) != NULL);
		r->old = tunnel_server_version(s) < 11;
		r->here = tunnel_forward_own(r->f) ||
		    tunnel_forward_host(r->f) == NULL;
		if (r->echoes)
			return tunnel_forward_serve(r->f) >= 0 &&
			    tunnel_forward_respond(r->f, 200) >= 0;
		return tunnel_forward_pass(r->f, r->options & REUSED) >= 0;
	}
	if ((b & TUNNEL_RECONNECT) != 0) {
		r->side[B].got_n = 0;
		return tunnel_forward_pass(r->f, 0) >= 0;
	}
	return (b & TUNNEL_ASK) != 0 && tunnel_forward_deliver(r->f) >= 0;
}

static void
carry(struct run *r, const char *via, size_t buffers)
{
	int i;

	r->f = tunnel_forward_new(NULL);
	must(tunnel_forward_via(r->f, via) == 0);
	must(tunnel_forward_buffers(r->f, buffers, buffers) == 0);
	must(tunnel_forward_upgrade(r->f, r->options & UPGRADE ? "u" : NULL) ==
	    0);
	tunnel_forward_absolute(r->f, r->options & ABSOLUTE);
	tunnel_forward_http10(r->f, r->options & HTTP10);
	tunnel_forward_reuse(r->f, !(r->options & SINGLE));
	tunnel_forward_review(r->f, r->options & REVIEW);
	must(tunnel_forward_on_content(r->f, see, r) == 0);
	while (empty(r, B) || empty(r, A) || decide(r) || echo(r) ||
	    fill(r, A) || fill(r, B))
		continue;
	for (i = 0; i < 2; i++) {
		r->flags[i] = tunnel_forward_flags(r->f, i);
		r->bytes[i] = tunnel_forward_bytes(r->f, i);
		r->ended[i] = tunnel_forward_ended(r->f, i);
		must(r->flags[i] < 0 || (r->flags[i] & TUNNEL_OUT) == 0);
	}
	r->fault = tunnel_forward_fault(r->f);
	r->status = tunnel_forward_status(r->f);
	tunnel_forward_free(r->f);
}

/* Does Max-Forwards count down, so that the same request is another each
 * time? */
static int
counted(const struct run *r)
{
	size_t i;

	for (i = 0; i + 13 <= r->side[B].got_n; i++)
		if (memcmp(r->side[B].got + i, "Max-Forwards:", 13) == 0)
			return 1;
	return 0;
}

/* What went to the origin, to another forward. */
static void
once_more(const struct run *r, struct run *t)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	static char many[MOST];
	size_t n, i;

	if (r->flags[A] < 0 || (r->flags[B] & TUNNEL_RESET) != 0 ||
	    r->passes != 1 || counted(r) || (r->options & HTTP10) != 0)
		return;
	memset(t, 0, sizeof *t);
	n = sizeof ok - 1;
	for (i = 0; i < 4; i++)
		memcpy(many + i * n, ok, n);
	t->options = r->options;
	t->side[A].says = r->side[B].got;
	t->side[A].n = r->side[B].got_n;
	t->side[B].says = (const uint8_t *)many;
	t->side[B].n = 4 * n;
	carry(t, "", MOST);
	must(t->passes == (r->side[B].got_n > 0));
	must(t->side[B].got_n == r->side[B].got_n);
	must(memcmp(t->side[B].got, r->side[B].got, r->side[B].got_n) == 0);
	must(t->side[A].at == t->side[A].n);
}

/* And what came to the client, from an origin, for the same requests.  Of an
 * origin that leaves after its reply nobody knows whether it takes what the
 * request still lacks, so the client is told to leave, too; we know of us. */
static void
back_again(const struct run *r, struct run *t)
{
	if (r->fault != 0 || r->flags[A] < 0 || r->passes != 1 || counted(r) ||
	    (r->options & HTTP10) != 0 ||
	    (r->flags[A] & (TUNNEL_RESET | TUNNEL_OPEN)) != 0 ||
	    r->status == 0 || r->side[A].got_n == 0 ||
	    (r->echoes ? r->old || r->here ||
	    ((r->options & SINGLE) != 0 && r->ended[A] != 1) :
	    r->side[B].got_n == 0))
		return;
	memset(t, 0, sizeof *t);
	t->options = r->options & ~REUSED;
	t->side[A] = r->side[A];
	t->side[A].at = t->side[A].got_n = 0;
	t->side[A].end = 0;
	t->side[B].says = r->side[A].got;
	t->side[B].n = r->side[A].got_n;
	t->side[B].end = (r->flags[A] & TUNNEL_FIN) != 0;
	carry(t, "", MOST);
	must(t->side[A].got_n == r->side[A].got_n);
	must(memcmp(t->side[A].got, r->side[A].got, r->side[A].got_n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct run whole, pieces, again;
	size_t client;
	int i;

	if (n < 5 || n > 4096)
		return 0;
	memset(&whole, 0, sizeof whole);
	whole.options = data[0];
	client = (size_t)data[3] << 8 | data[4];
	pieces.seed = data[1] + 1u;
	i = data[2];
	data += 5;
	n -= 5;
	client = client % (n + 1);
	whole.side[A].says = data;
	whole.side[A].n = client;
	whole.side[A].end = i & 1;
	whole.echoes = i >> 1 & 1;
	whole.side[B].says = data + client;
	whole.side[B].n = n - client;
	whole.side[B].end = whole.options & CLOSES ? 1 :
	    whole.options & DIES ? 2 : 0;
	i = (int)pieces.seed;
	pieces = whole;
	pieces.seed = (uint32_t)i;
	carry(&whole, "p", MOST);
	carry(&pieces, "p", 1 + pieces.seed % 64);
	for (i = 0; i < 2; i++) {
		must(whole.flags[i] == pieces.flags[i]);
		must(whole.ended[i] == pieces.ended[i]);
		must(whole.bytes[i] == pieces.bytes[i] ||
		    (whole.flags[A] & TUNNEL_RESET) != 0 || whole.fault != 0);
	}
	must(whole.fault == pieces.fault && whole.status == pieces.status);
	again.passes = 0;
	once_more(&whole, &again);
#ifdef SHOW
	if (again.passes == 1)
		show("request", &whole.side[B], &again, A, 0);
#endif
	again.passes = 0;
	back_again(&whole, &again);
#ifdef SHOW
	if (again.passes == 1)
		show("reply", &whole.side[A], &again, B,
		    (whole.flags[A] & TUNNEL_FIN) != 0);
#endif
	return 0;
}
