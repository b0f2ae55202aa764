/* link.c - one engine over one stream
 *
 *         stream --read--> [buffer] --feed--> engine
 *                             |                  |
 *                          surplus    stream <--write-- peek, skip
 *
 * Bytes are read in chunks, since the engine hands back what it did not use:
 * nobody has to read a reply byte by byte for fear of swallowing the tunnel's
 * first bytes.  What is behind the head stays in the buffer as the surplus.  A
 * head may have had credentials in it, so what was read is wiped at the end.
 */
#include "net/link.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/client.h"
#include "net/random.h"
#include "net/stream.h"

#ifndef TNL_CHUNK
#define TNL_CHUNK 16384
#endif

enum { CHUNK_MAX = 1 << 20 };

struct tunnel_link {
	struct tunnel_alloc a;
	const struct tnl_engine *engine;
	void *e;
	struct tnl_stream stream;
	size_t chunk;
	size_t at, end;                 /* unused bytes of the buffer */
	size_t high;                    /* so many have been in use */
	int rwait, wwait;               /* what a blocked call waits for */
	int deaf;                       /* the peer takes no more bytes */
	int timed;                      /* deadline counts */
	int expired;
	int error;
	uint64_t timeout, deadline;
};

#define ENGINE(type) \
	static int type##_flags(const void *e) \
	{ return tunnel_##type##_flags(e); } \
	static int type##_feed(void *e, const void *in, size_t n, \
	    size_t *used) \
	{ return tunnel_##type##_feed(e, in, n, used); } \
	static int type##_eof(void *e) \
	{ return tunnel_##type##_eof(e); } \
	static const void *type##_peek(const void *e, size_t *n) \
	{ return tunnel_##type##_peek(e, n); } \
	static int type##_skip(void *e, size_t n) \
	{ return tunnel_##type##_skip(e, n); } \
	static const struct tnl_engine type = { \
		type##_flags, type##_feed, type##_eof, type##_peek, \
		type##_skip, type##_expire, NULL, NULL \
	};

static int
client_expire(void *e)
{
	(void)e;
	return TUNNEL_ETIMEOUT;
}

static int
server_expire(void *e)
{
	int rv = tunnel_server_fail(e, TUNNEL_ESLOW);

	return rv == TUNNEL_ESTATE ? TUNNEL_ETIMEOUT : rv;
}

static int
socks_expire(void *e)
{
	int rv = tunnel_socks_fail(e, TUNNEL_ESLOW);

	return rv == TUNNEL_ESTATE ? TUNNEL_ETIMEOUT : rv;
}

ENGINE(client)
ENGINE(server)
ENGINE(socks)

static uint8_t *
buffer(struct tunnel_link *l)
{
	return (uint8_t *)(l + 1);
}

struct tunnel_link *
tnl_link_new(const struct tunnel_alloc *a, const struct tnl_engine *engine,
    void *e, size_t chunk)
{
	struct tunnel_alloc own;
	struct tunnel_link *l;

	if (chunk == 0)
		chunk = TNL_CHUNK;
	if (chunk > CHUNK_MAX || e == NULL)
		return NULL;
	tnl_alloc_init(&own, a);
	l = tnl_get_with(&own, sizeof *l, chunk);
	if (l == NULL)
		return NULL;
	l->a = own;
	l->engine = engine;
	l->e = e;
	l->chunk = chunk;
	l->deadline = UINT64_MAX;
	return l;
}

struct tunnel_link *
tunnel_link_client(const struct tunnel_alloc *a, struct tunnel_client *c,
    size_t chunk)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (c != NULL)
		tnl_client_defaults(c, tnl_random, (uint64_t)now.tv_sec);
	return tnl_link_new(a, &client, c, chunk);
}

struct tunnel_link *
tunnel_link_server(const struct tunnel_alloc *a, struct tunnel_server *s,
    size_t chunk)
{
	return tnl_link_new(a, &server, s, chunk);
}

struct tunnel_link *
tunnel_link_socks(const struct tunnel_alloc *a, struct tunnel_socks *s,
    size_t chunk)
{
	return tnl_link_new(a, &socks, s, chunk);
}

void
tunnel_link_free(struct tunnel_link *l)
{
	struct tunnel_alloc a;

	if (l == NULL)
		return;
	a = l->a;
	tnl_wipe(buffer(l), l->high);
	tnl_put(&a, l, sizeof *l + l->chunk);
}

int
tunnel_link_fd(struct tunnel_link *l, int fd)
{
	return tnl_stream_fds(&l->stream, fd, fd);
}

void
tnl_link_socket(struct tunnel_link *l, int fd)
{
	tnl_stream_socket(&l->stream, fd);
}

int
tunnel_link_io(struct tunnel_link *l, const struct tunnel_io *io, void *ud)
{
	return tnl_stream_io(&l->stream, io, ud);
}

int
tunnel_link_timeout(struct tunnel_link *l, uint64_t ms)
{
	l->timeout = ms;
	l->timed = 0;
	return 0;
}

static int
flags(const struct tunnel_link *l)
{
	return l->engine->flags(l->e);
}

/* Send what the engine holds.  1: something moved. */
static int
send_some(struct tunnel_link *l)
{
	const void *p;
	size_t n, put;
	int rv;

	if (l->wwait != 0 || l->deaf)
		return 0;
	p = l->engine->peek(l->e, &n);
	rv = tnl_stream_write(&l->stream, p, n, &put);
	assert(put <= n);
	if (put > 0)
		(void)l->engine->skip(l->e, put);
	if (rv < 0 && l->engine->lost != NULL) {
		l->deaf = 1;
		l->engine->lost(l->e, rv == TUNNEL_ERESET);
		return 1;
	}
	if (rv < 0) {
		/* A proxy that refuses early closes before it has read all;
		 * its reply may be waiting. */
		if (rv != TUNNEL_ERESET || !(flags(l) & TUNNEL_IN))
			return rv;
		l->deaf = 1;
	} else {
		l->wwait = rv;
	}
	return put > 0;
}

/* A kept connection may be reset, just as it may be closed, when it is used
 * again: the engine knows whether another one helps. */
static int
begins_anew(struct tunnel_link *l, int error)
{
	int f = error == TUNNEL_ERESET ? l->engine->eof(l->e) : error;

	return f >= 0 && f & TUNNEL_RECONNECT;
}

/* Feed the engine what is there, or read more.  1: something moved. */
static int
receive_some(struct tunnel_link *l)
{
	size_t n;
	int rv;

	if (l->at < l->end) {
		rv = l->engine->feed(l->e, buffer(l) + l->at, l->end - l->at,
		    &n);
		/* What is no HTTP is best told by its first bytes. */
		l->at += rv != TUNNEL_ENOTHTTP ? n : 0;
		return 1;
	}
	if (l->rwait != 0)
		return 0;
	rv = tnl_stream_read(&l->stream, buffer(l), l->chunk, &n);
	assert(n <= l->chunk);
	l->at = 0;
	l->end = n;
	if (n > l->high)
		l->high = n;
	if (rv < 0 && l->engine->lost != NULL) {
		l->engine->lost(l->e, 0);
		return 1;
	}
	if (rv < 0)
		return n > 0 || begins_anew(l, rv) ? 1 : rv;
	if (rv == TUNNEL_DONE) {
		(void)l->engine->eof(l->e);
		return 1;
	}
	l->rwait = rv;
	return n > 0;
}

static int
is_idle(const struct tunnel_link *l)
{
	return l->engine->idle != NULL && l->engine->idle(l->e);
}

/* Move bytes until the engine has decided or the stream makes us wait; but not
 * from one exchange into the next.  *all: did any? */
static int
exchange(struct tunnel_link *l, int *all)
{
	int f, rv, moved, rested = is_idle(l);

	*all = 0;
	do {
		moved = 0;
		f = flags(l);
		if (f >= 0 && f & TUNNEL_OUT) {
			rv = send_some(l);
			if (rv < 0)
				return rv;
			moved |= rv;
			f = flags(l);
		}
		if (f >= 0 && f & TUNNEL_IN && (rested || !is_idle(l))) {
			rv = receive_some(l);
			if (rv < 0)
				return rv;
			moved |= rv;
		}
		*all |= moved;
	} while (moved && (rested || !is_idle(l)));
	return flags(l);
}

/* Does the handshake still depend on the peer?  One that goes on in another
 * exchange does. */
static int
pending(int f)
{
	return f >= 0 && (f & (TUNNEL_IN | TUNNEL_OUT | TUNNEL_RETRY)) != 0;
}

/* Arm the deadline, and see whether it has passed.  At ASK the clock stands
 * still; it starts anew for the reply. */
static int
watch(struct tunnel_link *l, int f, uint64_t now)
{
	if (!pending(f) || l->timeout == 0) {
		l->timed = 0;
		return f;
	}
	if (!l->timed) {
		l->timed = 1;
		l->deadline = now > UINT64_MAX - l->timeout ? UINT64_MAX :
		    now + l->timeout;
	}
	if (now < l->deadline)
		return f;
	if (l->expired)
		return TUNNEL_ETIMEOUT;
	l->expired = 1;
	l->timed = 0;
	return l->engine->expire(l->e);
}

int
tunnel_link_step(struct tunnel_link *l, uint64_t now)
{
	int f, was, moved;

	if (l->stream.io == NULL)
		return TUNNEL_ESTATE;
	if (l->error < 0)
		return l->error;
	was = l->expired;
	l->rwait = l->wwait = 0;
	f = watch(l, exchange(l, &moved), now);
	if (l->expired != was && f >= 0)
		f = watch(l, exchange(l, &moved), now);
	/* Who speaks unasked might be read as the next reply. */
	if (f >= 0 && f & TUNNEL_RETRY && l->at < l->end)
		f = l->engine->eof(l->e);
	if (f < 0)
		l->error = f;
	return f;
}

int
tnl_link_move(struct tunnel_link *l)
{
	int moved;

	l->rwait = l->wwait = 0;
	(void)exchange(l, &moved);
	return moved;
}

int
tunnel_link_wants(const struct tunnel_link *l)
{
	int f = l->error < 0 ? 0 : flags(l);
	int wants = 0;

	if (f < 0)
		return 0;
	if (f & TUNNEL_OUT && !l->deaf)
		wants |= l->wwait != 0 ? l->wwait : TUNNEL_OUT;
	if (f & TUNNEL_IN)
		wants |= l->rwait != 0 ? l->rwait : TUNNEL_IN;
	return wants;
}

uint64_t
tunnel_link_deadline(const struct tunnel_link *l)
{
	return l->timed && l->error == 0 ? l->deadline : UINT64_MAX;
}

const void *
tunnel_link_surplus(const struct tunnel_link *l, size_t *n)
{
	*n = l->end - l->at;
	return *n > 0 ? (const uint8_t *)(l + 1) + l->at : NULL;
}

int
tunnel_link_errno(const struct tunnel_link *l)
{
	return tnl_stream_errnum(&l->stream);
}
