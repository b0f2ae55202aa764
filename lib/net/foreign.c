/* foreign.c - the enumerations by name, and random bytes, for other languages
 *
 * A program in C has the constants from the headers.  One in another language
 * has copies, or would like to ask: here is whom.  The values are those that
 * the compiler sees, so they cannot be stale; that no name is missing is what
 * gate_symbols.sh compares with the headers.  Sorted, for a search that halves.
 */
#include <string.h>

#include <tunnel.h>

#include "net/random.h"

#define ROW(name) { "TUNNEL_" #name, TUNNEL_##name }

static const struct constant {
	const char *name;
	int value;
} constants[] = {
	ROW(A),
	ROW(AB),
	ROW(ASK),
	ROW(B),
	ROW(BA),
	ROW(BY_CALLER),
	ROW(BY_PEER),
	ROW(BY_SYSTEM),
	ROW(BY_TIME),
	ROW(COUNT_ACCEPTED),
	ROW(COUNT_DOWN),
	ROW(COUNT_EVICTED),
	ROW(COUNT_FAILED),
	ROW(COUNT_HANDSHAKES),
	ROW(COUNT_OPENED),
	ROW(COUNT_PASSED),
	ROW(COUNT_PAUSES),
	ROW(COUNT_REFUSED),
	ROW(COUNT_SESSIONS),
	ROW(COUNT_TUNNELS),
	ROW(COUNT_UP),
	ROW(DONE),
	ROW(EADDRESS),
	ROW(EAUTH),
	ROW(EBUSY),
	ROW(ECLIENT),
	ROW(ECONNECT),
	ROW(ECUT),
	ROW(EDENIED),
	ROW(EEOF),
	ROW(EFRAMING),
	ROW(EHEAD),
	ROW(EHOST),
	ROW(EINVAL),
	ROW(EIO),
	ROW(ELINE),
	ROW(ELOOKUP),
	ROW(ELOOP),
	ROW(EMETHOD),
	ROW(ENOMEM),
	ROW(ENOTHTTP),
	ROW(ENOTSOCKS),
	ROW(EOFFER),
	ROW(EPROOF),
	ROW(EQUOTA),
	ROW(EREFUSED),
	ROW(EREPLY),
	ROW(ERESET),
	ROW(ERESOLVE),
	ROW(ESCHEME),
	ROW(ESLOW),
	ROW(ESTATE),
	ROW(ESYNTAX),
	ROW(ETARGET),
	ROW(ETIMEOUT),
	ROW(EUNREACH),
	ROW(EURL),
	ROW(EVERSION),
	ROW(FIN),
	ROW(HOST_MAX),
	ROW(IN),
	ROW(LIMIT_BUFFER),
	ROW(LIMIT_CLIENT),
	ROW(LIMIT_HANDSHAKES),
	ROW(LIMIT_HEAD),
	ROW(LIMIT_MEMORY),
	ROW(LIMIT_RATE),
	ROW(LIMIT_TUNNELS),
	ROW(NOW),
	ROW(ON_AUTHENTICATE),
	ROW(ON_AUTHORISE),
	ROW(ON_CLOSE),
	ROW(ON_DIAL),
	ROW(ON_FAIL),
	ROW(ON_OPEN),
	ROW(ON_REQUEST),
	ROW(OPEN),
	ROW(OUT),
	ROW(RECONNECT),
	ROW(REFUSED),
	ROW(RESET),
	ROW(RETRY),
	ROW(REUSE),
	ROW(TIME_DIAL),
	ROW(TIME_HANDSHAKE),
	ROW(TIME_IDLE),
	ROW(TIME_LIFETIME),
	ROW(TIME_LINGER),
	ROW(TIME_REPLY),
	ROW(TIME_STALL),
};

#define ROWS (sizeof constants / sizeof constants[0])

int
tunnel_constant(const char *name, int *value)
{
	size_t low = 0, high = ROWS, middle;
	int order;

	while (name != NULL && value != NULL && low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, constants[middle].name);
		if (order == 0) {
			*value = constants[middle].value;
			return 0;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return TUNNEL_EINVAL;
}

const char *
tunnel_constant_at(size_t i, int *value)
{
	if (i >= ROWS)
		return NULL;
	if (value != NULL)
		*value = constants[i].value;
	return constants[i].name;
}

/* The device gives up to 256 bytes whole, and more of them perhaps in parts. */
int
tunnel_random(void *ud, void *out, size_t n)
{
	unsigned char *at = out;
	size_t part;
	int rv = 0;

	for (; n > 0 && rv == 0; at += part, n -= part) {
		part = n < 256 ? n : 256;
		rv = tnl_random(ud, at, part);
	}
	return rv;
}
