/* fuzz_parts.c - any bytes as a head, as content in chunks and as a preface, whole
 * and in pieces: the outcome is the same, and nothing behind them is taken */
#include <stdlib.h>
#include <string.h>

#include "core/body.h"
#include "core/head.h"
#include "core/preface.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { MOST = 4096 };

static void
must(int truth)
{
	if (!truth)
		abort();
}

/* ---- a head ---------------------------------------------------------- */

static int
read_head(struct tnl_head *h, const uint8_t *p, size_t n, size_t step,
    size_t *at)
{
	size_t used, piece;
	int rv = 0;

	for (*at = 0; *at < n && rv == 0; *at += used) {
		piece = n - *at < step ? n - *at : step;
		rv = tnl_head_feed(h, p + *at, piece, &used);
		must(used <= piece && (rv != 0 || used == piece));
	}
	return rv;
}

static void
head(const uint8_t *p, size_t n, int how, size_t step)
{
	struct tunnel_alloc a;
	struct tnl_head whole, pieces;
	size_t at[2];
	int rv[2];

	tnl_alloc_init(&a, NULL);
	tnl_head_init(&whole, &a, how % 3, 100, 500, how & 4 ? 1 : 0);
	tnl_head_init(&pieces, &a, how % 3, 100, 500, how & 4 ? 1 : 0);
	rv[0] = read_head(&whole, p, n, n, &at[0]);
	rv[1] = read_head(&pieces, p, n, step, &at[1]);
	must(rv[0] == rv[1] && at[0] == at[1] && at[0] <= 500 + 100);
	must(whole.text.n == pieces.text.n);
	must(whole.text.n == 0 || memcmp(tnl_buf_text(&whole.text, 0),
	    tnl_buf_text(&pieces.text, 0), whole.text.n) == 0);
	if (rv[0] == 1) {
		must(p[at[0] - 1] == '\n');
		must(whole.version == pieces.version);
		must(whole.status == pieces.status);
	}
	tnl_head_free(&whole);
	tnl_head_free(&pieces);
}

/* ---- content --------------------------------------------------------- */

static int
read_body(int kind, uint64_t left, const uint8_t *p, size_t n, size_t step,
    size_t *at, uint8_t *out, size_t *got)
{
	struct tnl_body b;
	size_t used, content, piece;
	int rv, turns = 0;

	*got = 0;
	tnl_body_init(&b, kind, left);
	for (*at = 0; ; *at += used) {
		piece = n - *at < step ? n - *at : step;
		rv = tnl_body_feed(&b, p + *at, piece, &used, &content);
		must(used <= piece && content <= used);
		must(++turns < 3 * MOST);
		memcpy(out + *got, p + *at + used - content, content);
		*got += content;
		if (rv != 0 || *at + used == n)
			break;
		must(used > 0 || piece == 0);
	}
	*at += used;
	return rv != 0 ? rv : tnl_body_eof(&b);
}

static void
body(const uint8_t *p, size_t n, int how, size_t step)
{
	static uint8_t out[2][MOST];
	size_t at[2], got[2];
	int kind = how % 5, rv[2];

	rv[0] = read_body(kind, step, p, n, n, &at[0], out[0], &got[0]);
	rv[1] = read_body(kind, step, p, n, step, &at[1], out[1], &got[1]);
	must(rv[0] == rv[1] && got[0] == got[1]);
	must(rv[0] < 0 || at[0] == at[1]);
	must(memcmp(out[0], out[1], got[0]) == 0);
}

/* ---- a preface ------------------------------------------------------- */

static void
write_again(const struct tnl_preface *f, int version)
{
	uint8_t out[TNL_PREFACE_SENT_MAX];
	struct tnl_preface again;
	size_t n = tnl_preface_write(f, version, out);

	must(n > 0 && n <= sizeof out);
	memset(&again, 0, sizeof again);
	must(tnl_preface_more(&again, out, n) == 0);
	must(again.known == f->known);
	if (!f->known)
		return;
	must(again.addr_n == f->addr_n && again.sport == f->sport &&
	    again.dport == f->dport);
	must(memcmp(again.src, f->src, f->addr_n) == 0);
	must(memcmp(again.dst, f->dst, f->addr_n) == 0);
}

static void
preface(const uint8_t *p, size_t n)
{
	struct tnl_preface f;
	size_t have = 0;
	int more;

	memset(&f, 0, sizeof f);
	while ((more = tnl_preface_more(&f, p, have)) > 0) {
		must(have + (size_t)more <= TNL_PREFACE_MAX);
		if ((size_t)more > n - have)
			return;
		have += (size_t)more;
	}
	if (more < 0)
		return;
	write_again(&f, 1);
	write_again(&f, 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t step;

	if (n < 2 || n > MOST)
		return 0;
	step = 1 + data[1] % 16;
	head(data + 2, n - 2, data[0], step);
	body(data + 2, n - 2, data[0], step);
	preface(data + 2, n - 2);
	return 0;
}
