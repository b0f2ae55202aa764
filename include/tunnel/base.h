/* tunnel/base.h - what every object of the library shares
 *
 * Every call that moves an object returns the object's flags as they are after
 * the call (>= 0), or an error (< 0).  An object belongs to one thread at a
 * time; different objects to as many threads as you like.  There is no global
 * state and nothing to initialise.
 */
#ifndef TUNNEL_BASE_H
#define TUNNEL_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Errors.  Those of a conversation are sticky, and the first one wins; a setter
 * that is refused changes nothing.  tunnel_strerror(3) has the whole table. */
enum tunnel_error {
	TUNNEL_ENOMEM = -1,      /* the allocator gave nothing */
	TUNNEL_EINVAL = -2,      /* an argument breaks a documented rule */
	TUNNEL_ESTATE = -3,      /* right call, wrong moment, or re-entered */
	TUNNEL_EEOF = -4,        /* the peer closed in mid-message */
	TUNNEL_ERESET = -5,      /* the connection was reset */
	TUNNEL_EIO = -6,         /* the system said no; see the errno getter */
	TUNNEL_ETIMEOUT = -7,    /* a deadline passed */
	TUNNEL_ESYNTAX = -8,     /* malformed message head */
	TUNNEL_ENOTHTTP = -9,    /* the first bytes cannot be HTTP/1 */
	TUNNEL_EVERSION = -10,   /* not HTTP/1.x */
	TUNNEL_ELINE = -11,      /* request line above its limit */
	TUNNEL_EHEAD = -12,      /* head above its limit */
	TUNNEL_ETARGET = -13,    /* target is not host:port */
	TUNNEL_EHOST = -14,      /* Host missing, repeated or wrong */
	TUNNEL_EFRAMING = -15,   /* Content-Length or Transfer-Encoding wrong */
	TUNNEL_EMETHOD = -16,    /* method not served */
	TUNNEL_EREFUSED = -17,   /* the proxy refused the tunnel */
	TUNNEL_EAUTH = -18,      /* credentials missing or rejected */
	TUNNEL_EDENIED = -19,    /* policy forbids the target */
	TUNNEL_EADDRESS = -20,   /* policy forbids the target's address */
	TUNNEL_ERESOLVE = -21,   /* the name could not be resolved */
	TUNNEL_ECONNECT = -22,   /* the target refused the connection */
	TUNNEL_EUNREACH = -23,   /* no route to the target */
	TUNNEL_EBUSY = -24,      /* a limit on connections is reached */
	TUNNEL_ESLOW = -25,      /* the request head did not arrive in time */
	TUNNEL_EURL = -26,       /* malformed proxy URL */
	TUNNEL_ESCHEME = -27,    /* proxy URL of a scheme that is not served */
	TUNNEL_ELOOP = -28,      /* the request comes back to this proxy */
	TUNNEL_EQUOTA = -29,     /* one client has too many connections */
	TUNNEL_ECLIENT = -30,    /* policy forbids the client */
	TUNNEL_ELOOKUP = -31,    /* the name was not resolved in time */
	TUNNEL_EOFFER = -32,     /* no scheme that the proxy offers is usable */
	TUNNEL_ECUT = -33,       /* proxy closes in mid-authentication */
	TUNNEL_EPROOF = -34,     /* the proxy does not know the password */
	TUNNEL_ENOTSOCKS = -35,  /* the first bytes are not SOCKS 5 */
	TUNNEL_EREPLY = -36      /* what answered has not spoken HTTP soundly */
};

/* What an object wants, holds or is, right now.  Computed, never stored. */
enum tunnel_flag {
	TUNNEL_IN = 1,           /* give me bytes */
	TUNNEL_OUT = 2,          /* I hold bytes for you */
	TUNNEL_ASK = 4,          /* server: accept or refuse this request */
	TUNNEL_OPEN = 8,         /* the tunnel is up: no later byte is mine */
	TUNNEL_REFUSED = 16,     /* no tunnel; status and reason are there */
	TUNNEL_FIN = 32,         /* all delivered: shut the sink now */
	TUNNEL_NOW = 64,         /* call step again without waiting */
	TUNNEL_DONE = 128,       /* nothing more will ever happen */
	TUNNEL_RESET = 256,      /* all delivered: abort the sink now */
	TUNNEL_RETRY = 512,      /* client: start once more */
	TUNNEL_RECONNECT = 1024, /* client: on a new connection, start again */
	TUNNEL_REUSE = 2048      /* forward: the connection can be kept */
};

/* The two sides of what stands between two connections. */
enum tunnel_side { TUNNEL_A = 0, TUNNEL_B = 1 };

/* Whose fault an error is. */
enum tunnel_blame {
	TUNNEL_BY_CALLER = 1,
	TUNNEL_BY_PEER = 2,
	TUNNEL_BY_SYSTEM = 3,
	TUNNEL_BY_TIME = 4
};

/* Where an object's memory comes from.  NULL in place of a pointer to this
 * means malloc and free.  It is copied; ud must outlive the objects.  put gets
 * the size that get was asked for. */
struct tunnel_alloc {
	void *(*get)(void *ud, size_t size);
	void (*put)(void *ud, void *block, size_t size);
	void *ud;
};

/* The version of the library that runs: major << 16 | minor << 8 | patch. */
unsigned tunnel_version(void);

/* One line of English for an error, without full stop; static, never NULL. */
const char *tunnel_strerror(int error);

/* The error's own name, "TUNNEL_EHEAD"; "TUNNEL_UNKNOWN" for any other int. */
const char *tunnel_error_name(int error);

/* Whose fault: one of enum tunnel_blame, or 0 for what is no error of ours. */
int tunnel_error_blame(int error);

/* The HTTP status (400-599) with which a proxy reports the error; 500 for what
 * is no error of ours. */
int tunnel_error_status(int error);

/* The reply (1-8) of RFC 1928, section 6, with which a SOCKS proxy reports the
 * error; 1 for what is no error of ours. */
int tunnel_error_socks(int error);

/* The Proxy-Status error token (RFC 9209, section 2.3) for it; static. */
const char *tunnel_error_token(int error);

#ifdef __cplusplus
}
#endif
#endif
