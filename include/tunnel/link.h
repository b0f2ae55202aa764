/* tunnel/link.h - one engine over one stream
 *
 * step it whenever its stream is ready or its deadline has come.  It ends with
 * OPEN or REFUSED, and with the surplus: bytes that were read together with the
 * head and belong to whoever carries the tunnel on.  It closes nothing.
 */
#ifndef TUNNEL_LINK_H
#define TUNNEL_LINK_H

#include <tunnel/client.h>
#include <tunnel/io.h>
#include <tunnel/server.h>
#include <tunnel/socks.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_link;

/* A link for an engine, which is borrowed and must outlive it.  chunk is the
 * most it reads at once, and so the most surplus there can be, for which a pump
 * that carries on needs room: 1 to 2^20 bytes, 0 for 16384.  NULL when there is
 * no memory or chunk is out of range. */
struct tunnel_link *tunnel_link_client(const struct tunnel_alloc *a,
    struct tunnel_client *c, size_t chunk);
struct tunnel_link *tunnel_link_server(const struct tunnel_alloc *a,
    struct tunnel_server *s, size_t chunk);
struct tunnel_link *tunnel_link_socks(const struct tunnel_alloc *a,
    struct tunnel_socks *s, size_t chunk);
void tunnel_link_free(struct tunnel_link *l);

/* The stream: a descriptor (see tunnel_fd_new), or a table of your own, which
 * must outlive the link.  Before the first step.  0 or an error. */
int tunnel_link_fd(struct tunnel_link *l, int fd);
int tunnel_link_io(struct tunnel_link *l, const struct tunnel_io *io,
    void *ud);

/* The whole handshake's time in ms from the first step, which must not wait for
 * the peer; 0 (default) for no limit.  A client link then ends with
 * TUNNEL_ETIMEOUT; a server or socks link refuses (TUNNEL_ESLOW).  The time
 * that an application takes to decide at ASK does not count, and behind it the
 * time begins anew.  Returns 0. */
int tunnel_link_timeout(struct tunnel_link *l, uint64_t ms);

/* Move what can be moved.  now is monotonic time in ms.  Returns the engine's
 * flags or an error; a client whose peer closes early but has replied gives the
 * reply, not the error. */
int tunnel_link_step(struct tunnel_link *l, uint64_t now);

/* What to wait for on the stream (IN, OUT, both or 0), and until when
 * (UINT64_MAX: for ever).  Both are as of the last step. */
int tunnel_link_wants(const struct tunnel_link *l);
uint64_t tunnel_link_deadline(const struct tunnel_link *l);

/* The bytes read and not used by the engine; they live as long as the link, or
 * until the next step.  After TUNNEL_ENOTHTTP all that was read last. */
const void *tunnel_link_surplus(const struct tunnel_link *l, size_t *n);

/* The errno behind TUNNEL_EIO or TUNNEL_ERESET, or 0. */
int tunnel_link_errno(const struct tunnel_link *l);

#ifdef __cplusplus
}
#endif
#endif
