/* body.c - where the body of a message ends
 *
 *            +------------------------- DATA_LF <- DATA_CR <----+
 *            v                                                  |
 *   chunk: SIZE -> PAD -> EXTENSION -> SIZE_LF -> (size > 0) DATA
 *                                  |
 *                    (size 0)  TRAILER_START -> TRAILER -> TRAILER_LF
 *                                  |    ^----------------------+
 *                               END_LF -> END
 *
 * RFC 9112 sections 6.3 and 7.1.  Lengths are counted down, so none is ever
 * added up and none can wrap.  Extensions and trailers are read over; together
 * with the sizes they have an allowance, or a peer could feed us framing for
 * ever without a byte of content.
 */
#include "core/body.h"

#include <assert.h>

#include "core/ascii.h"

enum state {
	SIZE, PAD, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER_START,
	TRAILER, TRAILER_LF, END_LF, END
};

enum { SPARE = 65536 };

static int
chunked(const struct tnl_body *b)
{
	return b->kind == TNL_BODY_CHUNKED || b->kind == TNL_BODY_CHUNKS;
}

static void
go(struct tnl_body *b, enum state next)
{
	if (next == SIZE) {
		b->left = 0;
		b->digits = 0;
	}
	if (next == DATA)
		b->spare = SPARE;       /* content pays for more framing */
	b->state = (int)next;
}

void
tnl_body_init(struct tnl_body *b, int kind, uint64_t left)
{
	b->kind = kind;
	b->left = kind == TNL_BODY_LENGTH ? left : 0;
	b->digits = 0;
	b->spare = SPARE;
	b->state = chunked(b) ? SIZE :
	    kind == TNL_BODY_CLOSE || b->left > 0 ? DATA : END;
}

/* Behind the size: the line's end or an extension, and before both of them
 * blanks, which are bad manners but understood in one way only. */
static int
pad_byte(struct tnl_body *b, uint8_t c)
{
	if (c != '\r' && c != ';' && !tnl_is(c, TNL_BLANK))
		return TUNNEL_EFRAMING;
	go(b, c == '\r' ? SIZE_LF : c == ';' ? EXTENSION : PAD);
	return 0;
}

/* One or more hex digits, then an extension or the line's end. */
static int
size_byte(struct tnl_body *b, uint8_t c)
{
	int v = tnl_hex(c);

	if (v >= 0) {
		if (b->left >> 59 != 0)
			return TUNNEL_EFRAMING;
		b->left = b->left << 4 | (uint64_t)v;
		b->digits = 1;
		return 0;
	}
	return b->digits > 0 ? pad_byte(b, c) : TUNNEL_EFRAMING;
}

/* Bytes of a line that nobody reads, up to its CR. */
static int
line_byte(struct tnl_body *b, uint8_t c, enum state cr, enum state other)
{
	if (c != '\r' && !tnl_is(c, TNL_VALUE))
		return TUNNEL_EFRAMING;
	go(b, c == '\r' ? cr : other);
	return 0;
}

static int
expect(struct tnl_body *b, uint8_t c, uint8_t want, enum state next)
{
	if (c != want)
		return TUNNEL_EFRAMING;
	go(b, next);
	return 0;
}

static int
step(struct tnl_body *b, uint8_t c)
{
	switch ((enum state)b->state) {
	case SIZE:
		return size_byte(b, c);
	case PAD:
		return pad_byte(b, c);
	case EXTENSION:
		return line_byte(b, c, SIZE_LF, EXTENSION);
	case SIZE_LF:
		return expect(b, c, '\n', b->left > 0 ? DATA :
		    b->kind == TNL_BODY_CHUNKS ? END : TRAILER_START);
	case DATA_CR:
		return expect(b, c, '\r', DATA_LF);
	case DATA_LF:
		return expect(b, c, '\n', SIZE);
	case TRAILER_START:
		return line_byte(b, c, END_LF, TRAILER);
	case TRAILER:
		return line_byte(b, c, TRAILER_LF, TRAILER);
	case TRAILER_LF:
		return expect(b, c, '\n', TRAILER_START);
	case END_LF:
		return expect(b, c, '\n', END);
	case DATA:
	case END:
		break;
	}
	assert(0);
	return TUNNEL_EFRAMING;
}

/* Content: as much as there is of it. */
static size_t
take(struct tnl_body *b, size_t n)
{
	if (b->kind == TNL_BODY_CLOSE)
		return n;
	if (n > b->left)
		n = (size_t)b->left;
	b->left -= n;
	if (b->left == 0)
		go(b, chunked(b) ? DATA_CR : END);
	return n;
}

int
tnl_body_feed(struct tnl_body *b, const uint8_t *in, size_t n, size_t *used,
    size_t *content)
{
	size_t at = 0;

	*used = *content = 0;
	while (at < n && b->state != END && b->state != DATA) {
		if (b->spare == 0 || step(b, in[at]) < 0)
			return TUNNEL_EFRAMING;
		b->spare--;
		*used = ++at;
	}
	if (b->state == DATA && at < n) {
		*content = take(b, n - at);
		*used = at + *content;
	}
	return b->state == END;
}

int
tnl_body_eof(const struct tnl_body *b)
{
	return b->kind == TNL_BODY_CLOSE || b->state == END ? 1 : TUNNEL_EEOF;
}
