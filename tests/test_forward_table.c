/* test_forward_table.c - tests/vectors/forward.txt: the exact bytes that go on
 *
 * A case is a few lines, in this order:
 *
 *   client[.close]           what the client sends
 *   onward[.END]             what goes to the origin, exactly
 *   origin[.close|.reset]    what that sends
 *   back[.END]               what comes to the client, exactly; or back:STATUS,
 *                            a reply of our own that ends the connection; or
 *                            back.kept502, one that does not
 *
 * The origin of a connection that is reset may have got less.  Or there is the
 * one line refuse:STATUS, with what the client sends: nothing of it goes on.
 * END is of the connection: nothing for one that can be used again, close,
 * reset, open (no HTTP any more), or wait. */
#include "unit.h"
#include "forward_rig.h"
#include "vectors.h"

enum { MOST = 8192 };

static struct the_case {
	struct rig rig;
	char text[4][MOST];     /* client, onward, origin, back */
	size_t n[4];
	char end[4][16];
	int status;             /* of a reply of our own */
	int refused, kept;
	char setting[80];
} now;

static struct rig run;

static size_t cases;

static void
ask_for(struct tunnel_forward *f)
{
	const char *set = now.setting;

	if (strstr(set, "websocket") != NULL)
		assert_int_equal(tunnel_forward_upgrade(f, "websocket"), 0);
	tunnel_forward_absolute(f, strstr(set, "absolute") != NULL);
	tunnel_forward_http10(f, strstr(set, "http10") != NULL);
	tunnel_forward_reuse(f, strstr(set, "single") == NULL);
	tunnel_forward_review(f, strstr(set, "review") != NULL);
}

static void
check_flags(const char *end, int flags)
{
	if (strcmp(end, "wait") == 0)
		assert_int_equal(flags & ~(TUNNEL_IN | TUNNEL_ASK), 0);
	else if (strcmp(end, "open") == 0)
		assert_int_equal(flags, TUNNEL_OPEN);
	else if (strcmp(end, "reset") == 0)
		assert_int_equal(flags, TUNNEL_RESET | TUNNEL_DONE);
	else
		fail_msg("unknown end %s", end);
}

static void
check_a(const struct rig *r)
{
	const char *end = now.end[3];
	char line[32];
	int flags = r->flags[TUNNEL_A];

	if (now.status != 0) {
		snprintf(line, sizeof line, "HTTP/1.1 %d ", now.status);
		assert_memory_equal(r->side[TUNNEL_A].got, line, strlen(line));
		assert_non_null(strstr(r->side[TUNNEL_A].got, now.kept ?
		    "\r\nConnection: keep-alive\r\n" :
		    "\r\nConnection: close\r\n"));
	}
	if ((now.status != 0 && !now.kept) || strcmp(end, "close") == 0)
		assert_int_equal(flags & ~(TUNNEL_IN | TUNNEL_DONE),
		    TUNNEL_FIN);
	else if (end[0] == '\0')
		assert_int_equal(flags, TUNNEL_IN);
	else
		check_flags(end, flags);
}

static void
check_b(const struct rig *r)
{
	const char *end = now.end[1];
	int flags = r->flags[TUNNEL_B];

	if (now.refused)
		assert_int_equal(flags, 0);
	else if (end[0] == '\0')
		assert_int_equal(flags, TUNNEL_REUSE | TUNNEL_DONE);
	else if (strcmp(end, "close") == 0)
		assert_int_equal(flags, TUNNEL_DONE);
	else
		check_flags(end, flags);
}

/* The bytes, with the chunks as they are when all came in one piece. */
static void
same(struct rig_side *s, int i, int exact)
{
	static char want[MOST];
	size_t n = now.n[i];

	memcpy(want, now.text[i], n + 1);
	if (!exact) {
		rig_unchunk(want, &n);
		rig_unchunk(s->got, &s->got_n);
	}
	/* What waits for an origin that is aborted is dropped. */
	if (i == 1 && strcmp(now.end[1], "reset") == 0 && s->got_n < n)
		n = s->got_n;
	if (s->got_n != n || memcmp(s->got, want, n) != 0) {
		print_message("got:\n%s\nand not:\n%s\n", s->got, want);
		fail();
	}
}

static void
once(size_t buffers, size_t piece, size_t cut)
{
	struct tunnel_forward *f = rig_new(NULL, buffers);

	run = now.rig;
	run.piece = piece;
	run.side[TUNNEL_A].cut = run.side[TUNNEL_B].cut = cut;
	ask_for(f);
	rig_run(&run, f);
	same(&run.side[TUNNEL_B], 1, cut == 0 && piece == MOST &&
	    buffers == MOST);
	if (now.status == 0)
		same(&run.side[TUNNEL_A], 3, cut == 0 && piece == MOST &&
		    buffers == MOST);
	check_a(&run);
	check_b(&run);
	tunnel_forward_free(f);
}

static void
finish(void)
{
	size_t most, cut;

	if (now.n[0] == 0)
		return;
	cases++;
	rig_init(&now.rig, now.text[0], now.text[2], MOST);
	now.rig.side[TUNNEL_A].n = now.n[0];
	now.rig.side[TUNNEL_B].n = now.n[2];
	now.rig.side[TUNNEL_A].end = strcmp(now.end[0], "close") == 0 ?
	    RIG_CLOSES : RIG_STAYS;
	now.rig.side[TUNNEL_B].end = strcmp(now.end[2], "close") == 0 ?
	    RIG_CLOSES : strcmp(now.end[2], "reset") == 0 ? RIG_DIES :
	    RIG_STAYS;
	once(MOST, MOST, 0);
	once(MOST, 1, 0);
	once(1, 1, 0);
	once(1, MOST, 0);
	once(7, MOST, 0);
	most = now.n[0] > now.n[2] ? now.n[0] : now.n[2];
	for (cut = 1; cut < most; cut++)
		once(MOST, MOST, cut);
	memset(&now, 0, sizeof now);
}

static void
line(const struct vector *v)
{
	static const char *const part[] = { "client", "onward", "origin",
	    "back" };
	const char *p = v->expect;
	size_t i, n = strcspn(p, ".:");

	if (strncmp(p, "refuse:", 7) == 0 || strncmp(p, "client", 6) == 0) {
		finish();
		snprintf(now.setting, sizeof now.setting, "%s", v->setting);
	}
	now.refused = now.refused || p[0] == 'r';
	if (p[n] == ':')
		now.status = atoi(p + n + 1);
	now.kept = strcmp(p, "back.kept502") == 0;
	if (now.kept)
		now.status = 502;
	for (i = 0; i < 4 && (strncmp(p, part[i], n) != 0 ||
	    part[i][n] != '\0'); i++)
		continue;
	i = now.refused ? 0 : i;
	assert_true(i < 4 && v->n < MOST);
	if (p[n] == '.' && !now.kept)
		snprintf(now.end[i], sizeof now.end[i], "%s", p + n + 1);
	memcpy(now.text[i], v->input, v->n + 1);
	now.n[i] = v->n;
}

static void
table(void **state)
{
	(void)state;
	(void)vectors_run("forward.txt", line);
	finish();
	print_message("%u cases\n", (unsigned)cases);
	assert_true(cases >= 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(table) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
