/* address.c - IP addresses as text and as bytes
 *
 * Strict on purpose: "127.1", "0x7f.1" and "010.0.0.1" are addresses to some
 * libraries, names to others and loopback to an attacker.  Here they are none.
 *
 * The special blocks are those of the IANA special-purpose registries (RFC 6890
 * and its updates) that are not globally reachable, and multicast.
 */
#include "core/address.h"

#include <string.h>

#include "core/ascii.h"

static size_t
parse4(const char *p, size_t n, uint8_t *out)
{
	size_t i, len;
	uint64_t v;

	for (i = 0; i < 4; i++) {
		len = tnl_span((const uint8_t *)p, n, TNL_DIGIT);
		if (len == 0 || (len > 1 && p[0] == '0') ||
		    !tnl_decimal(p, len, 255, &v))
			return 0;
		out[i] = (uint8_t)v;
		p += len;
		n -= len;
		if (i < 3) {
			if (n == 0 || *p != '.')
				return 0;
			p++;
			n--;
		}
	}
	return n == 0 ? 4 : 0;
}

/* One group of one to four hex digits; how many characters it took, 0: none. */
static size_t
group(const char *p, size_t n, uint8_t *out)
{
	unsigned v = 0;
	size_t i, len = tnl_span((const uint8_t *)p, n, TNL_HEX);

	if (len > 4)
		return 0;
	for (i = 0; i < len; i++)
		v = v << 4 | (unsigned)tnl_hex((uint8_t)p[i]);
	out[0] = (uint8_t)(v >> 8);
	out[1] = (uint8_t)v;
	return len;
}

static size_t
parse6(const char *p, size_t n, uint8_t *out)
{
	size_t at = 0;          /* bytes written */
	size_t gap = 17;        /* where "::" stood; 17: nowhere */
	size_t len;

	if (n >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
		n -= 2;
	}
	while (n > 0 && at < 16) {
		if (at <= 12 && parse4(p, n, out + at) == 4) {
			at += 4;
			n = 0;
			break;
		}
		len = group(p, n, out + at);
		if (len == 0)
			return 0;
		at += 2;
		p += len;
		n -= len;
		if (n == 0)
			break;
		if (*p != ':' || n == 1)
			return 0;
		p++;
		n--;
		if (*p == ':') {
			if (gap != 17)
				return 0;
			gap = at;
			p++;
			n--;
		}
	}
	if (n > 0 || (gap == 17 && at != 16) || (gap != 17 && at > 14))
		return 0;
	if (gap != 17) {
		memmove(out + gap + (16 - at), out + gap, at - gap);
		memset(out + gap, 0, 16 - at);
	}
	return 16;
}

size_t
tnl_address_parse(const char *text, size_t n, uint8_t *out)
{
	return memchr(text, ':', n) != NULL ? parse6(text, n, out) :
	    parse4(text, n, out);
}

static size_t
print4(const uint8_t *addr, char *out)
{
	size_t i, n = 0;

	for (i = 0; i < 4; i++) {
		if (i > 0)
			out[n++] = '.';
		if (addr[i] >= 100)
			out[n++] = (char)('0' + addr[i] / 100);
		if (addr[i] >= 10)
			out[n++] = (char)('0' + addr[i] / 10 % 10);
		out[n++] = (char)('0' + addr[i] % 10);
	}
	return n;
}

static int
is_zero(const uint8_t *addr, size_t group)
{
	return addr[2 * group] == 0 && addr[2 * group + 1] == 0;
}

/* The longest run of groups that are zero, the first of such; how many groups
 * it has, and where it begins.  One alone is no run (RFC 5952 section 4.2). */
static size_t
longest(const uint8_t *addr, size_t *at)
{
	size_t i, n = 0, best = 0;

	*at = 8;
	for (i = 0; i < 8; i++) {
		n = is_zero(addr, i) ? n + 1 : 0;
		if (n > 1 && n > best) {
			best = n;
			*at = i + 1 - n;
		}
	}
	return best;
}

static size_t
print6(const uint8_t *addr, char *out)
{
	static const char hex[] = "0123456789abcdef";
	size_t i, at, n = 0, run = longest(addr, &at);
	unsigned v;

	for (i = 0; i < 8; i++) {
		if (i == at) {
			out[n++] = ':';
			if (at + run == 8)
				out[n++] = ':';
			i += run - 1;
			continue;
		}
		if (i > 0)
			out[n++] = ':';
		v = (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
		if (v > 0xfff)
			out[n++] = hex[v >> 12];
		if (v > 0xff)
			out[n++] = hex[v >> 8 & 15];
		if (v > 0xf)
			out[n++] = hex[v >> 4 & 15];
		out[n++] = hex[v & 15];
	}
	return n;
}

size_t
tnl_address_print(const uint8_t *addr, size_t n, char out[TNL_ADDRESS_TEXT])
{
	n = n == 4 ? print4(addr, out) : print6(addr, out);
	out[n] = '\0';
	return n;
}

size_t
tnl_address_plain(uint8_t *addr, size_t n)
{
	static const uint8_t mapped[12] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
	};

	if (n != 16 || memcmp(addr, mapped, sizeof mapped) != 0)
		return n;
	memmove(addr, addr + 12, 4);
	return 4;
}

int
tnl_address_within(const uint8_t *addr, const uint8_t *net, size_t n,
    unsigned bits)
{
	size_t whole = bits / 8;
	unsigned rest = bits % 8;

	if (whole > n || (whole == n && rest > 0))
		return 0;
	if (memcmp(addr, net, whole) != 0)
		return 0;
	return rest == 0 || ((addr[whole] ^ net[whole]) >> (8 - rest)) == 0;
}

static int
special4(const uint8_t *a)
{
	static const struct { uint8_t net[4]; unsigned bits; } block[] = {
		{ { 0, 0, 0, 0 }, 8 },          /* this network */
		{ { 10, 0, 0, 0 }, 8 },         /* private */
		{ { 100, 64, 0, 0 }, 10 },      /* shared (RFC 6598) */
		{ { 127, 0, 0, 0 }, 8 },        /* loopback */
		{ { 169, 254, 0, 0 }, 16 },     /* link-local: cloud metadata */
		{ { 172, 16, 0, 0 }, 12 },      /* private */
		{ { 192, 0, 0, 0 }, 24 },       /* protocol assignments */
		{ { 192, 0, 2, 0 }, 24 },       /* documentation */
		{ { 192, 88, 99, 0 }, 24 },     /* 6to4 relays (RFC 7526) */
		{ { 192, 168, 0, 0 }, 16 },     /* private */
		{ { 198, 18, 0, 0 }, 15 },      /* benchmarking */
		{ { 198, 51, 100, 0 }, 24 },    /* documentation */
		{ { 203, 0, 113, 0 }, 24 },     /* documentation */
		{ { 224, 0, 0, 0 }, 4 },        /* multicast */
		{ { 240, 0, 0, 0 }, 4 },        /* reserved, broadcast */
	};
	size_t i;

	for (i = 0; i < sizeof block / sizeof block[0]; i++)
		if (tnl_address_within(a, block[i].net, 4, block[i].bits))
			return 1;
	return 0;
}

const uint8_t *
tnl_address_embedded(const uint8_t addr[16])
{
	static const struct { uint8_t net[16]; unsigned bits, at; } form[] = {
		{ { 0 }, 104, 0 },                      /* none: ::, ::1 */
		{ { 0 }, 96, 12 },                      /* v4-compatible */
		/* IPv4-translated, RFC 2765 */
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, 12 },
		{ { 0, 0x64, 0xff, 0x9b }, 96, 12 },    /* NAT64, RFC 6052 */
		{ { 0x20, 0x02 }, 16, 2 },              /* 6to4, RFC 3056 */
	};
	size_t i;

	for (i = 0; i < sizeof form / sizeof form[0]; i++)
		if (tnl_address_within(addr, form[i].net, 16, form[i].bits))
			return form[i].at > 0 ? addr + form[i].at : NULL;
	return NULL;
}

static int
special6(const uint8_t *a)
{
	static const struct { uint8_t net[12]; unsigned bits; } block[] = {
		{ { 0 }, 96 },                  /* ::, ::1, v4-compatible */
		{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48 },  /* local NAT64 */
		{ { 1, 0 }, 64 },               /* discard only */
		{ { 0x20, 0x01 }, 23 },         /* assignments, Teredo */
		{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },     /* documentation */
		{ { 0x3f, 0xff }, 20 },         /* documentation, RFC 9637 */
		{ { 0x5f, 0x00 }, 16 },         /* segment routing */
		{ { 0xfc, 0 }, 7 },             /* unique local */
		{ { 0xfe, 0x80 }, 10 },         /* link-local */
		{ { 0xfe, 0xc0 }, 10 },         /* site-local */
		{ { 0xff, 0 }, 8 },             /* multicast */
	};
	const uint8_t *v4 = tnl_address_embedded(a);
	size_t i;

	for (i = 0; i < sizeof block / sizeof block[0]; i++)
		if (tnl_address_within(a, block[i].net, 12, block[i].bits))
			return 1;
	return v4 != NULL && special4(v4);
}

int
tnl_address_special(const uint8_t *addr, size_t n)
{
	uint8_t a[16];

	memcpy(a, addr, n);
	n = tnl_address_plain(a, n);
	return n == 4 ? special4(a) : special6(a);
}
