/* socket.h - sockets and their addresses, the same way everywhere.  For dial,
 * listener and session. */
#ifndef TNL_SOCKET_H
#define TNL_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* An address: bytes of an IP address and a port, or nothing (n 0). */
struct tnl_endpoint {
	uint8_t addr[16];
	size_t n;               /* 4, 16 or 0 */
	unsigned port;
	uint32_t scope;         /* of a link-local IPv6 address, else 0 */
};

enum { TNL_KEEPALIVE_MAX = 32767 };     /* more, Linux does not take */

/* Bytes of "[address]:port" and its NUL. */
enum { TNL_ENDPOINT_TEXT = 64 };

/* Between endpoints and the system's addresses.  A v4-mapped IPv6 address comes
 * out as IPv4; what is no IP address, as n 0. */
void tnl_endpoint_get(struct tnl_endpoint *e, const struct sockaddr *sa);
socklen_t tnl_endpoint_put(const struct tnl_endpoint *e,
    struct sockaddr_storage *sa);

/* "192.0.2.1:443", "[2001:db8::1]:443"; "-" for nothing. */
void tnl_endpoint_text(const struct tnl_endpoint *e,
    char out[TNL_ENDPOINT_TEXT]);

/* The same without the port (and brackets). */
void tnl_endpoint_host(const struct tnl_endpoint *e,
    char out[TNL_ENDPOINT_TEXT]);

int tnl_endpoint_same(const struct tnl_endpoint *a,
    const struct tnl_endpoint *b);

/* The two ends of a socket. */
void tnl_socket_name(int fd, struct tnl_endpoint *e);
void tnl_socket_peer(int fd, struct tnl_endpoint *e);

/* A socket that does not block and is not inherited; -1 with errno. */
int tnl_socket_new(int family);

/* The next connection of a listener that was tuned, tuned as well, and who it
 * is; -1 with errno. */
int tnl_socket_accept(int listener, struct tnl_endpoint *peer);

/* A pipe of that kind: 0, or -1 with errno. */
int tnl_socket_pipe(int fd[2]);

/* The same for a descriptor from elsewhere; 0, or -1 with errno. */
int tnl_socket_adopt(int fd);

/* The same, if it is a socket that carries a stream. */
int tnl_socket_adopt_stream(int fd);

/* How a begun connect(2) ended: 0 or an errno. */
int tnl_socket_error(int fd);

/* Let the system look after a peer that vanishes without a word, and send small
 * writes at once. */
void tnl_socket_tune(int fd);

/* Ask a silent peer after so many seconds, and then each time as many have
 * passed, whether it is there; three answers missing, it is gone.  0: never. */
void tnl_socket_keepalive(int fd, unsigned seconds);

/* Be told of bytes when there are so many, or fewer and an end. */
void tnl_socket_low(int fd, int n);

/* Bound what may wait in the system unsent. */
void tnl_socket_bound(int fd);

/* Make the coming close a reset, so that nobody takes it for an end. */
void tnl_socket_abort(int fd);

/* Is it an address of this machine?  1 also when the system does not say. */
int tnl_socket_local(const struct tnl_endpoint *e);

#endif
