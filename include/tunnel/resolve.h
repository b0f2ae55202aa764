/* tunnel/resolve.h - names to addresses, without holding up the loop
 *
 * getaddrinfo(3) on a few threads; or your own resolver in its place.  All of
 * these functions belong to the thread of the loop.
 */
#ifndef TUNNEL_RESOLVE_H
#define TUNNEL_RESOLVE_H

#include <tunnel/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tunnel_resolver;
struct tunnel_query;

/* The answer to a query, which may be looked at until the function returns:
 * error is 0 and there is at least one address, or it is TUNNEL_ERESOLVE or
 * another error, or TUNNEL_ETIMEOUT, and then q is NULL. */
typedef void (*tunnel_resolved_fn)(void *ud, const struct tunnel_query *q,
    int error);

/* A resolver of the application's: begin to look up the query's name, add the
 * addresses, and say done exactly once, now or later, also when the query was
 * cancelled meanwhile. */
typedef void (*tunnel_lookup_fn)(void *ud, struct tunnel_query *q);

/* A resolver on at most so many threads (1 to 64, 0 for 4), each started when
 * it is needed and ended when idle for a while.  Lookups that were given up,
 * and that the system has not ended yet, do not count, up to 64 threads in all.
 * NULL when there is no memory, or threads is out of range. */
struct tunnel_resolver *tunnel_resolver_new(const struct tunnel_alloc *a,
    struct tunnel_loop *l, unsigned threads);

/* Queries must have been answered or cancelled.  Does not wait for a lookup
 * that is under way: its thread ends when the system lets it. */
void tunnel_resolver_free(struct tunnel_resolver *r);

/* Look names up by fn instead; NULL goes back to the system.  Returns 0. */
int tunnel_resolver_hook(struct tunnel_resolver *r, tunnel_lookup_fn fn,
    void *ud);

/* Look up a host until deadline (UINT64_MAX: no limit); fn is called once, not
 * from inside this call.  An address as text is its own answer and asks nobody.
 * NULL when there is no memory, host is no host, or too many lookups (4096) are
 * waiting. */
struct tunnel_query *tunnel_resolve(struct tunnel_resolver *r,
    const char *host, uint64_t deadline, tunnel_resolved_fn fn, void *ud);

/* fn will not be called.  NULL is fine. */
void tunnel_query_cancel(struct tunnel_query *q);

/* The name; the i-th address (from 0), 4 or 16 bytes in network order (*n), or
 * NULL past the last; what went wrong, as text for people. */
const char *tunnel_query_host(const struct tunnel_query *q);
const void *tunnel_query_address(const struct tunnel_query *q, size_t i,
    size_t *n);
const char *tunnel_query_reason(const struct tunnel_query *q);

/* For a hook: one more address (at most 64 are kept; 0, TUNNEL_EINVAL), and the
 * end: 0, or an error below 0; after it q is no longer yours. */
int tunnel_query_add(struct tunnel_query *q, const void *addr, size_t n);
void tunnel_query_done(struct tunnel_query *q, int error);

#ifdef __cplusplus
}
#endif
#endif
