/* ftp_data.c - the connection that data goes by
 *
 * It is always ours to open (RFC 959, section 3.2; "passive"), so that nothing
 * has to listen here.  Bytes are read only when there is room for them, and
 * sent only as they are taken: that is all of the backpressure.
 */
#include "ftp_data.h"

#include <string.h>
#include <unistd.h>

void
ftp_data_begin(struct ftp_data *d, struct tunnel_loop *l,
    tunnel_call_fn moved, void *ud)
{
	memset(d, 0, offsetof(struct ftp_data, in));
	d->loop = l;
	d->moved = moved;
	d->ud = ud;
	d->fd = -1;
}

static void
fail(struct ftp_data *d, int error)
{
	if (d->error == 0)
		d->error = error;
	d->wants = 0;
}

static void
on_ready(void *ud, int ready)
{
	struct ftp_data *d = ud;

	/* Also when nothing is read for now: what waits here is no whole. */
	if (ready & TUNNEL_RESET)
		fail(d, TUNNEL_ERESET);
	d->moved(d->ud);
}

static void
dialled(void *ud, struct tunnel_dial *dial, int result, int fd)
{
	struct ftp_data *d = ud;

	(void)dial;
	d->fd = fd;
	if (result == 0) {
		d->stream = tunnel_fd_new(NULL, fd, fd);
		d->watch = tunnel_watch_new(d->loop, fd, on_ready, d);
		if (d->stream == NULL || d->watch == NULL)
			result = TUNNEL_ENOMEM;
	}
	if (result < 0)
		fail(d, result);
	else
		d->connected = 1;
	d->moved(d->ud);
}

int
ftp_data_dial(struct ftp_data *d, const char *address, unsigned port,
    uint64_t ms)
{
	d->dial = tunnel_dial_new(NULL, d->loop, NULL);
	if (d->dial == NULL)
		return TUNNEL_ENOMEM;
	(void)tunnel_dial_timeout(d->dial, ms);
	return tunnel_dial_start(d->dial, address, port, dialled, d);
}

/* hard: its other end gets a reset. */
static void
hang_up(struct ftp_data *d, int hard)
{
	if (hard && d->stream != NULL)
		(void)tunnel_fd_io()->abort(d->stream);
	tunnel_watch_free(d->watch);
	tunnel_fd_free(d->stream);
	if (d->fd >= 0)
		(void)close(d->fd);
	d->watch = NULL;
	d->stream = NULL;
	d->fd = -1;
}

void
ftp_data_close(struct ftp_data *d, int hard)
{
	hang_up(d, hard);
	tunnel_dial_free(d->dial);
	ftp_data_begin(d, d->loop, d->moved, d->ud);
}

/* ---- bytes ---------------------------------------------------------- */

/* What a call of the stream has to say besides how much it moved. */
static void
heed(struct ftp_data *d, int rv)
{
	if (rv < 0) {
		fail(d, rv);
	} else if (rv & TUNNEL_DONE) {
		d->ended = 1;
	} else {
		d->wants = rv & (TUNNEL_IN | TUNNEL_OUT);
	}
}

/* Not every loop tells of an edge once: nothing is wanted that is not awaited.
 */
static void
settle(struct ftp_data *d)
{
	if (d->watch != NULL)
		(void)tunnel_watch_wants(d->watch, d->wants);
}

const char *
ftp_data_peek(struct ftp_data *d, size_t *n)
{
	size_t got = 0;
	int rv = 0;

	d->wants = 0;
	while (d->n - d->at < 2 && rv == 0 && d->connected && !d->ended &&
	    d->error == 0) {
		memmove(d->in, d->in + d->at, d->n - d->at);
		d->n -= d->at;
		d->at = 0;
		rv = tunnel_fd_io()->read(d->stream, d->in + d->n,
		    sizeof d->in - d->n, &got);
		d->n += got;
		d->bytes += got;
		heed(d, rv);
	}
	settle(d);
	*n = d->n - d->at;
	return *n > 0 ? d->in + d->at : NULL;
}

void
ftp_data_skip(struct ftp_data *d, size_t n)
{
	d->at += n;
}

size_t
ftp_data_put(struct ftp_data *d, const void *in, size_t n)
{
	const char *p = in;
	size_t done = 0, put;
	int rv = 0;

	d->wants = 0;
	while (done < n && rv == 0 && d->connected && d->error == 0) {
		put = 0;
		rv = tunnel_fd_io()->write(d->stream, p + done, n - done,
		    &put);
		done += put;
		d->bytes += put;
		heed(d, rv);
	}
	settle(d);
	/* The server is to say so, and may not know of it yet. */
	if (d->error != 0)
		hang_up(d, 1);
	return done;
}

void
ftp_data_shut(struct ftp_data *d)
{
	int rv;

	d->wants = 0;
	if (!d->connected || d->error != 0)
		return;
	rv = tunnel_fd_io()->shut(d->stream);
	if (rv < 0) {
		fail(d, rv);
		hang_up(d, 1);
	}
	settle(d);
}
