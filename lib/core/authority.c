/* authority.c - host and port, read and written in one place
 *
 *      authority = host [ ":" port ]     RFC 3986 section 3.2
 *      host      = name / IPv4 / "[" IPv6 "]"
 *
 * Our most security-critical lines: whoever gets a proxy to read one host while
 * its rules read another is inside.  So there is one reader, it takes less than
 * the RFC's reg-name (no percent-encoding, no sub-delims), and a name whose
 * last label is a number is an IPv4 address or nothing, since inet_aton(3) and
 * with it getaddrinfo(3) would take "127.1" and "0x7f.1" for loopback.
 */
#include "core/authority.h"

#include <assert.h>
#include <string.h>

#include "core/address.h"
#include "core/ascii.h"

/* Would some resolver read this label, which is not empty, as a number? */
static int
numeric(const char *p, size_t n)
{
	assert(n > 0);
	if (n >= 2 && p[0] == '0' && tnl_lower((uint8_t)p[1]) == 'x')
		return tnl_span((const uint8_t *)p + 2, n - 2, TNL_HEX) ==
		    n - 2;
	return tnl_span((const uint8_t *)p, n, TNL_DIGIT) == n;
}

static int
name_valid(const char *p, size_t n)
{
	uint8_t addr[16];
	size_t i, start = 0, last = 0, last_n = 0;

	if (tnl_span((const uint8_t *)p, n, TNL_NAME) != n)
		return 0;
	for (i = 0; i <= n; i++) {
		if (i < n && p[i] != '.')
			continue;
		/* No empty label, but for the root behind a final dot. */
		if (i == start)
			return i == n && !numeric(p + last, last_n);
		last = start;
		last_n = i - start;
		start = i + 1;
	}
	return !numeric(p + last, last_n) || tnl_address_parse(p, n, addr) == 4;
}

int
tnl_host_valid(const char *host, size_t n)
{
	uint8_t addr[16];

	if (n == 0 || n >= TUNNEL_HOST_MAX)
		return 0;
	if (memchr(host, ':', n) != NULL)
		return tnl_address_parse(host, n, addr) == 16;
	return name_valid(host, n);
}

/* A port as written: 1-65535, digits alone, no leading zero. */
static int
port_parse(const char *p, size_t n, unsigned *port)
{
	uint64_t v;

	if (n == 0 || *p == '0' || !tnl_decimal(p, n, 65535, &v))
		return 0;
	*port = (unsigned)v;
	return 1;
}

int
tnl_authority_split(const char *text, size_t n, const char **host,
    size_t *hn, unsigned *port)
{
	const char *end, *rest;
	int bracket;

	*port = 0;
	if (n == 0)
		return 0;
	bracket = text[0] == '[';
	if (bracket) {
		end = memchr(text, ']', n);
		if (end == NULL)
			return 0;
		*host = text + 1;
		rest = end + 1;
	} else {
		end = memchr(text, ':', n);
		if (end == NULL)
			end = text + n;
		*host = text;
		rest = end;
	}
	*hn = (size_t)(end - *host);
	/* Brackets hold IPv6 and nothing else. */
	if (!tnl_host_valid(*host, *hn) ||
	    bracket != (memchr(*host, ':', *hn) != NULL))
		return 0;
	if (rest == text + n)
		return 1;
	return *rest == ':' &&
	    port_parse(rest + 1, (size_t)(text + n - rest) - 1, port);
}

int
tunnel_authority_parse(const char *text, size_t n, char *host, size_t cap,
    unsigned *port)
{
	const char *h;
	size_t hn;
	unsigned p;

	if (!tnl_authority_split(text, n, &h, &hn, &p) || p == 0)
		return TUNNEL_ETARGET;
	if (hn >= cap)
		return TUNNEL_EINVAL;
	memcpy(host, h, hn);
	host[hn] = '\0';
	*port = p;
	return 0;
}

/* Write ":port" behind out and a NUL; how long it is. */
static size_t
port_print(char *out, unsigned port)
{
	char digits[5];
	size_t n = 0, i;

	for (; port > 0; port /= 10)
		digits[n++] = (char)('0' + port % 10);
	out[0] = ':';
	for (i = 0; i < n; i++)
		out[1 + i] = digits[n - 1 - i];
	out[1 + n] = '\0';
	return 1 + n;
}

int
tunnel_authority_print(const char *host, unsigned port, char *out,
    size_t cap, size_t *got)
{
	char text[TUNNEL_HOST_MAX + 8];
	size_t hn = strlen(host), n = 0;
	int bracket;

	if (port == 0 || port > 65535 || !tnl_host_valid(host, hn))
		return TUNNEL_ETARGET;
	bracket = memchr(host, ':', hn) != NULL;
	if (bracket)
		text[n++] = '[';
	memcpy(text + n, host, hn);
	n += hn;
	if (bracket)
		text[n++] = ']';
	n += port_print(text + n, port);
	if (n >= cap)
		return TUNNEL_EINVAL;
	memcpy(out, text, n + 1);
	*got = n;
	return 0;
}
