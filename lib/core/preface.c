/* preface.c - the PROXY protocol, versions 1 and 2
 *
 * A load balancer in front of us says in whose name it connects, as the first
 * bytes of the connection:
 *
 *   v1   "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n"   at most 107 bytes
 *        "PROXY UNKNOWN ...\r\n"
 *   v2   12 bytes of signature, version and command, family, length; then two
 *        addresses, two ports, and what may follow them
 *
 * (HAProxy, "The PROXY protocol, versions 1 & 2".)  Read in steps that never
 * reach beyond it: 15 bytes first, as the shortest has, then a line byte by
 * byte, or what the length says.
 */
#include "core/preface.h"

#include <string.h>

#include "core/address.h"
#include "core/ascii.h"

enum { SHORTEST = 15, LINE_MAX_V1 = 107, FIXED_V2 = 16 };

static const uint8_t signature[12] = {
	0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
};

/* ---- version 1 ------------------------------------------------------ */

/* The next word up to a blank or the end of the line. */
static size_t
word(const char *p, const char *end)
{
	const char *at = p;

	while (at < end && *at != ' ')
		at++;
	return (size_t)(at - p);
}

/* Take a word and the blank behind it; its length, 0: there is none. */
static size_t
take(const char **p, const char *end, const char **at)
{
	size_t n = word(*p, end);

	*at = *p;
	*p += n;
	if (*p < end)
		++*p;
	return n;
}

static int
read_port(const char *p, size_t n, unsigned *port)
{
	uint64_t v;

	if (n == 0 || n > 5 || !tnl_decimal(p, n, 65535, &v))
		return 0;
	*port = (unsigned)v;
	return 1;
}

/* The line without its CR LF. */
static int
read_line(struct tnl_preface *p, const char *at, const char *end)
{
	const char *w;
	size_t n, want;

	at += 6;
	n = take(&at, end, &w);
	if (n == 7 && memcmp(w, "UNKNOWN", 7) == 0)
		return 1;
	if (n != 4 || memcmp(w, "TCP", 3) != 0 || (w[3] != '4' && w[3] != '6'))
		return 0;
	want = w[3] == '4' ? 4 : 16;
	n = take(&at, end, &w);
	if (tnl_address_parse(w, n, p->src) != want)
		return 0;
	n = take(&at, end, &w);
	if (tnl_address_parse(w, n, p->dst) != want)
		return 0;
	n = take(&at, end, &w);
	if (!read_port(w, n, &p->sport))
		return 0;
	n = take(&at, end, &w);
	p->known = 1;
	p->addr_n = want;
	return read_port(w, n, &p->dport) && w + n == end;
}

static int
more_v1(struct tnl_preface *p, const uint8_t *in, size_t n)
{
	if (in[n - 1] != '\n')
		return n < LINE_MAX_V1 ? 1 : -1;
	if (in[n - 2] != '\r')
		return -1;
	return read_line(p, (const char *)in, (const char *)in + n - 2) ?
	    0 : -1;
}

/* ---- version 2 ------------------------------------------------------ */

static unsigned
number(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static int
more_v2(struct tnl_preface *p, const uint8_t *in, size_t n)
{
	size_t size, length;

	if (n < FIXED_V2)
		return (int)(FIXED_V2 - n);
	length = number(in + 14);
	if (in[12] >> 4 != 2 || (in[12] & 15) > 1 ||
	    FIXED_V2 + length > TNL_PREFACE_MAX)
		return -1;
	if (n < FIXED_V2 + length)
		return (int)(FIXED_V2 + length - n);
	/* LOCAL, or no TCP: the connection is its own. */
	size = in[13] == 0x11 ? 4 : in[13] == 0x21 ? 16 : 0;
	if ((in[12] & 15) == 0 || size == 0)
		return 0;
	if (length < 2 * size + 4)
		return -1;
	in += FIXED_V2;
	p->known = 1;
	p->addr_n = size;
	memcpy(p->src, in, size);
	memcpy(p->dst, in + size, size);
	p->sport = number(in + 2 * size);
	p->dport = number(in + 2 * size + 2);
	return 0;
}

int
tnl_preface_more(struct tnl_preface *p, const uint8_t *in, size_t n)
{
	memset(p, 0, sizeof *p);
	if (memcmp(in, "PROXY ", n < 6 ? n : 6) == 0)
		return n < SHORTEST ? (int)(SHORTEST - n) : more_v1(p, in, n);
	if (memcmp(in, signature, n < 12 ? n : 12) == 0)
		return n < SHORTEST ? (int)(SHORTEST - n) : more_v2(p, in, n);
	return -1;
}

/* ---- writing -------------------------------------------------------- */

static uint8_t *
put_text(uint8_t *out, const char *text)
{
	size_t n = strlen(text);

	memcpy(out, text, n);
	return out + n;
}

static uint8_t *
put_number(uint8_t *out, unsigned v, unsigned base)
{
	static const char digits[] = "0123456789abcdef";
	unsigned unit = 1;

	while (v / unit >= base)
		unit *= base;
	for (; unit > 0; unit /= base)
		*out++ = (uint8_t)digits[v / unit % base];
	return out;
}

/* IPv6 in full, which every reader understands. */
static uint8_t *
put_address(uint8_t *out, const uint8_t *addr, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += n == 4 ? 1 : 2) {
		if (i > 0)
			*out++ = n == 4 ? '.' : ':';
		out = n == 4 ? put_number(out, addr[i], 10) :
		    put_number(out, number(addr + i), 16);
	}
	return out;
}

static size_t
write_v1(const struct tnl_preface *p, uint8_t *out)
{
	uint8_t *at = out;

	if (!p->known)
		return (size_t)(put_text(out, "PROXY UNKNOWN\r\n") - out);
	at = put_text(at, p->addr_n == 4 ? "PROXY TCP4 " : "PROXY TCP6 ");
	at = put_address(at, p->src, p->addr_n);
	at = put_text(at, " ");
	at = put_address(at, p->dst, p->addr_n);
	at = put_text(at, " ");
	at = put_number(at, p->sport, 10);
	at = put_text(at, " ");
	at = put_number(at, p->dport, 10);
	at = put_text(at, "\r\n");
	return (size_t)(at - out);
}

static size_t
write_v2(const struct tnl_preface *p, uint8_t *out)
{
	size_t n = p->addr_n, length = p->known ? 2 * n + 4 : 0;

	memcpy(out, signature, sizeof signature);
	out[12] = p->known ? 0x21 : 0x20;
	out[13] = !p->known ? 0 : n == 4 ? 0x11 : 0x21;
	out[14] = 0;
	out[15] = (uint8_t)length;
	if (p->known) {
		memcpy(out + 16, p->src, n);
		memcpy(out + 16 + n, p->dst, n);
		out[16 + 2 * n] = (uint8_t)(p->sport >> 8);
		out[17 + 2 * n] = (uint8_t)p->sport;
		out[18 + 2 * n] = (uint8_t)(p->dport >> 8);
		out[19 + 2 * n] = (uint8_t)p->dport;
	}
	return FIXED_V2 + length;
}

size_t
tnl_preface_write(const struct tnl_preface *p, int version, uint8_t *out)
{
	return version == 1 ? write_v1(p, out) : write_v2(p, out);
}
