/* status.c - every failure, in one table
 *
 * What a caller is told, what a proxy answers and what the manual prints all
 * come from TNL_STATUS_MAP, so they cannot drift apart.  Statuses are those of
 * RFC 9110 section 15 and RFC 6585; tokens those of RFC 9209 section 2.3.
 * Replies of SOCKS are those of RFC 1928 section 6, where 1 stands for all that
 * it has no number for.
 */
#include "core/status.h"

struct status {
	const char *name;
	const char *text;
	const char *token;
	int blame;
	int http;
	int socks;
};

#define ENTRY(name, blame, http, socks, token, text) \
	{ "TUNNEL_" #name, text, token, TUNNEL_BY_##blame, http, socks },

static const struct status table[] = { TNL_STATUS_MAP(ENTRY) };

static const struct status unknown = {
	"TUNNEL_UNKNOWN", "unknown error", "proxy_internal_error", 0, 500, 1
};

/* The table's order is the enum's: a compiler error here says it is not. */
#define PLACE(name, blame, http, socks, token, text) PLACE_##name,
enum { TNL_STATUS_MAP(PLACE) PLACES };
#define SAME(name, blame, http, socks, token, text) \
	struct same_##name { \
		char ok[-TUNNEL_##name == PLACE_##name + 1 ? 1 : -1]; \
	};
TNL_STATUS_MAP(SAME)

static const struct status *
lookup(int error)
{
	if (error >= 0 || error < -(int)PLACES)
		return &unknown;
	return &table[-error - 1];
}

const char *
tunnel_strerror(int error)
{
	return error == 0 ? "no error" : lookup(error)->text;
}

const char *
tunnel_error_name(int error)
{
	return lookup(error)->name;
}

int
tunnel_error_blame(int error)
{
	return lookup(error)->blame;
}

int
tunnel_error_status(int error)
{
	return lookup(error)->http;
}

int
tunnel_error_socks(int error)
{
	return lookup(error)->socks;
}

const char *
tunnel_error_token(int error)
{
	return lookup(error)->token;
}

unsigned
tunnel_version(void)
{
	return TNL_VERSION;
}

static const struct reason {
	int status;
	const char *phrase;
} reasons[] = {
	{ 200, "OK" }, { 301, "Moved Permanently" }, { 302, "Found" },
	{ 303, "See Other" }, { 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" }, { 400, "Bad Request" },
	{ 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 407, "Proxy Authentication Required" }, { 408, "Request Timeout" },
	{ 411, "Length Required" }, { 413, "Content Too Large" },
	{ 414, "URI Too Long" }, { 417, "Expectation Failed" },
	{ 421, "Misdirected Request" }, { 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
	{ 502, "Bad Gateway" }, { 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" },
};

const char *
tnl_reason(int status)
{
	size_t i;

	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].phrase;
	return "";
}
