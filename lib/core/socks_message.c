/* socks_message.c - what a client of SOCKS says, as bytes
 *
 *     greeting   5, how many ways, the ways
 *     login      1, length, user, length, password
 *     request    5, command, 0, type, address, port (2)
 *
 *     address of type   1: 4 bytes   3: length, name   4: 16 bytes
 *
 * RFC 1928 sections 3 to 5, RFC 1929 section 2.  Each byte that there is says
 * how many more there must be, so nobody who reads as many takes one that is
 * behind the message.
 */
#include "core/socks_message.h"

#include <string.h>

#include "core/address.h"
#include "core/authority.h"

enum { CONNECT = 1, IPV4 = 1, NAME = 3, IPV6 = 4 };

static size_t
login_size(const uint8_t *in, size_t n)
{
	size_t user = 2;

	if (n >= 2)
		user += in[1];
	/* The byte behind the user is the length of the password. */
	if (n < 2 || n <= user)
		return n < 2 ? 2 : user + 1;
	return user + 1 + in[user];
}

static size_t
request_size(const uint8_t *in, size_t n)
{
	if (n < 4)
		return 4;
	switch (in[3]) {
	case IPV4:
		return 4 + 4 + 2;
	case NAME:
		return n < 5 ? 5 : 5 + (size_t)in[4] + 2;
	case IPV6:
		return 4 + 16 + 2;
	}
	return 4;
}

size_t
tnl_socks_size(enum tnl_socks_message m, const uint8_t *in, size_t n)
{
	if (n == 0)
		return 1;
	if (in[0] != (m == TNL_SOCKS_LOGIN ? TNL_SOCKS_LOGIN_VERSION :
	    TNL_SOCKS_VERSION))
		return n;
	switch (m) {
	case TNL_SOCKS_GREETING:
		break;
	case TNL_SOCKS_LOGIN:
		return login_size(in, n);
	case TNL_SOCKS_REQUEST:
		return request_size(in, n);
	}
	return n < 2 ? 2 : 2 + (size_t)in[1];
}

int
tnl_socks_offers(const uint8_t *in, int way)
{
	return memchr(in + 2, way, in[1]) != NULL;
}

/* RFC 1929 lets both lengths begin with 1; clients that have no password send
 * 0.  A NUL would end the string early, and let "admin\0x" pass for "admin". */
int
tnl_socks_split(uint8_t *in, const char **user, const char **password)
{
	size_t un = in[1], pn = in[2 + un];
	uint8_t *u = in + 2, *p = u + un + 1;

	if (memchr(u, '\0', un) != NULL || memchr(p, '\0', pn) != NULL)
		return -1;
	u[un] = p[pn] = '\0';
	*user = (const char *)u;
	*password = (const char *)p;
	return 0;
}

/* The host as text: how long it is, 0 when it is none. */
static size_t
read_host(const uint8_t *in, char *host)
{
	uint8_t addr[16];
	size_t n;

	if (in[3] == NAME) {
		n = in[4];
		memcpy(host, in + 5, n);
		host[n] = '\0';
		/* What is no part of a name, such as a NUL, is refused. */
		return tnl_host_valid(host, n) ? n : 0;
	}
	if (in[3] != IPV4 && in[3] != IPV6)
		return 0;
	n = in[3] == IPV4 ? 4 : 16;
	memcpy(addr, in + 4, n);
	/* What is judged is what is dialled: a mapped address is IPv4. */
	return tnl_address_print(addr, tnl_address_plain(addr, n), host);
}

/* The third byte is reserved, and as it has no meaning nobody looks. */
int
tnl_socks_target(const uint8_t *in, size_t n, char host[TUNNEL_HOST_MAX],
    unsigned *port)
{
	*port = 0;
	if (in[1] != CONNECT)
		return TUNNEL_EMETHOD;
	if (read_host(in, host) == 0)
		return TUNNEL_ETARGET;
	*port = (unsigned)in[n - 2] << 8 | in[n - 1];
	return *port != 0 ? 0 : TUNNEL_ETARGET;
}
