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
	{ 100, "Continue" }, { 102, "Processing" }, { 103, "Early Hints" },
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
	{ 203, "Non-Authoritative Information" }, { 204, "No Content" },
	{ 205, "Reset Content" }, { 206, "Partial Content" },
	{ 207, "Multi-Status" }, { 300, "Multiple Choices" },
	{ 301, "Moved Permanently" }, { 302, "Found" },
	{ 303, "See Other" }, { 304, "Not Modified" },
	{ 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
	{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
	{ 404, "Not Found" }, { 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" }, { 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" },
	{ 411, "Length Required" }, { 412, "Precondition Failed" },
	{ 413, "Content Too Large" }, { 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" }, { 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" }, { 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" }, { 423, "Locked" },
	{ 426, "Upgrade Required" }, { 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
	{ 502, "Bad Gateway" }, { 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
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
