/* status.h - the one table of failures.  For all floors. */
#ifndef TNL_STATUS_H
#define TNL_STATUS_H

#include <tunnel/base.h>

/* X(name, blame, HTTP status, SOCKS reply of RFC 1928, Proxy-Status token of
 * RFC 9209, text), in the order of enum tunnel_error: entry i stands for the
 * error -(i + 1). */
#define TNL_STATUS_MAP(X) \
	X(ENOMEM, SYSTEM, 503, 1, "proxy_internal_error", \
	    "out of memory") \
	X(EINVAL, CALLER, 500, 1, "proxy_internal_error", \
	    "an argument is out of its documented range") \
	X(ESTATE, CALLER, 500, 1, "proxy_internal_error", \
	    "the call is not allowed in this state") \
	X(EEOF, PEER, 502, 1, "http_response_incomplete", \
	    "the peer closed the connection in mid-message") \
	X(ERESET, PEER, 502, 1, "connection_terminated", \
	    "the connection was reset") \
	X(EIO, SYSTEM, 502, 1, "connection_terminated", \
	    "input or output failed") \
	X(ETIMEOUT, TIME, 504, 6, "connection_timeout", \
	    "timed out") \
	X(ESYNTAX, PEER, 400, 1, "http_request_error", \
	    "malformed HTTP message") \
	X(ENOTHTTP, PEER, 400, 1, "http_request_error", \
	    "this is not HTTP") \
	X(EVERSION, PEER, 505, 1, "http_request_error", \
	    "only HTTP/1.x is spoken here") \
	X(ELINE, PEER, 414, 1, "http_request_error", \
	    "the request line is too long") \
	X(EHEAD, PEER, 431, 1, "http_request_error", \
	    "the message head is too large") \
	X(ETARGET, PEER, 400, 8, "http_request_error", \
	    "the target is not a valid host:port") \
	X(EHOST, PEER, 400, 1, "http_request_error", \
	    "the Host field is missing, repeated, invalid or contradicts " \
	    "the target") \
	X(EFRAMING, PEER, 400, 1, "http_request_error", \
	    "Content-Length or Transfer-Encoding is wrong or out of place") \
	X(EMETHOD, PEER, 405, 7, "http_request_error", \
	    "only the method CONNECT is served here") \
	X(EREFUSED, PEER, 502, 1, "destination_unavailable", \
	    "the proxy refused the tunnel") \
	X(EAUTH, CALLER, 407, 2, "http_request_denied", \
	    "proxy authentication is required") \
	X(EDENIED, CALLER, 403, 2, "http_request_denied", \
	    "the rules of this proxy do not allow the target") \
	X(EADDRESS, CALLER, 403, 2, "destination_ip_prohibited", \
	    "the address of the target is not allowed") \
	X(ERESOLVE, SYSTEM, 502, 4, "dns_error", \
	    "the name of the target cannot be resolved") \
	X(ECONNECT, PEER, 502, 5, "connection_refused", \
	    "the target refused the connection") \
	X(EUNREACH, SYSTEM, 502, 3, "destination_ip_unroutable", \
	    "the target cannot be reached") \
	X(EBUSY, SYSTEM, 503, 1, "connection_limit_reached", \
	    "too many connections") \
	X(ESLOW, TIME, 408, 1, "http_request_error", \
	    "the request did not arrive in time") \
	X(EURL, CALLER, 500, 1, "proxy_configuration_error", \
	    "malformed proxy URL") \
	X(ESCHEME, CALLER, 500, 1, "proxy_configuration_error", \
	    "proxy URL of a scheme that is not supported") \
	X(ELOOP, CALLER, 502, 1, "proxy_loop_detected", \
	    "the request would come back to this proxy") \
	X(EQUOTA, CALLER, 429, 1, "connection_limit_reached", \
	    "too many connections from this client") \
	X(ECLIENT, CALLER, 403, 2, "http_request_denied", \
	    "the rules of this proxy do not allow this client") \
	X(ELOOKUP, TIME, 504, 4, "dns_timeout", \
	    "the name of the target was not resolved in time") \
	X(EOFFER, CALLER, 502, 1, "http_request_denied", \
	    "the proxy offers no authentication scheme that can be used here") \
	X(ECUT, PEER, 502, 1, "connection_terminated", \
	    "the proxy closes the connection that its authentication needs") \
	X(EPROOF, PEER, 502, 1, "http_response_incomplete", \
	    "the proxy did not prove that it knows the password") \
	X(ENOTSOCKS, PEER, 400, 1, "http_request_error", \
	    "this is not SOCKS version 5") \
	X(EREPLY, PEER, 502, 1, "http_protocol_error", \
	    "the reply of the origin server is malformed")

/* The reason phrase of an HTTP status; "" for one that is not in the table. */
const char *tnl_reason(int status);

#endif
