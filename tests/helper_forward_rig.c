/* helper_forward_rig.c - see forward_rig.h */
#include "forward_rig.h"

#include "unit.h"

void
rig_init(struct rig *r, const char *client, const char *origin, size_t piece)
{
	memset(r, 0, sizeof *r);
	r->side[TUNNEL_A].says = client;
	r->side[TUNNEL_A].n = strlen(client);
	r->side[TUNNEL_B].says = origin;
	r->side[TUNNEL_B].n = strlen(origin);
	r->piece = piece;
}

const char *
rig_take(struct tunnel_forward *f, int side)
{
	static char text[2][8192];
	size_t n;

	assert_true(tunnel_forward_drain(f, side, text[side],
	    sizeof text[side] - 1, &n) != TUNNEL_EINVAL);
	text[side][n] = '\0';
	return text[side];
}

struct tunnel_forward *
rig_new(const struct tunnel_alloc *a, size_t buffers)
{
	struct tunnel_forward *f = tunnel_forward_new(a);

	if (f == NULL)
		return NULL;
	if (tunnel_forward_via(f, "p") < 0) {
		tunnel_forward_free(f);
		return NULL;
	}
	assert_int_equal(tunnel_forward_buffers(f, buffers, buffers), 0);
	return f;
}

/* Take what is to be sent to a side: 1 when there was some. */
static int
empty(struct rig *r, struct tunnel_forward *f, int side)
{
	struct rig_side *s = &r->side[side];
	size_t got, max = sizeof s->got - 1 - s->got_n;

	if ((tunnel_forward_flags(f, side) & TUNNEL_OUT) == 0 ||
	    tunnel_forward_flags(f, side) < 0)
		return 0;
	max = max < r->piece ? max : r->piece;
	assert_true(max > 0);
	(void)tunnel_forward_drain(f, side, s->got + s->got_n, max, &got);
	s->got_n += got;
	s->got[s->got_n] = '\0';
	return got > 0;
}

/* Say some more: 1 when some of it was taken. */
static int
fill(struct rig *r, struct tunnel_forward *f, int side)
{
	struct rig_side *s = &r->side[side];
	int flags = tunnel_forward_flags(f, side);
	size_t n = s->n - s->at, used;
	uint8_t *copy;

	if (flags < 0 || (flags & TUNNEL_IN) == 0)
		return 0;
	if (n == 0) {
		if (s->end == RIG_STAYS || s->ended)
			return 0;
		s->ended = 1;
		(void)(s->end == RIG_CLOSES ? tunnel_forward_eof(f, side) :
		    tunnel_forward_reset(f, side));
		return 1;
	}
	n = n < r->piece ? n : r->piece;
	if (s->at < s->cut && s->cut - s->at < n)
		n = s->cut - s->at;
	/* In a block of its own, so that a look past its end is seen. */
	copy = malloc(n);
	assert_non_null(copy);
	memcpy(copy, s->says + s->at, n);
	(void)tunnel_forward_feed(f, side, copy, n, &used);
	free(copy);
	s->at += used;
	/* A byte that breaks something is not used. */
	return used > 0 || tunnel_forward_flags(f, side) != flags;
}

static int
decide(struct rig *r, struct tunnel_forward *f)
{
	int a = tunnel_forward_flags(f, TUNNEL_A);
	int b = tunnel_forward_flags(f, TUNNEL_B);

	if (a >= 0 && (a & TUNNEL_ASK) != 0) {
		r->asked++;
		return (r->ask != NULL ? r->ask(f, r) :
		    tunnel_forward_pass(f, r->reused)) >= 0;
	}
	if ((b & TUNNEL_RECONNECT) != 0 && r->again != NULL)
		return r->again(f, r) >= 0;
	if ((b & TUNNEL_ASK) != 0)
		return (r->review != NULL ? r->review(f, r) :
		    tunnel_forward_deliver(f)) >= 0;
	return 0;
}

void
rig_run(struct rig *r, struct tunnel_forward *f)
{
	int moved;

	do {
		if (r->turn != NULL)
			r->turn(f, r);
		moved = empty(r, f, TUNNEL_B) || empty(r, f, TUNNEL_A) ||
		    decide(r, f) || fill(r, f, TUNNEL_A) ||
		    fill(r, f, TUNNEL_B);
	} while (moved);
	r->flags[TUNNEL_A] = tunnel_forward_flags(f, TUNNEL_A);
	r->flags[TUNNEL_B] = tunnel_forward_flags(f, TUNNEL_B);
}

/* Unframe from p on: content to *out, and the rest of the message's framing as
 * it is.  Where the next message begins. */
static const char *
unchunk_one(const char *p, const char *end, char **out)
{
	const char *line;
	size_t n = 1;

	while (n > 0 && (line = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n = (size_t)strtoul(p, NULL, 16);
		if (n == 0)
			break;
		p = line + 1;
		if (n > (size_t)(end - p))
			n = (size_t)(end - p);
		memmove(*out, p, n);
		*out += n;
		p += n;
		p += end - p < 2 ? end - p : 2;
	}
	return p;
}

void
rig_unchunk(char *text, size_t *n)
{
	static const char mark[] = "Transfer-Encoding: chunked\r\n";
	const char *p = text, *end = text + *n, *head;
	char *out = text;
	size_t some;

	while ((head = strstr(p, mark)) != NULL &&
	    (head = strstr(head, "\r\n\r\n")) != NULL) {
		some = (size_t)(head + 4 - p);
		memmove(out, p, some);
		out += some;
		p = unchunk_one(p + some, end, &out);
	}
	memmove(out, p, (size_t)(end - p) + 1);
	*n = (size_t)(out - text) + (size_t)(end - p);
}

static void
compare(const char *what, struct rig_side *s, const char *want)
{
	rig_unchunk(s->got, &s->got_n);
	if (s->got_n != strlen(want) || memcmp(s->got, want, s->got_n) != 0) {
		print_message("%s:\n%s\nand not:\n%s\n", what, s->got, want);
		fail();
	}
}

static void
once(const struct rig *r, void (*setup)(struct tunnel_forward *f),
    size_t buffers, size_t piece, size_t cut, const char *onward,
    const char *back, const int *flags)
{
	static struct rig run;
	struct tunnel_forward *f = rig_new(NULL, buffers);

	run = *r;
	run.piece = piece;
	run.side[TUNNEL_A].cut = run.side[TUNNEL_B].cut = cut;
	if (setup != NULL)
		setup(f);
	rig_run(&run, f);
	compare("onward", &run.side[TUNNEL_B], onward);
	compare("back", &run.side[TUNNEL_A], back);
	assert_int_equal(run.flags[TUNNEL_A], flags[0]);
	assert_int_equal(run.flags[TUNNEL_B], flags[1]);
	tunnel_forward_free(f);
}

void
rig_expect(const struct rig *r, void (*setup)(struct tunnel_forward *f),
    const char *onward, const char *back, int flags_a, int flags_b)
{
	static const size_t sizes[] = { 1, 2, 7, 64, 16384 };
	int flags[2];
	size_t i, cut, most;

	flags[0] = flags_a;
	flags[1] = flags_b;
	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		once(r, setup, sizes[i], 16384, 0, onward, back, flags);
		once(r, setup, sizes[i], 1, 0, onward, back, flags);
	}
	most = r->side[0].n > r->side[1].n ? r->side[0].n : r->side[1].n;
	for (cut = 1; cut < most; cut++)
		once(r, setup, 16384, 16384, cut, onward, back, flags);
}

int
side_say(struct tunnel_forward *f, int side, const char *text)
{
	size_t used;
	int rv = tunnel_forward_feed(f, side, text, strlen(text), &used);

	assert_int_equal(used, strlen(text));
	return rv;
}

struct tunnel_forward *
side_sent(const char *request, int reused)
{
	struct tunnel_forward *f = rig_new(NULL, 256);
	size_t used;

	(void)tunnel_forward_feed(f, TUNNEL_A, request, strlen(request), &used);
	assert_int_equal(tunnel_forward_flags(f, TUNNEL_A), TUNNEL_ASK);
	assert_true(tunnel_forward_pass(f, reused) >= 0);
	return f;
}
